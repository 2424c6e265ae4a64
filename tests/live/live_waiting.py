"""Waits of tests that play in real time, and reports of their measurements."""

import sys
import time


def told(text):
    """Report a measurement where pytest shows output (-s, -rP)."""
    sys.stdout.write(f"{text}\n")


def comes_true(condition, within=10.0, every=0.02):
    """Return what a condition comes to be, or what it still is when time is up."""
    until = time.perf_counter() + within
    while not (found := condition()) and time.perf_counter() < until:
        time.sleep(every)
    return found


def wait_until(condition, within=10.0):
    """Return what a condition comes to be; it has to come true."""
    found = comes_true(condition, within)
    assert found, f"not within {within} s"
    return found


def wait_until_over(player, within=30.0):
    """Return a player's status when it has played to the end."""

    def over():
        status = player.status()
        return not status.rolling and status.notes and status

    return wait_until(over, within)

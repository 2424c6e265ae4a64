"""Tickets and secrets of tabs: how often and how long they are good."""

import pytest

from emsync_bridge.server import browser_tabs
from emsync_bridge.server.browser_tabs import MAX_TABS, MEDIA_FOR, TICKET_FOR, BrowserTabs


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is moved."""

    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(browser_tabs, "time", clock)
    return clock


def test_a_ticket_is_good_once_and_for_a_minute(clock):
    tabs = BrowserTabs()
    ticket, late = tabs.ticket(), tabs.ticket()
    clock.now += TICKET_FOR - 1
    assert tabs.redeem(ticket)
    assert tabs.redeem(ticket) is None
    clock.now += 2
    assert tabs.redeem(late) is None
    assert tabs.redeem("") is None


def test_a_link_to_media_ends_with_the_use_of_its_tab(clock):
    tabs = BrowserTabs()
    tab = tabs.redeem(tabs.ticket())
    clock.now += MEDIA_FOR - 1
    assert tabs.admits_to_media(tab.media_pass)
    clock.now += 2
    assert not tabs.admits_to_media(tab.media_pass)
    assert tabs.admits(tab.secret)  # the tab is still let in, and its links work again
    assert tabs.admits_to_media(tab.media_pass)


def test_neither_secret_does_for_the_other():
    tabs = BrowserTabs()
    tab = tabs.redeem(tabs.ticket())
    assert not tabs.admits(tab.media_pass)
    assert not tabs.admits_to_media(tab.secret)
    for nonsense in ("", "\ud800", "x" * 10_000, tab.secret[:-1]):
        assert not tabs.admits(nonsense)
        assert not tabs.admits_to_media(nonsense)


def test_of_very_many_tabs_the_one_that_asked_least_of_late_makes_room(clock):
    tabs = BrowserTabs()
    first = tabs.redeem(tabs.ticket())
    clock.now += 1
    second = tabs.redeem(tabs.ticket())
    clock.now += 1
    assert tabs.admits(first.secret)
    for _ in range(MAX_TABS - 1):
        assert tabs.redeem(tabs.ticket())
    assert tabs.admits(first.secret)
    assert not tabs.admits(second.secret)
    assert not tabs.admits_to_media(second.media_pass)


def test_tickets_that_nobody_uses_do_not_pile_up(clock):
    tabs = BrowserTabs()
    tickets = [tabs.ticket() for _ in range(2000)]
    assert tabs.redeem(tickets[0]) is None
    assert tabs.redeem(tickets[-1])

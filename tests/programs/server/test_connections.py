"""Connections that never ask for anything."""

import socket
import time
from contextlib import ExitStack

import httpx
from bridge_running import eventually

from emsync_bridge.server.connections import HEADERS_WITHIN, MAX_CONNECTIONS


def connect(bridge, stack):
    return stack.enter_context(socket.create_connection(("127.0.0.1", bridge.told["port"]), timeout=30))


def dropped(wire):
    """Tell whether the bridge has ended a connection."""
    wire.setblocking(False)
    try:
        return wire.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def drip(wire):
    """Send a byte of a head that never ends; return whether that still goes."""
    try:
        wire.setblocking(True)
        wire.sendall(b"x")
    except OSError:
        return False
    return not dropped(wire)


def test_a_connection_without_a_request_is_dropped_even_if_bytes_drip_in(bridge):
    with ExitStack() as stack:
        silent = [connect(bridge, stack) for _ in range(10)]
        dripping = [connect(bridge, stack) for _ in range(10)]
        began = time.monotonic()
        for wire in dripping:
            wire.sendall(b"GET /v1/status HTTP/1.1\r\nX: ")
        while time.monotonic() - began < HEADERS_WITHIN * 0.6:
            assert all(map(drip, dripping))
            time.sleep(0.5)
        assert not any(map(dropped, silent))
        assert eventually(lambda: not any(map(drip, dripping)), HEADERS_WITHIN)
        assert eventually(lambda: all(map(dropped, silent)), HEADERS_WITHIN)
        assert bridge.http.get("/v1/status").status_code == 200


def test_silent_connections_make_room_for_one_that_asks(bridge):
    with ExitStack() as stack:
        silent = [connect(bridge, stack) for _ in range(MAX_CONNECTIONS + 20)]
        asked = httpx.get(f"{bridge.url}/v1/status", headers=bridge.bearer, trust_env=False)  # not on a kept connection
        assert asked.status_code == 200
        assert eventually(lambda: sum(map(dropped, silent)) >= 20, HEADERS_WITHIN / 2)

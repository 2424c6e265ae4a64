"""The socket that the bridge listens on: the port of last time where it is free, so that open pages find it again."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

from emsync_bridge.errors import OutputError
from emsync_bridge.server.paths import Home, write_private

_BACKLOG = 128
_LOOPBACK = "127.0.0.1"


def open_listener(place: Home) -> socket.socket:
    """Return a socket that listens on the loopback address, and remember its port for the next start.

    Arguments:
        place: The bridge's folder.

    Raises:
        OSError: No port is free.
    """
    made = _bound(_last_port(place)) or _bound(0)
    if made is None:
        raise OSError("no port of 127.0.0.1 is free")
    made.listen(_BACKLOG)
    with suppress(OSError, OutputError):  # a full disk costs the same port next time, and nothing else
        write_private(place.port, str(made.getsockname()[1]))
    return made


def _last_port(place: Home) -> int:
    try:
        port = int(place.port.read_text(encoding="ascii")[:8])
    except (OSError, ValueError):
        return 0
    return port if 1024 <= port < 65536 else 0


def _bound(port: int) -> socket.socket | None:
    # asyncio sends at once (TCP_NODELAY) only where the protocol is named; answers wait some 40 ms otherwise
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "nt":  # there SO_REUSEADDR would let two programs share a port
            made.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", 0), 1)
        else:  # connections of the bridge before may linger
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((_LOOPBACK, port))
    except (OSError, OverflowError):
        made.close()
        return None
    return made

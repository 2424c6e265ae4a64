"""Connections to the bridge: those that never ask are dropped, and there are never too many."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_WITHIN = 10.0
"""Seconds in which the head of a request has to be there, counted from the connection or the end of the last answer."""

MAX_CONNECTIONS = 96
"""Connections at once; macOS gives a process 256 files."""


class BoundedConnection(H11Protocol):
    """HTTP connection that is dropped when it does not ask in time, or when others ask and there are too many."""

    _waiting: asyncio.TimerHandle | None = None

    @property
    def silent(self) -> bool:
        """True when it has not asked for anything that is still to be answered."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin to wait for a request; make room by the connection that has waited longest."""
        super().connection_made(transport)
        self._waiting = self.loop.call_later(HEADERS_WITHIN, self._give_up)
        if len(self.connections) > MAX_CONNECTIONS:
            waiting = [each for each in self.connections if isinstance(each, BoundedConnection) and each.silent]
            waiting.sort(key=lambda each: each.deadline)
            (waiting[0] if waiting else self).drop()

    @property
    def deadline(self) -> float:
        """Time at which it is dropped unless it asks, by the event loop's clock."""
        return self._waiting.when() if self._waiting else 0.0

    def data_received(self, data: bytes) -> None:
        """Take in what has come; the time for a head does not begin again with every byte."""
        if self._waiting is None and self.silent:
            self._waiting = self.loop.call_later(HEADERS_WITHIN, self._give_up)
        super().data_received(data)
        if not self.silent:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the time-out with the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def drop(self) -> None:
        """End the connection at once, whatever was on its way."""
        self._stop_waiting()
        self.connections.discard(self)
        self.transport.abort()

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if self.silent and not self.transport.is_closing():
            self.drop()

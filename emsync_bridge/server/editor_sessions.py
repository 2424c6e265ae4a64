"""Editors that stay and take orders: a menu script asks, the page orders, the script tells how it went."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from emsync_bridge.server.errors import RequestError

PRESENT = 60.0
"""Seconds after its last question for which an editor counts as there."""

_LOOK_EVERY = 1.0
_MAX_COUNT = 64
_MAX_ORDERS = 1000


@dataclass
class InsertionOrder:
    """Order to an editor to place music, and its outcome."""

    number: int
    place: str
    state: str = "waiting"
    message: str = ""


@dataclass
class _Editor:
    id: str
    name: str
    project: str
    timeline: str
    asked: float = field(default_factory=time.monotonic)
    orders: dict[int, InsertionOrder] = field(default_factory=dict)
    waiting: deque[InsertionOrder] = field(default_factory=deque)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    question: int = 0

    @property
    def present(self) -> bool:
        return time.monotonic() - self.asked < PRESENT


class Editors:
    """The editors that have said that they are there."""

    def __init__(self) -> None:
        self._editors: dict[str, _Editor] = {}

    def register(self, name: str, project: str, timeline: str) -> str:
        """Take note of an editor; return its id.

        Raises:
            RequestError: There are too many.
        """
        self._editors = {each.id: each for each in self._editors.values() if each.present}
        if len(self._editors) >= _MAX_COUNT:
            raise RequestError(409, "Too many editors are registered", hint="Wait a minute")
        editor = _Editor(secrets.token_hex(8), name, project, timeline)
        self._editors[editor.id] = editor
        return editor.id

    def present(self) -> list[dict[str, str]]:
        """Return the editors that asked of late."""
        return [
            {"id": each.id, "name": each.name, "project": each.project, "timeline": each.timeline}
            for each in self._editors.values()
            if each.present
        ]

    async def next_order(self, editor: str, within: float, gone: Callable[[], Awaitable[bool]]) -> dict[str, Any]:
        """Return the next order for an editor, or nothing when none comes in time.

        Arguments:
            editor: Its id.
            within: Seconds to wait.
            gone: Function that tells whether the editor has stopped listening, so that the order is left for its next
                request.
        """
        found = self._editor(editor)
        found.question += 1
        question, until = found.question, time.monotonic() + within
        while question == found.question and not await gone():
            found.asked = now = time.monotonic()
            if found.waiting:
                order = found.waiting.popleft()
                return {"order": order.number, "place": order.place}
            if now >= until:
                break
            found.news.clear()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(found.news.wait(), min(until - now, _LOOK_EVERY))
        return {}

    def order(self, editor: str, place: str) -> int:
        """Leave an order for an editor; return its number.

        Raises:
            RequestError: The editor is not there any more.
        """
        found = self._editor(editor)
        if not found.present or len(found.orders) >= _MAX_ORDERS:
            raise RequestError(
                409, "The editor is not there any more", where=found.name, hint="Start its menu entry again"
            )
        order = InsertionOrder(len(found.orders) + 1, place)
        found.orders[order.number] = order
        found.waiting.append(order)
        found.news.set()
        return order.number

    def outcome(self, editor: str, number: int) -> InsertionOrder:
        """Return an order, to be read or filled in by the editor.

        Raises:
            RequestError: There is none of that number.
        """
        found = self._editor(editor)
        if number not in found.orders:
            raise RequestError(404, "Order not found", where=str(number))
        return found.orders[number]

    def _editor(self, name: str) -> _Editor:
        if name not in self._editors:
            raise RequestError(404, "Editor not found", where=name[:40], hint="Register it first")
        return self._editors[name]

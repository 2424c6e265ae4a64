"""Browser tabs that are let in: a ticket opens one, and two secrets of its own keep it in.

Browsers send a cookie to every port of a host, so that each program that listens on 127.0.0.1 would see it. A tab's
secrets are kept in its sessionStorage instead, which belongs to one port.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, field

TICKET_FOR = 60.0
"""Seconds for which a ticket opens the page."""

MEDIA_FOR = 900.0
"""Seconds after a tab's last request for which its links to media work."""

MAX_TABS = 256
"""Tabs that are let in at once; the one that has asked least of late makes room."""

_MAX_TICKETS = 256


@dataclass
class Tab:
    """A tab of the user's browser.

    Arguments:
        secret: Secret that opens the API, in a header.
        media_pass: Secret that opens pictures, videos and result files of jobs, in a link, while the tab is in use.
        asked: Time of its last request with the secret, by the monotonic clock.
    """

    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    media_pass: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    asked: float = 0.0


class BrowserTabs:
    """The tabs that are let in, and the tickets for new ones."""

    def __init__(self) -> None:
        self._tickets: dict[bytes, float] = {}
        self._by_secret: dict[bytes, Tab] = {}
        self._by_pass: dict[bytes, Tab] = {}

    def ticket(self) -> str:
        """Return a ticket that opens the page once, within a minute."""
        now = time.monotonic()
        self._tickets = {each: until for each, until in self._tickets.items() if until > now}
        while len(self._tickets) >= _MAX_TICKETS:
            del self._tickets[next(iter(self._tickets))]
        ticket = secrets.token_urlsafe(24)
        self._tickets[_digest(ticket)] = now + TICKET_FOR
        return ticket

    def redeem(self, ticket: str) -> Tab | None:
        """Use a ticket up; return the tab that it opens, or None for a ticket that is not good."""
        if self._tickets.pop(_digest(ticket), 0.0) <= time.monotonic():
            return None
        if len(self._by_secret) >= MAX_TABS:
            self._close(min(self._by_secret.values(), key=lambda tab: tab.asked))
        tab = Tab(asked=time.monotonic())
        self._by_secret[_digest(tab.secret)] = self._by_pass[_digest(tab.media_pass)] = tab
        return tab

    def admits(self, secret: str) -> bool:
        """Tell whether a secret is that of a tab, and take note that it asked."""
        tab = self._by_secret.get(_digest(secret))
        if tab is None:
            return False
        tab.asked = time.monotonic()
        return True

    def admits_to_media(self, media_pass: str) -> bool:
        """Tell whether a pass for media is that of a tab in use."""
        tab = self._by_pass.get(_digest(media_pass))
        return tab is not None and time.monotonic() - tab.asked < MEDIA_FOR

    def _close(self, tab: Tab) -> None:
        del self._by_secret[_digest(tab.secret)], self._by_pass[_digest(tab.media_pass)]


def _digest(secret: str) -> bytes:
    """Return what a secret is looked up by: the time of a look-up then says nothing about the secret itself."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()

"""Notes through JACK with the sample on which each belongs: what is handed over ahead is placed by JACK itself.

Time is JACK's own here: the sender's clock counts the frames of the sound card, so that nothing drifts against the
sound and no deadline has to be kept to better than the lookahead. JACK-Client and the JACK library are imported only
when such a port is asked for.
"""

from __future__ import annotations

import contextlib
import heapq
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from emsync_bridge.errors import LiveError
from emsync_bridge.live.events import Event
from emsync_bridge.live.outputs.base import OutputPort
from emsync_bridge.live.outputs.midi import to_midi
from emsync_bridge.live.ports import CLIENT

_MARGIN = 0.03
"""Seconds of lookahead beyond two periods, for a sender that is woken late."""

_LOOK_EVERY = 0.25
_DRAIN_WITHIN = 0.5
_WRAP = 2**32


def jack_library() -> Any:
    """Return the module of JACK-Client.

    Raises:
        LiveError: It or the JACK library is missing.
    """
    try:
        return import_module("jack")
    except ImportError:
        raise LiveError(
            "JACK needs the package JACK-Client", hint='Install it with: pip install "emsync-bridge[jack]"'
        ) from None
    except OSError as problem:
        raise LiveError(f"The JACK library is missing ({problem})", hint="Install JACK itself first") from None


@dataclass(frozen=True)
class JackTarget:
    """A MIDI port of JACK.

    Arguments:
        port: Part of the name of the port to connect to; None to be connected by others.
    """

    port: str | None = None

    def open(self) -> OutputPort:
        """Return the open output.

        Raises:
            LiveError: JACK-Client, its library, the server or the port is missing.
        """
        return _JackPort(jack_library(), self.port)

    def reopen(self) -> OutputPort | None:
        """Return another connection to the same port; None where others made the connection."""
        return self.open() if self.port else None


_LEFT_BEHIND: list[Any] = []
"""Clients whose server is gone; their threads may still come by the callbacks that they hold."""


class _JackPort:
    def __init__(self, jack: Any, wanted: str | None) -> None:
        self._jack, self._wanted = jack, wanted
        self.xruns = 0
        self._handed: deque[tuple[int, int, bytes]] = deque()
        self._queue: list[tuple[int, int, bytes]] = []
        self._sequence = 0
        self._client: Any = None
        self._gone = threading.Event()
        self._reading = threading.Lock()
        self._offset = self._now = 0.0
        self._now_read = time.perf_counter()
        self._near = 0
        self._look_at = 0.0
        # JACK's thread waits for ours at every period: it must not wait for the usual five milliseconds.
        sys.setswitchinterval(0.0005)
        jack.set_error_function(lambda _text: None)
        jack.set_info_function(lambda _text: None)
        try:
            client = self._open()
            port = self._find() if wanted else None
            if port:
                client.connect(self._port, port)
        except jack.JackError as problem:
            self._drop()
            raise LiveError(f"JACK cannot be used ({problem})", hint="Start a JACK server first") from None
        except LiveError:
            self._drop()
            raise
        self.name = f"JACK port {port.name if port else self._port.name}"
        self.lookahead = 2 * client.blocksize / self._rate + _MARGIN

    def clock(self) -> float:
        """Return JACK's time in seconds; while there is no server, time goes on by this computer's clock."""
        with self._reading:
            if self._client is None or self._gone.is_set():
                return self._now + time.perf_counter() - self._now_read
            self._near = _unwrapped(self._client.frame_time, self._near)
            # JACK estimates between two periods and may correct itself backwards.
            self._now = max(self._now, self._near / self._rate + self._offset)
            self._now_read = time.perf_counter()
            return self._now

    def send(self, when: float, events: Sequence[Event]) -> None:
        if self._client is None or self._gone.is_set():
            raise OSError("JACK is gone")
        frame = round((when - self._offset) * self._rate)
        for event in events:
            message = to_midi(event)
            if message:
                self._sequence += 1
                self._handed.append((frame, self._sequence, message))

    def poll(self, now: float) -> bool:
        """Go on when the server or the port is back; both are looked for four times a second."""
        if now < self._look_at:
            return False
        self._look_at = now + _LOOK_EVERY
        fresh = self._gone.is_set() or self._client is None
        try:
            if fresh:
                self._drop()
                self._open()
            return (self._reconnect() if self._wanted else fresh) or False
        except (self._jack.JackError, LiveError):
            return False

    def describe(self, event: Event) -> list[str]:
        message = to_midi(event)
        return [message.hex(" ")] if message else []

    def close(self) -> None:
        until = time.perf_counter() + _DRAIN_WITHIN
        while (self._handed or self._queue) and not self._gone.is_set() and time.perf_counter() < until:
            time.sleep(0.005)
        if self._client is not None and not self._gone.is_set():
            # The period in which the last message was written has to be delivered.
            time.sleep(2 * self._client.blocksize / self._rate)
        self._drop()

    def _open(self) -> Any:
        client = self._jack.Client(CLIENT, no_start_server=True)
        self._gone.clear()
        self._port = client.midi_outports.register("out")
        client.set_process_callback(self._process)
        client.set_xrun_callback(self._count_xrun)
        client.set_shutdown_callback(lambda _status, _reason: self._gone.set())
        rate = float(client.samplerate)
        before = self.clock()
        client.activate()
        with self._reading:
            self._handed.clear()
            self._queue.clear()
            self._rate, self._near = rate, client.frame_time
            self._offset = before - self._near / rate
            self._client = client
        return client

    def _drop(self) -> None:
        """Let the client go; one whose server is gone is left behind, for closing it may wait for ever or crash."""
        with self._reading:
            client, self._client = self._client, None
        if client is None:
            return
        if self._gone.is_set():
            _LEFT_BEHIND.append(client)
            return
        with contextlib.suppress(self._jack.JackError):
            client.deactivate()
        client.close()

    def _reconnect(self) -> bool:
        """Connect to the wanted port where we are not; return whether that was necessary and possible."""
        if self._port.number_of_connections:
            return False
        self._client.connect(self._port, self._find())
        return True

    def _find(self) -> Any:
        wanted = self._wanted or ""
        ports = self._client.get_ports(is_midi=True, is_input=True)
        fitting = [port for port in ports if port.name == wanted] or [
            port for port in ports if wanted.casefold() in port.name.casefold()
        ]
        if len(fitting) != 1:
            found = "several JACK MIDI ports of" if fitting else "no JACK MIDI port with"
            listed = ", ".join(port.name for port in fitting or ports) or "none at all"
            raise LiveError(f"There is {found} '{wanted}' in the name", hint=f"Choose from: {listed}")
        return fitting[0]

    def _process(self, frames: int) -> None:
        """Write what belongs into this period; called on JACK's thread."""
        while self._handed:
            heapq.heappush(self._queue, self._handed.popleft())
        self._port.clear_buffer()
        client = self._client
        if client is None:
            return
        start = _unwrapped(client.last_frame_time, self._near)
        while self._queue and self._queue[0][0] < start + frames:
            frame, _, message = self._queue[0]
            try:
                self._port.write_midi_event(max(0, frame - start), message)
            except self._jack.JackError:
                # The buffer of this period is full: the rest goes with the next.
                return
            heapq.heappop(self._queue)

    def _count_xrun(self, _delay: float) -> None:
        self.xruns += 1


def _unwrapped(frame: int, near: int) -> int:
    """Return the frame count, which JACK keeps in 32 bits, that lies nearest to a known one."""
    return near + (frame - near + _WRAP // 2) % _WRAP - _WRAP // 2

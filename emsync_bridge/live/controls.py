"""Live control input: mood and hits over OSC, or from a MIDI controller."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from emsync_bridge.errors import LiveError
from emsync_bridge.live.ports import open_port

PORT = 57140
"""UDP port for orders, near SuperCollider's and not one of them."""

VALENCE_CONTROLLER, AROUSAL_CONTROLLER = 16, 17
"""General-purpose controllers 1 and 2 of MIDI 1.0."""

_NOTE_ON, _CONTROL_CHANGE = 0x90, 0xB0


@dataclass(frozen=True)
class MoodControl:
    """Mood set by hand, from -1 to 1; None leaves an axis to the cut."""

    valence: float | None = None
    arousal: float | None = None


@dataclass(frozen=True)
class HitControl:
    """A moment to land on: seconds after ``asked``, which is in seconds of ``time.perf_counter``."""

    ahead: float
    asked: float
    name: str = ""


ControlChange: TypeAlias = MoodControl | HitControl


class ControlQueue:
    """Orders as they arrive from any thread, with the mood put together from its two axes.

    Arguments:
        land_in: Seconds from a note to the moment that it asks for.
    """

    def __init__(self, land_in: float = 4.0) -> None:
        self.land_in = land_in
        self._waiting: deque[ControlChange] = deque(maxlen=256)
        self._mood = MoodControl()
        self._lock = threading.Lock()

    def taken(self) -> list[ControlChange]:
        """Return the orders since the last call, of several moods the last."""
        with self._lock:
            orders = list(self._waiting)
            self._waiting.clear()
        moods = [order for order in orders if isinstance(order, MoodControl)]
        return [order for order in orders if not isinstance(order, MoodControl) or order is moods[-1]]

    def mood(self, *, valence: float | None = None, arousal: float | None = None) -> None:
        """Move one axis or both."""
        with self._lock:
            now = self._mood
            self._mood = MoodControl(
                now.valence if valence is None else max(-1.0, min(1.0, valence)),
                now.arousal if arousal is None else max(-1.0, min(1.0, arousal)),
            )
            self._waiting.append(self._mood)

    def release(self) -> None:
        """Give the mood back to the cut."""
        with self._lock:
            self._mood = MoodControl()
            self._waiting.append(self._mood)

    def land(self, ahead: float | None = None, name: str = "") -> None:
        """Ask for a hit."""
        with self._lock:
            self._waiting.append(HitControl(self.land_in if ahead is None else ahead, time.perf_counter(), name[:120]))


class OscInput:
    """Listens on loopback for ``/emsync/emotion valence arousal``, ``/emsync/release`` and ``/emsync/hit [seconds]``.

    Arguments:
        orders: Destination of them.
        port: UDP port; 0 takes a free one.

    Raises:
        LiveError: The port is taken.
    """

    def __init__(self, orders: ControlQueue, port: int = PORT) -> None:
        from pythonosc.dispatcher import Dispatcher
        from pythonosc.osc_server import ThreadingOSCUDPServer

        self._orders = orders
        dispatcher = Dispatcher(strict_timing=False)
        dispatcher.map("/emsync/emotion", self._emotion)
        dispatcher.map("/emsync/release", self._release)
        dispatcher.map("/emsync/hit", self._hit)
        try:
            self._server = ThreadingOSCUDPServer(("127.0.0.1", port), dispatcher)
        except OSError as problem:
            raise LiveError(
                f"UDP port {port} cannot be listened on ({problem.strerror})",
                hint="Choose another port, or 0 for any",
                setting="controls",
            ) from None
        self.port: int = self._server.server_address[1]
        self.name = f"OSC port {self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(2.0)

    def _emotion(self, _address: str, *values: Any) -> None:
        numbers = _numbers(values)
        if len(numbers) == 2:
            self._orders.mood(valence=numbers[0], arousal=numbers[1])

    def _release(self, _address: str, *_values: Any) -> None:
        self._orders.release()

    def _hit(self, _address: str, *values: Any) -> None:
        numbers = _numbers(values[:1])
        name = values[1] if len(values) > 1 and isinstance(values[1], str) else ""
        self._orders.land(numbers[0] if numbers and numbers[0] > 0 else None, name)


class MidiInput:
    """Listens to a MIDI input: two controllers are valence and arousal, any note asks for a hit.

    Arguments:
        orders: Destination of them.
        port: Part of the port's name; None makes a virtual port.
        controllers: Numbers of the controllers for valence and arousal.

    Raises:
        LiveError: No port fits.
    """

    def __init__(
        self,
        orders: ControlQueue,
        port: str | None = None,
        controllers: tuple[int, int] = (VALENCE_CONTROLLER, AROUSAL_CONTROLLER),
    ) -> None:
        self._orders, self._controllers = orders, controllers
        self._handle, self.name = open_port(port, "MidiIn")
        self._handle.set_callback(self._take)

    def close(self) -> None:
        """Stop listening."""
        self._handle.cancel_callback()
        self._handle.close_port()
        self._handle.delete()

    def _take(self, event: tuple[Sequence[int], float], _data: object = None) -> None:
        apply_message(self._orders, event[0], self._controllers)


def apply_message(orders: ControlQueue, message: Sequence[int], controllers: tuple[int, int]) -> None:
    """Take one MIDI message as an order, or leave it.

    Arguments:
        orders: Queue that the order goes to.
        message: Bytes of a channel message.
        controllers: Numbers of the controllers for valence and arousal.
    """
    if len(message) != 3:
        return
    kind, number, value = message[0] & 0xF0, message[1], message[2]
    if kind == _NOTE_ON and value:
        orders.land()
    elif kind == _CONTROL_CHANGE and number == controllers[0]:
        orders.mood(valence=axis_of(value))
    elif kind == _CONTROL_CHANGE and number == controllers[1]:
        orders.mood(arousal=axis_of(value))


def axis_of(value: int) -> float:
    """Return -1 to 1 for a controller's 0 to 127, exactly 0 for its middle, 64."""
    return (value - 64) / (64 if value < 64 else 63)


def _numbers(values: Sequence[Any]) -> list[float]:
    return [float(value) for value in values if isinstance(value, (int, float)) and math.isfinite(value)]

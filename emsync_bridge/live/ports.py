"""MIDI ports of this computer: which there are, how one is opened, and what is missing.

python-rtmidi is imported only here and only when a port is asked for. Its Linux build knows ALSA and JACK, but never
turns to JACK by itself where there is no ALSA sequencer, so that is done here.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal

from emsync_bridge.errors import LiveError

CLIENT = "emsync"
Direction = Literal["MidiOut", "MidiIn"]

_ADVICE = {
    "Windows": "Windows has no virtual MIDI ports: install loopMIDI, create a port there and choose it",
    "Darwin": "Without a chosen port emsync appears in the DAW as a MIDI input of its own name",
    "Linux": "Without a chosen port emsync appears as a port of its own name: connect it in the DAW, with "
    "aconnect (ALSA) or with jack_connect (JACK). Where there is no ALSA sequencer, start JACK or PipeWire",
}


def midi_advice(system: str = "") -> str:
    """Return what MIDI needs on an operating system, this one unless another is named."""
    return _ADVICE.get(system or platform.system(), _ADVICE["Linux"])


def list_ports(direction: Direction = "MidiOut") -> list[str]:
    """Return the names of the ports that can be written to, or read from.

    Raises:
        LiveError: python-rtmidi or a MIDI system is missing.
    """
    handle = _handle(direction, f"{CLIENT} list")
    try:
        return [str(name) for name in handle.get_ports()]
    finally:
        handle.delete()


def open_port(name: str | None, direction: Direction = "MidiOut") -> tuple[Any, str]:
    """Return an open rtmidi handle and the full name of what it is connected to.

    Arguments:
        name: Part of the port's name, upper or lower case alike, since numbers and prefixes change between runs; None
            for a virtual port that others connect to.
        direction: The end.

    Raises:
        LiveError: No port fits, several fit, or this system has no virtual ports.
    """
    handle = _handle(direction, CLIENT)
    try:
        return (handle, _connect(handle, name, direction))
    except BaseException:
        handle.delete()
        raise


def reconnect(handle: Any, name: str, label: str) -> bool:
    """Connect an open handle to a port that has come back; return whether it was there.

    Arguments:
        handle: Handle as from ``open_port``.
        name: Part of the port's name.
        label: Name of our own end.
    """
    ports = [str(port) for port in handle.get_ports()]
    fitting = _fitting(ports, name)
    if len(fitting) != 1:
        return False
    handle.close_port()
    handle.open_port(ports.index(fitting[0]), label)
    return True


def is_there(handle: Any, name: str) -> bool:
    """Tell whether a port with exactly this name exists now, which takes a fraction of a millisecond."""
    return name in handle.get_ports()


def _fitting(ports: list[str], name: str) -> list[str]:
    return [port for port in ports if name == port] or [p for p in ports if name.casefold() in p.casefold()]


def _connect(handle: Any, name: str | None, direction: Direction) -> str:
    label = "out" if direction == "MidiOut" else "in"
    if name is None:
        try:
            handle.open_virtual_port(label)
        except (NotImplementedError, OSError) as problem:
            raise LiveError(
                f"No virtual MIDI port can be made ({problem})", hint=midi_advice(), setting="port"
            ) from None
        return f"{CLIENT}:{label}"
    ports = [str(port) for port in handle.get_ports()]
    fitting = _fitting(ports, name)
    if len(fitting) != 1:
        found = "Several MIDI ports contain" if fitting else "No MIDI port contains"
        listed = ", ".join(fitting or ports) or "none at all"
        raise LiveError(f"{found} '{name}' in the name", hint=f"Choose from: {listed}", setting="port")
    try:
        handle.open_port(ports.index(fitting[0]), label)
    except OSError as problem:
        raise LiveError(f"This MIDI port cannot be opened ({problem})", where=fitting[0]) from None
    return fitting[0]


def _handle(direction: Direction, client: str) -> Any:
    try:
        rtmidi = import_module("rtmidi")
    except ImportError:
        raise LiveError(
            "MIDI ports need python-rtmidi",
            hint='Install it with: pip install "emsync-bridge[live]"; or send OSC to HOST:PORT',
            setting="osc",
        ) from None
    make: Callable[..., Any] = getattr(rtmidi, direction)
    problems = []
    for api in (rtmidi.API_UNSPECIFIED, rtmidi.API_UNIX_JACK):
        if api == rtmidi.API_UNSPECIFIED or api in rtmidi.get_compiled_api():
            try:
                with _hushed():
                    return make(api, name=client)
            except OSError as problem:
                problems.append(str(problem))
    raise LiveError(f"No MIDI system is available ({'; '.join(problems)})", hint=midi_advice())


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep what the ALSA and JACK libraries write straight to stderr from the user; errors say the same in words."""
    try:
        kept = os.dup(2)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)

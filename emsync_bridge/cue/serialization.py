"""Values of the vocabulary as plain JSON data, and back with every field checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from emsync_bridge.errors import EmsyncError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Value = TypeVar("Value")


def to_document(value: Any) -> Any:
    """Return plain JSON-ready data for any value of ``cue``."""
    return _adapter_of(type(value)).dump_python(value, mode="json")


def from_document(kind: type[Value], data: Any, *, where: str = "") -> Value:
    """Return a value of ``cue`` from plain JSON data.

    Arguments:
        kind: Class of the value.
        data: Data that ``to_document`` returned, as it is or read from a file.
        where: Name of that file for the message.

    Raises:
        EmsyncError: The data does not fit; the message names the first place that is wrong.
    """
    from pydantic import ValidationError

    try:
        value: Value = _adapter_of(kind).validate_python(data)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise EmsyncError(
            f"This is not {_NAMES.get(kind.__name__, kind.__name__)} as emsync writes it "
            f"({place or 'the whole'}: {first['msg'][:1].lower()}{first['msg'][1:]})",
            where=where,
            hint="Use a file that this version of emsync wrote",
        ) from None
    return value


_NAMES = {"EmotionCurve": "a mood", "Spotting": "a list of hit points", "Cue": "a cue", "ThemeBook": "a list of themes"}
"""Classes of documents as people call them."""

_adapters: dict[Any, TypeAdapter[Any]] = {}
"""Adapters of pydantic for the classes used so far."""


def _adapter_of(kind: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]

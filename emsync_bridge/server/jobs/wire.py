"""Options as requests carry them, made from ``options``, and back.

On the wire null means that an option is left out, paths are absolute texts, a rate is a text or a number, orders are
written ``PLACE=ORDER``, a meter has no tick, and texts and lists have a greatest length.
"""

from __future__ import annotations

import re
from dataclasses import is_dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    create_model,
)

from emsync_bridge import options
from emsync_bridge.cue import INSTRUMENTS
from emsync_bridge.cue import Meter as CueMeter
from emsync_bridge.options.fields import help_of, is_internal
from emsync_bridge.timecode import exact_rate

MAX_PATH = 4096
"""Characters of a path; Linux's PATH_MAX."""

Value = TypeVar("Value")

_RATE = re.compile(r"\d{1,6}(\.\d{1,6})?(/\d{1,6})?")


class RequestPart(BaseModel):
    """A part of a request."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class Meter(RequestPart):
    """A time signature."""

    numerator: Annotated[int, Field(ge=1, le=16)]
    denominator: Literal[2, 4, 8, 16] = 4


def _absolute(text: str) -> str:
    path = _path_of_url(text) if text[:5].lower() == "file:" else Path(text)
    if text.startswith(("~/", "~\\")):
        path = Path.home() / text[2:]
    if "\0" in text or not path.is_absolute():
        raise ValueError("must be an absolute path")
    return str(path)


def _path_of_url(text: str) -> Path:
    """Return the path that a file URL of this computer names, as file managers copy it."""
    parts = urlsplit(text)
    if parts.netloc.lower() not in ("", "localhost"):
        raise ValueError("must be a file of this computer")
    return Path(url2pathname(parts.path))


def _not_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a frame rate, not a boolean")
    return value


def _rate(text: str | float) -> str:
    try:
        rate = exact_rate(str(text)) if _RATE.fullmatch(str(text)) else None
    except (ValueError, ZeroDivisionError):
        rate = None
    if rate is None:
        raise ValueError("must be a frame rate such as 24, 23.976 or 30000/1001")
    if not 1 <= rate <= 1000:
        raise ValueError("must be from 1 to 1000 frames per second")
    return str(rate)


AbsolutePath: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_PATH), AfterValidator(_absolute)
]
Rate: TypeAlias = Annotated[str | float, BeforeValidator(_not_boolean), AfterValidator(_rate)]
"""Frames per second, as text such as ``24000/1001`` or a number such as 23.976."""

_ON_THE_WIRE: dict[Any, Any] = {Path: AbsolutePath, Fraction: Rate, options.PlacedOrder: options.Name, CueMeter: Meter}
"""Types of values that requests write otherwise."""


@lru_cache
def model_of(kind: Any) -> type[RequestPart]:
    """Return the model of a class of options; every option may be left out."""
    annotations, helps = get_type_hints(kind, include_extras=True), help_of(kind)
    members: dict[str, Any] = {
        name: (Annotated[_wired(annotation) | None, Field(description=helps[name])], None)
        for name, annotation in annotations.items()
        if name in helps and not is_internal(annotation)
    }
    found: type[RequestPart] = create_model(kind.__name__, __base__=RequestPart, __doc__=kind.__doc__, **members)
    return found


def _wired(annotation: Any) -> Any:
    """Return the annotation of an option as requests have it, without None."""
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (part for part in get_args(annotation) if part is not NoneType)
    if annotation in _ON_THE_WIRE:
        return _ON_THE_WIRE[annotation]
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        if inner in _ON_THE_WIRE:  # its bounds are part of the type on the wire
            return _ON_THE_WIRE[inner]
        wired = _wired(inner)
        for mark in marks:
            wired = Annotated[wired, _mark(mark)]
        return wired
    if get_origin(annotation) is tuple and get_args(annotation)[-1] is ...:
        return list[_wired(get_args(annotation)[0])]  # type: ignore[misc]  # made at run time
    if is_dataclass(annotation):
        return model_of(annotation)  # type: ignore[arg-type]  # a class, as annotations are
    return annotation


def _mark(mark: Any) -> Any:
    return StringConstraints(pattern=f"^(?:{mark.text})$") if isinstance(mark, options.TextPattern) else mark


def from_wire(kind: type[Value], asked: Any) -> Value:
    """Return options from a request.

    Arguments:
        kind: Class of ``options``.
        asked: Instance of its model.

    Raises:
        EmotionError: An order for a place is not understood.
    """
    given = {name: value for name in type(asked).model_fields if (value := getattr(asked, name)) is not None}
    annotations = get_type_hints(kind)
    return kind(**{name: _value(annotations[name], value) for name, value in given.items()})


def _value(annotation: Any, value: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (part for part in get_args(annotation) if part is not NoneType)
    if get_origin(annotation) is tuple:
        inner = get_args(annotation)[0]
        found = tuple(_value(inner, each) for each in value)
        return tuple(name for name in INSTRUMENTS if name in found) if set(get_args(inner)) == {*INSTRUMENTS} else found
    if annotation is options.PlacedOrder:
        from emsync_bridge.emotion.overrides.placed_orders import parse_order

        return parse_order(value)
    if annotation is CueMeter:
        return CueMeter(0, value.numerator, value.denominator)
    if annotation in (Path, Fraction):
        return annotation(value)
    return from_wire(annotation, value) if isinstance(value, RequestPart) else value


def to_wire(value: Any) -> dict[str, Any]:
    """Return options as a request writes them, those at their defaults left out."""
    plain = value.__class__()
    given = {name: getattr(value, name) for name in model_of(value.__class__).model_fields}
    return {name: _written(each) for name, each in given.items() if each != getattr(plain, name)}


def _written(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    if isinstance(value, (Path, Fraction, options.PlacedOrder)):
        return str(value)
    if isinstance(value, CueMeter):
        return {"numerator": value.numerator, "denominator": value.denominator}
    return to_wire(value) if is_dataclass(value) else value

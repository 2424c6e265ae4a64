"""Fields of the classes of ``options`` as descriptions: type, bounds, default and help of every option.

Front ends make their options from these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MaxLen

from emsync_bridge.options import Internal, Kind, TextPattern


@dataclass(frozen=True)
class Option:
    """One option.

    Arguments:
        name: Name of the field.
        group: Name of the field of its class that holds it, such as ``sampling``; empty where it stands in the class.
        type: Python type of one value: bool, int, float, str, Path, Fraction, Meter or PlacedOrder.
        default: Value where nothing is given; None for what is then worked out.
        help: One sentence or two.
        many: Whether the value is a tuple of any length.
        low: Least number that is taken; for ``above``, the greatest that is not.
        high: Greatest number that is taken; for ``below``, the least that is not.
        above: Whether ``low`` itself is refused.
        below: Whether ``high`` itself is refused.
        choices: Texts that are taken; empty for any.
        length: Greatest number of characters of a text.
        pattern: Regular expression that the whole of a text matches.
        expected: The texts that match the pattern, in words.
        folder: Whether a path must name a folder; None for other options.
    """

    name: str
    group: str
    type: type[Any]
    default: Any
    help: str
    many: bool = False
    low: float | None = None
    high: float | None = None
    above: bool = False
    below: bool = False
    choices: tuple[str, ...] = ()
    length: int | None = None
    pattern: str = ""
    expected: str = ""
    folder: bool | None = None

    def document(self) -> dict[str, Any]:
        """Return what a control needs to know of it, as JSON-ready data without what does not apply."""
        found = {
            "type": _WORDS.get(self.type, "text"),
            "many": self.many,
            "min": self.low,
            "max": self.high - 1 if self.below and self.high is not None and self.type is int else self.high,
            "choices": list(self.choices),
            "default": list(self.default) if isinstance(self.default, tuple) else self.default,
            "help": self.help.replace("``", ""),
        }
        return {name: value for name, value in found.items() if value not in (None, False, [])}


_WORDS: dict[type[Any], str] = {bool: "boolean", int: "integer", float: "number"}


def options_of(kind: type[Any]) -> tuple[Option, ...]:
    """Return every option of a class, those of classes that it holds among them, in order."""
    return tuple(_options_of(kind, ""))


def groups_of(kind: type[Any]) -> dict[str, type[Any]]:
    """Return the classes of options that a class of options holds, by the names of their fields."""
    found: dict[str, type[Any]] = get_type_hints(kind)
    return {name: each for name, each in found.items() if hasattr(each, "__pydantic_config__")}


def _options_of(kind: type[Any], group: str) -> Iterator[Option]:
    annotations, helps, groups = get_type_hints(kind, include_extras=True), help_of(kind), groups_of(kind)
    for each in fields(kind):
        if is_internal(annotations[each.name]):
            continue
        if each.name in groups:
            yield from _options_of(groups[each.name], each.name)
        else:
            known = {"name": each.name, "group": group, "default": _default(each), "help": helps[each.name]}
            yield Option(**known, **_described(annotations[each.name]))


def is_internal(annotation: Any) -> bool:
    """Return whether a field is none that front ends offer."""
    return any(isinstance(mark, Internal) for mark in getattr(annotation, "__metadata__", ()))


def help_of(kind: type[Any]) -> dict[str, str]:
    """Return the description of every field of a class, from its docstring."""
    text = (kind.__doc__ or "").partition("Arguments:\n")[2]
    lines = re.findall(r"^ {8}(\w+): (.*(?:\n {12}.*)*)", text, re.MULTILINE)
    return {name: " ".join(words.split()) for name, words in lines}


def _default(each: Field[Any]) -> Any:
    return each.default if each.default_factory is MISSING else each.default_factory()


def _described(annotation: Any) -> dict[str, Any]:
    """Return type and bounds as keyword arguments of ``Option``."""
    found: dict[str, Any] = {}
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (part for part in get_args(annotation) if part is not NoneType)
    if get_origin(annotation) is Annotated:
        annotation, *marks = get_args(annotation)
        for mark in marks:
            found |= _bound(mark)
    if get_origin(annotation) is tuple:
        inner, *rest = get_args(annotation)
        return {**_described(inner), "many": rest == [...]}
    if get_origin(annotation) is Literal:
        return {**found, "type": str, "choices": get_args(annotation)}
    return {**found, "type": annotation}


def _bound(mark: Any) -> dict[str, Any]:
    """Return what one mark of an annotation says, as keyword arguments of ``Option``."""
    found: dict[str, Any] = {}
    match mark:
        case Ge(least):
            found = {"low": least}
        case Gt(least):
            found = {"low": least, "above": True}
        case Le(greatest):
            found = {"high": greatest}
        case Lt(greatest):
            found = {"high": greatest, "below": True}
        case MaxLen(length):
            found = {"length": length}
        case TextPattern(text, expected):
            found = {"pattern": text, "expected": expected}
        case Kind(folder):
            found = {"folder": folder}
    return found

"""Insertion into arrays of a JSON text; every other character stays."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

# OpenTimelineIO writes infinite numbers as Inf, which JSON and Python lack; strings are matched to be passed over.
_NON_FINITE = re.compile(r'"(?:[^"\\]|\\.)*"|\b(?:Inf|inf|nan)\b', re.DOTALL)
_STAND_IN = {"Inf": "1e9", "inf": "1e9", "nan": "NaN"}
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Value:
    """A value and where it stands.

    Arguments:
        start: Offset of its first character.
        end: Offset after its last.
        data: The value.
    """

    start: int
    end: int
    data: Any


@dataclass(frozen=True)
class _Member:
    """A member of an object: where its name stands, and its value."""

    key: int
    value: Value


class JsonText:
    """A JSON text that keeps its layout.

    Arguments:
        text: Valid JSON with an object on top.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._readable = decodable(text)
        self.line_break = "\r\n" if "\r\n" in text[:4096] else "\n"
        self.root = _skip(text, 0)
        self._known: dict[int, dict[str, _Member]] = {}
        first = next(iter(self._members(self.root).values()), None)
        self.unit = (first and self._margin(first.key)) or None

    def data(self, start: int) -> dict[str, Any]:
        """Return the object that starts at an offset."""
        return {name: member.value.data for name, member in self._members(start).items()}

    def member(self, start: int, key: str) -> Value | None:
        """Return a member of the object that starts at an offset; of several with one name the last, as readers do."""
        found = self._members(start).get(key)
        return None if found is None else found.value

    def elements(self, start: int) -> list[Value]:
        """Return the elements of the array that starts at an offset."""
        found = []
        at = _skip(self.text, start + 1)
        while self.text[at] != "]":
            value = self._value(at)
            found.append(value)
            at = _skip(self.text, value.end)
            if self.text[at] == ",":
                at = _skip(self.text, at + 1)
        return found

    def with_array(self, start: int, key: str, is_old: Callable[[Any], bool], new: Sequence[Any]) -> str:
        """Return the text with elements of one array replaced and the layout of the rest kept.

        Arguments:
            start: Offset of the object that holds the array.
            key: The array's name; it is added if there is none, or if it is null.
            is_old: Function that tells which elements go.
            new: Elements that come after the last of the others.
        """
        value = self.member(start, key)
        if value is None:
            return self._with_member(start, key, new)
        if not isinstance(value.data, list):
            return self._replaced(value.start, value.end, self._array(new, self._key_margin(start, key)))
        elements = self.elements(value.start)
        kept = [number for number, element in enumerate(elements) if not is_old(element.data)]
        if not kept:
            same = not elements and not new
            array = self._array(new, self._key_margin(start, key))
            return self.text if same else self._replaced(value.start, value.end, array)
        pieces = [self.text[value.start : elements[0].start]]
        for place, number in enumerate(kept):
            pieces.append(self.text[elements[number].start : elements[number].end])
            if place + 1 < len(kept):
                pieces.append(self.text[elements[number].end : elements[number + 1].start])
        margin = self._margin(elements[0].start)
        for data in new:
            pieces += [self._separator(margin), self._written(data, margin)]
        pieces.append(self.text[elements[-1].end : value.end])
        return self._replaced(value.start, value.end, "".join(pieces))

    def with_value(self, value: Value, data: Any) -> str:
        """Return the text with one value replaced.

        Arguments:
            value: The value, an element of an array.
            data: Its replacement.
        """
        return self._replaced(value.start, value.end, self._written(data, self._margin(value.start)))

    def _members(self, start: int) -> dict[str, _Member]:
        """Return the members of the object that starts at an offset."""
        if start in self._known:
            return self._known[start]
        found: dict[str, _Member] = {}
        at = _skip(self.text, start + 1)
        while self.text[at] != "}":
            key = self._value(at)
            value = self._value(_skip(self.text, _skip(self.text, key.end) + 1))
            found.pop(key.data, None)
            found[key.data] = _Member(key.start, value)
            at = _skip(self.text, value.end)
            if self.text[at] == ",":
                at = _skip(self.text, at + 1)
        self._known[start] = found
        return found

    def _value(self, start: int) -> Value:
        data, end = _DECODER.raw_decode(self._readable, start)
        return Value(start, end, data)

    def _margin(self, at: int) -> str | None:
        """Return the white space before a value on its line; None when something else stands there."""
        line = self.text.rfind("\n", 0, at) + 1
        before = self.text[line:at]
        return before if line and not before.strip() else None

    def _key_margin(self, start: int, key: str) -> str | None:
        found = self._members(start).get(key)
        return None if found is None else self._margin(found.key)

    def _with_member(self, start: int, key: str, new: Sequence[Any]) -> str:
        members = list(self._members(start).values())
        margin = self._margin(members[-1].key) if members else None
        colon = ": " if '": ' in self.text[:4096] else ":"
        text = f"{json.dumps(key)}{colon}{self._array(new, margin)}"
        if not members:
            return self._replaced(start + 1, start + 1, text)
        end = members[-1].value.end
        return self._replaced(end, end, self._separator(margin) + text)

    def _array(self, elements: Sequence[Any], margin: str | None) -> str:
        """Return an array as text, for a member whose line begins with a margin."""
        if not elements:
            return "[]"
        if margin is None or self.unit is None:
            return "[" + self._separator(None).join(self._written(data, None) for data in elements) + "]"
        inner = margin + self.unit
        body = self._separator(inner).join(self._written(data, inner) for data in elements)
        return f"[{self.line_break}{inner}{body}{self.line_break}{margin}]"

    def _separator(self, margin: str | None) -> str:
        if margin is None or self.unit is None:
            return ", " if '": ' in self.text[:4096] else ","
        return f",{self.line_break}{margin}"

    def _written(self, data: Any, margin: str | None) -> str:
        if margin is None or self.unit is None:
            separators = (", ", ": ") if '": ' in self.text[:4096] else (",", ":")
            return json.dumps(data, separators=separators)
        return json.dumps(data, indent=self.unit).replace("\n", self.line_break + margin)

    def _replaced(self, start: int, end: int, text: str) -> str:
        return self.text[:start] + text + self.text[end:]


def decodable(text: str) -> str:
    """Return a text of the same length that Python's JSON decoder accepts: ``Inf`` becomes a large number.

    Arguments:
        text: A document as OpenTimelineIO's C++ writer or an editor gives it.
    """
    if not re.search(r"\b(?:Inf|inf|nan)\b", text):
        return text
    return _NON_FINITE.sub(lambda found: _STAND_IN.get(found[0], found[0]), text)


def _skip(text: str, at: int) -> int:
    """Return the offset of the next character that is not white space."""
    found = _SPACE.match(text, at)
    return at if found is None else found.end()

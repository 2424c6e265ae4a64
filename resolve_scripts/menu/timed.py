"""Resolve's objects with a watch on every call: a slow Resolve is not a Resolve that hangs."""

from typing import Any, Callable


class Timed:
    """Object of Resolve whose calls each have the whole time that the watch grants.

    Arguments:
        handle: The object.
        again: Function called before every call.
    """

    def __init__(self, handle: "Any", again: "Callable[[], None]") -> None:
        self._handle, self._again = handle, again

    def __getattr__(self, name: str) -> "Any":
        value = getattr(self._handle, name)
        if not callable(value):
            return value

        def call(*arguments: "Any") -> "Any":
            self._again()
            answer = value(*[bare(each) for each in arguments])
            self._again()  # what follows is not Resolve's time
            return timed(answer, self._again)

        return call

    def __dir__(self) -> "Any":
        return dir(self._handle)


def timed(value: "Any", again: "Callable[[], None]") -> "Any":
    """Return an answer of Resolve with its objects timed; plain values stay what they are."""
    if value is None or isinstance(value, (str, bytes, bool, int, float, Timed)):
        return value
    if isinstance(value, (list, tuple)):
        return [timed(each, again) for each in value]
    if isinstance(value, dict):
        return {key: timed(each, again) for key, each in value.items()}
    return Timed(value, again)


def bare(value: "Any") -> "Any":
    """Return a value as Resolve takes it, its own objects without the watch."""
    if isinstance(value, Timed):
        return value._handle  # noqa: SLF001  its own
    if isinstance(value, (list, tuple)):
        return [bare(each) for each in value]
    if isinstance(value, dict):
        return {key: bare(each) for key, each in value.items()}
    return value

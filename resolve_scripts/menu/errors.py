"""Failures that a person can act on, and answers of Resolve that may be missing."""

from typing import Callable, Optional, TypeVar

Value = TypeVar("Value")


class UserError(Exception):
    """Failure and the next step, in full sentences for the user."""


def there(value: "Optional[Value]", missing: str) -> "Value":
    """Return a value, or say in words that it is missing.

    Raises:
        UserError: It is None, as Resolve answers where something is not there.
    """
    if value is None:
        raise UserError(missing)
    return value


def maybe(ask: "Callable[[], Optional[Value]]", otherwise: "Value") -> "Value":
    """Ask Resolve something that older versions do not know, and go on without an answer."""
    try:
        answer = ask()
    except (AttributeError, TypeError):  # no such method, or a method that is None
        return otherwise
    return otherwise if answer is None else answer


def whole(number: float) -> int:
    """Return a frame number: Resolve gives whole numbers as floats in places."""
    return round(number)

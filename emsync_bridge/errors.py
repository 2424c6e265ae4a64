"""The one exception family: every message says what is wrong, where, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class EmsyncError(Exception):
    """A failure that a person can act on.

    Arguments:
        what: The problem, as a full sentence without a stop.
        where: The file, setting or device that it concerns.
        hint: The next step, as a full sentence without a stop that names no command-line option.
        setting: Name of the option to change, as in ``options`` or as the parameter of a command is called, such
            as ``seed`` or ``out``. Each front end adds its own word for it: ``--seed``, the label of a control.
        choices: Values that the setting can have, where they are few and known.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | Path | None = None,
        hint: str = "",
        setting: str = "",
        choices: Iterable[str] = (),
    ) -> None:
        self.what = what
        self.where = str(where) if where is not None else ""
        self.hint = hint
        self.setting = setting
        self.choices = tuple(choices)
        super().__init__(str(self))

    def __str__(self) -> str:
        return self.text()

    def text(self, control: str = "") -> str:
        """Return the message in one line.

        Arguments:
            control: The front end's word for the setting.
        """
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.hint}{f' ({control})' if control else ''}." if self.hint else ""
        return f"{place}{self.what}.{advice}"


def did_you_mean(word: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """Return the question whether the nearest of some names is meant, with a space after it; empty where none is near.

    Arguments:
        word: Name as it was given.
        known: Names that there are.
        likeness: Ratio of difflib's ``SequenceMatcher``, from 0 to 1, from which a name is near.
    """
    from difflib import get_close_matches

    nearest = get_close_matches(word.strip().lower(), known, n=1, cutoff=likeness)
    return f"Did you mean {nearest[0]}? " if nearest else ""


class TimelineError(EmsyncError):
    """A timeline that cannot be read, understood or written back."""


class MediaError(EmsyncError):
    """A picture or sound file that cannot be found, probed or decoded."""


class EmotionError(EmsyncError):
    """A mood, directive or emotion curve that is not valid."""


class MusicError(EmsyncError):
    """Music that cannot be composed, encoded or decoded as asked."""


class CheckpointError(EmsyncError):
    """A model file that is missing, damaged or of another kind."""


class RenderError(EmsyncError):
    """Audio or a movie that cannot be synthesised, mixed or written."""


class CorpusError(EmsyncError):
    """Training material that cannot be used."""


class OutputError(EmsyncError):
    """A result that cannot be written where it was asked for."""


class AgentError(EmsyncError):
    """A request of an agent that is not carried out."""


class LiveError(EmsyncError):
    """A DAW or instrument that cannot be reached, played or followed."""

"""Help of commands with many options: headings, and the most used options first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from emsync_bridge.options import EmotionOptions, MusicOptions, ReadOptions, RedoOptions, RenderOptions
from emsync_bridge.options.fields import options_of

MOST_USED: Sequence[str] = (
    *("out", "mood", "orders", "seed", "takes", "palette", "ensemble", "bpm", "key", "between", "picture"),
    *("stems", "under_dialogue"),
)
"""Parameters that stand first, in this order."""

FURTHER = "Further options"

_SECTIONS: Mapping[str, Sequence[str]] = {
    "Cut and hit points": [option.name for option in options_of(ReadOptions)],
    "Mood": [option.name for option in options_of(EmotionOptions)],
    "Music": [*(option.name for option in options_of(MusicOptions)), "model"],
    "Music that is kept": ["keep", "redo", *(option.name for option in options_of(RedoOptions)), "take"],
    "Sound and files": [option.name for option in options_of(RenderOptions)],
}


class SectionedCommand(click.Command):
    """Command whose help has its options under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options: the most used, those of each subject, and the rest."""
        records = {
            parameter.name: record
            for parameter in self.get_params(ctx)
            if isinstance(parameter, click.Option) and (record := parameter.get_help_record(ctx)) is not None
        }
        first = {name: records.pop(name) for name in MOST_USED if name in records}
        parts = {"Most used options": list(first.values())}
        for title, names in _SECTIONS.items():
            parts[title] = [records.pop(name) for name in names if name in records]
        parts[FURTHER] = list(records.values())
        for title, lines in parts.items():
            if lines:
                with formatter.section(title):
                    formatter.write_dl(lines)

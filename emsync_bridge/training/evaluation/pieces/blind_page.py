"""A page to compare two styles blind: pairs in random order under a moving picture of the cut, a click to choose.

The page is one HTML file beside the sounds, and works from the disk. Which side is which style stands in it only as a
number to be decoded at the end, when the choices are saved as JSON.
"""

from __future__ import annotations

import base64
import json
import random
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emsync_bridge.cue import Spotting, Take
from emsync_bridge.errors import RenderError
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.options import Style
from emsync_bridge.training.evaluation.pieces.fixed_cuts import FIXED_CUTS, FixedCut
from emsync_bridge.training.evaluation.pieces.trial import compose

Progress = Callable[[str, float], None]

PAGE = "blind.html"
_SIDES = ("a", "b")
_BITRATE = "112k"
_TEMPLATE = "blind_page.html"
_TITLE = "Which music fits the picture?"
_TEXT = (
    "Two pieces were composed for each cut. Play both, then choose. Colours stand for the mood, and the picture "
    "changes where the film cuts. Keys: A and B play, left and right arrow choose, N goes on."
)


@dataclass(frozen=True)
class Pair:
    """Two pieces for one cut.

    Arguments:
        cut: The cut.
        seed: Seed of both pieces.
        styles: Style of the left and of the right one.
    """

    cut: FixedCut
    seed: int
    styles: tuple[Style, Style]


def pairs(styles: tuple[Style, Style], cuts: Sequence[FixedCut] = FIXED_CUTS, seed: int = 1) -> list[Pair]:
    """Return a pair for each cut, in random order, each with its sides in random order.

    Arguments:
        styles: The two that are compared.
        cuts: Cuts that they are composed for.
        seed: Seed of the music and of both orders.
    """
    drawn = random.Random(f"blind pairs {seed}")
    first, second = styles
    # as many of one style on the left as on the right
    turned = [i % 2 == 0 for i in range(len(cuts))]
    drawn.shuffle(turned)
    result = [Pair(cut, seed, (first, second) if t else (second, first)) for cut, t in zip(cuts, turned, strict=True)]
    drawn.shuffle(result)
    return result


def write_blind_page(
    folder: Path, chosen: Sequence[Pair], model: Path | None = None, progress: Progress | None = None
) -> Path:
    """Compose and render all pairs and write the page; return it.

    Arguments:
        folder: Folder of the page and its sounds; it exists.
        chosen: The pairs, in the order in which they are heard.
        model: Folder of the generator; the one that is shipped when None.
        progress: Function that is told of the share that is done.

    Raises:
        EmsyncError: A piece cannot be composed or rendered, or the files cannot be written.
    """
    tell = progress or (lambda _step, _share: None)
    with staging_folder(folder) as room:
        sounds = []
        for number, pair in enumerate(chosen):
            for side, style in zip(_SIDES, pair.styles, strict=True):
                tell("Composing and rendering", (number + (side == "b") / 2) / len(chosen))
                name = f"{number + 1:02}_{side}.m4a"
                write_sound(compose(pair.cut, pair.seed, style, model), pair.cut.spotting, room / name)
                sounds.append(name)
        (room / PAGE).write_text(page_text(chosen), encoding="utf-8")
        for name in (*sounds, PAGE):
            publish(room / name, folder / name)
    return folder / PAGE


def page_text(chosen: Sequence[Pair]) -> str:
    """Return the page as HTML.

    Arguments:
        chosen: The pairs, in the order in which they are heard.
    """
    shown = [
        {
            "name": pair.cut.name,
            "seconds": pair.cut.duration,
            "hits": pair.cut.hits,
            "moods": pair.cut.spans,
            "sounds": [f"{number + 1:02}_{side}.m4a" for side in _SIDES],
        }
        for number, pair in enumerate(chosen)
    ]
    return page_of(shown, [pair.styles for pair in chosen], title=_TITLE, text=_TEXT)


def page_of(shown: Sequence[Mapping[str, object]], sides: Sequence[tuple[str, str]], *, title: str, text: str) -> str:
    """Return a page of pairs as HTML.

    Arguments:
        shown: Facts of each pair for the page: ``name``, ``seconds``, ``hits``, ``moods`` (none without a picture) and
            ``sounds``.
        sides: Styles of the left and the right side of each pair, to be decoded when the choices are saved.
        title: Question that is asked.
        text: Explanation below it.
    """
    key = base64.b64encode(json.dumps(list(sides)).encode()).decode()
    filled = (Path(__file__).parent / _TEMPLATE).read_text(encoding="utf-8")
    for mark, value in (("TITLE", title), ("TEXT", text), ("PAIRS", json.dumps(shown)), ("KEY", key)):
        filled = filled.replace(f"__{mark}__", value)
    return filled


def write_sound(take: Take, spotting: Spotting, target: Path) -> None:
    """Render a take and write it as AAC.

    Arguments:
        take: The music.
        spotting: Its cut.
        target: The file, in a folder that may hold its MIDI file and its recording for a while.

    Raises:
        RenderError: It cannot be rendered or packed.
    """
    from emsync_bridge.ffmpeg import find_ffmpeg
    from emsync_bridge.midi.writer import write_midi
    from emsync_bridge.render.render import render_midi

    midi, wav = target.with_suffix(".mid"), target.with_suffix(".wav")
    write_midi(take, spotting, midi)
    render_midi(midi, wav, seconds=spotting.frames / spotting.rate)
    command = [find_ffmpeg(), "-nostdin", "-loglevel", "error", "-y", "-i", str(wav), "-c:a", "aac", "-b:a", _BITRATE]
    ran = subprocess.run([*command, str(target)], capture_output=True, check=False)  # noqa: S603
    wav.unlink(missing_ok=True)
    if ran.returncode:
        raise RenderError(f"The sound cannot be packed: {ran.stderr.decode(errors='replace').strip()}", where=wav)

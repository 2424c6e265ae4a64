"""A page to listen to a generator: eight fixed pieces with players and piano rolls, in one file."""

from __future__ import annotations

import base64
import html
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from emsync_bridge.cue import INSTRUMENTS, Affect, Instrument
from emsync_bridge.errors import RenderError
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.render.chart.scale import COLOURS

if TYPE_CHECKING:
    from emsync_bridge.cue import Spotting, Take
    from emsync_bridge.music.network.checkpoint import Checkpoint
    from emsync_bridge.training.evaluation.trials import Prompt

_SECONDS = 30.0
_HITS = (6.0, 12.5, 17.0, 24.5)
_PIECES: tuple[tuple[str, float, float, tuple[Instrument, ...]], ...] = (
    ("Calm and content", 0.6, -0.6, ("piano", "strings")),
    ("Sad", -0.7, -0.6, ("strings",)),
    ("Joyful", 0.7, 0.6, ("piano", "strings")),
    ("Fearful", -0.7, 0.6, ("piano", "strings")),
    ("Quiet tension", -0.6, -0.1, ("strings",)),
    ("Wonder", 0.4, 0.2, ("piano",)),
    ("Angry, with a band", -0.6, 0.8, ("drums", "bass", "guitar", "strings")),
    ("Calm, with a band", 0.5, -0.3, ("drums", "bass", "guitar", "piano")),
)
_WIDTH, _HEIGHT = 900, 180

_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:940px;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin:2rem 0 .2rem}p{margin:.2rem 0;color:#555}
audio{width:100%;margin:.4rem 0}
svg{display:block;width:100%;height:auto;background:#f6f6f4;border:1px solid #ddd;cursor:pointer}
.now{stroke:currentColor;stroke-width:1.5}
.key span{margin-right:1rem}.key i{display:inline-block;width:.8rem;height:.8rem;margin-right:.3rem}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}p{color:#aaa}svg{background:#262626;border-color:#444}}
"""
_SCRIPT = """
for(const piece of document.querySelectorAll('section')){
 const player=piece.querySelector('audio'),line=piece.querySelector('.now'),roll=piece.querySelector('svg');
 const width=roll.viewBox.baseVal.width,length=+roll.dataset.seconds;
 const move=()=>{line.setAttribute('transform',`translate(${player.currentTime/length*width} 0)`);
  if(!player.paused)requestAnimationFrame(move)};
 player.onplay=()=>{for(const other of document.querySelectorAll('audio'))if(other!==player)other.pause();move()};
 player.onseeked=move;
 roll.onclick=event=>{const box=roll.getBoundingClientRect();
  player.currentTime=(event.clientX-box.left)/box.width*length;player.play()};
}
"""


def write_page(checkpoint: Checkpoint, folder: Path, progress: Callable[[str, float], None]) -> Path:
    """Compose, render and draw the eight pieces; return the page.

    Arguments:
        checkpoint: The generator.
        folder: Folder of the page, made when missing.
        progress: Function that is told of each step.

    Raises:
        EmsyncError: A piece cannot be composed or rendered, or the page cannot be written.
    """
    from emsync_bridge.scoring.outputs import make_folder
    from emsync_bridge.training.evaluation.trials import Prompt

    make_folder(folder)
    page = folder / "listening.html"
    sections = []
    with staging_folder(folder) as room:
        for number, (name, valence, arousal, ensemble) in enumerate(_PIECES):
            progress("Composing and rendering", number / len(_PIECES))
            prompt = Prompt(Affect(valence, arousal), _HITS, _SECONDS, number + 1, ensemble)
            sections.append(_section(name, prompt, checkpoint, room))
        (room / page.name).write_text(_document(checkpoint.name, sections), encoding="utf-8")
        publish(room / page.name, page)
    return page


def _section(name: str, prompt: Prompt, checkpoint: Checkpoint, room: Path) -> str:
    from emsync_bridge.music.generation.compose import compose
    from emsync_bridge.options import MusicOptions
    from emsync_bridge.training.evaluation.trials import cut_of, mood_of

    spotting, options = cut_of(prompt), MusicOptions(ensemble=prompt.ensemble)
    take = compose(spotting, mood_of(prompt), checkpoint, seed=prompt.seed, options=options)
    bpm = take.tempo_map.bpm(0)
    half = 500.0 / float(spotting.rate)
    met = sum(answer.error_ms is not None and abs(answer.error_ms) <= half for answer in take.answers)
    said = (
        f"valence {prompt.affect.valence:+.1f}, arousal {prompt.affect.arousal:+.1f}, {', '.join(prompt.ensemble)}, "
        f"{take.key}, {bpm:.0f} bpm, seed {prompt.seed}, {len(take.notes)} notes, {met} of {len(take.answers)} hits on "
        f"the frame"
    )
    return (
        f"<section><h2>{html.escape(name)}</h2><p>{html.escape(said)}</p>"
        f'<audio controls preload="metadata" src="data:audio/mp4;base64,{_sound(take, spotting, room)}"></audio>'
        f"{_roll(take, spotting)}</section>"
    )


def _sound(take: Take, spotting: Spotting, room: Path) -> str:
    """Return the music as AAC in base64."""
    from emsync_bridge.ffmpeg import find_ffmpeg
    from emsync_bridge.midi.writer import write_midi
    from emsync_bridge.render.render import render_midi

    midi, wav, small = room / "piece.mid", room / "piece.wav", room / "piece.m4a"
    write_midi(take, spotting, midi)
    render_midi(midi, wav, seconds=spotting.frames / spotting.rate)
    command = [find_ffmpeg(), "-nostdin", "-loglevel", "error", "-y", "-i", str(wav), "-c:a", "aac", "-b:a", "128k"]
    ran = subprocess.run([*command, str(small)], capture_output=True, check=False)  # noqa: S603
    if ran.returncode:
        raise RenderError(f"The sound cannot be packed: {ran.stderr.decode(errors='replace').strip()}", where=wav)
    return base64.b64encode(small.read_bytes()).decode("ascii")


def _roll(take: Take, spotting: Spotting) -> str:
    """Return a piano roll as SVG: notes by instrument, hits as lines, the tempo map's bars as ticks."""
    seconds, across = take.tempo_map.seconds, _WIDTH / spotting.duration
    pitches = [note.pitch for note in take.notes] or [60]
    low, high = min(pitches) - 1, max(pitches) + 1
    tall = _HEIGHT / (high - low + 1)
    end = int(take.tempo_map.tick(spotting.duration))
    lines = [(seconds(line), 'stroke="#9993"') for line in take.tempo_map.bar_lines(end)]
    lines += [(hit.time, 'stroke="#d33" stroke-dasharray="4 3"') for hit in spotting.answered_hits()]
    drawn = [f'<path d="M{time * across:.1f} 0v{_HEIGHT}" {look}/>' for time, look in lines]
    for note in take.notes:
        x, wide = seconds(note.start) * across, (seconds(note.end) - seconds(note.start)) * across
        y, faint = (high - note.pitch) * tall, 0.35 + 0.65 * note.velocity / 127
        drawn.append(  # notes struck again at once stay apart
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(wide - 0.8, 1):.1f}" height="{max(tall, 1.5):.1f}" '
            f'fill="{COLOURS[note.instrument]}" opacity="{faint:.2f}"/>'
        )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" data-seconds="{spotting.duration:g}" role="img" '
        f'aria-label="Piano roll: {len(take.notes)} notes in {spotting.duration:g} seconds">{"".join(drawn)}'
        f'<path class="now" d="M0 0v{_HEIGHT}"/></svg>'
    )


def _document(name: str, sections: list[str]) -> str:
    key = "".join(f'<span><i style="background:{COLOURS[n]}"></i>{n}</span>' for n in INSTRUMENTS)
    title = f"Eight pieces by {html.escape(name)}"
    return (
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>"
        f"<p>The same prompts and seeds for every generator. Dashed lines are the hits; click a roll to play from "
        f'there.</p><p class="key">{key}</p>{"".join(sections)}<script>{_SCRIPT}</script></html>\n'
    )

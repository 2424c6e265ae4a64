"""Cuts made of shots with unique source frames, random edits of them, and what both must share frame by frame."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from emsync_bridge.cue import HitPoint, Shot, Spotting

RATE = Fraction(24)


BLACK = -1
"""Source of a gap."""


@dataclass(frozen=True)
class Piece:
    """Frames of one source that show one after the other, in another number of frames where retimed."""

    source: int
    first: int
    frames: int
    shown: int | None = None

    @property
    def length(self) -> int:
        """Frames of the timeline."""
        return self.frames if self.shown is None else self.shown


def spotting_of(pieces: list[Piece], name: str = "cut") -> Spotting:
    """Return the spotting of a cut: a hit on every edit."""
    shots, hits, at = [], [HitPoint(0.0, 0, "start")], 0
    for number, piece in enumerate(pieces):
        if number:
            hits.append(HitPoint(at / 24, at, "cut", 0.8, name=f"S{piece.source}"))
        start, end = at / 24, (at + piece.length) / 24
        if piece.source == BLACK:
            shots.append(Shot(start, end))
        else:
            shots.append(
                Shot(
                    start,
                    end,
                    f"/media/S{piece.source:03d}_v001.mov",
                    piece.first / 24,
                    (piece.first + piece.frames) / 24,
                    f"S{piece.source}",
                )
            )
        at += piece.length
    hits.append(HitPoint(at / 24, at, "end"))
    return Spotting(name, at / 24, RATE, hits=tuple(hits), shots=tuple(shots))


def frames_of(pieces: list[Piece]) -> list[tuple[int, float, float]]:
    """Return source, source frame and speed of every frame of a cut."""
    return [
        (piece.source, piece.first + i * piece.frames / piece.length, piece.frames / piece.length)
        for piece in pieces
        for i in range(piece.length)
    ]


@st.composite
def cuts(draw: st.DrawFn, shortest: int = 12, longest: int = 60, most: int = 8) -> list[Piece]:
    """Draw a cut, every shot from a source of its own."""
    lengths = draw(st.lists(st.integers(shortest, longest), min_size=2, max_size=most))
    return [Piece(i, 100, length) for i, length in enumerate(lengths)]


EDITS = ("trim head", "trim tail", "lift", "extract", "insert", "split", "move", "retime")


@st.composite
def edited(draw: st.DrawFn, cut: list[Piece], most: int = 4, kinds: tuple[str, ...] = EDITS) -> list[Piece]:
    """Draw a changed cut; no source frame shows twice.

    A lift leaves black, an extract closes the gap, a split has an insert between its halves, and a retime shows a shot
    in half to twice its time.
    """
    pieces = list(cut)
    fresh = 1000
    for _ in range(draw(st.integers(0, most))):
        kind = draw(st.sampled_from(kinds))
        at = draw(st.integers(0, len(pieces) - 1))
        piece = pieces[at]
        whole = piece.shown is None and piece.source != BLACK
        if kind.startswith("trim") and piece.frames > 12 and whole:
            off = draw(st.integers(1, piece.frames - 8))
            first = piece.first + (off if kind == "trim head" else 0)
            pieces[at] = Piece(piece.source, first, piece.frames - off)
        elif kind == "lift":
            pieces[at] = Piece(BLACK, 0, piece.length)
        elif kind == "extract" and len(pieces) > 2:
            del pieces[at]
        elif kind == "insert":
            fresh += 1
            pieces.insert(at, Piece(fresh, 0, draw(st.integers(12, 60))))
        elif kind == "split" and piece.frames >= 16 and whole:
            fresh += 1
            where = draw(st.integers(8, piece.frames - 8))
            pieces[at : at + 1] = [
                Piece(piece.source, piece.first, where),
                Piece(fresh, 0, draw(st.integers(12, 60))),
                Piece(piece.source, piece.first + where, piece.frames - where),
            ]
        elif kind == "move" and len(pieces) > 2:
            pieces.insert(draw(st.integers(0, len(pieces) - 1)), pieces.pop(at))
        elif kind == "retime" and whole:
            shown = draw(st.integers(max(8, piece.frames // 2), 2 * piece.frames))
            if shown != piece.frames:
                pieces[at] = Piece(piece.source, piece.first, piece.frames, shown)
    return pieces

"""xmeml documents for tests, written from plain descriptions of a cut, and what is read from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from emsync_bridge.timeline.cut.model import CutModel


def rate(base: int, ntsc: bool = False) -> str:
    return f"<rate><timebase>{base}</timebase><ntsc>{'TRUE' if ntsc else 'FALSE'}</ntsc></rate>"


def file(number: int, *, base: int = 25, ntsc: bool = False, timecode: int | None = 0, frames: int = 10000) -> str:
    clock = (
        ""
        if timecode is None
        else f"<timecode>{rate(base, ntsc)}<frame>{timecode}</frame><displayformat>NDF</displayformat></timecode>"
    )
    return (
        f'<file id="file-{number}"><name>m{number}.mov</name><pathurl>file://localhost/m/m{number}.mov</pathurl>'
        f"{rate(base, ntsc)}<duration>{frames}</duration>{clock}<media><video/></media></file>"
    )


def clip(
    start: int, end: int, first: int, last: int, body: str, *, name: str = "clip", extra: str = "", base: int = 25
) -> str:
    return (
        f"<clipitem><name>{escape(name)}</name><duration>10000</duration>{rate(base)}<in>{first}</in><out>{last}</out>"
        f"<start>{start}</start><end>{end}</end>{body}{extra}</clipitem>"
    )


def transition(start: int, end: int, alignment: str = "center", extra: str = "") -> str:
    return (
        f"<transitionitem><start>{start}</start><end>{end}</end><alignment>{alignment}</alignment>{extra}{rate(25)}"
        "<effect><name>Cross Dissolve</name></effect></transitionitem>"
    )


def remap(speed: str, *, reverse: bool = False, variable: bool = False, keys: str = "") -> str:
    def parameter(key: str, value: str) -> str:
        return f"<parameter><parameterid>{key}</parameterid><value>{value}</value></parameter>"

    graph = f"<parameter><parameterid>graphdict</parameterid>{keys}</parameter>" if keys else ""
    return (
        "<filter><effect><name>Time Remap</name><effectid>timeremap</effectid>"
        f"{parameter('speed', speed)}{parameter('reverse', 'TRUE' if reverse else 'FALSE')}"
        f"{parameter('variablespeed', '1' if variable else '0')}{graph}</effect></filter>"
    )


def key(when: int, value: int, flags: str = "") -> str:
    return f"<keyframe><when>{when}</when><value>{value}</value>{flags}</keyframe>"


def track(*items: str, enabled: bool = True) -> str:
    return f"<track>{''.join(items)}<enabled>{'TRUE' if enabled else 'FALSE'}</enabled></track>"


def sequence(
    *video: str,
    audio: tuple[str, ...] = (),
    name: str = "Cut",
    key: str = "sequence-1",
    base: int = 25,
    ntsc: bool = False,
    extra: str = "",
    attributes: str = "",
) -> str:
    return (
        f'<sequence id="{key}"{attributes}><name>{escape(name)}</name><duration>0</duration>{rate(base, ntsc)}'
        f"<media><video>{''.join(video)}</video><audio>{''.join(audio)}</audio></media>{extra}</sequence>"
    )


def document(*sequences: str, version: int = 4) -> str:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'
    return f'{head}<xmeml version="{version}">{"".join(sequences)}</xmeml>\n'


@dataclass
class Piece:
    """A clip of a random cut: where it lies, what it plays, whether it is on, and how long a dissolve begins it."""

    start: int
    end: int
    first: int
    media: int | Cut
    enabled: bool = True
    dissolve: int = 0


@dataclass
class Cut:
    """A random sequence: tracks of pieces, the lowest first."""

    tracks: list[tuple[bool, list[Piece]]] = field(default_factory=list)

    def shown(self, frame: int) -> tuple[int, int] | None:
        """The rule of what is seen, frame by frame: media number and source frame, or black."""
        for enabled, pieces in reversed(self.tracks):
            for piece in pieces:
                if not (enabled and piece.enabled and piece.start <= frame < piece.end):
                    continue
                source = piece.first + frame - piece.start
                seen = piece.media.shown(source) if isinstance(piece.media, Cut) else (piece.media, source)
                if seen is not None:
                    return seen
        return None

    def frames(self) -> int:
        return max((piece.end for _, pieces in self.tracks for piece in pieces), default=0)

    def xml(self, name: str, prefix: str = "s") -> str:
        defined: set[int] = set()
        return document(self._sequence(name, prefix, defined))

    def _sequence(self, name: str, key: str, defined: set[int]) -> str:
        lanes = []
        for number, (enabled, pieces) in enumerate(self.tracks):
            items = []
            for index, piece in enumerate(pieces):
                following = pieces[index + 1] if index + 1 < len(pieces) else None
                lead = piece.dissolve
                tail = following.dissolve if following else 0
                if lead:
                    items.append(transition(piece.start - lead, piece.start + lead))
                items.append(
                    clip(
                        -1 if lead else piece.start,
                        -1 if tail else piece.end,
                        piece.first - lead,
                        piece.first + piece.end - piece.start + tail,
                        self._body(piece, f"{key}.{number}.{index}", defined),
                        extra=f"<enabled>{'TRUE' if piece.enabled else 'FALSE'}</enabled>",
                    )
                )
            lanes.append(track(*items, enabled=enabled))
        return sequence(*lanes, name=name, key=key)

    @staticmethod
    def _body(piece: Piece, key: str, defined: set[int]) -> str:
        if isinstance(piece.media, Cut):
            return piece.media._sequence("nest", key, defined)
        if piece.media in defined:
            return f'<file id="file-{piece.media}"/>'
        defined.add(piece.media)
        return file(piece.media)


def frames(model: CutModel) -> list[tuple]:
    """Start, end, layer, kind and name of every item, in frames."""
    return [(leaf.start * model.rate, leaf.end * model.rate, leaf.layer, leaf.kind, leaf.name) for leaf in model.leaves]


pieces = st.tuples(
    st.integers(0, 6),  # gap before
    st.integers(4, 20),  # length
    st.integers(10, 60),  # in
    st.booleans() | st.just(True),
    st.integers(0, 1),  # half of a dissolve into it
)


@st.composite
def cuts(draw, depth: int = 2) -> Cut:
    lanes = []
    for _ in range(draw(st.integers(1, 3))):
        at = 0
        lane: list[Piece] = []
        for gap, length, source, enabled, dissolve in draw(st.lists(pieces, min_size=0 if lanes else 1, max_size=4)):
            media: int | Cut = draw(st.integers(1, 4))
            first = source
            if depth and draw(st.integers(0, 3)) == 0:
                media = draw(cuts(depth=depth - 1))
                first = draw(st.integers(1, 12))
            joined = lane and gap == 0
            at += gap
            lane.append(Piece(at, at + length, first, media, enabled, dissolve if joined else 0))
            at += length
        lanes.append((draw(st.booleans() | st.just(True)), lane))
    return Cut(lanes)

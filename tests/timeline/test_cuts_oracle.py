"""Random timelines against an oracle that asks frame by frame what is on top."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import otio_make as make
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emsync_bridge.timeline.cut.edits import cut_list
from emsync_bridge.timeline.reading import read_timeline

STEP = 4  # frames from look to look; nothing changes in between
UNIT = 16  # frames; at twice the speed within twice the speed, changes are still too far apart to be one event
SPEEDS = (Fraction(1, 2), Fraction(1), Fraction(2))


@dataclass(eq=False)
class Clip:
    media: str
    start: int
    length: int
    kind: str = "pic"
    enabled: bool = True
    speed: Fraction = Fraction(1)


@dataclass(eq=False)
class Gap:
    length: int
    enabled: bool = True


@dataclass(eq=False)
class Fade:
    before: int
    after: int


@dataclass(eq=False)
class Nest:
    tracks: list[Track]
    start: int
    length: int
    enabled: bool = True
    speed: Fraction = Fraction(1)


@dataclass(eq=False)
class Track:
    children: list = field(default_factory=list)
    enabled: bool = True


REFERENCES = {"title": make.missing(), "gen": make.generator()}


def document_of(node):
    if isinstance(node, Track):
        return make.track(*(document_of(child) for child in node.children), enabled=node.enabled)
    if isinstance(node, Gap):
        return make.gap(node.length)
    if isinstance(node, Fade):
        return make.dissolve(node.before, node.after)
    effects = [make.warp(float(node.speed))] if node.speed != 1 else []
    if isinstance(node, Nest):
        shown = make.span(node.start, node.length)
        return make.stack(*map(document_of, node.tracks), source_range=shown, enabled=node.enabled, effects=effects)
    return make.clip(
        node.media,
        node.length,
        node.start,
        media=REFERENCES.get(node.kind),
        enabled=node.enabled,
        effects=effects,
    )


def shown_in(tracks, time, rank=()):
    """Give every clip under the play head: whether it hides, its place, itself, its source frame, nearby fades."""
    for number, track in enumerate(tracks):
        if not track.enabled:
            continue
        at = Fraction(0)
        for place, child in enumerate(track.children):
            if isinstance(child, Fade):
                continue
            into = time - at
            if 0 <= into < child.length and child.enabled and not isinstance(child, Gap):
                edges = [
                    (into - edge, fade)
                    for edge, fade in (
                        (0, track.children[place - 1] if place else None),
                        (child.length, track.children[place + 1] if place + 1 < len(track.children) else None),
                    )
                    if isinstance(fade, Fade)
                ]
                inner = child.start + into * child.speed
                if isinstance(child, Clip):
                    yield child.kind == "pic", (*rank, number), child, inner, [(away, 1, fade) for away, fade in edges]
                else:
                    for hides, place_inside, leaf, source, fades in shown_in(child.tracks, inner, (*rank, number)):
                        outside = [(away, 1, fade) for away, fade in edges]
                        inside = [(away, pace * child.speed, fade) for away, pace, fade in fades]
                        yield hides, place_inside, leaf, source, inside + outside
            at += child.length


def pace_of(tracks, leaf):
    """Give source frames per timeline frame of a clip, wherever it is nested."""
    for track in tracks:
        for child in track.children:
            if child is leaf:
                return child.speed
            if isinstance(child, Nest) and (found := pace_of(child.tracks, leaf)) is not None:
                return found * child.speed
    return None


def oracle(tracks, frames):
    """Give (frame, kind) of every visible change."""
    seen = {}
    for frame in range(0, frames, STEP):
        under = list(shown_in(tracks, frame + Fraction(1, 1000)))
        seen[frame] = max(under, key=lambda found: (found[0], found[1]), default=None)
    changes = []
    for frame in range(STEP, frames, STEP):
        before, after = seen[frame - STEP], seen[frame]
        if (before and before[2]) is (after and after[2]):
            continue
        joined = False
        if before and after and before[2].media == after[2].media and before[2].kind == after[2].kind:
            pace = pace_of(tracks, before[2])
            joined = abs(before[3] + STEP * pace - after[3]) < Fraction(3, 4)
        # The play head stands just behind the edge of what comes, and stood a step before the edge of what goes.
        fades = [abs(away / pace - Fraction(1, 1000)) for away, pace, _ in (after[4] if after else [])]
        fades += [abs(away / pace + STEP - Fraction(1, 1000)) for away, pace, _ in (before[4] if before else [])]
        faded = any(distance < Fraction(1, 100) for distance in fades)
        kind = "transition" if faded else "cut"
        if not (before and after):
            kind = "to_black" if before else "from_black"
        changes.append((frame, kind, joined and not faded, joined))
    joins = sum(change[3] for change in changes)
    if len(changes) >= 5 and joins * 5 >= len(changes) * 4:
        return [(frame, kind) for frame, kind, _, _ in changes]
    return [(frame, kind) for frame, kind, hidden, _ in changes if not hidden]


lengths = st.integers(1, 4).map(lambda n: n * UNIT)
kinds = st.sampled_from(["pic", "pic", "pic", "gen"])


@st.composite
def tracks(draw, depth):
    children = []
    source = 0
    for _ in range(draw(st.integers(1, 4))):
        choice = draw(st.integers(0, 9))
        enabled = draw(st.integers(0, 5)) > 0
        length = draw(lengths)
        if choice < 2:
            children.append(Gap(length))
        elif choice < 4 and depth:
            inner = draw(st.lists(tracks(depth - 1), min_size=1, max_size=2))
            children.append(Nest(inner, draw(st.integers(0, 2)) * UNIT, length, enabled, draw(st.sampled_from(SPEEDS))))
        else:
            carry_on = draw(st.booleans())
            media = draw(st.sampled_from("AB")) if carry_on else f"clip{draw(st.integers(0, 999))}"
            start = source if carry_on else draw(st.integers(0, 9)) * 100
            speed = draw(st.sampled_from(SPEEDS))
            children.append(Clip(media, start, length, draw(kinds), enabled, speed))
            source = int(start + length * speed)
        if draw(st.integers(0, 4)) == 0:
            children.append(Fade(draw(st.integers(4, 8)), draw(st.integers(4, 8))))
    return Track(children, draw(st.integers(0, 7)) > 0)


def length_of(track):
    return sum(child.length for child in track.children if not isinstance(child, Fade))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(tracks(2), min_size=1, max_size=4))
def test_visible_changes_equal_what_a_play_head_sees(layers):
    frames = max(map(length_of, layers))
    # Two more clips at the end keep any one item below nine tenths of the whole, where it would count as an overlay.
    rest = frames - length_of(layers[0])
    head = [*layers[0].children, *([Gap(rest)] if rest else [])] if layers[0].enabled else [Gap(frames)]
    base = Track([*head, Clip("T1", 0, frames), Clip("T2", 0, frames)])
    layers = [base, *layers[1:]]
    document = make.timeline(*map(document_of, layers))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.otio"
        path.write_text(json.dumps(document))
        found = cut_list(read_timeline(path))
    assert found.frames == 3 * frames
    assert [(edit.frame, edit.kind) for edit in found.edits] == oracle(layers, 3 * frames)

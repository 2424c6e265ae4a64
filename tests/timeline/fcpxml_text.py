"""FCPXML documents for tests, written from plain descriptions of a cut, and what is read from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from xml.sax.saxutils import quoteattr

from hypothesis import strategies as st

from emsync_bridge.timeline.cut.model import CutModel, TimelineClip

RATE = Fraction(30000, 1001)
VERSIONS = ("1.8", "1.9", "1.10", "1.11", "1.12", "1.13", "1.14")


def t(frames: int | Fraction, rate: Fraction = RATE) -> str:
    """Frames as a time of FCPXML, not reduced, as Final Cut Pro writes it."""
    time = Fraction(frames) / rate
    return f"{time.numerator * 2}/{time.denominator * 2}s"


def tag(name: str, /, *inside: str, **attributes: object) -> str:
    words = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items() if value is not None)
    return f"<{name}{words}>{''.join(inside)}</{name}>" if inside else f"<{name}{words}/>"


def asset(number: int, *, start: str = "0s", src: str | None = None, version: str = "1.11", **more: object) -> str:
    url = f"file:///m/m{number}.mov" if src is None else src
    facts = {"id": f"a{number}", "name": f"m{number}", "start": start, "duration": "1000s", "hasVideo": "1", **more}
    if version == "1.8":
        return tag("asset", src=url, **facts)
    return tag("asset", tag("media-rep", kind="original-media", src=url), **facts)


def form(key: str = "f1", rate: Fraction = RATE) -> str:
    return tag("format", id=key, frameDuration=t(1, rate), width=1920, height=1080)


def document(
    *spine: str, resources: str = "", name: str = "Cut", version: str = "1.11", rate: Fraction = RATE, **more: object
) -> str:
    return wrapped(project(*spine, name=name, **more), resources=resources, version=version, rate=rate)


def project(*spine: str, name: str = "Cut", **more: object) -> str:
    facts = {"format": "f1", "tcStart": "0s", "tcFormat": "NDF", **more}
    return tag("project", tag("sequence", tag("spine", *spine), **facts), name=name)


def wrapped(*projects: str, resources: str = "", version: str = "1.11", rate: Fraction = RATE) -> str:
    plain = "".join(asset(number, version=version) for number in range(1, 5))
    effects = tag("effect", id="title", name="Basic Title", uid="x") + tag("effect", id="solid", name="Custom", uid="y")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n\n'
    return head + tag(
        "fcpxml",
        tag("resources", form(rate=rate) + plain + effects + resources),
        tag("library", tag("event", *projects, name="Event")),
        version=version,
    )


def clip(number: int, offset: int, length: int, start: int = 0, *inside: str, **more: object) -> str:
    facts = {"ref": f"a{number}", "offset": t(offset), "name": f"m{number}", "start": t(start), "duration": t(length)}
    return tag("asset-clip", *inside, **facts, **more)


def gap(offset: int, length: int, *inside: str, start: int = 0, **more: object) -> str:
    return tag("gap", *inside, name="Gap", offset=t(offset), start=t(start), duration=t(length), **more)


@dataclass
class Item:
    """An item of a random cut: what it plays from where, how long, and what is connected to it."""

    length: int
    start: int
    media: int | Story | None
    enabled: bool = True
    wrapped: bool = False
    joined: list[tuple[int, int, list[Item]]] = field(default_factory=list)  # lane, frames after its start, items


@dataclass
class Story:
    """A random sequence: items one after another, and its start timecode in frames."""

    items: list[Item]
    begin: int = 0

    def frames(self) -> int:
        return sum(item.length for item in self.items)

    def end(self) -> int:
        at = last = 0
        for item in self.items:
            joins = [at + after + sum(i.length for i in items) for _, after, items in item.joined]
            at += item.length
            last = max([last, at, *joins])
        return last

    def shown(self, frame: int) -> tuple[int, int] | None:
        """The rule of what is seen: the highest lane that has a picture at a frame, the storyline being lane 0."""
        seen: dict[int, tuple[int, int]] = {}
        at = 0
        for item in self.items:
            for lane, after, items in item.joined:
                place = at + after
                for joined in items:
                    self._look(seen, lane, joined, frame - place)
                    place += joined.length
            self._look(seen, 0, item, frame - at)
            at += item.length
        return seen[max(seen)] if seen else None

    @staticmethod
    def _look(seen: dict[int, tuple[int, int]], lane: int, item: Item, frame: int) -> None:
        if not (item.enabled and 0 <= frame < item.length) or item.media is None:
            return
        source = item.start + frame
        if isinstance(item.media, Story):
            inner = item.media.shown(source - item.media.begin)
            if inner is not None:
                seen[lane] = inner
        else:
            seen[lane] = (item.media, source)

    def xml(self, version: str = "1.11") -> str:
        media: list[str] = []
        spine = self._spine(media)
        return document(*spine, resources="".join(media), version=version, tcStart=t(self.begin))

    def _spine(self, media: list[str]) -> list[str]:
        at = self.begin
        found = []
        for item in self.items:
            joins = []
            for lane, after, items in item.joined:
                offset = item.start + after
                if len(items) == 1:
                    joins.append(self._item(items[0], offset, media, lane=lane))
                else:
                    place = 0
                    inside = []
                    for joined in items:
                        inside.append(self._item(joined, place, media))
                        place += joined.length
                    joins.append(tag("spine", *inside, lane=lane, offset=t(offset)))
            found.append(self._item(item, at, media, *joins))
            at += item.length
        return found

    @staticmethod
    def _item(item: Item, offset: int, media: list[str], *inside: str, lane: int | None = None) -> str:
        off = None if item.enabled else "0"
        if item.media is None and lane is None:
            return gap(offset, item.length, *inside, start=item.start)
        if isinstance(item.media, Story):
            key = f"c{len(media)}"
            media.append("")
            place = len(media) - 1
            body = tag("sequence", tag("spine", *item.media._spine(media)), format="f1", tcStart=t(item.media.begin))
            media[place] = tag("media", body, id=key, name=key)
            facts = {"ref": key, "name": key, "offset": t(offset), "start": t(item.start), "duration": t(item.length)}
            return tag("ref-clip", *inside, lane=lane, enabled=off, **facts)
        number = item.media or 1
        if item.media is None:
            return tag(
                "title",
                *inside,
                ref="title",
                lane=lane,
                offset=t(offset),
                start="3600s",
                duration=t(item.length),
                name="T",
                enabled=off,
            )
        if item.wrapped:
            picture = tag("video", ref=f"a{number}", offset="0s", duration=t(100000))
            facts = {"name": f"m{number}", "offset": t(offset), "start": t(item.start), "duration": t(item.length)}
            return tag("clip", picture, *inside, lane=lane, enabled=off, **facts)
        return clip(number, offset, item.length, item.start, *inside, lane=lane, enabled=off)


def points(*pairs: tuple[int, int]) -> str:
    return tag("timeMap", *(tag("timept", time=t(time), value=t(value), interp="smooth2") for time, value in pairs))


def compound(key: str, *spine: str, begin: int = 0, **more: object) -> str:
    facts = {"format": "f1", "tcStart": t(begin), **more}
    return tag("media", tag("sequence", tag("spine", *spine), **facts), id=key, name=key)


def ref(key: str, offset: int, length: int, start: int, *inside: str, **more: object) -> str:
    return tag("ref-clip", *inside, ref=key, name=key, offset=t(offset), start=t(start), duration=t(length), **more)


def rows(model: CutModel) -> list[tuple]:
    """Start, end and name of every item, in frames."""
    return [(leaf.start * model.rate, leaf.end * model.rate, leaf.name) for leaf in model.leaves]


def source(leaf: TimelineClip, rate: Fraction = RATE) -> Fraction | None:
    return None if leaf.source is None else leaf.source * rate


@st.composite
def items(draw, depth: int) -> Item:
    media: int | Story | None = draw(st.integers(1, 4) | st.none())
    if depth and draw(st.integers(0, 3)) == 0:
        media = draw(stories(depth=depth - 1))
    start = draw(st.integers(0, 40))
    if isinstance(media, Story):
        start = media.begin + draw(st.integers(0, 12))
    return Item(draw(st.integers(3, 15)), start, media, draw(st.booleans() | st.just(True)), draw(st.booleans()))


@st.composite
def stories(draw, depth: int = 1) -> Story:
    found = draw(st.lists(items(depth), min_size=1, max_size=4))
    lanes = draw(st.permutations([-3, -2, -1, 1, 2, 3, 4]))
    for item in found:
        for _ in range(draw(st.integers(0, 2)) if lanes else 0):
            if lanes:
                joined = draw(st.lists(items(max(0, depth - 1)), min_size=1, max_size=2))
                # Titles stand for sound here: they count as no picture in the rule.
                item.joined.append((lanes.pop(), draw(st.integers(0, 10)), joined))
    return Story(found, draw(st.sampled_from([0, 0, 1800, 108000])))

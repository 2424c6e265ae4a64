from fractions import Fraction
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.edl.lines import parse_line
from emsync_bridge.timeline.reading import read_timeline as read

NTSC = Fraction(1000, 1001)
RATES = [
    (24 * NTSC, 24, False),
    (Fraction(24), 24, False),
    (Fraction(25), 25, False),
    (30 * NTSC, 30, True),
    (30 * NTSC, 30, False),
    (Fraction(30), 30, False),
    (Fraction(48), 48, False),
    (Fraction(50), 50, False),
    (60 * NTSC, 60, True),
    (60 * NTSC, 60, False),
    (Fraction(60), 60, False),
]
SECONDS = 130


def labels(base, drop):
    """All timecodes from 00:58:30 on for SECONDS seconds, written out one after the other: no formula to get wrong."""
    written = []
    for second in range(58 * 60 + 30, 58 * 60 + 30 + SECONDS):
        for frame in range(base):
            minute = second // 60
            if drop and second % 60 == 0 and minute % 10 and frame < base // 15:
                continue
            written.append(f"{minute // 60:02}:{minute % 60:02}:{second % 60:02}{';' if drop else ':'}{frame:02}")
    return written


TABLES = {(base, drop): labels(base, drop) for _, base, drop in RATES}
WORDS = st.text("ABCXYZ_0123456789.", min_size=1, max_size=12).filter(lambda w: w not in ("AX", "BL", "BLK", "BLACK"))
EVENT = st.fixed_dictionaries(
    {
        "gap": st.integers(0, 40),
        "length": st.integers(1, 60),
        "reel": WORDS,
        "name": WORDS,
        "channels": st.sampled_from(["V", "B", "AA/V", "A2/V", "AA", "A2"]),
        "source": st.integers(0, 1000),
        "transition": st.sampled_from(["C", "D", "W012"]),
        "frames": st.integers(1, 60),
        "black": st.booleans(),
    }
)


def written(events, table, newline):
    """The list of some events, and what a reader must find in it."""
    lines, intervals, transitions = ["TITLE: random", ""], [], []
    cursor = 0
    for number, event in enumerate(events, 1):
        start = cursor + (event["gap"] if number > 1 else 0)
        cursor = start + event["length"]
        reel = "BL" if event["black"] else event["reel"]
        times = [table[i] for i in (event["source"], event["source"] + event["length"], start, cursor)]
        picture = event["channels"] not in ("AA", "A2")
        head, code = f"{number:03} ", event["transition"]
        if code == "C":
            lines.append(f"{head} {reel:8} {event['channels']:5} C        {' '.join(times)} ")
            lines.append(f"* FROM CLIP NAME:  {event['name']}")
        else:
            still = " ".join([table[0], table[0], times[2], times[2]])
            lines.append(f"{head} OUT      {event['channels']:5} C        {still}")
            lines.append(f"{head} {reel:8} {event['channels']:5} {code:4} {event['frames']:03} {' '.join(times)}")
            lines.append(f"* FROM CLIP NAME: OUT{newline}* TO CLIP NAME: {event['name']}")
            if picture:
                transitions.append((start, min(start + event["frames"], cursor), start))
        if picture and not event["black"]:
            intervals.append((start, cursor, event["name"], event["source"]))
    return newline.join(lines), intervals, transitions, cursor


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(RATES),
    st.lists(EVENT, min_size=1, max_size=12),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_written_events_are_read_back(tmp_path, rate_and_base, events, newline):
    rate, base, drop = rate_and_base
    text, intervals, transitions, end = written(events, TABLES[base, drop], newline)
    path = tmp_path / "list.edl"
    path.write_text(text, newline="")
    model = read(path, sequence=None, rate=rate)
    source_zero = model.start_frame  # record and source are written from one table
    assert [
        (leaf.start * rate, leaf.end * rate, leaf.name, leaf.source * rate - source_zero) for leaf in model.leaves
    ] == intervals
    assert [(t.start * rate, t.end * rate, t.edit * rate) for t in model.transitions] == transitions
    assert model.duration * rate == end
    assert model.drop_frame == drop
    assert not any("Not understood" in warning or "Begun" in warning for warning in model.warnings)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 80)), min_size=1, max_size=15), st.data())
def test_overlapping_events_leave_what_a_tape_would_hold(tmp_path, spans, data):
    spans = sorted(spans)
    table = TABLES[24, False]
    text = "\n".join(
        f"{n:03} R{n} V C {table[0]} {table[length]} {table[start]} {table[start + length]}"
        for n, (start, length) in enumerate(spans)
    )
    path = tmp_path / "list.edl"
    path.write_text(text)
    model = read(path, sequence=None, rate=Fraction(24))
    tape = {}
    for n, (start, length) in enumerate(spans):
        tape.update(dict.fromkeys(range(start, start + length), f"R{n}"))
    first = spans[0][0]
    found = {
        frame + first: leaf.name for leaf in model.leaves for frame in range(int(leaf.start * 24), int(leaf.end * 24))
    }
    assert found == tape
    assert sum(leaf.end - leaf.start for leaf in model.leaves) * 24 == len(tape)
    assert all(before.end <= after.start for before, after in pairwise(model.leaves))


SEED_TEXT = (
    written(
        [
            {
                "gap": n,
                "length": 20 + n,
                "reel": "A001",
                "name": "clip",
                "channels": "AA/V",
                "source": n,
                "transition": "CD"[n % 2],
                "frames": 10,
                "black": n == 4,
            }
            for n in range(6)
        ],
        TABLES[30, True],
        "\r\n",
    )[0]
    + "\r\nM2 A001 015.0 00:58:30;00\r\n* LOC: 00:58:31;00 RED x\r\n |C:ResolveColorBlue |M:n |D:1\r\nFCM: DROP FRAME"
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(SEED_TEXT)), st.integers(0, 6), st.binary(max_size=6)), max_size=12))
def test_damaged_lists_give_a_model_or_a_message(tmp_path, damage):
    data = bytearray(SEED_TEXT.encode())
    for place, cut, insert in damage:
        data[place : place + cut] = insert
    path = tmp_path / "list.edl"
    path.write_bytes(bytes(data))
    try:
        model = read(path, sequence=None, rate=None)
    except TimelineError:
        return
    assert isinstance(model, CutModel)
    assert model.duration > 0
    assert all(0 <= leaf.start < leaf.end <= model.duration for leaf in model.leaves)


@given(st.text(max_size=200))
def test_any_line_says_something(line):
    assert parse_line(line) is not None


def test_hostile_lines_take_linear_time():
    hostile = [
        "001 " + " " * 4000 + "x",
        "001 " + "A " * 2000,
        "001 " + "V C " * 900 + "00:00:00:00 " * 3,
        "* LOC: " + "V" * 4000,
        "M2 " + "1 " * 2000,
        "| C:" * 1000,
        "FCM: " + " NON " * 700,
        "* FROM CLIP NAME" + " " * 4000,
    ]
    for line in hostile * 200:
        parse_line(line)


def test_twenty_thousand_events(tmp_path):
    def label(second):
        return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}:00"

    lines = [
        f"{n:06} A{n} V C {label(n)} {label(n + 1)} {label(n)} {label(n + 1)}\n* FROM CLIP NAME: c{n}"
        for n in range(20000)
    ]
    path = tmp_path / "list.edl"
    path.write_text("\n".join(lines))
    model = read(path, sequence=None, rate=None)
    assert [leaf.start for leaf in model.leaves] == list(range(20000))

"""The page counts timecode exactly as the rest of the house does."""

import json
import random
import shutil
import subprocess
from fractions import Fraction
from itertools import product

import pytest
from places import PAGE

from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import can_drop, frame_at, from_timecode, to_timecode

RATES = [
    "24",
    "25",
    "30",
    "48",
    "50",
    "60",
    "15",
    "100",
    "120",
    "24000/1001",
    "30000/1001",
    "60000/1001",
    "120000/1001",
]
RATES += ["12000/1001", "29/2", "1"]

SCRIPT = """
const t = await import(process.argv[1]);
const asked = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const told = asked.map(([what, rate, ...rest]) => {
  const r = t.parseRate(rate);
  if (what === "to") return t.toTimecode(rest[0], r, rest[1]);
  if (what === "from") return t.fromTimecode(rest[0], r, rest[1]);
  if (what === "drop") return t.canDrop(r);
  if (what === "time") return t.timeOf(rest[0], r);
  if (what === "shown") return t.frameShown(t.timeOf(rest[0], r), r);
  return t.frameAt(rest[0], r);
});
process.stdout.write(JSON.stringify(told));
"""


def in_javascript(questions):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node is installed")
    script = f"(async () => {{ {SCRIPT} }})()"
    asked = [node, "-e", script, (PAGE / "model" / "smpte.js").as_uri()]
    done = subprocess.run(asked, input=json.dumps(questions), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def frames_of(rate):
    """Frames where counting may go wrong: around minutes, ten minutes, hours and a day, and some by chance."""
    second = float(rate)
    edges = [round(seconds * second) for seconds in (0, 1, 59, 60, 120, 599, 600, 660, 3600, 86399, 86400, 90000)]
    chance = random.Random(str(rate))
    return sorted(
        {edge + step for edge in edges for step in range(-3, 4)} | {chance.randrange(10**7) for _ in range(60)}
    )


@pytest.mark.parametrize("drop", [False, True])
def test_timecode_of_frames(drop):
    asked = [(rate, frame) for rate in RATES for frame in frames_of(Fraction(rate))]
    told = in_javascript([["to", rate, frame, drop] for rate, frame in asked])
    assert told == [to_timecode(frame, Fraction(rate), drop) for rate, frame in asked]


def python_from(text, rate, drop):
    try:
        return from_timecode(text, rate, drop)
    except TimelineError:
        return None


@pytest.mark.parametrize("drop", [None, False, True])
def test_frames_of_timecode(drop):
    chance = random.Random(1)
    texts = ["", "1:2:3", "01:00:00:00", "01:00:00;00", "00:01:00;00", "00:01:00;01", "00:10:00;00", " 10:00:00:02 "]
    texts += ["00:60:00:00", "00:00:60:00", "00:00:00:24", "9:59:59:23", "00.00.01.05", "00:00:00:119", "x0:00:00:00"]
    texts += [
        f"{chance.randrange(24):02}:{chance.randrange(61):02}:{chance.randrange(61):02}{chance.choice(':;')}{chance.randrange(31):02}"
        for _ in range(120)
    ]
    asked = [(rate, text) for rate in RATES for text in texts]
    told = in_javascript([["from", rate, text, drop] for rate, text in asked])
    assert told == [python_from(text, Fraction(rate), drop) for rate, text in asked]


def test_which_rates_can_drop():
    assert in_javascript([["drop", rate] for rate in RATES]) == [can_drop(Fraction(rate)) for rate in RATES]


def test_frames_nearest_to_times():
    chance = random.Random(2)
    asked = [(rate, chance.uniform(-10, 90000)) for rate in RATES for _ in range(100)]
    # half-way between two frames, and a hair beside it
    for rate, frame, hair in product(RATES, (0, 1, 7, 99999), (0, 1e-12, -1e-12)):
        asked.append((rate, float((frame + Fraction(1, 2)) / Fraction(rate)) + hair))
    told = in_javascript([["at", rate, time] for rate, time in asked])
    assert told == [frame_at(time, Fraction(rate)) for rate, time in asked]


def test_a_frame_begins_at_one_and_the_same_double_and_shows_there():
    asked = [(rate, frame) for rate in RATES for frame in frames_of(Fraction(rate)) if frame >= 0]
    told = in_javascript([["time", rate, frame] for rate, frame in asked])
    assert told == [float(frame / Fraction(rate)) for rate, frame in asked]
    shown = in_javascript([["shown", rate, frame] for rate, frame in asked])
    assert shown == [frame for _, frame in asked]

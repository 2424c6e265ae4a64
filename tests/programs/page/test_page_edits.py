"""Edits as the page makes them: hits stay in order, the mood stays without gaps, undo brings all back."""

import json
import shutil
import subprocess
from fractions import Fraction
from itertools import pairwise

import pytest
from places import PAGE

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Shot, Spotting
from emsync_bridge.cue.serialization import from_document, to_document
from emsync_bridge.timecode import frame_at

RATE = Fraction(30000, 1001)
EDGES = [0, 100, 101, 260, 700, 901]

SCRIPT = """(async () => {
const edits = await import(process.argv[1] + "/model/edits.js");
const { Store } = await import(process.argv[1] + "/model/state.js");
const { doc, seed } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
let state = seed;
const chance = below => {
  state = (state * 1103515245 + 12345) % 2147483648;
  return Math.floor(state / 2147483648 * below);
};
const store = new Store({ doc: null, history: null });
store.open(doc);
for (let i = 0; i < 300; i++) {
  const now = store.now.doc;
  const frame = chance(910) - 3;
  const hit = chance(now.spotting.hits.length);
  const what = chance(7);
  if (what === 0) store.edit("add", edits.addHit(now, Math.max(0, Math.min(901, frame))).doc);
  if (what === 1) store.edit("move", edits.moveHit(now, hit, frame).doc);
  if (what === 2) store.edit("drop", edits.dropHit(now, hit));
  if (what === 3) store.edit("weight", edits.changeHit(now, hit, { weight: chance(11) / 10 }));
  if (what === 4) {
    const start = chance(900);
    const mood = { valence: chance(5) - 2, reason: "r" };
    store.edit("mood", edits.orderMood(now, start, start + 1 + chance(901 - start), mood));
  }
  if (what === 5) store.undo();
  if (what === 6) store.redo();
}
const last = store.now.doc;
let back = 0;
while (store.undo() !== null) back++;
const first = store.now.doc;
for (let i = 0; i < back; i++) store.redo();
process.stdout.write(JSON.stringify({ last, first, back, again: store.now.doc }));
})()"""


def document():
    times = [float(frame / RATE) for frame in EDGES]
    ends = ["start", "cut", "marker", "transition", "cut", "end"]
    hits = [HitPoint(time, frame, kind) for time, frame, kind in zip(times, EDGES, ends, strict=True)]
    pairs = list(pairwise(times))
    spotting = Spotting(
        "film", times[-1], RATE, drop_frame=True, hits=tuple(hits), shots=tuple(Shot(a, b) for a, b in pairs)
    )
    curve = EmotionCurve(tuple(EmotionSpan(a, b, Affect(0.1, -0.2)) for a, b in pairs))
    ask = {"ensemble": ["piano"], "seed": 1}
    return {"spotting": to_document(spotting), "curve": to_document(curve), "ask": ask}


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_edited_the_document_stays_sound(seed):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node is installed")
    before = document()
    asked = json.dumps({"doc": before, "seed": seed * 7919 + 1})
    done = subprocess.run([node, "-e", SCRIPT, PAGE.as_uri()], input=asked, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["first"] == before
    assert told["again"] == told["last"] != before
    assert told["back"] > 20

    spotting = from_document(Spotting, told["last"]["spotting"])
    frames = [hit.frame for hit in spotting.hits]
    assert frames == sorted(set(frames))
    assert (frames[0], frames[-1]) == (0, 901)
    assert all(hit.time == float(hit.frame / RATE) for hit in spotting.hits)
    assert all(0 <= hit.weight <= 1 for hit in spotting.hits)

    curve = from_document(EmotionCurve, told["last"]["curve"])
    assert curve.spans[0].start == 0
    assert curve.spans[-1].end == spotting.duration
    for span, following in pairwise(curve.spans):
        assert span.end == following.start
    for span in curve.spans:
        assert frame_at(span.start, RATE) < frame_at(span.end, RATE)
        assert -1 <= span.affect.valence <= 1
    assert any(span.reason == "r" and span.confidence == 1 for span in curve.spans)

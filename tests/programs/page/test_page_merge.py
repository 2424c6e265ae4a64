"""Edits carried over to another reading of a cut: what a person has set stays, the rest is as it was read."""

import copy
import json
import shutil
import subprocess

import pytest
from places import PAGE
from test_page_edits import document

SCRIPT = """(async () => {
const { mergeEdits } = await import(process.argv[1] + "/model/merge.js");
const { edited, before, fresh } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(mergeEdits(edited, before, fresh)));
})()"""


def merged(edited, before, fresh):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node is installed")
    asked = json.dumps({"edited": edited, "before": before, "fresh": fresh})
    done = subprocess.run([node, "-e", SCRIPT, PAGE.as_uri()], input=asked, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def frames(doc):
    return [hit["frame"] for hit in doc["spotting"]["hits"]]


def test_nothing_edited_gives_the_new_reading():
    before, fresh = document(), document()
    for span in fresh["curve"]["spans"]:
        span["affect"] = {"valence": 0.7, "arousal": 0.1}
    del fresh["spotting"]["hits"][2]
    assert merged(before, before, fresh) == fresh


def test_what_was_set_by_hand_stays():
    before, fresh = document(), document()
    edited = copy.deepcopy(before)
    hits = edited["spotting"]["hits"]
    hits[1]["answered"] = False
    hits[3].update(frame=300, time=300 * 1001 / 30000)
    hits.insert(4, {**hits[2], "frame": 500, "time": 500 * 1001 / 30000, "name": "here"})
    edited["curve"]["spans"][2].update(silence=True, reason="set by hand")
    edited["ask"] = {"ensemble": ["strings"], "seed": 7}
    for span in fresh["curve"]["spans"]:
        span["affect"] = {"valence": 0.7, "arousal": 0.1}
    found = merged(edited, before, fresh)
    assert frames(found) == [0, 100, 101, 300, 500, 700, 901]
    assert [hit["answered"] for hit in found["spotting"]["hits"]][1:3] == [False, True]
    assert [span["silence"] for span in found["curve"]["spans"]] == [False, False, True, False, False]
    assert [span["affect"]["valence"] for span in found["curve"]["spans"]] == [0.7, 0.7, 0.1, 0.7, 0.7]
    assert found["ask"] == edited["ask"]


def test_a_mood_that_was_set_is_known_as_the_persons_own():
    """Music that is conformed to a new cut keeps such moods, and estimates the others again."""
    before = document()
    edited = copy.deepcopy(before)
    edited["curve"]["spans"][2].update(affect={"valence": -0.5, "arousal": 0.6}, reason="tension")
    spans = merged(edited, before, before)["curve"]["spans"]
    assert [span["ordered"] for span in spans] == [[False, False]] * 2 + [[True, True]] + [[False, False]] * 2


def test_edits_keep_their_place_where_a_part_of_the_cut_is_read():
    before = document()
    edited = copy.deepcopy(before)
    edited["spotting"]["hits"].insert(4, {**before["spotting"]["hits"][2], "frame": 500, "time": 500 * 1001 / 30000})
    fresh = document()
    fresh["spotting"]["start_frame"] += 400
    fresh["spotting"]["hits"] = [
        {**hit, "frame": hit["frame"] - 400, "time": (hit["frame"] - 400) * 1001 / 30000}
        for hit in before["spotting"]["hits"]
        if hit["frame"] > 400
    ]
    assert frames(merged(edited, before, fresh)) == [100, 300, 501]


def part_of(document, first, frames):
    """Return a document as it is when a part of the cut is read."""
    part = copy.deepcopy(document)
    spotting, begin, end = part["spotting"], first * 1001 / 30000, (first + frames) * 1001 / 30000
    spotting["start_frame"] += first
    spotting["duration"] = end - begin
    inside = [hit for hit in spotting["hits"] if first < hit["frame"] < first + frames]
    spotting["hits"] = [
        {**hit, "frame": hit["frame"] - first, "time": (hit["frame"] - first) * 1001 / 30000} for hit in inside
    ]
    part["curve"]["spans"] = [
        {**span, "start": max(0.0, span["start"] - begin), "end": min(end, span["end"]) - begin}
        for span in part["curve"]["spans"]
        if span["start"] < end and span["end"] > begin
    ]
    return part


def test_edits_outside_of_a_part_come_back_with_the_whole():
    whole = document()
    edited = copy.deepcopy(whole)
    hits = edited["spotting"]["hits"]
    hits[1]["answered"] = False
    hits.insert(4, {**hits[2], "frame": 500, "time": 500 * 1001 / 30000, "name": "here"})
    edited["curve"]["spans"][0].update(silence=True, reason="set by hand")
    edited["curve"]["spans"][-1]["affect"] = {"valence": -0.5, "arousal": 0.25}
    rate = 1001 / 30000
    edited["spotting"]["directives"] = [{"start": 100 * rate, "end": 200 * rate, "text": "palette=piano"}]
    part = part_of(whole, 400, 200)
    inside = merged(edited, whole, part)
    assert [hit["frame"] for hit in inside["spotting"]["hits"]] == [100]
    assert inside["aside"]
    inside["spotting"]["hits"][0]["weight"] = 0.25
    again = merged(inside, part, part)
    back = merged(again, part, whole)
    assert "aside" not in back
    wanted = copy.deepcopy(edited)
    wanted["spotting"]["hits"][4]["weight"] = 0.25
    assert [(hit["frame"], hit["answered"], hit["weight"]) for hit in back["spotting"]["hits"]] == [
        (hit["frame"], hit["answered"], hit["weight"]) for hit in wanted["spotting"]["hits"]
    ]
    assert [(each["silence"], each["affect"]) for each in back["curve"]["spans"]] == [
        (each["silence"], each["affect"]) for each in wanted["curve"]["spans"]
    ]
    (order,) = back["spotting"]["directives"]
    assert (round(order["start"], 6), round(order["end"], 6), order["text"]) == (3.336667, 6.673333, "palette=piano")

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

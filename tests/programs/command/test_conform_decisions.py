"""A person's decisions in a cue that is conformed: locks, redone sections, muted hits, moods, the chosen take."""

from __future__ import annotations

import json
from dataclasses import replace

import otio_make as make
import pytest

import emsync_bridge
from emsync_bridge.cue import Affect, EmotionCurve
from emsync_bridge.options import EmotionOptions, RedoOptions, ScoreOptions, TakeOptions
from emsync_bridge.scoring.job import ScoringJob, Section

OPTIONS = ScoreOptions(emotion=EmotionOptions(valence=0.2, arousal=0.1), takes=TakeOptions(4, 2))
LENGTH = 6 * 24


def cut(folder, *names):
    return make.save(folder, make.timeline(make.track(*(make.clip(name, LENGTH) for name in names))))


def notes_of(take, start, end, shift=0.0):
    """Return the notes that begin in a stretch of a cut, with their times from its start."""
    tempo_map = take.tempo_map
    found = []
    for note in take.notes:
        at = tempo_map.seconds(note.start) - shift
        if start - 1e-3 <= at < end - 1e-3:
            found.append((round(at, 2), note.pitch, note.player, note.role))
    return sorted(found)


@pytest.fixture(scope="module")
def conformed(tmp_path_factory):
    """Score an edited cut, redo a section, then conform it to a cut with a shot more near its start."""
    old, new, out = (tmp_path_factory.mktemp(name) for name in ("old", "new", "music"))
    source = cut(old, *"ABCDEF")
    job = ScoringJob.open(source, out, OPTIONS)
    felt = emsync_bridge.feel(source, OPTIONS)
    hits = tuple(replace(hit, answered=False) if hit.frame == 4 * LENGTH else hit for hit in felt.spotting.hits)
    spans = []
    for span in felt.curve.spans:
        for start, end in ((0.0, 24.0), (24.0, 36.0)):
            if min(span.end, end) > max(span.start, start):
                cold = {"affect": Affect(-0.6, 0.4), "confidence": 1.0, "ordered": (True, True), "reason": "by hand"}
                part = replace(span, start=max(span.start, start), end=min(span.end, end))
                spans.append(replace(part, **cold) if start else part)
    edited = replace(job.score(replace(felt.spotting, hits=hits), EmotionCurve(tuple(spans))).cue, chosen=1)
    before = edited.take
    locked = RedoOptions(lock=("bass",))
    redone = replace(job, options=replace(OPTIONS, takes=TakeOptions(77))).redo(
        edited, Section(12.0, 24.0, parts=locked)
    )
    changed = ScoringJob.open(cut(new, "A", "X", *"BCDEF"), out, ScoreOptions(takes=OPTIONS.takes))
    result, report = changed.conform(redone.cue)
    return before, redone.cue, result, report


def test_the_redone_section_and_the_locked_players_are_kept(conformed):
    before, redone, result, report = conformed
    kept = next(s for s in report.report.kept if s.old_start < 20 < s.old_end)
    assert kept.shift == pytest.approx(6.0)
    start, end = max(12.0, kept.old_start), min(24.0, kept.old_end)
    assert end - start > 6
    section = notes_of(result.cue.take, start, end, kept.shift)
    assert section == notes_of(redone.take, start, end)
    locked = [note for note in section if note[3] == "bass"]
    assert locked
    assert locked == [note for note in notes_of(before, start, end) if note[3] == "bass"]
    assert section != notes_of(before, start, end)


def test_the_muted_hit_and_the_mood_go_with_the_picture(conformed):
    _, _, result, _ = conformed
    spotting, curve = result.cue.spotting, result.cue.curve
    assert {hit.frame // LENGTH: hit.answered for hit in spotting.hits if hit.kind == "cut"} == {
        **dict.fromkeys(range(1, 7), True),
        5: False,
    }
    assert curve.at(31.0).affect == curve.at(41.0).affect == Affect(-0.6, 0.4)
    assert curve.at(29.0).affect != Affect(-0.6, 0.4)
    assert all(abs(answer.error_ms) < 1 for answer in result.cue.take.answers)


def test_the_human_part_still_names_what_the_person_did(conformed):
    _, redone, result, report = conformed
    told = json.loads(result.files["human part"].read_text(encoding="utf-8"))
    (section,) = told["sections_recomposed"]
    assert section.endswith("seed 77")
    start, end = map(float, section.split()[0].split("-"))
    kept = next(s for s in report.report.kept if s.old_start < 20 < s.old_end)
    old_start, old_end = (float(at) for at in redone.settings["redo"].split()[0].split("-"))
    assert start == pytest.approx(max(old_start, kept.old_start) + 6, abs=0.01)
    assert end == pytest.approx(min(old_end, kept.old_end) + 6, abs=0.01)
    assert {"start": 30.0, "end": 42.0, "mood": "by hand"} in told["moods_set"]
    assert told["options"]["take_conformed"] == "3 of 3"
    assert told["options"]["conformed_from"] == "Cut"


def test_the_mood_of_the_whole_cut_holds_for_a_new_shot(conformed):
    _, _, result, _ = conformed
    new = result.cue.curve.at(9.0)
    assert (new.affect, new.ordered) == (Affect(0.2, 0.1), (True, True))

from __future__ import annotations

from itertools import pairwise

import pytest
from cut_edits import Piece, cuts, edited, frames_of, spotting_of
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Shot
from emsync_bridge.scoring.conform.changes import as_change_edl, as_csv, as_text, list_changes
from emsync_bridge.scoring.conform.matching import match_shots, shot_identity, unchanged_segments


def longest_common(old, new):
    """Length of the longest common subsequence of two rows of frames: the oracle, by the textbook table."""
    row = [0] * (len(new) + 1)
    for frame in old:
        before = 0
        for i, other in enumerate(new):
            kept = row[i + 1]
            row[i + 1] = before + 1 if frame == other else max(row[i + 1], row[i])
            before = kept
    return row[-1]


@given(st.data())
def test_every_shared_frame_is_matched_to_itself_and_the_order_is_the_longest(data):
    old = data.draw(cuts())
    new = data.draw(edited(old))
    matches = match_shots(spotting_of(old).shots, spotting_of(new).shots)
    old_frames, new_frames = frames_of(old), frames_of(new)
    matched = set()
    for found in matches:
        first, length = round(found.new_start * 24), round(found.new_duration * 24)
        assert not matched & set(range(first, first + length))
        matched |= set(range(first, first + length))
        if found.kind == "retimed":
            assert old_frames[round(found.old_start * 24)][:2] == pytest.approx(new_frames[first][:2])
            assert new_frames[first][2] == pytest.approx(found.old_duration / found.new_duration)
            assert round(found.old_duration * 24) != length
            continue
        before = round(found.old_start * 24)
        assert old_frames[before : before + length] == new_frames[first : first + length]
    sources = {source for source, *_ in old_frames}
    retimed = {i for i, (source, _, speed) in enumerate(new_frames) if source in sources and speed != 1}
    assert matched == {i for i, frame in enumerate(new_frames) if frame in set(old_frames)} | retimed
    in_order = sum(round(m.old_duration * 24) for m in matches if m.kind == "same")
    assert in_order == longest_common(old_frames, new_frames)


@given(st.data())
def test_unchanged_segments_show_the_same_frames_and_neighbours_are_joined(data):
    old = data.draw(cuts())
    new = data.draw(edited(old))
    segments = unchanged_segments(match_shots(spotting_of(old).shots, spotting_of(new).shots))
    old_frames, new_frames = frames_of(old), frames_of(new)
    for found in segments:
        a, b, length = (round(x * 24) for x in (found.old_start, found.new_start, found.duration))
        assert old_frames[a : a + length] == new_frames[b : b + length]
    for before, after in pairwise(segments):
        assert before.new_end <= after.new_start + 1e-6
        assert abs(before.shift - after.shift) > 1e-6 or after.old_start - before.old_end > 1e-6


def test_an_unchanged_cut_is_one_segment_without_changes():
    cut = spotting_of([Piece(i, 0, 40) for i in range(9)])
    matches = match_shots(cut.shots, cut.shots)
    (segment,) = unchanged_segments(matches)
    assert (segment.shift, segment.duration) == (0, cut.duration)
    assert as_text(list_changes(cut, cut, matches), cut, cut) == "No changes."


def test_versions_folders_and_suffixes_do_not_matter():
    def shot(media):
        return Shot(0, 1, media, 0, 1)

    names = ["/a/SC010_comp_v011.mov", "D:\\vfx\\SC010_comp_v012.exr", "file:///x/SC010_comp.v3.mov", "SC010_comp.mov"]
    assert len({shot_identity(shot(name)) for name in names}) == 1
    assert shot_identity(shot("/a/SC011_comp_v011.mov")) != shot_identity(shot(names[0]))
    assert shot_identity(shot("/a/v002.mov")) == shot_identity(shot("/b/v002.mov"))


def test_a_retimed_shot_is_found_and_named():
    old = [Shot(0, 2, "a.mov", 0, 2, "a"), Shot(2, 4, "b.mov", 10, 12, "b")]
    new = [Shot(0, 4, "a.mov", 0, 2, "a"), Shot(4, 6, "b.mov", 10, 12, "b")]
    matches = match_shots(old, new)
    assert [(m.kind, m.old_duration, m.new_duration) for m in matches] == [("retimed", 2, 4), ("same", 2, 2)]
    assert [s.shift for s in unchanged_segments(matches)] == [2]


def test_a_retimed_shot_whose_source_is_rounded_to_frames_is_unchanged():
    old = [Shot(0, 8, "a.mov", 0.5, 7.5, "a"), Shot(8, 10, "b.mov", 0, 2, "b")]
    new = [Shot(0, 8, "a.mov", 0.51, 7.51, "a"), Shot(8, 10, "b.mov", 0, 2, "b")]
    (segment,) = unchanged_segments(match_shots(old, new))
    assert (segment.old_start, segment.new_start, segment.duration) == (0, 0, 10)
    slower = [Shot(0, 9, "a.mov", 0.49, 7.51, "a"), Shot(9, 11, "b.mov", 0, 2, "b")]
    found = match_shots(old, slower)
    assert [(m.kind, m.old_duration, m.new_duration) for m in found] == [("retimed", 8, 9), ("same", 2, 2)]


def test_lists_name_what_was_removed_inserted_trimmed_and_moved():
    old = spotting_of([Piece(0, 0, 48), Piece(1, 0, 48), Piece(2, 0, 48), Piece(3, 0, 24)])
    new = spotting_of([Piece(0, 0, 24), Piece(9, 0, 48), Piece(2, 0, 48), Piece(3, 0, 24)])
    changes = list_changes(old, new, match_shots(old.shots, new.shots))
    assert [(c.kind, c.name) for c in changes] == [
        ("unchanged", "S0"),
        ("trimmed", "S0"),
        ("removed", "S1"),
        ("inserted", "S9"),
        ("shifted", "S2"),
        ("shifted", "S3"),
    ]
    text = as_text(changes, old, new)
    assert "00:00:04:00-00:00:06:00  00:00:03:00-00:00:05:00  shifted" in text
    rows = as_csv(changes, old, new).splitlines()
    assert len(rows) == 7
    assert rows[5] == "shifted,S2,00:00:04:00,00:00:06:00,00:00:03:00,00:00:05:00,96,72,48"
    edl = as_change_edl(changes, old, new)
    assert "00:00:04:00 00:00:06:00 00:00:03:00 00:00:05:00" in edl
    assert edl.count("FROM CLIP NAME") == 3


def test_cells_that_a_spreadsheet_would_run_are_escaped():
    old = spotting_of([Piece(0, 0, 48)])
    shot = Shot(0, 2, "b.mov", 0, 2, "=HYPERLINK(1)")
    new = spotting_of([Piece(5, 0, 48)])
    new = type(new)(new.name, new.duration, new.rate, hits=new.hits, shots=(shot,))
    assert ",=HYPER" not in as_csv(list_changes(old, new, ()), old, new)


def test_two_thousand_shots_of_one_source_are_matched_in_order():
    pieces = [Piece(i % 40, 100 + 50 * i, 40) for i in range(2000)]
    new = pieces[:500] + pieces[510:]
    matches = match_shots(spotting_of(pieces).shots, spotting_of(new).shots)
    assert len(matches) == 1990
    assert {m.kind for m in matches} == {"same"}

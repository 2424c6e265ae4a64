"""FCPXML in: real exports."""

from __future__ import annotations

from fractions import Fraction

import pytest
from fcpxml_text import RATE, rows, source
from xml_cuts import SAMPLES, needs_samples

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.reading import read_timeline as read

# The lists for the samples were worked out by hand from the XML: offsets divided by the frame duration, connected
# items at parent's place + offset - parent's start, storyline items from there one after another.


@needs_samples
def test_connected_storyline_compound_and_retimes_at_2997_drop():
    model = read(SAMPLES / "fcpx_1_11_2997_drop.fcpxml")
    assert (model.name, model.rate, model.drop_frame, model.start_frame) == ("29.97d_V1", RATE, True, 0)
    assert [row[:2] for row in rows(model)] == [
        (0, 103),
        (103, 209),
        (209, 317),  # compound
        (317, 417),  # 887887/30000 long in all
        (417, 554),
        (442, 448),  # 417 + 1325 - 1300
        (448, 457),
        (457, 466),
        (466, 474),
        (554, 678),
        (678, 887),
        (701, 762),  # 678 + 2697 - 2674
    ]
    assert model.duration * RATE == 887
    compound, fast = model.leaves[2], model.leaves[3]
    assert source(compound) == 452  # the clip in the compound begins at 452452/30000
    # timeMap 0 -> 0, 4436211/90000 -> 9168210/90000; the clip begins at 427683/30000 of the retimed clock
    speed = Fraction(9168210, 4436211)
    assert (fast.speed, fast.source) == (speed, Fraction(427683, 30000) * speed)
    # marker 11: 417 + 11011/250 s * 30000/1001 - 1300 = 437; marker 23 in the connected compound: 701 + 27
    places = {marker.name: marker.time * RATE for marker in model.markers}
    assert (places["Marker 11"], places["Marker 23"], places["Marker 13"]) == (437, 728, 444)
    # Marker 8: 154573/10000 s = frame 463.25 of the retimed clock, which begins at 427.2554... there, so 317 + 36
    assert places["Marker 8"] == 353
    assert not any(name.startswith("INSIDE") for name in places)


@needs_samples
def test_disabled_items_and_conformed_media():
    model = read(SAMPLES / "fcpx_1_11_disabled.fcpxml")
    assert [(*row[:2], leaf.kind) for row, leaf in zip(rows(model), model.leaves, strict=True)] == [
        (0, 241, "title"),
        (482, 10460, "picture"),
    ]
    assert model.duration * 24 == 20438
    # 3604 s on a title that begins at 3600 s; 47047/12000 s of 23.98 media played at 24
    assert [(marker.name, marker.time * 24) for marker in model.markers] == [("Marker 1", 96), ("Marker 3", 576)]


@needs_samples
def test_25_in_24():
    model = read(SAMPLES / "fcpx_1_11_gaps_conform_rate.fcpxml")
    assert [row[:2] for row in rows(model)] == [(240, 294), (360, 3911)]
    assert [leaf.speed for leaf in model.leaves] == [Fraction(24, 25)] * 2
    assert (model.leaves[0].source, model.start_frame) == (Fraction(684, 25), 86400)
    # As Final Cut Pro shows them: 01:00:10:01, 01:02:09:17, 01:02:28:18
    assert [marker.time * 24 for marker in model.markers] == [241, 129 * 24 + 17, 148 * 24 + 18]


@needs_samples
def test_transitions_between_titles():
    model = read(SAMPLES / "fcpx_1_13_title_transitions.fcpxml")
    assert [row[:2] for row in rows(model)] == [(0, 241), (241, 330)]
    assert [(s.start * 24, s.end * 24, s.edit * 24) for s in model.transitions] == [(0, 48, 0), (229, 253, 241)]
    # The clock of a transition begins at 3600 s like that of a title.
    assert [marker.time * 24 for marker in model.markers] == [0, 12, 47, 48, 49, 228, 229, 230, 253, 254]


@needs_samples
def test_pieces_of_one_clip():
    model = read(SAMPLES / "fcpx_1_13_through_edits.fcpxml")
    assert [row[:2] for row in rows(model)] == [(0, 916), (916, 1589), (1589, 3219), (3219, 4434)]
    assert [leaf.media[-12:] for leaf in model.leaves[1:]] == ["meditate.mp4"] * 3
    assert [leaf.name for leaf in model.leaves[1:]] == ["meditate"] * 3
    assert [source(leaf) for leaf in model.leaves[1:]] == [0, 673, 2303]


@needs_samples
def test_a_library_of_two_projects():
    path = SAMPLES / "fcpx_1_8_compound.fcpxml"
    with pytest.raises(TimelineError, match="'OpenTimeline_Project', 'OpenTimeline_Project 1'") as refused:
        read(path)
    assert refused.value.setting == "sequence"
    model = read(path, sequence="OpenTimeline_Project 1")
    seconds = [(float(leaf.start), round(float(leaf.end), 4), leaf.name, leaf.media[-7:-4]) for leaf in model.leaves]
    assert seconds == [
        (0, 10, "IMG_0715", "715"),
        (20, 30, "IMG_0513", "513"),
        (50, 59.5, "IMG_0268", "268"),
        (59.5, 69, "IMG_0740", "740"),
        (64 + 17 / 30, 74.5667, "IMG_0857", "857"),  # 60 + 108137/30 - 3600
        (80, 86.3667, "IMG_0233", "233"),  # the compound from 3.6333 s, its first clip ends at 10 s
        (80 + 20 - 109 / 30, 106.3667, "IMG_0268", "268"),
        (110, 120, "IMG_0233", "233"),
        (120, 130, "IMG_0687", "687"),
        (130, 140, "IMG_0268", "268"),
        (140, 148.1, "IMG_0233", "233"),  # from 1.9 s
    ]
    assert [(float(s.start), float(s.edit), float(s.end)) for s in model.transitions] == [
        (9.5, 10, 10.5),
        (50, 50, 51),
        (59, 59.5, 60),
    ]
    colors = {marker.name: marker.color for marker in model.markers}
    assert (colors["Marker 1"], colors["Marker 5"], colors["Marker 7"]) == ("BLUE", "RED", "GREEN")

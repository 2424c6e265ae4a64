import csv
import io
from fractions import Fraction

import mido
import opentimelineio as otio
import pytest
from frame_rates import EDITED, NTSC, RATES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emsync_bridge.cue import HitPoint, Spotting
from emsync_bridge.errors import OutputError
from emsync_bridge.midi.conductor_track import smpte_offset
from emsync_bridge.timecode import from_timecode, to_timecode
from emsync_bridge.timeline.markers.csv_table import write_marker_csv
from emsync_bridge.timeline.markers.edl_list import write_marker_edl
from emsync_bridge.timeline.markers.midi_file import FrameGrid
from emsync_bridge.timeline.placement import PlacedMarker
from emsync_bridge.timeline.reading import read_timeline as read_edl
from emsync_bridge.timeline.spotting.export import FORMATS, export_spotting


def spotting(rate, frames, *hits, drop=False, start=0, name="Reel 1"):
    def hit(frame, kind, text="", weight=0.8, answered=True):
        return HitPoint(float(frame / rate), frame, kind, weight, text, answered)

    return Spotting(
        name=name,
        duration=float(frames / rate),
        rate=rate,
        drop_frame=drop,
        start_frame=start,
        hits=(hit(0, "start", weight=1.0), *(hit(*each) for each in hits), hit(frames, "end", weight=1.0)),
    )


HOUR_30_DROP = 107892
CUT = spotting(
    30 * NTSC,
    3000,
    (300, "cut", "INT. HOUSE"),
    (1798, "transition", "=SUM(A1)", 0.9, False),
    (1801, "marker", 'she said "no", Élan 夜', 1.0),
    drop=True,
    start=HOUR_30_DROP,
)


def test_the_table_that_is_written(tmp_path):
    export_spotting(CUT, tmp_path / "hits.csv")
    data = (tmp_path / "hits.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig")))) == [
        ["timecode", "frame", "seconds", "kind", "weight", "name", "answered"],
        ["01:00:00;00", "0", "0.000000", "start", "1.0", "", "yes"],
        ["01:00:10;00", "300", "10.010000", "cut", "0.8", "INT. HOUSE", "yes"],
        ["01:00:59;28", "1798", "59.993267", "transition", "0.9", "'=SUM(A1)", "no"],
        ["01:01:00;03", "1801", "60.093367", "marker", "1.0", 'she said "no", Élan 夜', "yes"],
        ["01:01:40;02", "3000", "100.100000", "end", "1.0", "", "yes"],
    ]


def test_the_list_that_resolve_takes(tmp_path):
    export_spotting(CUT, tmp_path / "hits.edl")
    lines = (tmp_path / "hits.edl").read_bytes().decode().split("\r\n")
    assert lines[:3] == ["TITLE: Reel 1", "FCM: DROP FRAME", ""]
    assert lines[6:9] == [
        "002  001      V     C        01:00:10;00 01:00:10;01 01:00:10;00 01:00:10;01  ",
        "cut, weight 0.8 |C:ResolveColorBlue |M:INT. HOUSE |D:1",
        "",
    ]
    assert lines[10].startswith("transition, weight 0.9, not answered |C:ResolveColorCream |M:=SUM(A1)")


@pytest.mark.parametrize(("rate", "drop"), EDITED)
def test_the_marker_list_reads_back_to_the_frame(tmp_path, rate, drop):
    start = from_timecode("09:58:50:00", rate, drop)
    markers = [PlacedMarker(frame, f"m{frame}", "n|o\nte", "RED", 1 + frame % 3) for frame in (0, 1, 1799, 3601, 4444)]
    write_marker_edl(markers, spotting(rate, 5000, drop=drop, start=start), tmp_path / "m.edl")
    model = read_edl(tmp_path / "m.edl", sequence=None, rate=rate)
    hour = from_timecode("09:00:00:00", rate, drop)
    assert [(model.start_frame + m.time * rate, m.name, m.comment, m.color) for m in model.markers] == [
        (start + marker.frame, marker.name, "n/o te", "RED") for marker in markers
    ]
    assert model.start_frame == hour
    assert [m.duration * rate for m in model.markers] == [0, 2, 3, 2, 2]


def test_marker_colours_are_resolves(tmp_path):
    names = ["ORANGE", "MAGENTA", "BLACK", "WHITE", "PURPLE", "green", "NO SUCH", ""]
    write_marker_edl([PlacedMarker(0, "x", color=name) for name in names], CUT, tmp_path / "m.edl")
    text = (tmp_path / "m.edl").read_text()
    found = [line.split("ResolveColor")[1].split(" ")[0] for line in text.splitlines() if "ResolveColor" in line]
    assert found == ["Sand", "Fuchsia", "Cocoa", "Cream", "Purple", "Green", "Blue", "Blue"]


def test_marker_table(tmp_path):
    write_marker_csv([PlacedMarker(1801, "door", "-12 ms", "GREEN", 2)], CUT, tmp_path / "m.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "m.csv").read_text("utf-8-sig"))))
    assert rows[0] == ["timecode", "frame", "seconds", "frames", "color", "name", "comment"]
    assert rows[1] == ["01:01:00;03", "1801", "60.093367", "2", "GREEN", "door", "'-12 ms"]


@pytest.mark.parametrize(("rate", "drop"), RATES)
def test_midi_markers_are_exact_at_every_rate(tmp_path, rate, drop):
    frames = [1, 7, 333, 1800, 1801, 17983, 100_000]
    start = from_timecode("01:00:00:00", rate, drop)
    cut = spotting(rate, 100_001, *((frame, "cut", f"c{frame}") for frame in frames), drop=drop, start=start)
    export_spotting(cut, tmp_path / "hits.mid")
    midi = mido.MidiFile(tmp_path / "hits.mid", charset="utf-8")
    (track,) = midi.tracks
    assert (midi.type, track.name) == (1, "Reel 1")
    (tempo,) = [message.tempo for message in track if message.type == "set_tempo"]
    tick, found = 0, []
    for message in track:
        tick += message.time
        if message.type == "marker":
            found.append((Fraction(tick * tempo, midi.ticks_per_beat * 1_000_000) * rate, message.text))
    assert found == [(0, "start"), *((frame, f"cut c{frame}") for frame in frames), (100_001, "end")]
    assert Fraction(tick * tempo, midi.ticks_per_beat * 1_000_000) * rate == 100_001


def test_midi_survives_odd_rates_and_names(tmp_path):
    cut = spotting(Fraction("12.34"), 500, (7, "marker", "\ud800 夜"), name="Ü\ud800")
    export_spotting(cut, tmp_path / "hits.midi")
    midi = mido.MidiFile(tmp_path / "hits.midi", charset="utf-8")
    assert [m.text for m in midi.tracks[0] if m.type == "marker"] == ["start", "marker ? 夜", "end"]
    grid = FrameGrid.of(cut.rate)
    assert abs(Fraction(grid.tick(7) * grid.tempo, grid.resolution * 1_000_000) - 7 / cut.rate) < Fraction(1, 2000)


# Frame codes of Standard MIDI Files and MIDI time code; above 30 frames a second the count is halved or quartered.
@pytest.mark.parametrize(
    ("timecode", "rate", "drop", "code", "parts"),
    [
        ("01:02:03:04", 24 * NTSC, False, 24, (1, 2, 3, 4, 0)),
        ("01:02:03:04", Fraction(24), False, 24, (1, 2, 3, 4, 0)),
        ("01:02:03:24", Fraction(25), False, 25, (1, 2, 3, 24, 0)),
        ("01:02:03;29", 30 * NTSC, True, 29.97, (1, 2, 3, 29, 0)),
        ("01:02:03:29", 30 * NTSC, False, 30, (1, 2, 3, 29, 0)),
        ("23:59:59:29", Fraction(30), False, 30, (23, 59, 59, 29, 0)),
        ("01:02:03:47", 48 * NTSC, False, 24, (1, 2, 3, 23, 50)),
        ("01:02:03:49", Fraction(50), False, 25, (1, 2, 3, 24, 50)),
        ("01:02:03;58", 60 * NTSC, True, 29.97, (1, 2, 3, 29, 0)),
        ("01:02:03:59", Fraction(60), False, 30, (1, 2, 3, 29, 50)),
        ("01:02:03:99", Fraction(100), False, 25, (1, 2, 3, 24, 75)),
        ("01:02:03;119", 120 * NTSC, True, 29.97, (1, 2, 3, 29, 75)),
        ("01:02:03:07", Fraction(15), False, 30, (1, 2, 3, 14, 0)),
    ],
)
def test_smpte_offset(timecode, rate, drop, code, parts):
    message = smpte_offset(from_timecode(timecode, rate, drop), rate, drop_frame=drop)
    assert message.frame_rate == code
    assert (message.hours, message.minutes, message.seconds, message.frames, message.sub_frames) == parts
    assert mido.MetaMessage.from_bytes(message.bytes()) == message


def test_otio_markers(tmp_path):
    export_spotting(CUT, tmp_path / "hits.otio")
    timeline = otio.adapters.read_from_file(str(tmp_path / "hits.otio"))
    rate = 30000 / 1001
    assert timeline.global_start_time == otio.opentime.RationalTime(HOUR_30_DROP, rate)
    assert timeline.duration() == otio.opentime.RationalTime(3000, rate)
    assert [(m.name, m.marked_range.start_time.value, m.color) for m in timeline.tracks.markers] == [
        ("start", 0, "CYAN"),
        ("INT. HOUSE", 300, "BLUE"),
        ("=SUM(A1)", 1798, "CREAM"),
        ('she said "no", Élan 夜', 1801, "GREEN"),
        ("end", 3000, "CYAN"),
    ]


def test_otio_markers_are_hits_again(tmp_path):
    from emsync_bridge.timeline.reading import read_timeline as read
    from emsync_bridge.timeline.spotting.spot import spot

    export_spotting(CUT, tmp_path / "hits.otio")
    again = spot(read(tmp_path / "hits.otio"), min_gap=0)
    assert [(hit.frame, hit.name) for hit in again.hits if hit.kind == "marker"] == [
        (hit.frame, hit.name) for hit in CUT.hits if hit.kind not in ("start", "end")
    ]


def test_unknown_suffixes_and_places_are_told(tmp_path):
    for name in ("hits.xml", "hits"):
        with pytest.raises(OutputError, match=r"\.csv"):
            export_spotting(CUT, tmp_path / name)
    for suffix in FORMATS:
        with pytest.raises(OutputError, match="no such folder"):
            export_spotting(CUT, tmp_path / "no such folder" / f"hits{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_replaced_and_nothing_else_is_left(tmp_path):
    target = tmp_path / "HITS.CSV"
    target.write_text("old")
    export_spotting(CUT, target)
    assert "INT. HOUSE" in target.read_text("utf-8-sig")
    assert list(tmp_path.iterdir()) == [target]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(RATES),
    st.lists(st.integers(1, 200_000), unique=True, max_size=20).map(sorted),
    st.integers(0, 20_000_000),
)
def test_marker_timecodes_name_the_frames(tmp_path, rate_and_drop, frames, start):
    rate, drop = rate_and_drop
    cut = spotting(rate, 200_001, *((frame, "cut") for frame in frames), drop=drop, start=start)
    export_spotting(cut, tmp_path / "hits.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "hits.csv").read_text("utf-8-sig"))))[1:-1]
    assert [int(row["frame"]) for row in rows] == frames
    assert [row["timecode"] for row in rows] == [to_timecode(start + frame, rate, drop) for frame in frames]
    assert [round(float(row["seconds"]) * float(rate)) for row in rows] == frames

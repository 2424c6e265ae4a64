import random
import subprocess
import sysconfig
from fractions import Fraction
from pathlib import Path

import mido
import opentimelineio as otio
import pytest
from emsync_bridge.adapters.cue_metadata import attach_cue, attach_music, take_of, tempo_map_of
from emsync_bridge.adapters.midi_markers import read_midi_markers
from frame_rates import RATES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentimelineio.opentime import RationalTime, TimeRange

from emsync_bridge.cue import Affect, Cue, EmotionCurve, EmotionSpan, Meter, Note, Spotting, Take, Tempo, TempoMap
from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import from_timecode

SAMPLES = Path(__file__).parents[2].parent / "shared" / "timelines"
SCRIPTS = Path(sysconfig.get_path("scripts"))


def run(tool, *arguments):
    return subprocess.run([SCRIPTS / tool, *arguments], capture_output=True, text=True, timeout=120, check=False)


def timeline(rate, lengths, markers=(), start=0):
    """A timeline of clips of different media, with markers (frame, name)."""
    number = float(rate)
    line = otio.schema.Timeline("Reel 1", global_start_time=RationalTime(start, number))
    track = otio.schema.Track(kind="Video")
    for index, length in enumerate(lengths):
        media = otio.schema.ExternalReference(f"file:///m/{index}.mov")
        media.available_range = TimeRange(RationalTime(0, number), RationalTime(100_000, number))
        place = TimeRange(RationalTime(10 * index, number), RationalTime(length, number))
        track.append(otio.schema.Clip(f"c{index}", media, place))
    line.tracks.append(track)
    for frame, name in markers:
        place = TimeRange(RationalTime(frame, number), RationalTime(1, number))
        line.tracks.markers.append(otio.schema.Marker(name, place))
    return line


def marked(path):
    """Frames-free truth of a MIDI file by mido alone: seconds and text of its markers."""
    midi = mido.MidiFile(path, charset="utf-8")
    tempo, seconds, found = 500_000, Fraction(0), []
    for message in mido.merge_tracks(midi.tracks):
        seconds += Fraction(message.time * tempo, midi.ticks_per_beat * 1_000_000)
        if message.type == "set_tempo":
            tempo = message.tempo
        elif message.type == "marker":
            found.append((seconds, message.text))
    return found


def test_the_plugin_is_found_and_claims_no_other_suffix():
    done = run("otiopluginfo")
    assert done.returncode == 0
    assert "emsync_midi" in done.stdout
    assert "could not load plugin" not in done.stdout + done.stderr
    ours = [plug for plug in otio.plugins.ActiveManifest().adapters if plug.name == "emsync_midi"]
    assert [list(plug.suffixes) for plug in ours] == [["mid", "midi"]]
    assert "emsync" not in str([plug.name for plug in otio.plugins.ActiveManifest().schemadefs])


def test_otioconvert_there_and_back(tmp_path):
    cut, midi, back = tmp_path / "cut.otio", tmp_path / "cut.mid", tmp_path / "back.otio"
    line = timeline(Fraction(25), [100, 50, 75], [(30, "slam"), (60, "emsync: joy")], start=90000)
    otio.adapters.write_to_file(line, str(cut))
    done = run("otioconvert", "-i", cut, "-o", midi)
    assert done.returncode == 0, done.stderr
    assert marked(midi) == [
        (0, "start c0"),
        (Fraction(30, 25), "marker slam"),
        (Fraction(60, 25), "emsync: joy"),
        (Fraction(100, 25), "cut c1"),
        (Fraction(150, 25), "cut c2"),
        (Fraction(225, 25), "end"),
    ]
    (offset,) = [m for m in mido.MidiFile(midi).tracks[0] if m.type == "smpte_offset"]
    assert (offset.frame_rate, offset.hours, offset.minutes, offset.frames) == (25, 1, 0, 0)
    done = run("otioconvert", "-i", midi, "-o", back)
    assert done.returncode == 0, done.stderr
    again = otio.adapters.read_from_file(str(back))
    assert (again.name, again.global_start_time) == ("Reel 1", RationalTime(90000, 25))
    assert [(m.marked_range.start_time.value, m.name, m.color) for m in again.tracks.markers] == [
        (30, "slam", "GREEN"),
        (60, "emsync: joy", "GREEN"),
        (100, "c1", "BLUE"),
        (150, "c2", "BLUE"),
    ]
    stat = run("otiostat", back)
    assert "parsed: True" in stat.stdout
    assert "RationalTime(225, 25)" in stat.stdout


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # see the notes on these files beside them
        ("resolve21_dissolve.otio", [(596, "transition")]),
        ("otio_overlay_fades_60fps.otio", None),
        ("resolve18_multitrack_effects.otio", None),
    ],
)
def test_real_timelines_through_otioconvert(tmp_path, name, expected):
    if not (SAMPLES / name).is_file():
        pytest.skip("the sample timelines are not here")
    midi = tmp_path / "cut.mid"
    done = run("otioconvert", "-i", SAMPLES / name, "-o", midi)
    assert done.returncode == 0, done.stderr
    found = read_midi_markers(midi)
    frames = [(seconds * found.rate, text.split(" ")[0]) for seconds, text in found.markers]
    assert frames[0] == (0, "start")
    assert all(frame.denominator == 1 for frame, _ in frames)
    if expected is not None:
        assert frames[1:-1] == expected


def test_an_empty_timeline_is_an_otio_error(tmp_path):
    with pytest.raises(otio.exceptions.OTIOError, match="empty"):
        otio.adapters.write_to_file(otio.schema.Timeline("x"), str(tmp_path / "x.mid"))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(otio.exceptions.OTIOError, match="not a frame rate"):
        otio.adapters.write_to_file(timeline(Fraction(25), [10]), str(tmp_path / "x.mid"), rate="fast")


def test_one_of_several_timelines(tmp_path):
    lines = otio.schema.SerializableCollection("both")
    for name, lengths in (("A", [10, 20]), ("B", [30, 40])):
        line = timeline(Fraction(25), lengths)
        line.name = name
        lines.append(line)
    with pytest.raises(otio.exceptions.OTIOError, match="'A', 'B'"):
        otio.adapters.write_to_file(lines, str(tmp_path / "x.mid"))
    otio.adapters.write_to_file(lines, str(tmp_path / "x.mid"), sequence="B")
    assert [seconds * 25 for seconds, _ in marked(tmp_path / "x.mid")] == [0, 30, 70]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(RATES),
    st.lists(st.integers(4, 4000), min_size=1, max_size=8),
    st.data(),
    st.sampled_from([0, 1, 10]),
)
def test_cuts_and_markers_survive_at_every_rate(tmp_path, rate_and_drop, lengths, data, hour):
    rate, drop = rate_and_drop
    start = from_timecode(f"{hour:02}:00:00:00", rate, drop)
    total = sum(lengths)
    frames = data.draw(st.lists(st.integers(3, total), unique=True, max_size=5).map(sorted))
    names = data.draw(st.lists(st.text("abcÄ夜 ", min_size=1).map(str.strip), min_size=5, max_size=5))
    line = timeline(rate, lengths, [(frame, name or "x") for frame, name in zip(frames, names, strict=False)], start)
    path = tmp_path / "cut.mid"
    otio.adapters.write_to_file(line, str(path))
    back = otio.adapters.read_from_file(str(path))
    cuts = {sum(lengths[:n]) for n in range(1, len(lengths))}
    expected = cuts | {frame for frame in frames if 0 < frame < total}
    assert {m.marked_range.start_time.value for m in back.tracks.markers} == expected
    assert back.duration().value == total
    assert back.global_start_time.value == start
    assert back.duration().rate == float(rate)
    again = tmp_path / "again.mid"
    otio.adapters.write_to_file(back, str(again))
    assert [seconds for seconds, _ in marked(again)] == [seconds for seconds, _ in marked(path)]


TAKE = Take(
    seed=7,
    notes=(
        Note(0, 24, "bass", 40, 90),
        Note(0, 96, "strings", 60, 80),
        Note(12, 13, "drums", 36, 127),
        Note(48, 96, "piano", 72, 1),
    ),
    tempo_map=TempoMap((Tempo(0, 480_000), Tempo(96, 510_000)), (Meter(0, 4), Meter(96, 3))),
    key="C major",
)
CUE = Cue(
    Spotting("Reel 1", 5.0, Fraction(25)),
    EmotionCurve((EmotionSpan(0.0, 5.0, Affect(0.1, 0.2)),)),
    (Take(1, (), TempoMap()), TAKE),
    chosen=1,
)


def notes_of(path):
    found = []
    midi = mido.MidiFile(path)
    for track in midi.tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity:
                found.append(
                    (Fraction(tick * 24, midi.ticks_per_beat), message.channel, message.note, message.velocity)
                )
    return sorted(found)


def test_a_cue_travels_through_otio_into_midi(tmp_path):
    line = timeline(Fraction(25), [50, 75], [(20, "slam")])
    attach_cue(line, CUE)
    cut, midi = tmp_path / "cut.otio", tmp_path / "cut.mid"
    otio.adapters.write_to_file(line, str(cut))
    text = cut.read_text()
    assert "emsync" not in text.replace('"emsync_bridge"', "")  # its own key, and no schema of its own
    assert take_of(otio.adapters.read_from_file(str(cut))) == TAKE
    assert run("otioconvert", "-i", cut, "-o", midi).returncode == 0
    assert notes_of(midi) == [(0, 0, 40, 90), (0, 3, 60, 80), (12, 9, 36, 127), (48, 2, 72, 1)]
    tempos = [m.tempo for m in mido.MidiFile(midi).tracks[0] if m.type == "set_tempo"]
    assert tempos == [480_000, 510_000]
    tick = Fraction(510_000, 480 * 1_000_000)
    for (seconds, text), frame in zip(marked(midi), [0, 20, 50, 125], strict=True):
        assert abs(seconds - Fraction(frame, 25)) <= tick / 2, text


def test_music_comes_back_from_a_midi_file_that_emsync_wrote(tmp_path):
    line = timeline(Fraction(25), [50, 75])
    attach_cue(line, CUE)
    otio.adapters.write_to_file(line, str(tmp_path / "cut.mid"))
    back = otio.adapters.read_from_file(str(tmp_path / "cut.mid"))
    found = take_of(back)
    assert (found.notes, found.tempo_map) == (TAKE.notes, TAKE.tempo_map)
    otio.adapters.write_to_file(back, str(tmp_path / "again.mid"))
    assert notes_of(tmp_path / "again.mid") == notes_of(tmp_path / "cut.mid")


def test_a_tempo_map_without_notes_is_kept(tmp_path):
    line = timeline(Fraction(25), [50, 75])
    attach_music(line, TAKE.tempo_map)
    otio.adapters.write_to_file(line, str(tmp_path / "cut.mid"))
    back = otio.adapters.read_from_file(str(tmp_path / "cut.mid"))
    assert (tempo_map_of(back), take_of(back)) == (TAKE.tempo_map, None)
    assert [m.marked_range.start_time.value for m in back.tracks.markers] == [50]


TEMPO = {"tick": 0, "microseconds_per_quarter": 500_000}
METER = {"tick": 0, "numerator": 4, "denominator": 4}
NOTE = {"start": 0, "end": 1, "instrument": "piano", "pitch": 60, "velocity": 64}


@pytest.mark.parametrize(
    "data",
    [
        {"cue": {"takes": []}},
        {"cue": 5},
        {"take": {"seed": "x"}},
        {"tempo_map": {"tempos": [], "meters": []}},
        {"tempo_map": 3},
        {"tempo_map": {"tempos": [TEMPO], "meters": [{"tick": 0}]}},
        {"tempo_map": {"tempos": [TEMPO | {"microseconds_per_quarter": "fast"}], "meters": [METER]}},
        {"tempo_map": {"tempos": [TEMPO | {"microseconds_per_quarter": 0}], "meters": [METER]}},
        {"tempo_map": {"tempos": [TEMPO | {"microseconds_per_quarter": 2**24}], "meters": [METER]}},
        {"tempo_map": {"tempos": [TEMPO], "meters": [METER | {"denominator": 3}]}},
        {"tempo_map": {"tempos": [TEMPO], "meters": [METER, METER]}},
        {"tempo_map": {"tempos": [TEMPO | {"tick": 5}], "meters": [METER]}},
        {"take": {"seed": 1, "notes": [NOTE | {"pitch": 128}], "tempo_map": {}}},
        {"take": {"seed": 1, "notes": [NOTE | {"end": 0}], "tempo_map": {}}},
    ],
)
def test_damaged_cue_data_is_told(tmp_path, data):
    line = timeline(Fraction(25), [50, 75])
    line.metadata["emsync_bridge"] = data
    with pytest.raises(otio.exceptions.OTIOError):
        otio.adapters.write_to_file(line, str(tmp_path / "cut.mid"))
    assert list(tmp_path.iterdir()) == []
    line.metadata["emsync_bridge"] = {"version": 9}
    otio.adapters.write_to_file(line, str(tmp_path / "cut.mid"))


def foreign(path, *tracks, division=960, **options):
    midi = mido.MidiFile(ticks_per_beat=division, **options)
    midi.tracks = [mido.MidiTrack(track) for track in tracks]
    midi.save(path)


def test_a_daws_file_with_tempo_changes_and_markers_in_several_tracks(tmp_path):
    path = tmp_path / "daw.mid"
    meta = mido.MetaMessage
    foreign(
        path,
        [
            meta("smpte_offset", frame_rate=29.97, hours=10, minutes=1, seconds=0, frames=2),
            meta("set_tempo", tempo=600_000),
            meta("marker", text="Verse", time=960),
            meta("set_tempo", tempo=300_000, time=0),
            meta("cue_marker", text="cut this", time=1920),
            meta("end_of_track", time=100),
        ],
        [meta("track_name", name="Piano"), meta("marker", text="late", time=960 * 4)],
    )
    line = otio.adapters.read_from_file(str(path))
    rate = Fraction(30000, 1001)
    # 10:01:00;02 is the first label of its minute
    assert line.global_start_time == RationalTime(from_timecode("10:01:00;02", rate), float(rate))
    assert line.name == "Piano"
    # 0.6 s, then half a second each quarter less: 0.6 + 2 * 0.3, 0.6 + 3 * 0.3
    expected = [round(seconds * rate) for seconds in (Fraction(6, 10), Fraction(12, 10), Fraction(15, 10))]
    assert [(m.marked_range.start_time.value, m.name) for m in line.tracks.markers] == list(
        zip(expected, ["Verse", "cut this", "late"], strict=True)
    )
    assert otio.adapters.read_from_file(str(path), rate="25").duration().rate == 25
    assert tempo_map_of(line).tempos == (Tempo(0, 600_000), Tempo(24, 300_000))


def test_smpte_division_counts_frames(tmp_path):
    path = tmp_path / "video.mid"
    foreign(path, [mido.MetaMessage("marker", text="at four seconds", time=4 * 25 * 40)], division=-25 * 256 + 40)
    found = read_midi_markers(path)
    assert found.markers == ((Fraction(4), "at four seconds"),)


def test_latin_1_and_utf_8_names(tmp_path):
    for charset in ("latin-1", "utf-8"):
        path = tmp_path / f"{charset}.mid"
        foreign(path, [mido.MetaMessage("marker", text="Tür auf")], charset=charset)
        assert read_midi_markers(path).markers == ((0, "Tür auf"),)


def test_a_file_without_anything(tmp_path):
    foreign(tmp_path / "empty.mid", [])
    line = otio.adapters.read_from_file(str(tmp_path / "empty.mid"))
    assert (line.name, len(line.tracks), line.duration().value) == ("empty", 0, 0)


def test_a_clock_that_stands_still(tmp_path):
    foreign(tmp_path / "x.mid", [mido.MetaMessage("marker", text="x", time=4)], division=0)
    with pytest.raises(TimelineError, match="time division"):
        read_midi_markers(tmp_path / "x.mid")


@pytest.mark.parametrize("content", [b"", b"MThd", b"RIFF....", b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\xff\xff\xff\xff"])
def test_damaged_files_are_otio_errors(tmp_path, content):
    path = tmp_path / "x.mid"
    path.write_bytes(content)
    with pytest.raises(otio.exceptions.OTIOError, match="not readable"):
        otio.adapters.read_from_file(str(path))


def test_bytes_changed_at_random_give_a_timeline_or_a_message(tmp_path):
    line = timeline(Fraction(25), [50, 75])
    attach_cue(line, CUE)
    otio.adapters.write_to_file(line, str(tmp_path / "cut.mid"))
    original = (tmp_path / "cut.mid").read_bytes()
    chance = random.Random(3)
    path = tmp_path / "changed.mid"
    refused = 0
    for _ in range(400):
        data = bytearray(original[: chance.choice([len(original), chance.randrange(len(original))])])
        for _ in range(chance.choice([1, 3, 10])):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            found = read_midi_markers(path)
        except TimelineError:
            refused += 1
        else:
            assert found.duration >= 0
            assert 1 <= found.rate <= 120
    assert refused

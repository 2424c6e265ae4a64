"""Every command that writes, against every kind of file that may stand where its result goes."""

import json
import shutil
import wave
from dataclasses import dataclass
from pathlib import Path

import mido
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from untrained import untrained

from emsync_bridge.cli import COMMANDS, main
from emsync_bridge.cli.shared.destinations import NewFile, NewFolder
from emsync_bridge.files.home import HOME_VARIABLE
from emsync_bridge.files.overwriting import LEDGER
from emsync_bridge.music.network import checkpoint

CUT = """{"OTIO_SCHEMA": "Timeline.1", "name": "cut", "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [
{"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [%s]}]}}"""
CLIP = """{"OTIO_SCHEMA": "Clip.1", "name": "%s", "source_range": {"OTIO_SCHEMA": "TimeRange.1",
"start_time": {"OTIO_SCHEMA": "RationalTime.1", "value": 0, "rate": 24},
"duration": {"OTIO_SCHEMA": "RationalTime.1", "value": 48, "rate": 24}}}"""


@dataclass(frozen=True)
class Write:
    """One way to make emsync write a file.

    Arguments:
        command: The command with its inputs; ``{in}`` is their folder.
        option: What says where to write.
        suffix: Of the result; a folder when it begins with a slash, and then the file in it.
        inputs: Names of the input files that the result might be put over.
    """

    command: tuple[str, ...]
    option: str
    suffix: str
    inputs: tuple[str, ...] = ()


WRITES = {
    "spot csv": Write(("spot", "{in}/cut.otio"), "--export", ".csv", ("cut.otio",)),
    "spot edl": Write(("spot", "{in}/cut.otio"), "--export", ".edl", ("cut.otio",)),
    "spot mid": Write(("spot", "{in}/cut.otio"), "--export", ".mid", ("cut.otio",)),
    "spot otio": Write(("spot", "{in}/cut.otio"), "--export", ".otio", ("cut.otio",)),
    "feel table": Write(("feel", "{in}/cut.otio", "--no-cache"), "--export", ".csv", ("cut.otio",)),
    "feel plot": Write(("feel", "{in}/cut.otio", "--no-cache"), "--plot", ".png", ("cut.otio",)),
    "compose": Write(("compose", "--duration", "2", "--model", "{in}/model"), "--out", ".mid"),
    "render": Write(("render", "{in}/a.mid", "--duration", "0.2"), "--out", ".wav", ("a.mid",)),
    "place": Write(("place", "{in}/cut.otio", "--audio", "{in}/a.wav"), "--out", ".otio", ("cut.otio", "a.wav")),
    "corpus label": Write(("corpus", "label", "{in}/music"), "--out", ".csv"),
    "corpus build": Write(("corpus", "build", "{in}/music"), "--out", "/statistics.json"),
    "corpus show": Write(("corpus", "show", "{in}/tokens"), "--plot", ".png"),
}
OTHERS = {"score", "corpus publish", "corpus themes", "train", "train-emotion", "evaluate", "live", "models"}
"""Commands that write as well and take long, or a device, to come so far; they have the same decorator."""


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """Return the folder of all inputs, each as small as it can be."""
    folder = tmp_path_factory.mktemp("in")
    (folder / "cut.otio").write_text(CUT % ",".join(CLIP % name for name in "ab"))
    model = untrained()
    checkpoint.save(model.config, model.weights, {}, folder / "model")
    music = mido.MidiFile(ticks_per_beat=480)
    music.tracks.append(mido.MidiTrack())
    for pitch in range(60, 90):
        music.tracks[0].append(mido.Message("note_on", note=pitch, velocity=64))
        music.tracks[0].append(mido.Message("note_off", note=pitch, time=480))
    (folder / "music").mkdir()
    for place in (folder / "a.mid", folder / "music" / "a.mid"):
        music.save(place)
    with wave.open(str(folder / "a.wav"), "wb") as sound:
        sound.setparams((2, 2, 48000, 0, "NONE", ""))
        sound.writeframes(b"\0" * 4 * 48000)
    assert emsync("corpus", "build", folder / "music", "--out", folder / "tokens").exit_code == 0
    return folder


@pytest.fixture(autouse=True, scope="module")
def home(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("home")
    patch.setenv(HOME_VARIABLE, str(folder))
    yield folder
    patch.undo()


def emsync(*arguments):
    ran = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.output
    return ran


def run(write, inputs, target, *more):
    command = [part.format(**{"in": inputs}) for part in write.command]
    return emsync(*command, write.option, target.parent if write.suffix.startswith("/") else target, *more)


def contents(folder):
    return {
        path.relative_to(folder): path.readlink()
        if path.is_symlink()
        else path.read_bytes()
        if path.is_file()
        else None
        for path in sorted(folder.rglob("*"))
    }


def target_in(folder, write):
    return folder / write.suffix[1:] if write.suffix.startswith("/") else folder / f"result{write.suffix}"


@pytest.mark.parametrize("name", WRITES)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["foreign", "empty", "changed", "folder", "link", "dangling link"]), data=st.binary())
def test_what_is_not_ours_stays_to_the_byte(inputs, tmp_path_factory, name, kind, data):
    write, folder = WRITES[name], tmp_path_factory.mktemp("out")
    target = target_in(folder, write)
    if kind == "changed":
        assert run(write, inputs, target).exit_code == 0
        target.write_bytes(data)
    elif kind == "folder":
        target.mkdir()
        (target / "mine").write_bytes(data)
    elif kind in ("link", "dangling link"):
        (folder / "mine").write_bytes(data)
        target.symlink_to(folder / ("mine" if kind == "link" else "gone"))
    else:
        target.write_bytes(data if kind == "foreign" else b"")
    before = contents(folder)
    ran = run(write, inputs, target)
    assert ran.exit_code in (1, 2)
    assert contents(folder) == before
    assert str(target) in ran.output


@pytest.mark.parametrize("name", WRITES)
def test_what_is_ours_and_untouched_is_replaced_and_the_rest_by_force(inputs, tmp_path, name):
    write = WRITES[name]
    target = target_in(tmp_path, write)
    assert run(write, inputs, target).exit_code == 0
    first = contents(tmp_path)
    again = run(write, inputs, target)
    assert again.exit_code == 0, again.output
    assert list(contents(tmp_path)) == list(first)
    target.write_bytes(b"mine")
    refused = run(write, inputs, target)
    assert refused.exit_code == 1
    assert "--force" in refused.output
    assert run(write, inputs, target, "--force").exit_code == 0
    assert target.read_bytes() != b"mine"
    assert run(write, inputs, target).exit_code == 0


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize(("name", "owned"), [(name, owned) for name, write in WRITES.items() for owned in write.inputs])
def test_an_input_is_never_written_over_not_even_by_force(inputs, tmp_path, name, owned, forced):
    kept = tmp_path / "in"
    shutil.copytree(inputs, kept)
    before = contents(kept)
    for target in (kept / owned, kept / ".." / "in" / owned):
        ran = run(WRITES[name], kept, target, *["--force"] * forced)
        assert ran.exit_code in (1, 2)
        assert contents(kept) == before


@pytest.mark.parametrize("name", [name for name, write in WRITES.items() if not write.suffix.startswith("/")])
@pytest.mark.parametrize("ending", ["mov", "", "bak"])
def test_another_kind_of_file_is_not_written_under_a_wrong_name(inputs, tmp_path, name, ending):
    target = tmp_path / (f"result.{ending}" if ending else "result")
    ran = run(WRITES[name], inputs, target, "--force")
    assert ran.exit_code == 2
    assert WRITES[name].suffix in ran.output
    assert not list(tmp_path.iterdir())


def test_a_link_to_an_input_is_an_input(inputs, tmp_path):
    kept = tmp_path / "in"
    shutil.copytree(inputs, kept)
    (tmp_path / "link.otio").symlink_to(kept / "cut.otio")
    before = contents(kept)
    ran = emsync("spot", tmp_path / "link.otio", "--export", kept / "cut.otio", "--force")
    assert ran.exit_code == 1
    assert "input" in ran.output
    assert contents(kept) == before


def test_nothing_is_put_into_a_bundle_that_is_read(inputs, tmp_path):
    bundle = tmp_path / "cut.otiod"
    bundle.mkdir()
    shutil.copy(inputs / "cut.otio", bundle / "content.otio")
    for target in (bundle / "hits.csv", bundle / "media" / "hits.csv"):
        target.parent.mkdir(exist_ok=True)
        before = contents(bundle)
        ran = emsync("spot", bundle, "--export", target, "--force")
        assert ran.exit_code == 1
        assert "input" in ran.output
        assert contents(bundle) == before
    assert emsync("spot", bundle, "--export", tmp_path / "hits.csv").exit_code == 0


def test_the_stems_and_the_copy_beside_a_wav_are_looked_after_too(inputs, tmp_path):
    mine = tmp_path / "a.keys.wav"
    mine.write_bytes(b"mine")
    ran = emsync("render", inputs / "a.mid", "--out", tmp_path / "a.wav", "--duration", 0.2, "--stems")
    assert ran.exit_code == 1
    assert contents(tmp_path) == {Path("a.keys.wav"): b"mine"}


def test_what_was_written_with_an_earlier_mix_goes_and_everything_else_stays(inputs, tmp_path):
    emsync("render", inputs / "a.mid", "--duration", "0.2", "--out", tmp_path / "keys.wav")
    for name in ("m.strings.wav", "m.notes.wav"):
        shutil.copy(tmp_path / "keys.wav", tmp_path / name)  # somebody else's
    line = ("render", inputs / "a.mid", "--duration", "0.2", "--out", tmp_path / "m.wav")
    emsync(*line, "--stems", "--bwf")
    again = emsync(*line)
    assert "removed, since they were of the earlier m.wav: m.keys.wav, m.bwf.wav" in again.output
    assert "m.strings.wav does not belong to this m.wav, and stays as it is" in again.output
    assert "m.notes.wav" not in again.output
    left = {"keys.wav", "m.wav", "m.strings.wav", "m.notes.wav"}
    assert {path.name for path in tmp_path.iterdir()} == left

    emsync(*line, "--stems")
    with (tmp_path / "m.keys.wav").open("ab") as file:
        file.write(b"changed by hand")
    assert "m.keys.wav does not belong to this m.wav, and stays as it is" in emsync(*line).output
    (tmp_path / "m.keys.wav").unlink()

    emsync("render", inputs / "a.mid", "--duration", "0.2", "--out", tmp_path / "m.keys.wav")  # a mix of its own
    assert "removed" not in emsync(*line).output
    assert {path.name for path in tmp_path.iterdir()} == left | {"m.keys.wav"}


def test_every_command_that_writes_is_protected():
    def commands(group, name):
        if hasattr(group, "commands"):
            for inner, one in group.commands.items():
                yield from commands(one, f"{name} {inner}")
        else:
            yield name, group

    tried = {
        tuple(write.command[:2] if write.command[0] == "corpus" else write.command[:1]) for write in WRITES.values()
    }
    for top in COMMANDS:
        for name, command in commands(main.get_command(None, top), top):
            writes = [one for one in command.params if isinstance(one.type, NewFile | NewFolder)]
            assert bool(writes) == any(one.name == "force" for one in command.params), name
            if writes:
                assert tuple(name.split()) in tried or OTHERS & {top, name}, name


def test_a_damaged_ledger_costs_a_word_and_no_work(inputs, tmp_path, home):
    target = tmp_path / "hits.csv"
    assert run(WRITES["spot csv"], inputs, target).exit_code == 0
    ledger = home / LEDGER
    kept = ledger.read_bytes()
    try:
        ledger.write_bytes(kept + b'{"path": "x"\n[1]\n\xff\n')
        assert run(WRITES["spot csv"], inputs, target).exit_code == 0
        ledger.write_bytes(b"")
        assert run(WRITES["spot csv"], inputs, target).exit_code == 1
    finally:
        ledger.write_bytes(kept)


def test_the_ledger_stays_small_and_keeps_the_latest(inputs, tmp_path, home, monkeypatch):
    from emsync_bridge.files import overwriting

    monkeypatch.setattr(overwriting, "MAX_BYTES", 2000)
    monkeypatch.setattr(overwriting, "MAX_FILES", 3)
    targets = [tmp_path / f"{number}.csv" for number in range(12)]
    for target in targets:
        assert run(WRITES["spot csv"], inputs, target).exit_code == 0
    lines = (home / LEDGER).read_text().splitlines()
    assert len(lines) < 12
    assert json.loads(lines[-1])["path"] == str(targets[-1])
    assert run(WRITES["spot csv"], inputs, targets[-1]).exit_code == 0

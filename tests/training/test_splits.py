"""A corpus can be trained on and measured whatever folders its pieces lie in."""

import pytest
from click.testing import CliRunner

from emsync_bridge.cli import main
from emsync_bridge.training.corpus.dataset import SPLITS, read_split
from emsync_bridge.training.corpus.splits import piece_by_piece, split_of


def emsync(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def piece(tmp_path):
    """Return a folder with one piece of a minute."""
    import mido

    music = mido.MidiFile(ticks_per_beat=480)
    music.tracks.append(mido.MidiTrack())
    for pitch in range(60, 90):
        music.tracks[0].append(mido.Message("note_on", note=pitch, velocity=64))
        music.tracks[0].append(mido.Message("note_off", note=pitch, time=480))
    (tmp_path / "one").mkdir()
    music.save(tmp_path / "one" / "a.mid")
    return tmp_path / "one"


def test_a_flat_folder_is_divided_piece_by_piece(tmp_path):
    import mido

    (tmp_path / "flat").mkdir()
    for number in range(12):
        music = mido.MidiFile(ticks_per_beat=480)
        music.tracks.append(mido.MidiTrack())
        for place in range(30):
            pitch = 48 + (place * (number + 3)) % 37
            music.tracks[0].append(mido.Message("note_on", note=pitch, velocity=64))
            music.tracks[0].append(mido.Message("note_off", note=pitch, time=480))
        music.save(tmp_path / "flat" / f"{number}.mid")
    ran = emsync("corpus", "build", tmp_path / "flat", "--out", tmp_path / "tokens")
    assert ran.exit_code == 0, ran.output
    assert all(read_split(tmp_path / "tokens", split).pieces for split in SPLITS)


@pytest.mark.parametrize("count", [3, 10, 45, 400])
def test_every_split_gets_its_share(count):
    splits = piece_by_piece([f"{number}.mid" for number in range(count)])
    for split in ("valid", "test"):
        assert list(splits.values()).count(split) == max(1, round(0.05 * count))
    assert len(splits) == count
    assert piece_by_piece(["a", "b"]) == {}


def test_no_usable_piece_is_an_error_that_says_why(tmp_path):
    (tmp_path / "midi").mkdir()
    (tmp_path / "midi" / "broken.mid").write_bytes(b"MThd")
    ran = emsync("corpus", "build", tmp_path / "midi", "--out", tmp_path / "tokens")
    assert ran.exit_code == 1
    assert "broken.mid" in ran.output
    assert not (tmp_path / "tokens" / "statistics.json").exists()


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_an_empty_split_is_named_with_what_to_do(piece, tmp_path, command):
    pytest.importorskip("torch")
    assert emsync("corpus", "build", piece, "--out", tmp_path / "tokens").exit_code == 0
    ran = emsync(command, tmp_path / "tokens", *(["--out", tmp_path / "run"] if command == "train" else []))
    assert ran.exit_code == 1, ran.exception
    assert not ran.exception or isinstance(ran.exception, SystemExit)
    assert "Build the corpus from more pieces" in ran.output
    assert str(tmp_path / "tokens") in ran.output


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"not a state", b"\x80\x04K\x01."])
def test_a_foreign_state_is_refused_and_stays(tmp_path, content):
    torch = pytest.importorskip("torch")
    from emsync_bridge.errors import CorpusError
    from emsync_bridge.training.generator.run_state import TrainingState

    run = TrainingState(tmp_path, torch.nn.Linear(1, 1), [], {})
    (tmp_path / "state.pt").write_bytes(content)
    with pytest.raises(CorpusError, match=r"state\.pt.*not the state of a training run"):
        run.resume()
    assert (tmp_path / "state.pt").read_bytes() == content


@pytest.mark.parametrize("content", [[1], {"settings": {}}, {"settings": {}, "weights": {}, "optimisers": []}])
def test_another_programs_state_is_refused(tmp_path, content):
    torch = pytest.importorskip("torch")
    from emsync_bridge.errors import CorpusError
    from emsync_bridge.training.generator.run_state import TrainingState

    torch.save(content, tmp_path / "state.pt")
    with pytest.raises(CorpusError, match="not the state"):
        TrainingState(tmp_path, torch.nn.Linear(1, 1), [], {}).resume()


def test_a_state_can_be_saved_without_a_line_for_the_log(tmp_path):
    torch = pytest.importorskip("torch")
    from emsync_bridge.training.generator.run_state import TrainingState

    network = torch.nn.Linear(1, 1)
    TrainingState(tmp_path / "run", network, [], {"a": 1}).save(7, 2.5, 1.25)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["state.pt"]
    (tmp_path / "run").rename(tmp_path / "moved")
    assert TrainingState(tmp_path / "moved", network, [], {"a": 1}).resume() == (7, 2.5, 1.25)


def test_pieces_that_no_table_knows_are_divided_by_their_folder_in_fixed_shares():
    found = [split_of(f"folder {number}/a.mid") for number in range(4000)]
    for split in ("valid", "test"):
        assert found.count(split) / len(found) == pytest.approx(13 / 256, abs=0.01)
    assert all(split_of(f"folder {number}/sub.mid") == found[number] for number in range(100))
    assert len({split_of(f"{number}.mid") for number in range(200)}) == 3  # a flat folder is divided by name

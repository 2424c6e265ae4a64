"""Several collections as one corpus: archives, catalogues, works, editions of one work, credits, roles."""

import csv
import zipfile
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from made_corpus import END, TEMPO_MAP, piece

from emsync_bridge.cli import main
from emsync_bridge.cue import Note, Spotting, Take
from emsync_bridge.errors import CorpusError
from emsync_bridge.midi.writer import write_midi
from emsync_bridge.training.corpus.build import BuildOptions, build
from emsync_bridge.training.corpus.catalogue import plain_licence, read_catalogues, work_of
from emsync_bridge.training.corpus.dataset import read_split
from emsync_bridge.training.corpus.duplicates import DuplicatePair, join_works, left_out, likenesses, runs_of
from emsync_bridge.training.corpus.sources import music_in
from emsync_bridge.training.corpus.splits import splits_by_work
from emsync_bridge.training.generator.model_card import begin_card
from emsync_bridge.training.instruments.parts import InstrumentPart
from emsync_bridge.training.instruments.roles import BASS, FIGURE, INNER, MELODY, PULSE, REST, melody_of, roles
from emsync_bridge.training.instruments.store import read_instruments


def tune(seed, *, shift=0, length=12, instrument="strings"):
    """Return a line of 80 notes that no other seed has."""
    pitches = np.random.default_rng(seed).integers(48, 72, 80)
    return tuple(Note(i * 24, i * 24 + length, instrument, int(p) + shift, 80) for i, p in enumerate(pitches))


def write(notes, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_midi(Take(0, tuple(sorted(notes)), TEMPO_MAP), Spotting(path.stem, 40.0, Fraction(24)), path)


def table(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def collections(tmp_path):
    """Two archives with catalogues; the second holds an edition of a work of the first, in another key."""
    scores, piano = tmp_path / "scores", tmp_path / "piano"
    rows = []
    for work in range(8):
        for movement in (1, 2):
            name = f"scores/Composer_Op.{work}_{movement}.mid"
            write(tune(10 * work + movement), scores / name)
            rows.append({"path_in_zip": name, "rights": "Score: CC0 1.0 Universal; Annotations: CC-By-SA"})
    table(tmp_path / "scores.csv", rows)
    editions = {
        "same-1": (tune(31, shift=2, length=20, instrument="piano"), "A/O3/same"),
        "same-2": (tune(901), "A/O3/same"),
        "other": (tune(902), "B/other"),
        "excerpt": (tune(902)[:50], "B/excerpt"),
    }
    rows = []
    for stem, (notes, work) in editions.items():
        write(notes, piano / f"piano/{stem}.mid")
        said = {"licence": "CC-BY", "title": stem, "composer": "B", "maintainer": "Jo Editor", "piece": work}
        rows.append({"path_in_zip": f"piano/{stem}.mid", **said})
    table(tmp_path / "piano.csv", rows)
    for folder in (scores, piano):
        with zipfile.ZipFile(tmp_path / f"{folder.name}.zip", "w") as archive:
            for file in sorted(folder.rglob("*.mid")):
                archive.write(file, file.relative_to(folder).as_posix())
            archive.writestr("LICENSES/README.txt", "none of it is music")
    return tmp_path


@pytest.fixture
def built(collections):
    names = ("scores", "piano")
    places, tables = ([collections / f"{name}.{kind}" for name in names] for kind in ("zip", "csv"))
    return build(places, collections / "tokens", BuildOptions(catalogue=read_catalogues(tables)))


def test_of_two_editions_of_a_work_the_collection_named_first_keeps_it(built):
    reasons = built.left_out
    assert reasons["piano/same-1.mid"] == "its work stands in the corpus already, as scores/Composer_Op.3_1.mid"
    assert reasons["piano/same-2.mid"] == reasons["piano/same-1.mid"]  # the other movement of the same work
    assert reasons["piano/excerpt.mid"] == "100% of its lines stand in piano/other.mid"
    assert len(reasons) == 3


def test_movements_of_one_work_share_a_split(built, collections):
    splits = {}
    for split in ("train", "valid", "test"):
        for one in read_split(collections / "tokens", split).pieces:
            splits.setdefault(work_of(one.name), set()).add(split)
    assert all(len(found) == 1 for found in splits.values())
    assert len(splits) == 8 + 1


def test_editors_whose_licence_asks_for_it_stand_in_the_model_card(built, collections):
    by_source = {credit.source: credit for credit in built.credits}
    assert by_source["scores"].licence == "CC0-1.0"
    assert by_source["scores"].pieces == 16
    assert by_source["scores"].editors == ()
    assert by_source["piano"].editors == ("Jo Editor: other (B)",)  # and nothing that was left out
    card = begin_card(collections / "tokens", {})
    assert [one["licence"] for one in card["credits"]] == ["CC-BY", "CC0-1.0"]


def test_the_commands_read_archives_and_tell_credits(collections):
    labels, tokens = collections / "labels.csv", collections / "told"
    archive = str(collections / "piano.zip")
    labelled = CliRunner().invoke(main, ["corpus", "label", archive, "--out", str(labels)])
    assert labelled.exit_code == 0, labelled.output
    arguments = ["--labels", str(labels), "--catalogue", str(collections / "piano.csv"), "--out", str(tokens)]
    done = CliRunner().invoke(main, ["corpus", "build", archive, *arguments])
    assert done.exit_code == 0, done.output
    assert "CC-BY, 1 editors to be named" in done.output
    shown = CliRunner().invoke(main, ["corpus", "show", str(tokens), "--instruments"])
    assert shown.exit_code == 0, shown.output
    assert "Acoustic Grand Piano" in shown.output or "String Ensemble 1" in shown.output


def test_archives_that_lead_out_of_their_folder_or_are_none_are_refused(tmp_path):
    evil, broken = tmp_path / "evil.zip", tmp_path / "broken.zip"
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr("../outside.mid", b"MThd")
    broken.write_bytes(b"PK\x03\x04 nothing")
    for path, told in ((evil, "unsafe name"), (broken, "cannot be read")):
        with pytest.raises(CorpusError, match=told) as caught, music_in([path]):
            pass
        assert path.name in caught.value.where
    assert not (tmp_path / "outside.mid").exists()


def test_two_places_with_a_piece_of_one_name_are_refused(collections):
    with pytest.raises(CorpusError, match="called scores/"), music_in([collections / "scores"] * 2):
        pass


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        ("Score: CC0 1.0 Universal; Annotations: CC-By-SA", "CC0-1.0"),
        ("CC0-1.0", "CC0-1.0"),
        ("PD", "public domain"),
        ("CC-BY", "CC-BY"),
        ("BSD-3-Clause", "BSD-3-Clause"),
        ("Annotations: CC0; Score: CC-BY-SA", "CC-BY-SA"),
    ],
)
def test_the_licence_is_that_of_the_score(said, licence):
    assert plain_licence(said) == licence


@pytest.mark.parametrize(
    ("name", "work"),
    [
        ("orchestra/Beethoven_Op.92_2.mid", "orchestra/Beethoven_Op.92"),
        ("orchestra/Bach_BWV.232_19,21.mid", "orchestra/Bach_BWV.232"),
        ("orchestra/Bruckner_WAB.105_3a_Scherzo.mid", "orchestra/Bruckner_WAB.105"),
        ("quartets/sq123_m4.mid", "quartets/sq123"),
        ("a/D'un_matin.mid", "a/D'un_matin"),
        ("a/12.mid", "a/12"),
    ],
)
def test_a_work_is_read_off_the_name_of_its_movement(name, work):
    assert work_of(name) == work


def test_a_table_without_names_or_with_a_strange_split_is_refused(tmp_path):
    for rows, told in (([{"title": "a"}], "no column"), ([{"path": "a.mid", "split": "all"}], "unknown split")):
        with pytest.raises(CorpusError, match=told):
            read_catalogues([table(tmp_path / "table.csv", rows)])


@given(st.integers(-12, 12), st.integers(1, 4), st.integers(0, 2**16))
def test_key_tempo_and_length_do_not_hide_an_edition(shift, stretch, seed):
    notes = tune(seed)
    moved = [
        replace(note, start=note.start * stretch, end=note.start * stretch + 3, pitch=note.pitch + shift)
        for note in notes
    ]
    assert runs_of(moved) == runs_of(notes)
    assert not runs_of(notes) & runs_of(tune(seed + 1))
    assert likenesses({"a": runs_of(notes), "b": runs_of(moved)}) == [DuplicatePair(("a", "b"), 1.0)]


def test_scales_and_repeated_figures_tell_nothing():
    scale = [Note(i * 6, i * 6 + 6, "piano", 40 + i % 40, 80) for i in range(200)]
    assert runs_of(scale[:39]) == frozenset()


def test_a_piece_whose_split_is_settled_stays():
    runs = {name: runs_of(tune(1)) for name in ("a/x.mid", "b/y.mid")}
    works = {name: name for name in runs}
    alike = likenesses(runs)
    assert list(left_out(alike, runs, works)) == ["b/y.mid"]
    assert left_out(alike, runs, works, kept=frozenset(runs)) == {}
    assert len(set(join_works(works, alike).values())) == 1


@given(
    st.dictionaries(st.integers(0, 99), st.integers(0, 30), min_size=1),
    st.dictionaries(st.integers(0, 99), st.sampled_from(["train", "valid", "test"]), max_size=1),
)
def test_no_work_is_split(pieces, settled):
    works = {f"source/{number}.mid": f"source/{work}" for number, work in pieces.items()}
    wanted = {f"source/{number}.mid": split for number, split in settled.items()}
    found = splits_by_work(works, wanted)
    assert set(found) == set(works)
    by_work = {}
    for name, split in found.items():
        by_work.setdefault(works[name], set()).add(split)
    assert all(len(splits) == 1 for splits in by_work.values())
    assert all(found[name] == split for name, split in wanted.items() if name in works)
    assert found == splits_by_work(dict(reversed(works.items())), wanted)


LINES = list(range(0, 96 * 4, 96))
LAST = 96 * 4


def part(program, rows, *, name="", drums=False):
    return InstrumentPart(name, program, drums, np.array(sorted(rows)))


def line(pitches, step, *, velocity=80):
    count = LAST // step
    return [(i * step, (i + 1) * step, pitches[i % len(pitches)], velocity) for i in range(count)]


TUNE = line([76, 79, 77, 74, 72, 76], 24)


def test_the_lowest_part_is_the_bass_the_moving_top_the_melody_and_the_rest_accompanies():
    parts = [
        part(40, TUNE),
        part(40, line([60, 64], 12)),  # a figure in eighths
        part(41, line([65], 96)),  # a held note
        part(42, line([36, 43], 48)),
        part(0, line([38], 24), drums=True),
    ]
    table = roles(parts, LINES, LAST)
    assert table.shape == (5, 4)
    for row, role in zip(table, (MELODY, FIGURE, INNER, BASS, PULSE), strict=True):
        assert set(row) == {role}


def test_a_singer_has_the_melody_below_a_busy_piano_and_rests_in_the_prelude():
    singer = [row for row in line([67, 69, 65], 24) if row[0] >= 96 * 2]
    parts = [part(52, singer, name="Voice"), part(0, line([84, 88, 79, 91], 6)), part(0, line([41], 48))]
    table = roles(parts, LINES, LAST)
    assert table[0].tolist() == [REST, REST, MELODY, MELODY]
    found = melody_of(parts, table, LINES, LAST)
    assert found[found[:, 0] >= 96 * 2, 2].tolist() == [row[2] for row in singer]


def test_who_doubles_the_melody_in_octaves_has_it_too():
    below = [(start, end, pitch - 12, velocity) for start, end, pitch, velocity in TUNE]
    parts = [part(73, TUNE), part(71, below), part(42, line([36], 96))]
    table = roles(parts, LINES, LAST)
    assert set(table[1]) == {MELODY}
    assert melody_of(parts, table, LINES, LAST)[:, 2].tolist() == [row[2] for row in TUNE]


def test_a_corpus_keeps_the_notes_of_each_instrument_in_the_key_of_its_tokens(corpus):
    (kept,) = read_instruments(corpus, "valid")
    written = piece(3)
    assert kept.name == "work3/a.mid"
    assert sum(len(one.notes) for one in kept.parts) == len(written)
    assert sorted(int(p) for one in kept.parts for p in one.notes[:, 2]) == sorted(note.pitch for note in written)
    assert max(int(one.notes[:, 1].max()) for one in kept.parts) <= END
    for program, shares in kept.shares().items():
        assert program in (0, 48)
        assert sum(shares.values()) == pytest.approx(1.0)


def test_a_corpus_without_instruments_says_so(tmp_path):
    (tmp_path / "train").mkdir()
    with pytest.raises(CorpusError, match="keeps no instruments"):
        next(read_instruments(tmp_path, "train"))

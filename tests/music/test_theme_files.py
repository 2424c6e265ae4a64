"""Given themes: melodies from MIDI files in degrees, and the themes of a programme."""

from fractions import Fraction

import pytest

from emsync_bridge.cue import Note, Spotting, Take, TempoMap, Theme, ThemeNote
from emsync_bridge.errors import EmsyncError, MusicError
from emsync_bridge.midi.writer import write_midi
from emsync_bridge.music.theme_files import ThemeBook, load_book, read_theme, read_themes, save_book, with_new_themes

MELODY = [(0, 60), (24, 64), (36, 62), (48, 67), (72, 65), (84, 64), (96, 62), (144, 60)]


def file_of(path, notes, up=0):
    take = Take(1, tuple(sorted(notes)), TempoMap())
    write_midi(take, Spotting("theme", 8.0, Fraction(25)), path)
    return path


def melody(up=0, at=0):
    return [Note(at + start, at + start + 20, "piano", pitch + up, 80) for start, pitch in MELODY]


@pytest.mark.parametrize("up", [-5, 0, 3, 7])
def test_a_melody_becomes_degrees_of_its_key(tmp_path, up):
    bass = [Note(96 * i, 96 * i + 96, "piano", pitch + up - 12, 60) for i in range(2) for pitch in (48, 52, 55)]
    theme = read_theme(file_of(tmp_path / "hero.mid", melody(up) + bass))
    assert [note.degree - theme.notes[0].degree for note in theme.notes] == [0, 2, 1, 4, 3, 2, 1, 0]
    assert [note.start for note in theme.notes] == [start for start, _ in MELODY]
    assert {note.alter for note in theme.notes} == {0}
    assert (theme.name, theme.length, theme.minor, theme.source) == ("A", 192, False, "file")


def test_a_melody_that_begins_later_begins_its_theme_on_the_bar(tmp_path):
    theme = read_theme(file_of(tmp_path / "late.mid", melody(at=3 * 96)))
    assert theme.notes[0].start == 0
    assert theme.length == 192


def test_only_eight_bars_are_used(tmp_path):
    long = [note for i in range(10) for note in melody(at=192 * i)]
    theme = read_theme(file_of(tmp_path / "long.mid", long))
    assert theme.length == 8 * 96


def test_files_are_themes_of_markers_by_their_name_and_the_first_other_is_the_main_theme(tmp_path):
    paths = [file_of(tmp_path / f"{name}.mid", melody()) for name in ("anna", "main", "house")]
    assert [theme.name for theme in read_themes(paths, ["ANNA"])] == ["ANNA", "A", "house"]


def test_a_file_without_a_melody_is_refused(tmp_path):
    with pytest.raises(MusicError, match="no melody"):
        read_theme(file_of(tmp_path / "two.mid", melody()[:2]))


def test_a_book_of_themes_is_kept_and_only_grows(tmp_path):
    path = tmp_path / "themes.json"
    assert load_book(path) == ThemeBook()
    first = Theme("A", (ThemeNote(0, 24, 0), ThemeNote(24, 24, 2, 1)), 96, minor=True, source="network")
    save_book(with_new_themes(ThemeBook(), [first]), path)
    grown = with_new_themes(load_book(path), [Theme("A", (), 96), Theme("B", (), 96)])
    assert [theme.name for theme in grown.themes] == ["A", "B"]
    assert grown.themes[0] == first


@pytest.mark.parametrize("text", ["", "[", '{"themes": [{"name": 5}]}', "[" * 5000])
def test_a_damaged_book_is_refused(tmp_path, text):
    path = tmp_path / "themes.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EmsyncError):
        load_book(path)

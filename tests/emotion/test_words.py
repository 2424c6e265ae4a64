from __future__ import annotations

import csv
from pathlib import Path

import pytest
from cuts import felt, movie_cut
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import EmotionSpan, TimedText
from emsync_bridge.emotion.words.subtitles import read_script, read_subtitles, subtitles_beside
from emsync_bridge.emotion.words.translations import SHORTEST_STEM, meanings, stems
from emsync_bridge.emotion.words.vocabulary import film_words, mood_of_text
from emsync_bridge.errors import EmotionError

DATA = Path(__file__).with_name("data")

NOTES = DATA / "editor_notes.csv"

TRANSLATED = DATA / "translated_notes.csv"

SRT = """1
00:00:01,000 --> 00:00:03,500
<i>She finally cries.</i>
I am so sad.

2
00:00:05,000 --> 00:00:07,000
We won! Victory!
"""


def notes(path: Path = NOTES) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def right(axis: str, path: Path = NOTES) -> float:
    """Return the share of notes whose words lie on the right side of an axis; silence counts as wrong."""
    told = [
        (note[axis], getattr(mood_of_text(note["note"], sentiment=False), axis)) for note in notes(path) if note[axis]
    ]
    return sum(value is not None and (value > 0) == (side == "+") and value != 0 for side, value in told) / len(told)


def test_the_vocabulary_is_large_and_bounded() -> None:
    words = film_words()
    assert len(words) >= 400
    assert all(-1 <= value <= 1 for pair in words.values() for value in pair)


def test_notes_of_editors_lie_on_the_right_side() -> None:
    assert len(notes()) == 100
    assert right("valence") >= 0.93
    assert right("arousal") >= 0.94


def test_negation_and_emphasis() -> None:
    assert (mood_of_text("he is not happy").valence or 0) < 0
    assert (mood_of_text("explosion!!").arousal or 0) >= (mood_of_text("explosion").arousal or 0)
    nothing = mood_of_text("A001_C003_0412QX", sentiment=False)
    assert (nothing.valence, nothing.arousal, nothing.found) == (None, None, ())


@pytest.mark.parametrize("text", ["Das war gut", "Jag är glad", "Rai est fini", "Страшная ночь", "Die Katze kommt"])
def test_unknown_words_of_other_languages_tell_nothing(text: str) -> None:
    mood = mood_of_text(text)
    assert (mood.valence, mood.arousal, mood.found) == (None, None, ())


def test_notes_in_other_languages_lie_on_the_right_side() -> None:
    assert right("valence", TRANSLATED) >= 0.86
    assert right("arousal", TRANSLATED) >= 0.88


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Die Kinder spielen am Strand und sind glücklich", "glücklich"),
        ("gluecklich", "gluecklich"),
        ("LA PERSECUCIÓN", "persecución"),
        ("悲しい朝", "悲し"),
    ],
)
def test_words_are_found_in_any_spelling(text: str, found: str) -> None:
    assert mood_of_text(text).found == (found,)


def test_a_negation_turns_a_word_round_in_any_language() -> None:
    assert (mood_of_text("er ist nicht glücklich").valence or 0) < 0
    assert (mood_of_text("elle n'est pas triste").valence or 0) > 0


def test_translations_are_words_of_the_vocabulary_with_stems_long_enough() -> None:
    assert meanings() <= film_words().keys()
    assert all(len(stem) >= SHORTEST_STEM for stem in stems())


@pytest.mark.parametrize(
    ("text", "pleasant"),
    [
        ("He will die", False),
        ("WAR", False),
        ("Las Vegas heist, tense", False),
        ("Fiancée in tears", False),
        ("El Paso shootout", False),
        ("Café reunion", True),
    ],
)
def test_names_and_accents_are_no_other_language(text: str, pleasant: bool) -> None:
    assert ((mood_of_text(text).valence or 0) > 0) == pleasant
    assert mood_of_text(text).valence is not None


@given(st.text(max_size=300))
def test_any_text_has_a_bounded_mood(text: str) -> None:
    mood = mood_of_text(text, sentiment=False)
    assert all(value is None or -1 <= value <= 1 for value in (mood.valence, mood.arousal))


def with_texts(*texts: TimedText) -> list[EmotionSpan]:
    return list(felt(movie_cut(None, 0, 4, 8), texts=texts).curve.spans)


def test_a_note_moves_its_shot_alone() -> None:
    plain = with_texts()
    first, second = with_texts(TimedText(1.0, "tense stakeout"))
    assert first.affect.valence < plain[0].affect.valence - 0.1
    assert first.affect.arousal > plain[0].affect.arousal + 0.1
    assert "words: tense stakeout" in first.reason
    assert "words" in {name for name, _, _ in first.contributions}
    assert second.affect == plain[1].affect


def test_an_editors_marker_counts_more_than_a_line_of_dialogue() -> None:
    plain = with_texts()[0].affect.valence
    moved = [
        abs(with_texts(TimedText(0.0, "reunion", source, 4.0))[0].affect.valence - plain)  # type: ignore[arg-type]
        for source in ("caption", "script", "clip", "marker")
    ]
    assert moved == sorted(moved)
    assert moved[0] > 0.02


def test_subtitles_have_their_times(tmp_path: Path) -> None:
    path = tmp_path / "cut.srt"
    path.write_text(SRT, encoding="utf-8")
    lines = read_subtitles(path)
    assert [(line.start, line.end, line.source) for line in lines] == [(1.0, 3.5, "caption"), (5.0, 7.0, "caption")]
    assert lines[0].text == "She finally cries. I am so sad."
    path.write_bytes(SRT.replace("00:00:0", "01:00:0").replace("so sad", "so sad, né").encode("latin-1"))
    shifted = read_subtitles(path, start=3600.0)
    assert [line.start for line in shifted] == [1.0, 5.0]


def test_a_script_is_laid_over_the_cut(tmp_path: Path) -> None:
    path = tmp_path / "script.txt"
    path.write_text("INT. BAR - NIGHT\nA fight breaks out.\n\nEXT. BEACH - DAY\nThey kiss at last.", encoding="utf-8")
    one, other = read_script(path, 80.0)
    assert (one.start, other.end) == (0.0, 80.0)
    assert one.end == other.start
    assert (mood_of_text(one.text).valence or 0) < 0 < (mood_of_text(other.text).valence or 0)
    path.write_text("Calm morning.\n\nThen a gunfight.", encoding="utf-8")
    assert [piece.text for piece in read_script(path, 10.0)] == ["Calm morning.", "Then a gunfight."]
    path.write_text(SRT, encoding="utf-8")
    assert [line.start for line in read_script(path, 10.0)] == [1.0, 5.0]


@pytest.mark.parametrize("content", [b"", b"\0\1\2\3", b"no times here\n"])
def test_what_is_not_subtitles(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.srt"
    path.write_bytes(content)
    with pytest.raises(EmotionError):
        read_subtitles(path)
    with pytest.raises(EmotionError):
        read_subtitles(tmp_path / "none.srt")


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("srt") / "a.srt"
    path.write_bytes(b"1\n00:00:01,000 --> 00:00:02,000\n" + content)
    try:
        lines = read_subtitles(path)
    except EmotionError:
        return
    assert all((line.end or 0) > line.start for line in lines)


VTT = """WEBVTT

STYLE
::cue { color: red }

intro
00:01.000 --> 00:03.500 align:start
<v Anna>She finally <i>cries</i>.

NOTE a chase, an explosion

00:00:05.000 --> 00:00:07.000
- We won!
- Victory!
"""


def test_webvtt_is_read_without_its_notes_and_styles(tmp_path: Path) -> None:
    path = tmp_path / "cut.vtt"
    path.write_text(VTT)
    lines = read_subtitles(path)
    assert [(line.start, line.end, line.text) for line in lines] == [
        (1.0, 3.5, "She finally cries."),
        (5.0, 7.0, "- We won! - Victory!"),
    ]
    assert read_script(path, 10.0) == lines


@pytest.mark.parametrize("ending", [".srt", ".vtt", ".en.srt", ".en.vtt"])
def test_subtitles_beside_a_cut_are_found_by_name(tmp_path: Path, ending: str) -> None:
    cut = tmp_path / "cut 1.2.otio"
    assert subtitles_beside(cut) is None
    (tmp_path / f"other{ending}").touch()
    (tmp_path / f"cut 1.2{ending}").touch()
    assert subtitles_beside(cut) == tmp_path / f"cut 1.2{ending}"

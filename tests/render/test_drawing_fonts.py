"""Names in scripts that the built-in font lacks: drawn with a font of the computer, or marked, never as boxes."""

import warnings

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from emsync_bridge import drawing_fonts
from emsync_bridge.drawing_fonts import PLACEHOLDER, fit_fonts


def drawn(*texts):
    figure = Figure()
    FigureCanvasAgg(figure)
    for number, text in enumerate(texts):
        figure.text(0.1, 0.1 + 0.2 * number, text)
    fit_fonts(figure)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.canvas.draw()
    return [text.get_text() for text in figure.texts], figure


@pytest.fixture
def no_other_fonts(monkeypatch):
    from matplotlib.font_manager import fontManager

    boxes = ("DejaVu", "Last Resort")  # both come with matplotlib
    kept = [font for font in fontManager.ttflist if font.name.startswith(boxes)]
    monkeypatch.setattr(fontManager, "ttflist", kept)
    drawing_fonts._families_for.cache_clear()
    yield
    drawing_fonts._families_for.cache_clear()


@pytest.mark.usefixtures("no_other_fonts")
def test_letters_without_a_font_are_marked_and_the_mark_is_explained():
    texts, _ = drawn("嵐の夜 take 2", "Überfahrt", "plain")
    assert texts[:3] == [f"{PLACEHOLDER} take 2", "Überfahrt", "plain"]
    assert PLACEHOLDER in texts[3]
    assert len(texts) == 4


def test_a_font_of_the_computer_is_taken_where_there_is_one():
    letters = "\ua9c1" if not _has_font("嵐") else "嵐"
    texts, figure = drawn(letters, "plain")
    if _has_font(letters):
        assert texts == [letters, "plain"]
        assert len(figure.texts[0].get_fontfamily()) > 1
    else:
        assert texts[0] == PLACEHOLDER


def _has_font(letter):
    return not drawing_fonts._families_for(frozenset(letter))[1]

"""Takes that are rendered in the background, and what Compose and Another take do about the seed."""

import pytest
from page_driving import PATIENCE, cut_of


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return cut_of(tmp_path_factory.mktemp("cut"), [2, 2], name="takes")


def seeds(tab):
    """Return the seed of each version on the page by its letter."""
    tab.drawn()
    found = tab.tab.eval_on_selector_all(".version", "all => all.map(each => each.ariaLabel)")
    return {label.split()[1].rstrip(","): int(label.split("seed ")[1].split()[0]) for label in found}


def further(tab, field, value):
    """Set one of the further settings."""
    tab.tab.click("#more > summary")
    tab.tab.fill(field, value)
    tab.tab.press(field, "Escape")


def takes_of(tab):
    """Return the states of the jobs that rendered takes, oldest first."""
    jobs = tab.way_in.ask("GET", "/v1/jobs?limit=1000")
    return [(job["request"]["job"], job["request"]["take"], job["state"]) for job in jobs if job["kind"] == "take"]


def test_takes_sound_by_themselves_and_seeds_are_kept_until_nothing_is_new(tab, film):
    tab.read(film)
    further(tab, "#takes", "2")
    tab.compose(players="piano")
    first = tab.job()
    assert seeds(tab) == {"A": 1, "B": 2}
    tab.tab.wait_for_function("() => !document.querySelector('.version.silent')", timeout=PATIENCE)
    tab.keys("b")
    assert tab.tab.is_hidden("#render-take")
    rendered = [each for each in takes_of(tab) if each[0] == first]
    assert [state for _, _, state in rendered] == ["done"]

    # nothing has changed: another seed
    further(tab, "#takes", "1")
    tab.tab.click("#compose")
    tab.idle()
    assert tab.said() == "Nothing had changed since version A, so this is another take"
    third = seeds(tab)["C"]
    assert third not in (1, 2)

    # an edit keeps the seed, and so the piece
    tab.keys("Home", "ArrowRight", "ArrowRight", "ArrowRight", "m")
    tab.compose(players="piano")
    assert seeds(tab)["D"] == third
    tab.keys("Control+z")

    # a seed that was heard before is found again
    further(tab, "#seed", "1")
    tab.tab.click("#compose")
    tab.tab.wait_for_selector(".version[aria-checked=true] b:has-text('A')")
    assert tab.said() == "Version A is the music for this seed and these settings"
    assert len(seeds(tab)) == 4


def test_rendering_in_the_background_gives_way(tab, tmp_path):
    tab.read(cut_of(tmp_path, [12, 12], name="gives way"))
    further(tab, "#takes", "3")
    tab.compose(players="piano")
    first = tab.job()
    tab.tab.wait_for_selector(".version.rendering")
    further(tab, "#takes", "1")
    tab.tab.click("#another-take")
    tab.tab.wait_for_function("() => !['', 'Waiting'].includes(document.getElementById('progress-step').textContent)")
    states = [state for job, _, state in takes_of(tab) if job == first]
    assert states.count("cancelled") == 1
    assert "running" not in states
    tab.tab.click("#cancel")
    tab.idle()

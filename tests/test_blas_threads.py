"""Linear algebra keeps to one thread while music is composed, rendered and felt, whatever the environment says."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from threading import Barrier, Thread

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_info
from untrained import untrained

from emsync_bridge.blas_threads import one_blas_thread
from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, Spotting
from emsync_bridge.midi.writer import write_midi
from emsync_bridge.music.generation.batch import compose_takes
from emsync_bridge.music.generation.compose import recompose
from emsync_bridge.music.generation.request import SectionChange
from emsync_bridge.render.render import render_midi

CUT = Spotting("cut", 6.0, Fraction(24))
MOOD = EmotionCurve((EmotionSpan(0.0, 6.0, Affect(0.2, 0.1)),))


def threads():
    return [library["num_threads"] for library in threadpool_info() if library["internal_api"] == "openblas"]


def set_all(controller, counts):
    """Set the numbers of threads and let go of them: threadpoolctl gives them into the hands of one thread."""

    def work():
        for library, count in zip(controller.lib_controllers, counts, strict=True):
            library.set_num_threads(count)

    setter = Thread(target=work)
    setter.start()
    setter.join()


@pytest.fixture(autouse=True)
def before():
    """Settings of the caller, which are to be there again afterwards."""
    np.ones((2, 2)) @ np.ones((2, 2))
    controller = ThreadpoolController().select(internal_api="openblas")
    if not controller.lib_controllers:
        pytest.skip("NumPy has another library for linear algebra here")
    found = threads()
    set_all(controller, [3] * len(found))
    if set(threads()) != {3}:
        pytest.skip("this library does not take three threads on this machine")
    yield
    set_all(controller, found)


def test_the_limit_holds_inside_and_is_gone_afterwards():
    with one_blas_thread():
        assert set(threads()) == {1}
        with one_blas_thread():
            assert set(threads()) == {1}
        assert set(threads()) == {1}
    assert set(threads()) == {3}


def test_a_failure_gives_the_threads_back():
    with pytest.raises(ValueError, match="inside"), one_blas_thread():
        raise ValueError("inside")
    assert set(threads()) == {3}


def test_whoever_ends_first_does_not_lift_the_limit_for_others():
    meet = Barrier(2, timeout=10)

    def short():
        with one_blas_thread():
            meet.wait()
            meet.wait()  # the other one is inside too
        meet.wait()

    def long():
        meet.wait()
        with one_blas_thread():
            meet.wait()
            meet.wait()
            return threads()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(short), pool.submit(long)
        first.result()
        assert set(second.result()) == {1}
    assert set(threads()) == {3}


def test_composing_and_rendering_keep_to_one_thread(tmp_path):
    seen = {}

    def watched(step):
        return lambda _share: seen.setdefault(step, set()).update(threads())

    takes = compose_takes(CUT, MOOD, untrained(), seeds=[1, 2], progress=watched("takes"))
    compose_takes(CUT, MOOD, untrained(), seeds=[1], progress=watched("one take"))
    recompose(takes[0], CUT, MOOD, untrained(), SectionChange(0.0, 6.0, 3), progress=watched("section"))
    write_midi(takes[0], CUT, tmp_path / "a.mid")
    render_midi(tmp_path / "a.mid", tmp_path / "a.wav", seconds=1, progress=watched("rendering"))
    assert seen == {step: {1} for step in ("takes", "one take", "section", "rendering")}
    assert set(threads()) == {3}

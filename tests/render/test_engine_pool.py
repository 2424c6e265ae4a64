from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from pieces import Played, band, piece

from emsync_bridge.errors import RenderError
from emsync_bridge.render import engine_pool, synth
from emsync_bridge.render.bank.assembly import FontFile
from emsync_bridge.render.bank.sounds import Selection
from emsync_bridge.render.engine_pool import EngineFailedError, EnginePool
from emsync_bridge.render.synth import synthesise

NO_FONT = FontFile(12, b"RIFF no font", None, (), b"")
NOTE = piece([Played("Piano", 0, 480, 60)], end=960)


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every piece is long enough for a process of its own, on a machine with two cores."""
    monkeypatch.setattr(synth, "_SHORT", 0)
    monkeypatch.setattr(synth, "usable_cores", lambda: 2)


def alone(midi: bytes, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    with monkeypatch.context() as patch:
        patch.setattr(synth, "usable_cores", lambda: 1)
        return synthesise(midi, engine="midirenderer")


def test_other_processes_give_the_same_samples(beside: None, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    start = EnginePool._start
    monkeypatch.setattr(EnginePool, "_start", lambda pool: started.append(start(pool)) or started[-1])
    midi = band(6)
    assert np.array_equal(synthesise(midi, engine="midirenderer"), alone(midi, monkeypatch))
    assert len(started) == 2
    assert all(process.poll() is not None for process in started)


def test_without_another_process_the_samples_are_the_same(beside: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_pool.sys, "executable", "/opt/editor/Editor")
    assert np.array_equal(synthesise(NOTE, engine="midirenderer"), alone(NOTE, monkeypatch))


def test_a_process_that_dies_is_stood_in_for(beside: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(3)")
    monkeypatch.setattr(engine_pool.engine_process, "__file__", str(broken))
    assert np.array_equal(synthesise(NOTE, engine="midirenderer"), alone(NOTE, monkeypatch))


def test_a_font_that_cannot_be_played_is_named_from_another_process(
    beside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Selection, "font", lambda *_: NO_FONT)
    with pytest.raises(RenderError, match="cannot be played"):
        synthesise(NOTE, engine="midirenderer")


def test_a_pool_goes_on_after_a_failure_and_ends_its_processes() -> None:
    pool = EnginePool(1)
    try:
        for _ in range(2):
            with pytest.raises(EngineFailedError):
                pool.render(lambda: NO_FONT, NOTE)
        process = pool._started[0]
        assert len(pool._started) == 1
        assert process.poll() is None
    finally:
        pool.close()
    assert process.poll() is not None


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_process_ends_with_its_parent() -> None:
    script = (
        "import contextlib, time; from emsync_bridge.render.engine_pool import EnginePool, EngineFailedError; "
        "from emsync_bridge.render.bank.assembly import FontFile; "
        "pool = EnginePool(1)\n"
        "with contextlib.suppress(EngineFailedError): pool.render(lambda: FontFile(0, b'', None, (), b''), b'')\n"
        "print(pool._started[0].pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    assert _gone(child)


def _gone(process: int) -> bool:
    for _ in range(300):
        with suppress(ProcessLookupError):
            os.kill(process, 0)
            # a process that has ended but that nobody has waited for
            with suppress(OSError):
                if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                    return True
            time.sleep(0.1)
            continue
        return True
    return False

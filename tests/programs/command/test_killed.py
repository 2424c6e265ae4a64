"""A run that is killed at any moment leaves the earlier results as they were, and the next run clears up after it."""

import os
import random
import signal
import sys
import time

import pytest
from test_versions import CALM, contents, write_cut
from untrained import untrained

from emsync_bridge.cue.cue_file import read_cue
from emsync_bridge.files.manifest import digest
from emsync_bridge.files.overwriting import STAGING
from emsync_bridge.music.network import checkpoint
from emsync_bridge.options import RenderOptions, ScoreOptions, TakeOptions
from emsync_bridge.scoring.job import ScoringJob

MOMENTS = int(os.environ.get("KILL_MOMENTS", "8"))
"""Fifty for a thorough run."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")


@pytest.fixture
def job(tmp_path):
    network = untrained()
    checkpoint.save(network.config, network.weights, {}, tmp_path / "model")
    source = write_cut(tmp_path / "cut.otio", 30, 30)

    def make(seed):
        options = ScoreOptions(emotion=CALM, render=RenderOptions(stems=True), takes=TakeOptions(seed))
        return ScoringJob.open(source, tmp_path / "out", options, generator=tmp_path / "model")

    return make


def run_and_kill(work, seconds):
    """Run some work in a process of its own; return whether it had to be killed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.waitpid(child, os.WNOHANG)[0]:
            return False
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def test_a_killed_run_costs_nothing_that_was_there(job, tmp_path):
    out, moments = tmp_path / "out", random.Random(1)
    began = time.monotonic()
    job(1).score()
    whole = time.monotonic() - began
    kept, killed = contents(out), 0
    for seed in range(2, MOMENTS + 2):
        killed += run_and_kill(job(seed).score, moments.uniform(0.0, 1.1 * whole))
        now = {path.name: digest(path) for path in out.iterdir() if not path.name.startswith(STAGING)}
        assert {name: now[name] for name in kept} == kept
        for cue in out.glob("*.cue.json"):
            assert read_cue(cue).takes
    last = job(99).score()
    assert killed
    assert not [path for path in out.iterdir() if path.name.startswith(STAGING)]
    whole = {cue.name.removesuffix(".cue.json") for cue in out.glob("*.cue.json")}
    assert {path.name.split(".")[0] for path in out.iterdir()} == whole
    assert last.files["cue"].exists()

"""Selection of tests: the quick ones by default, those of ``tests/programs`` where they are asked for by path."""

import atexit
import os
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path

import imageio_ffmpeg
import pytest
from hypothesis import HealthCheck, settings

PROGRAMS = Path(__file__).parent / "programs"

SHARED_BY_FOLDER = ("command", "page", "resolve")
"""Folders whose tests share what is made once: a scored example, or a bridge with a browser."""

LONGEST = (
    "page",
    "command",
    "test_batch.py",
    "test_batch_dask.py",
    "test_emotion_head.py",
    "test_documented.py",
    "test_survival.py",
    "test_feel.py",
    "test_sensitivity.py",
    "test_shots.py",
    "resolve",
    "test_mcp.py",
    "test_trainer.py",
    "test_published_trying.py",
)
"""Files and shared folders of ``tests/programs`` that come first: begun last, one would keep a worker on its own."""

SLOW_MACHINE = [HealthCheck.too_slow]  # how fast examples are drawn depends on what else the machine does
settings.register_profile("dev", deadline=None, max_examples=25, suppress_health_check=SLOW_MACHINE)
settings.register_profile("ci", deadline=None, max_examples=100, print_blob=True, suppress_health_check=SLOW_MACHINE)
settings.register_profile(
    "nightly", deadline=None, max_examples=500, print_blob=True, suppress_health_check=SLOW_MACHINE
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


# workers share the cores, and threads of small matrices would wait for each other
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_configure(config):
    """Have Ctrl-C heard by what the tests start and interrupt, also where a shell runs the tests in the background.

    What emsync remembers of the files that it wrote goes to a folder of the tests.
    """
    config.option.loadscopereorder = False  # by number of tests, which says little of their time
    if "EMSYNC_BRIDGE_HOME" not in os.environ:  # workers inherit it
        os.environ["EMSYNC_BRIDGE_HOME"] = _removed_at_exit()
    bundled = imageio_ffmpeg.get_ffmpeg_exe()
    if Path(shutil.which("ffmpeg") or "").resolve() != Path(bundled).resolve():
        # the program that comes with the package starts in a fifth of the time that a system's takes, a thousand times
        programs = _removed_at_exit()
        with suppress(OSError):  # Windows may not allow it
            Path(programs, "ffmpeg.exe" if os.name == "nt" else "ffmpeg").symlink_to(bundled)
        os.environ["PATH"] = os.pathsep.join((programs, os.environ["PATH"]))
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _removed_at_exit():
    """Return a new folder that goes away with this process."""
    folder = tempfile.mkdtemp(prefix="emsync-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def pytest_ignore_collect(collection_path, config):
    """Leave out the tests that start programs, train or wait, unless a path inside their folder is given."""
    if collection_path != PROGRAMS:
        return None
    given = [Path(config.invocation_params.dir, argument.split("::")[0]).resolve() for argument in config.args]
    return None if any(path == PROGRAMS or PROGRAMS in path.parents for path in given) else True


def pytest_collection_modifyitems(items):
    """Mark the tests of ``tests/programs``, and put the longest first."""
    for item in items:
        if PROGRAMS in item.path.parents:
            item.add_marker(pytest.mark.programs)
    items.sort(key=_rank)


def _rank(item):
    """Return the place of a test's file among the longest ones, or the end."""
    if PROGRAMS not in item.path.parents:
        return len(LONGEST)
    name = item.path.parent.name if item.path.parent.name in SHARED_BY_FOLDER else item.path.name
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep on one worker what shares a fixture: the tests of a file, or of a whole folder."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFixture(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            path = Path(nodeid.split("::")[0])
            by_folder = path.parent.parent.name == PROGRAMS.name and path.parent.name in SHARED_BY_FOLDER
            return str(path.parent if by_folder else path)

    return ByFixture(config, log)


def pytest_sessionfinish(session):
    """Fail a run in which a program was absent although ``REQUIRED_PROGRAMS`` (words with commas) names it."""
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    required = [word.lower() for word in os.environ.get("REQUIRED_PROGRAMS", "").split(",") if word]
    if reporter is None or not required:
        return
    for report in reporter.stats.get("skipped", []):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr).lower()
        if "not installed" in reason and any(word in reason for word in required):
            reporter.write_line(f"required, but {report.nodeid} was skipped: {reason}", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

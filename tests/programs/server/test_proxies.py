"""Movies that browsers cannot show are made playable while somebody waits, one after the other, within bounds."""

import asyncio
import os

import pytest
from own_loop import outside
from prores_movies import looped, prores

from emsync_bridge.picture.probe import probe
from emsync_bridge.server.proxies import encoding, kept
from emsync_bridge.server.proxies.kept import Proxies


@pytest.fixture(scope="module")
def movie(tmp_path_factory):
    return prores(tmp_path_factory.mktemp("movies") / "reference: 1?.mov" if os.name != "nt" else "reference.mov")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "proxies").mkdir()
    return tmp_path / "proxies"


def until_made(proxies, *movies):
    """Ask for movies until none is being made; return how each stands."""

    async def asking():
        try:
            for _ in range(600):
                told = [proxies.ask(movie) for movie in movies]
                if all(each["state"] in ("ready", "failed") for each in told):
                    return told
                await asyncio.sleep(0.05)
            raise AssertionError(told)
        finally:
            await proxies.close()

    return outside(asking())


def test_a_prores_movie_becomes_h264_of_the_same_length(folder, movie):
    proxies = Proxies(folder)
    assert proxies.ready(movie) is None
    (told,) = until_made(proxies, movie)
    assert told == {"state": "ready", "share": 1.0, "what": ""}
    found = probe(proxies.ready(movie))
    assert abs(found.duration - 2) < 0.05
    assert (found.width, found.height, found.has_sound) == (320, 240, True)
    assert [path.suffix for path in folder.iterdir()] == [".mp4"]
    assert Proxies(folder).ready(movie)
    proxies.forget(movie)
    assert not list(folder.iterdir())


def test_a_movie_that_cannot_be_read_says_why_and_may_be_tried_again(folder, tmp_path):
    broken = tmp_path / "broken.mov"
    broken.write_bytes(b"no movie at all" * 100)
    proxies = Proxies(folder)
    (told,) = until_made(proxies, broken)
    assert told["state"] == "failed"
    assert "ffmpeg cannot read this file" in told["what"]
    assert not list(folder.iterdir())
    prores(tmp_path / "whole.mov", 1).replace(broken)
    proxies.leave(broken)
    assert until_made(proxies, broken)[0]["state"] == "ready"


def test_nothing_is_left_of_a_proxy_that_nobody_waits_for(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "_AFTER_LEAVING", 0.0)
    long = looped(prores(tmp_path / "short.mov", 1, "640x360"), 120)

    async def leaving():
        proxies = Proxies(folder)
        proxies.ask(long)
        while not list(folder.iterdir()):
            await asyncio.sleep(0.02)
        making = proxies._making.copy()
        proxies.leave(long)
        await asyncio.gather(*(made.task for made in making.values()))
        assert proxies.ready(long) is None

    outside(leaving())
    assert not list(folder.iterdir())


def test_closing_ends_what_is_made_and_the_next_start_clears_what_was_left(folder, movie):
    async def closing():
        proxies = Proxies(folder)
        proxies.ask(movie)
        await asyncio.sleep(0.05)
        await proxies.close()

    outside(closing())
    assert not list(folder.glob("*.part"))
    (folder / "left.part").write_bytes(b"x")
    Proxies(folder)
    assert not list(folder.iterdir())


def test_proxies_are_bounded_each_and_together(folder, movie, monkeypatch):
    old, new = folder / "old.mp4", folder / "new.mp4"
    for age, path in ((2000, old), (1000, new)):
        path.write_bytes(b"x" * 1000)
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    monkeypatch.setattr(kept, "MAX_KEPT", 2500)
    monkeypatch.setattr(kept, "MAX_BYTES", 1000)
    proxies = Proxies(folder)
    assert until_made(proxies, movie)[0]["state"] == "ready"
    assert not old.exists()
    assert new.exists()
    monkeypatch.setattr(encoding, "MAX_BYTES", 10)
    monkeypatch.setattr(encoding, "_LOOK_EVERY", 0.01)
    proxies.forget(movie)
    (told,) = until_made(proxies, movie)
    assert told["state"] == "failed"
    assert "would be larger than" in told["what"]
    monkeypatch.setattr(kept, "MIN_FREE", 2**62)
    proxies.leave(movie)
    assert "free on the disk" in until_made(proxies, movie)[0]["what"]

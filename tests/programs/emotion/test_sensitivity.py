"""One thing about a clip changes at a time, and the curve moves the documented way: through the doors, all by default.

The clips show a piece of a photograph, along which the camera travels.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from clips import QUICK, Studio

from emsync_bridge.cue import Affect, EmotionCurve, Spotting
from emsync_bridge.emotion import estimate as emotion
from emsync_bridge.emotion.extractors.low_level import LookExtractor
from emsync_bridge.options import EmotionOptions, ReadOptions
from emsync_bridge.scoring import steps
from emsync_bridge.timeline.source import open_source

LOOKING, FEELING = ReadOptions(), EmotionOptions(cache=False)

PACE = 8
"""Pixels of 160 per second at which the camera travels unless told otherwise."""


def clip(
    studio: Studio,
    name: str,
    *,
    look: str = "null",
    level: float = -12,
    pace: float = PACE,
    shot: float = 0,
    seconds: float = 3,
) -> Path:
    """Return a clip of a travelling camera with noise; ``shot`` seconds long shots of different places and colours."""
    from matplotlib.cbook import get_sample_data

    place = f"40+{pace}*t" + (f"+90*mod(floor(t/{shot}),3)" if shot else "")
    colours = f"hue=s=2:h='120*floor(t/{shot})'" if shot else "null"
    # four times as large as it will be, so that the camera moves in quarters of a pixel
    frozen = "scale=1536:-2,crop=1536:360:0:240,loop=-1:1,settb=1/25,setpts=N,fps=25"
    return studio.make(
        f"sensitive {name}.mp4",
        *("-i", str(get_sample_data("grace_hopper.jpg", asfileobj=False))),
        *("-f", "lavfi", "-i", f"anoisesrc=d={seconds}:c=pink:seed=1:a=1,volume={level}dB"),
        *("-vf", f"{frozen},trim=duration={seconds},crop=640:360:x='4*({place})',scale=160:90,{colours},{look}"),
        *(*QUICK, "-c:a", "aac", "-shortest"),
    )


def feel(path: Path) -> tuple[Spotting, EmotionCurve]:
    """Feel a plain video as ``emsync feel`` does."""
    onlooker = steps.shared_decode(open_source(path), LOOKING, FEELING)
    cut = steps.spot(steps.read(open_source(path), LOOKING, shared=onlooker), LOOKING)
    relinked = steps.find_media(open_source(path), cut, FEELING)
    curve, warnings = steps.feel(cut, relinked, FEELING, shared=onlooker)
    assert warnings == ()
    return cut, curve


def seen(path: Path) -> Affect:
    """Return what movement and colour alone say of a clip without a cut."""
    cut = steps.spot(steps.read(open_source(path), LOOKING), LOOKING)
    return emotion.feel(
        cut,
        steps.find_media(open_source(path), cut, FEELING),
        inputs=emotion.EstimateInputs(extractors=[LookExtractor()]),
    ).curve.mean()


def rising(values: Sequence[float], least: float) -> bool:
    """Tell whether values rise at every step, and by so much in all."""
    return all(one < other for one, other in pairwise(values)) and values[-1] - values[0] > least


def test_brightness_raises_valence_and_leaves_arousal(studio: Studio) -> None:
    paths = [
        clip(studio, f"light {k}", look=f"lutrgb=r='val*{k}':g='val*{k}':b='val*{k}'", pace=0) for k in (0.15, 0.5, 1.0)
    ]
    colours = [seen(path) for path in paths]
    assert rising([affect.valence for affect in colours], 0.05)
    assert max(affect.arousal for affect in colours) - min(affect.arousal for affect in colours) < 0.01
    darkest, brightest = (feel(path)[1].mean().valence for path in (paths[0], paths[-1]))
    assert brightest > darkest


def test_saturation_raises_valence(studio: Studio) -> None:
    paths = [clip(studio, f"rich {k}", look=f"hue=s={k}") for k in (0, 0.7, 2)]
    assert rising([seen(path).valence for path in paths], 0.05)
    assert rising([feel(path)[1].mean().valence for path in paths], 0.05)


def test_a_faster_camera_raises_arousal(studio: Studio) -> None:
    found = [feel(clip(studio, f"pace {pace}", pace=pace))[1].mean().arousal for pace in (0, 2, PACE, 30)]
    assert rising(found, 0.1)


def test_loudness_raises_arousal_and_leaves_valence(studio: Studio) -> None:
    found = [feel(clip(studio, f"level {level}", level=level))[1].mean() for level in (-24, -12, 0)]
    assert rising([affect.arousal for affect in found], 0.05)
    assert max(affect.valence for affect in found) - min(affect.valence for affect in found) < 0.01


def test_cut_rate_raises_arousal(studio: Studio) -> None:
    found = []
    for count in (2, 4, 8):
        cut, curve = feel(clip(studio, f"cuts {count}", shot=8 / count, seconds=8))
        assert len(cut.shots) == count
        found.append(curve.mean().arousal)
    assert rising(found, 0.04)


def test_coding_size_bars_rate_and_start_change_little(studio: Studio) -> None:
    plain = clip(studio, "two shots", shot=2, seconds=4)
    cut, curve = feel(plain)
    (edge,) = (shot.start for shot in cut.shots[1:])
    assert edge == 2.0
    variants = {
        "coarse.mp4": ("-crf", "34", *QUICK),
        "larger.mp4": ("-vf", "scale=480:270", *QUICK),
        "boxed.mp4": ("-vf", "pad=160:120:0:15", *QUICK),
        "24.mov": ("-vf", "setpts=PTS-STARTPTS,fps=24", *QUICK),
        "30.mp4": ("-vf", "setpts=PTS-STARTPTS,fps=30", *QUICK),
        "late.ts": ("-c:v", "copy", "-c:a", "mp2", "-output_ts_offset", "40"),
    }
    for name, options in variants.items():
        other_cut, other = feel(studio.make(f"two shots {name}", "-i", plain, *options))
        assert [shot.start for shot in other_cut.shots] == pytest.approx([0.0, edge], abs=1 / 24), name
        for time in (1.0, 3.0):
            # well below the stated errors of 0.4 and 0.35
            assert other.at(time).affect.valence == pytest.approx(curve.at(time).affect.valence, abs=0.2), name
            assert other.at(time).affect.arousal == pytest.approx(curve.at(time).affect.arousal, abs=0.15), name


def test_nobody_is_asked(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "__init__", refuse)
    with pytest.raises(AssertionError, match="opened"):
        socket.socket()
    feel(clip(studio, f"pace {PACE}", pace=PACE))

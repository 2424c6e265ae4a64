from __future__ import annotations

from pathlib import Path

import pytest
from clips import QUICK, Studio
from cuts import felt, movie_cut, only, spotting

from emsync_bridge.cue import Directive, Shot
from emsync_bridge.emotion.extractors.low_level import LookExtractor, SoundExtractor
from emsync_bridge.emotion.fusion.sign import NONE, word_of
from emsync_bridge.emotion.reasons import certainty
from emsync_bridge.errors import EmotionError

SIZE = "s=96x54:r=25:d=4"
MOVING = f"testsrc2={SIZE}"


def moving(speed: float) -> str:
    """Stripes that travel so many pixels per second."""
    return f"color=black:{SIZE},format=gray,geq=lum='128+100*sin((X+{speed}*T)/6)'"


def toned(value: float, saturation: float) -> str:
    """A slowly moving texture of this brightness and saturation."""
    high, low = 255 * value, 255 * value * (1 - saturation)
    wave = "(0.9+0.07*sin((X+T*4)/9)+0.03*sin(Y/5))"
    return f"color=black:{SIZE},format=gbrp,geq=r='{high}*{wave}':g='{low}*{wave}':b='{low}*{wave}'"


def test_more_movement_raises_arousal(studio: Studio) -> None:
    found = [only(studio.picture(f"move {v}.mp4", moving(v))).affect.arousal for v in (0, 1, 3, 12)]
    assert found == sorted(found)
    assert found[-1] - found[0] > 0.2


def test_louder_sound_raises_arousal(studio: Studio) -> None:
    found = []
    for level in (-50, -35, -20, -8):
        path = studio.movie(f"loud {level}.mp4", MOVING, f"anoisesrc=d=4:c=pink:seed=1,volume={level + 12}dB")
        found.append(only(path).affect.arousal)
    assert found == sorted(found)
    assert found[-1] - found[0] > 0.15


def test_faster_cutting_raises_arousal(studio: Studio) -> None:
    path = studio.picture("long.mp4", "testsrc2=s=96x54:r=25:d=8")
    found = []
    for length in (4, 2, 1):
        cut = movie_cut(path, *range(0, 9, length))
        found.append(felt(cut).curve.mean().arousal)
    assert found == sorted(found)
    assert found[-1] - found[0] > 0.2


def test_one_short_shot_has_no_rhythm(studio: Studio) -> None:
    path = studio.picture("long.mp4", "testsrc2=s=96x54:r=25:d=8")
    (alone,) = felt(movie_cut(path, 0, 1.5)).curve.spans
    assert "cutting" not in alone.reason
    assert all(name != "cutting" for name, _, _ in alone.contributions)
    assert all("fast cutting" in span.reason for span in felt(movie_cut(path, 0, 1.5, 3)).curve.spans)


@pytest.mark.parametrize("what", ["brightness", "saturation"])
def test_brighter_and_richer_colours_raise_valence(studio: Studio, what: str) -> None:
    steps = (0.1, 0.35, 0.6, 0.9)
    found = []
    for step in steps:
        source = toned(step, 0.4) if what == "brightness" else toned(0.6, step)
        found.append(only(studio.picture(f"{what} {step}.mkv", source, "-c:v", "ffv1")).affect)
    valences = [affect.valence for affect in found]
    assert valences == sorted(valences)
    assert valences[-1] - valences[0] > 0.03
    assert max(abs(valence) for valence in valences) < 0.5  # one cue alone may not claim an extreme mood


def test_a_sudden_loud_sound_is_an_event(studio: Studio) -> None:
    quiet = "anoisesrc=d=4:c=pink:seed=1:a=0.01"
    bang = f"{quiet},volume='if(between(t,2,2.3),60,1)':eval=frame"
    calm = only(studio.movie("quiet.mp4", MOVING, quiet, *QUICK, "-c:a", "pcm_s16le", "-f", "mov"))
    struck = only(studio.movie("bang.mp4", MOVING, bang, *QUICK, "-c:a", "pcm_s16le", "-f", "mov"))
    assert "sudden loud sound" in struck.reason
    assert "sudden loud sound" not in calm.reason
    assert struck.affect.arousal > calm.affect.arousal + 0.1
    assert struck.affect.valence == pytest.approx(calm.affect.valence, abs=0.01)
    steady = only(studio.movie("loud -8.mp4", MOVING, "anoisesrc=d=4:c=pink:seed=1,volume=4dB"))
    assert "event" not in {name for name, _, _ in steady.contributions}


def test_timbre_raises_arousal(studio: Studio) -> None:
    found = [
        only(studio.movie(f"tone {hertz}.mp4", MOVING, f"sine={hertz}:d=4,volume=0.3")).affect.arousal
        for hertz in (200, 800, 3000)
    ]
    assert found == sorted(found)


def test_coding_scaling_bars_rate_and_start_make_no_difference(studio: Studio) -> None:
    plain = studio.movie(
        "inv.mp4",
        "mandelbrot=s=320x180:r=30,trim=duration=4",
        "anoisesrc=d=4:c=pink:a=0.2:seed=2",
        *QUICK,
        "-c:a",
        "aac",
    )
    expected = only(plain).affect
    variants = {
        "inv_hard.mp4": (*QUICK, "-crf", "36"),
        "inv_small.mp4": ("-vf", "scale=160:90", *QUICK),
        "inv_boxed.mp4": ("-vf", "pad=320:240:0:30", *QUICK),
        "inv_24.mp4": ("-r", "24", *QUICK),
        "inv_25.mp4": ("-r", "25", *QUICK),
        "inv_ten.mkv": ("-c:v", "ffv1", "-pix_fmt", "yuv420p10le", "-c:a", "copy"),
        "inv_late.ts": ("-c:v", "copy", "-c:a", "mp2", "-output_ts_offset", "30"),
    }
    for name, options in variants.items():
        affect = only(studio.make(name, "-i", plain, *options)).affect
        assert affect.valence == pytest.approx(expected.valence, abs=0.1), name
        assert affect.arousal == pytest.approx(expected.arousal, abs=0.1), name


def test_silence_is_no_calm_but_less_to_go_by(studio: Studio) -> None:
    loud = only(studio.movie("loud -20.mp4", MOVING, "anoisesrc=d=4:c=pink:seed=1,volume=-8dB"))
    silent = only(studio.movie("silent.mp4", MOVING, "anullsrc=d=4"))
    mute = only(studio.picture("no_sound.mp4", MOVING))
    assert silent.sigma[1] == pytest.approx(mute.sigma[1])
    assert silent.affect.arousal == pytest.approx(mute.affect.arousal, abs=0.01)
    assert loud.sigma[1] < silent.sigma[1]


def test_sound_without_picture(studio: Studio) -> None:
    path = studio.make("only.wav", "-f", "lavfi", "-i", "anoisesrc=d=4:c=pink:a=0.5:seed=1")
    span = only(path)
    assert span.sigma[1] < only(None).sigma[1]
    assert span.sigma[0] == pytest.approx(only(None).sigma[0])


def test_black_and_silence_stay_near_the_prior(studio: Studio) -> None:
    span = only(studio.movie("black.mp4", f"color=black:{SIZE}", "anullsrc=d=4"))
    assert abs(span.affect.valence) < 0.25
    assert abs(span.affect.arousal - 0.2) < 0.6
    assert span.sigma[0] == pytest.approx(only(None).sigma[0])


def test_nothing_to_look_at_gives_a_neutral_curve_and_one_warning() -> None:
    result = felt(spotting(Shot(0, 5, "/gone/a.mov", 0, 5), Shot(5, 10)))
    assert len(result.warnings) == 1
    for span in result.curve.spans:
        assert word_of(span.confidence) == NONE
        assert abs(span.affect.valence) < 0.01
        assert abs(span.affect.arousal) <= 0.2
        assert "little to go by" in span.reason


def test_no_shots_at_all() -> None:
    (span,) = felt(spotting()).curve.spans
    assert span.affect.valence == 0.0


def test_broken_media_is_warned_of_and_left_out(studio: Studio, tmp_path: Path) -> None:
    good = studio.picture("no_sound.mp4", MOVING)
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(good.read_bytes()[:3000])
    result = felt(spotting(Shot(0, 4, str(good), 0, 4), Shot(4, 8, str(bad), 0, 4)))
    assert len(result.warnings) == 1
    assert "bad.mp4" in result.warnings[0]
    assert result.curve.spans[0].confidence > result.curve.spans[1].confidence


def test_a_shot_beyond_the_end_of_its_media(studio: Studio) -> None:
    good = studio.picture("no_sound.mp4", MOVING)
    (span,) = felt(spotting(Shot(0, 4, str(good), 100, 104))).curve.spans
    assert word_of(span.confidence) == NONE


def test_freezes_reverses_and_speed(studio: Studio) -> None:
    path = studio.picture("move 3.mp4", moving(3))
    plain = only(path).affect.arousal
    (frozen,) = felt(spotting(Shot(0, 4, str(path), 2.0, 2.0))).curve.spans
    assert frozen.affect.arousal < plain
    assert "still" in frozen.reason
    (backwards,) = felt(spotting(Shot(0, 4, str(path), 4.0, 0.0))).curve.spans
    assert backwards.affect.arousal == pytest.approx(plain, abs=0.02)
    (fast,) = felt(spotting(Shot(0, 2, str(path), 0.0, 4.0))).curve.spans
    slow = felt(movie_cut(path, 0, 2)).curve.spans[0]
    assert fast.affect.arousal > slow.affect.arousal


def test_a_very_short_shot_is_looked_at_too(studio: Studio) -> None:
    path = studio.picture("no_sound.mp4", MOVING)
    result = felt(movie_cut(path, 0, 1.04, 1.12, 4))
    assert result.curve.spans[1].sigma[0] < 0.6


def test_stills(studio: Studio) -> None:
    path = studio.make("photo.png", "-f", "lavfi", "-i", "testsrc2=s=160x90", "-frames:v", "1")
    result = felt(spotting(Shot(0, 60, str(path), 0, 60)))
    assert "still" in result.curve.spans[0].reason
    assert result.measured == 1


def test_reasons_are_for_people(studio: Studio) -> None:
    grain = f"color=black:{SIZE},format=gbrp,geq=r='16+2*sin(X*Y)':g='16+2*sin(X*Y)':b='24+2*sin(X*Y)'"
    path = studio.movie("gloomy.mkv", grain, "anoisesrc=d=4:c=pink:seed=1,volume=-30dB", "-c:v", "ffv1", "-c:a", "aac")
    assert {"dark", "still", "low sound"} <= set(only(path).reason.split(", "))


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("title", "color=black:{},drawbox=20:60:280:12:white:fill,drawbox=60:90:200:8:gray:fill", "title or graphic"),
        ("bars", "smptehdbars={}", "title or graphic"),
        ("white", "color=white:{}", "title or graphic"),
        ("slug", "color=black:{}", "black"),
    ],
)
def test_titles_slates_and_slugs_have_no_valence(studio: Studio, name: str, source: str, said: str) -> None:
    span = only(studio.picture(f"{name}.mkv", source.format("s=320x180:r=25:d=2"), "-c:v", "ffv1"))
    assert span.affect.valence == 0
    assert certainty(span)[0] == "none"
    assert span.reason.split(", ")[0] == said


def test_directives_override_from_one_to_the_next() -> None:
    directives = [Directive(2, "joy"), Directive(6, "silence", 7), Directive(8, "v=-0.5"), Directive(9, "auto")]
    curve = felt(movie_cut(None, 0, 5, 10, directives=directives)).curve
    assert [(s.start, s.end) for s in curve.spans] == [(0, 2), (2, 5), (5, 6), (6, 7), (7, 8), (8, 9), (9, 10)]
    assert curve.at(3).affect.valence == curve.at(5.5).affect.valence == 0.8
    assert curve.at(3).confidence == 1.0
    assert curve.at(6.5).silence
    assert not curve.at(7.5).silence
    assert curve.at(7.5).confidence < 0.5
    assert curve.at(8.5).affect.valence == -0.5
    assert curve.at(8.5).affect.arousal == curve.at(9.5).affect.arousal


def test_a_ramp_goes_from_one_mood_to_the_other() -> None:
    curve = felt(movie_cut(None, 0, 10, directives=[Directive(0, "v=-1 a=-1 -> v=1 a=1")])).curve
    valences = [span.affect.valence for span in curve.spans]
    assert valences == sorted(valences)
    assert len(valences) >= 5
    assert valences[0] == pytest.approx(-0.8)
    assert valences[-1] == pytest.approx(0.8)


def test_a_directive_that_is_not_understood_is_a_warning() -> None:
    result = felt(movie_cut(None, 0, 10, directives=[Directive(1, "joi"), Directive(2, "joy")]))
    assert any("Did you mean joy" in warning for warning in result.warnings)
    assert result.curve.at(5).affect.valence == 0.8


def test_settings_override_everything_but_silence(studio: Studio) -> None:
    cut = movie_cut(
        studio.picture("no_sound.mp4", MOVING), 0, 2, 4, directives=[Directive(1, "joy", 2), Directive(3, "silence")]
    )
    free = felt(cut).curve
    half = felt(cut, valence=-0.3).curve
    assert all(s.affect.valence == -0.3 for s in half.spans if not s.silence)
    assert half.at(0.5).affect.arousal == free.at(0.5).affect.arousal
    assert half.at(3.5).silence
    whole = felt(cut, mood="calm")
    assert whole.measured == 0
    assert {(s.affect.valence, s.affect.arousal) for s in whole.curve.spans if not s.silence} == {(0.4, -0.6)}
    assert felt(cut, mood="calm", arousal=0.5).curve.at(0).affect.arousal == 0.5


@pytest.mark.parametrize("bad", [{"valence": 1.5}, {"arousal": float("nan")}, {"mood": "blah"}])
def test_settings_out_of_range(bad: dict[str, float | str]) -> None:
    with pytest.raises(EmotionError):
        felt(movie_cut(None, 0, 4), **bad)


def test_shared_media_is_measured_once(studio: Studio) -> None:
    path = studio.picture("no_sound.mp4", MOVING)
    twice = spotting(Shot(0, 4, str(path), 0, 4), Shot(4, 8, str(path), 0, 4))
    assert felt(twice).measured == felt(movie_cut(path, 0, 4)).measured == 16


def test_progress_reaches_the_end(studio: Studio) -> None:
    path = studio.movie("loud -20.mp4", MOVING, "anoisesrc=d=4:c=pink:seed=1,volume=-8dB")
    steps: list[float] = []
    felt(movie_cut(path, 0, 2, 4), progress=lambda share, what: steps.append(share))
    assert steps == sorted(steps)
    assert steps[-1] == pytest.approx(1.0)


def test_what_was_used_is_named(studio: Studio) -> None:
    result = felt(movie_cut(studio.picture("no_sound.mp4", MOVING), 0, 4))
    assert result.origins == (LookExtractor.origin,)
    assert felt(movie_cut(None, 0, 4)).origins == ()


def test_leaving_an_extractor_out_widens_the_error(studio: Studio) -> None:
    path = studio.movie("loud -20.mp4", MOVING, "anoisesrc=d=4:c=pink:seed=1,volume=-8dB")
    errors = [
        only(path, extractors=chosen).sigma for chosen in ([LookExtractor(), SoundExtractor()], [LookExtractor()], [])
    ]
    assert errors[0][1] < errors[1][1] < errors[2][1]
    assert errors[1][0] < errors[2][0]


def test_key_frames_give_colours_without_movement(studio: Studio) -> None:
    path = studio.picture("no_sound.mp4", MOVING)
    quick, exact = only(path, keyframes=True), only(path)
    assert quick.affect.valence == pytest.approx(exact.affect.valence, abs=0.1)
    assert quick.sigma[1] > exact.sigma[1]


def test_contrast_stretches_and_claims_nothing(studio: Studio) -> None:
    still, busy = studio.picture("move 0.mp4", moving(0)), studio.picture("move 12.mp4", moving(12))
    shots = [Shot(4.0 * i, 4.0 * i + 4, str((still, busy)[i % 2]), 0, 4) for i in range(4)]
    cut = spotting(*shots, directives=[Directive(12, "calm")])
    plain, stretched = felt(cut), felt(cut, contrast=True)
    arousals = [[span.affect.arousal for span in result.curve.spans[:3]] for result in (plain, stretched)]
    spread = [max(values) - min(values) for values in arousals]
    assert spread[1] > 1.5 * spread[0]
    assert [s.confidence for s in stretched.curve.spans] == [s.confidence for s in plain.curve.spans]
    assert stretched.curve.spans[0].sigma[1] > plain.curve.spans[0].sigma[1]
    assert stretched.curve.at(13).affect == plain.curve.at(13).affect
    assert any("Contrast is raised" in warning for warning in stretched.warnings)
    flat = felt(movie_cut(still, 0, 4), contrast=True)
    assert flat.curve == felt(movie_cut(still, 0, 4)).curve

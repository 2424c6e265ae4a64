"""Write the edit as ``storm.edl``, the way Avid Media Composer lists a picture track (CMX 3600 with locators)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cut import DISSOLVE, DISSOLVE_AFTER, RATE, SHOTS, START, Roll, Shot
from make_timeline import MARKERS, NAME, placed

HERE = Path(__file__).parent


def main() -> None:
    """Write the list beside this script."""
    (HERE / "storm.edl").write_text(edit_list(), encoding="utf-8")


def edit_list() -> str:
    """Return the list's text.

    A list knows dissolves that begin with their event, so the one that is centred on a cut begins half its length
    before that cut, as editors export it.
    """
    lines = [f"TITLE: {NAME.upper()}", "FCM: NON-DROP FRAME"]
    for number, at, shot in placed():
        lines += ["", *_event(number, at, shot)]
        for name, frame, _, _, colour in MARKERS:
            if at <= frame < at + shot.frames:
                lines.append(f"* LOC: {timecode(START + frame)} {colour:7} {name}")
    return "\n".join(lines) + "\n"


def timecode(frame: int) -> str:
    """Return a frame number as a timecode without drop frame."""
    second, frames = divmod(frame, RATE)
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}:{frames:02}"


def _event(number: int, at: int, shot: Shot) -> Iterator[str]:
    first, end = shot.first, at + shot.frames
    event = f"{number + 1:03}"
    if number == DISSOLVE_AFTER:
        end -= DISSOLVE
    if number != DISSOLVE_AFTER + 1:
        yield _line(event, shot.roll, "C", (first, at, end))
        if shot.roll:
            yield f"* FROM CLIP NAME: {_file(shot.roll)}"
        return
    out = SHOTS[DISSOLVE_AFTER]
    begin = at - DISSOLVE
    yield _line(event, out.roll, "C", (out.first + out.frames - DISSOLVE, begin, begin))
    yield _line(event, shot.roll, f"D    {2 * DISSOLVE:03}", (first - DISSOLVE, begin, end))
    yield "* EFFECT NAME: CROSS DISSOLVE"
    yield f"* FROM CLIP NAME: {_file(out.roll)}"
    yield f"* TO CLIP NAME: {_file(shot.roll)}"


def _line(event: str, roll: Roll | None, kind: str, place: tuple[int, int, int]) -> str:
    """Return an event's line; ``place`` has the first source frame, the first record frame and the one after it."""
    source, first, end = place
    times = (source, source + end - first, START + first, START + end)
    reel = roll.name.replace("_", "")[:8].upper() if roll else "BL"
    return f"{event}  {reel:8} V     {kind:8} {' '.join(map(timecode, times))}"


def _file(roll: Roll | None) -> str:
    return f"{roll.name}.mp4" if roll else "BLACK"


if __name__ == "__main__":
    main()

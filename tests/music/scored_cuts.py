"""Cuts and moods that the music tests score."""

from fractions import Fraction

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Spotting


def spotting(duration, times=(), rate=Fraction(24)):
    """Return a spotting whose hits are at some seconds, on the frame grid."""
    frames = sorted({round(time * rate) for time in times})
    hits = [HitPoint(float(frame / rate), frame, "cut") for frame in frames]
    return Spotting(
        "test",
        duration,
        rate,
        start_frame=round(3600 * rate),
        hits=(HitPoint(0.0, 0, "start"), *hits, HitPoint(duration, round(duration * rate), "end")),
    )


def mood(*spans):
    """Return a curve from (start, end, valence, arousal) or (start, end) for a silence."""
    return EmotionCurve(
        tuple(
            EmotionSpan(span[0], span[1], Affect(span[2], span[3]))
            if len(span) == 4
            else EmotionSpan(span[0], span[1], Affect(0, 0), silence=True)
            for span in spans
        )
    )

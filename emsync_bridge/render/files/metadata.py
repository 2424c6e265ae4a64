"""Metadata of audio files: Broadcast Wave extension, iXML and INFO chunks.

Layouts: EBU Tech 3285 (version 2), iXML 3.01 (gallery.co.uk/ixml), RIFF INFO (Microsoft, 1991). That music is made by a
machine is said in all three, in words and by the term of the IPTC's vocabulary of digital sources, as article 50 of
Regulation (EU) 2024/1689 asks for a mark that machines can read.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from datetime import datetime, timezone
from fractions import Fraction
from math import isfinite
from xml.sax.saxutils import escape

from emsync_bridge.machine_mark import DIGITAL_SOURCE
from emsync_bridge.render.mix.meter import Loudness

_UNKNOWN = 0x7FFF  # a loudness that is not given, Tech 3285 version 2


@dataclass(frozen=True)
class Stamp:
    """Facts of a piece of music for its files.

    Arguments:
        start: Seconds since midnight of the first sample.
        rate: Frames per second of the timeline; None where there is none.
        drop_frame: Whether timecode is counted in drop frame.
        project: Name of the cut or film.
        cue: Number or name of the cue.
        take: Number of the take.
        mark: Origin of the music: program, version, generator, seed; empty where that is not known.
        made: Moment of making; now by default, or what SOURCE_DATE_EPOCH says.
    """

    start: Fraction = Fraction(0)
    rate: Fraction | None = None
    drop_frame: bool = False
    project: str = ""
    cue: str = ""
    take: str = ""
    mark: str = ""
    made: datetime | None = None

    @property
    def date(self) -> datetime:
        """Time at which the music was made."""
        if self.made is not None:
            return self.made
        epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
        return datetime.fromtimestamp(int(epoch), timezone.utc) if epoch.isdigit() else datetime.now(timezone.utc)


def broadcast_chunk(stamp: Stamp, sample_rate: int, bits: str, loudness: Loudness | None) -> bytes:
    """Return a broadcast extension of version 2.

    Arguments:
        stamp: Facts of the music.
        sample_rate: Samples per second.
        bits: Word length: 16, 24 or 32f.
        loudness: Loudness and true peak; None for a stem.
    """
    from emsync_bridge import __version__

    said = [
        text for text in (stamp.project, stamp.cue and f"cue {stamp.cue}", stamp.take and f"take {stamp.take}") if text
    ]
    description = "; ".join([*said, stamp.mark]) if stamp.mark else "; ".join(said)
    reference = round(stamp.start * sample_rate)
    made = stamp.date
    head = struct.pack(
        "<256s32s32s10s8sIIH64x",
        _ascii(description, 256),
        b"emsync-bridge",
        _ascii(f"emsync-bridge {__version__}", 32),
        made.strftime("%Y-%m-%d").encode(),
        made.strftime("%H:%M:%S").encode(),
        reference & 0xFFFFFFFF,
        reference >> 32,
        2,
    )
    if loudness is None:
        values = [_UNKNOWN] * 5
    else:
        shown = (loudness.integrated, loudness.range, loudness.true_peak)
        values = [_hundredths(v) for v in shown] + [_UNKNOWN, _hundredths(loudness.short_term_maximum)]
    history = f"A=PCM,F={sample_rate},W={bits.rstrip('f')},M=stereo,T=emsync-bridge {__version__}\r\n"
    return _chunk(b"bext", head + struct.pack("<5h180x", *values) + history.encode("ascii"))


def ixml_chunk(stamp: Stamp, sample_rate: int, bits: str) -> bytes:
    """Return an iXML document, with the timecode rate and the mark; see ``broadcast_chunk``."""
    reference = round(stamp.start * sample_rate)
    speed = ""
    if stamp.rate is not None:
        flag = "DF" if stamp.drop_frame else "NDF"
        speed = (
            f"<SPEED><TIMECODE_RATE>{stamp.rate.numerator}/{stamp.rate.denominator}</TIMECODE_RATE>"
            f"<TIMECODE_FLAG>{flag}</TIMECODE_FLAG><FILE_SAMPLE_RATE>{sample_rate}</FILE_SAMPLE_RATE>"
            f"<AUDIO_BIT_DEPTH>{bits.rstrip('f')}</AUDIO_BIT_DEPTH>"
            f"<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>{reference >> 32}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>"
            f"<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>{reference & 0xFFFFFFFF}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>"
            "</SPEED>"
        )
    tracks = "".join(
        f"<TRACK><CHANNEL_INDEX>{number}</CHANNEL_INDEX><INTERLEAVE_INDEX>{number}</INTERLEAVE_INDEX>"
        f"<NAME>Music {side}</NAME></TRACK>"
        for number, side in ((1, "L"), (2, "R"))
    )
    mark = (
        f"<USER><MACHINE_MADE>{escape(stamp.mark)}</MACHINE_MADE>"
        f"<DIGITAL_SOURCE_TYPE>{DIGITAL_SOURCE}</DIGITAL_SOURCE_TYPE></USER>"
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<BWFXML><IXML_VERSION>3.01</IXML_VERSION>'
        f"<PROJECT>{escape(stamp.project)}</PROJECT><SCENE>{escape(stamp.cue)}</SCENE><TAKE>{escape(stamp.take)}</TAKE>"
        f"<NOTE>{escape(stamp.mark)}</NOTE>{speed}"
        f"<TRACK_LIST><TRACK_COUNT>2</TRACK_COUNT>{tracks}</TRACK_LIST>{mark if stamp.mark else ''}</BWFXML>"
    )
    return _chunk(b"iXML", text.encode("utf-8"))


def info_chunk(stamp: Stamp) -> bytes:
    """Return an INFO list with name, program, date and the mark."""
    from emsync_bridge import __version__

    said = {b"INAM": f"{stamp.project} {stamp.cue}".strip(), b"ISFT": f"emsync-bridge {__version__}"}
    said[b"ICRD"] = stamp.date.strftime("%Y-%m-%d")
    if stamp.mark:
        said[b"ICMT"] = f"{stamp.mark} ({DIGITAL_SOURCE})"
    entries = b"".join(_chunk(name, text.encode("utf-8") + b"\0") for name, text in said.items() if text)
    return _chunk(b"LIST", b"INFO" + entries)


def _hundredths(value: float) -> int:
    return max(-0x8000, min(0x7FFE, round(value * 100))) if isfinite(value) else _UNKNOWN


def _ascii(text: str, size: int) -> bytes:
    return text.encode("ascii", "replace")[:size]


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)

"""Options of the sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, MaxLen

from emsync_bridge.options.bounds import CHECKED, File, NamedFile, TextPattern

CUE_NUMBER = TextPattern(r"[1-9][0-9]?m[0-9]{1,3}[A-Za-z]?", "reel, m and number of the cue, such as 1m01 or 2m14A")
LOUDNESS = TextPattern(
    r"music|ebu|atsc|netflix|podcast|web|-[1-9][0-9]?(\.[0-9]{1,2})?",
    "music, ebu, atsc, netflix, podcast, web, or LUFS from -99 to -1",
)
SPOKEN = TextPattern(
    r"[Aa][Ll][Ll]|[Ss]hots? ?[0-9]{1,6}([-\u2013][0-9]{1,6})?"
    r"|[0-9:;.s ]*[0-9][0-9:;.s ]*[-\u2013][0-9:;.s ]*|[-\u2013][0-9:;.s ]*[0-9][0-9:;.s ]*",
    "a range such as 00:10-00:24, 12.5-20, 40- or shots3-5",
)


@dataclass(frozen=True)
class RenderOptions:
    """Options of the sound.

    Arguments:
        soundfont: SoundFont (.sf2, .sf3) to render with; the instruments of the package otherwise.
        sfz: SFZ instrument of your own for a player or a family, such as violins=LIBRARY/violins.sfz; may be given
            several times. Needs the extra sfz.
        engine: Synthesizer; auto is midirenderer, so that a piece sounds alike on every machine.
        stems: Write each family of instruments alone too.
        stem_sound: Stems in the room, or dry with the room as a stem of its own; both add up to the mix. Needs
            ``stems``.
        stem_names: Names of stems and alternates: after the music, or as dubbing stages write them, in a folder:
            Project_1m01_STRINGS_v01.wav. Needs ``stems`` or ``alternates``.
        cue_number: Reel and number of the cue, such as 1m01, for those names and for the file's own description.
        alternates: Write the mix without percussion, without melody, and without both (underscore) too.
        tail: Seconds that the audio rings on after the last frame, for handles.
        bwf: Write the audio a second time as .bwf.wav; the .wav carries timecode already.
        ltc: Write linear time code (LTC) beside the audio, as .ltc.wav, for machines that chase it.
        editor: Editor to write for: the one that the timeline is from, or Premiere too, as .premiere.otio.
        room: Room that the music is played in.
        loudness: Loudness of the mix: music (-20 LUFS), ebu (-23), atsc (-24), netflix (-27), podcast (-16), web (-14),
            or a number in LUFS.
        peak: Highest true peak in dBTP; that of the loudness target otherwise.
        sample_rate: Samples per second.
        bits: Bits of a sample; 32f for floating point.
        fade_in: Seconds of fade at the start; a quarter of the piece at most.
        fade_out: Seconds of fade at the end; a quarter of the piece at most.
        certificate: Certificate chain in PEM, the signer's own first, that signs audio and movie with Content
            Credentials (C2PA, by the extra c2pa). Needs ``certificate_key``.
        certificate_key: Private key of the certificate in PEM, without a password.
        plain: Write the MIDI file as notated as well, without swells and with onsets on the beat.
        ducking: Keep the music low under speech that is heard in the picture's sound, marked or given; off keeps its
            level everywhere, even in the ranges of ``duck``.
        duck: Range with speech, such as 00:10-00:24, instead of listening for it; may be given several times.
        music_gain: Decibels of the music in the movie.
        dialogue_gain: Decibels of the picture's own sound in the movie.
        original_sound: The picture's own sound in the movie: mix it with the music, keep it on a second track, or drop
            it.
    """

    __pydantic_config__: ClassVar = CHECKED

    soundfont: File | None = None
    sfz: Annotated[tuple[Annotated[str, NamedFile(), MaxLen(1000)], ...], MaxLen(64)] = ()
    engine: Literal["auto", "midirenderer", "fluidsynth"] = "auto"
    stems: bool = False
    stem_sound: Literal["wet", "dry"] = "wet"
    stem_names: Literal["plain", "dub"] = "plain"
    cue_number: Annotated[str, CUE_NUMBER, MaxLen(7)] = "1m01"
    alternates: bool = False
    tail: Annotated[float, Ge(0), Le(60)] = 0.0
    bwf: bool = False
    ltc: bool = False
    editor: Literal["same", "premiere"] = "same"
    room: Literal["dry", "studio", "hall"] = "hall"
    loudness: Annotated[str, LOUDNESS, MaxLen(10)] = "music"
    peak: Annotated[float, Ge(-20), Le(0)] | None = None
    sample_rate: Literal["44100", "48000", "96000"] = "48000"
    bits: Literal["16", "24", "32f"] = "24"
    fade_in: Annotated[float, Ge(0), Le(60)] = 0.0
    fade_out: Annotated[float, Ge(0), Le(60)] = 3.0
    certificate: File | None = None
    certificate_key: File | None = None
    plain: bool = False
    ducking: Literal["auto", "off"] = "auto"
    duck: Annotated[tuple[Annotated[str, SPOKEN, MaxLen(60)], ...], MaxLen(1000)] = ()
    music_gain: Annotated[float, Ge(-60), Le(24)] = 0.0
    dialogue_gain: Annotated[float, Ge(-60), Le(24)] = 0.0
    original_sound: Literal["mix", "keep", "drop"] = "mix"

"""The sound of each player, and the presets that the sounds are made of.

The presets are MuseScore_General's (bank and program). Its string sections lie on banks of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from emsync_bridge.midi.players import PLAYERS


@dataclass(frozen=True)
class KeyRange:
    """Some keys of a preset.

    Arguments:
        bank: MIDI bank of the preset; 128 for drum kits.
        program: MIDI program of the preset, from 0.
        keys: Lowest and highest key that are taken.
        move: Semitones by which they are moved.
    """

    bank: int
    program: int
    keys: tuple[int, int] = (0, 127)
    move: int = 0


@dataclass(frozen=True)
class BankSound:
    """A sound of the bank.

    Arguments:
        sources: Presets that it is made of; later ones replace the keys of earlier ones.
        width: Share of the distance between the two microphones that is kept: a section sits in one part of the stage.
        release: Timecents added to the release; negative for a shorter one.
    """

    sources: tuple[KeyRange, ...]
    width: float = 1.0
    release: int = 0


def _preset(program: int, bank: int = 0, width: float = 1.0, release: int = 0) -> BankSound:
    return BankSound((KeyRange(bank, program),), width, release)


_KIT = KeyRange(128, 0)
_CYMBALS = (  # crash, second crash, tap for rolls, ride, smash
    KeyRange(128, 58, (72, 72), 49 - 72),
    KeyRange(128, 58, (70, 70), 57 - 70),
    KeyRange(128, 58, (81, 81), 59 - 81),
    KeyRange(128, 58, (82, 82), 51 - 82),
    KeyRange(128, 58, (89, 89), 52 - 89),
)
_ORCHESTRAL = BankSound(
    (_KIT, KeyRange(128, 48, (35, 36)), KeyRange(128, 48, (38, 38)), KeyRange(128, 48, (40, 40)), *_CYMBALS)
)

SOUNDS: MappingProxyType[str, BankSound] = MappingProxyType(
    {
        "piccolo": _preset(72),
        "flute": _preset(73),
        "oboe": _preset(68),
        "english_horn": _preset(69),
        "clarinet": _preset(71),
        "bassoon": _preset(70),
        "horns": _preset(60),
        "trumpets": _preset(56),
        "low_brass": _preset(57),
        "tuba": _preset(58),
        "timpani": _preset(47),
        "taiko": _preset(116),
        "orchestral_percussion": _ORCHESTRAL,
        "glockenspiel": _preset(9),
        "celesta": _preset(8),
        "piano": _preset(0, width=0.7),
        "harp": _preset(46),
        "choir": _preset(52),
        "violins": _preset(48, 20, 0.5),
        "violins2": _preset(48, 25, 0.5),
        "violas": _preset(48, 30, 0.5),
        "cellos": _preset(48, 40, 0.5),
        "basses": _preset(48, 50, 0.4),
        "tremolo": _preset(44, width=0.7),
        "pizzicato": _preset(45, width=0.7),
        "spiccato": _preset(48, width=0.7, release=-1200),
        "ensemble": _preset(48, width=0.8),
        "violin": _preset(40),
        "viola": _preset(41),
        "cello": _preset(42),
        "guitar": _preset(24),
        "steel_guitar": _preset(25),
        "electric_guitar": _preset(27),
        "distorted_guitar": _preset(30),
        "acoustic_bass": _preset(32),
        "electric_bass": _preset(33),
        "electric_piano": _preset(4),
        "organ": _preset(19),
        "pad": _preset(89, width=0.8),
        "sweep": _preset(95),
        "synth_lead": _preset(81),
        "synth_pluck": _preset(88),
        "synth_bass": _preset(38),
        "drum_kit": BankSound((_KIT,)),
    }
)
"""All sounds by name; the first one that needs a sample has it in its own stream."""

_SHARED = MappingProxyType(
    {
        "violin2": "violin",
        "snare": "orchestral_percussion",
        "cymbals": "orchestral_percussion",
        "bass_drum": "orchestral_percussion",
        "percussion": "orchestral_percussion",
    }
)

_FAMILIES = (  # last General MIDI program of each family from 0, and what plays those that have no sound of their own
    (7, "piano"), (15, "celesta"), (23, "organ"), (31, "steel_guitar"), (39, "electric_bass"), (47, "ensemble"),
    (51, "ensemble"), (55, "choir"), (59, "low_brass"), (63, "horns"), (71, "clarinet"), (79, "flute"),
    (87, "synth_lead"), (103, "pad"), (111, "steel_guitar"), (119, "taiko"), (127, "pad"),
)  # fmt: skip

_OWN = MappingProxyType(
    {
        **{
            sound.sources[0].program: name
            for name, sound in reversed(tuple(SOUNDS.items()))
            if sound.sources[0].bank == 0
        },
        48: "ensemble",
        49: "ensemble",
    }
)


def sound_of_player(player: str) -> str:
    """Return the name of the sound of one of ``PLAYERS``."""
    return _SHARED.get(player, player)


def sound_of_program(program: int, *, drums: bool = False) -> str:
    """Return the sound that stands for a General MIDI program, the nearest one where it has none of its own.

    Arguments:
        program: Number of the program, from 0 to 127.
        drums: Whether it is a kit, whose notes are keys of the percussion map.
    """
    if drums:
        return "orchestral_percussion" if program == 48 else "drum_kit"
    return _OWN.get(program) or next(name for last, name in _FAMILIES if program <= last)


if missing := [name for name in PLAYERS if sound_of_player(name) not in SOUNDS]:
    raise RuntimeError(f"players without a sound: {missing}")

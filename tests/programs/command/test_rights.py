"""The text beside the music: what the generator learned from, and no promise that nobody made."""

import json
from fractions import Fraction

from emsync_bridge.cue import Cue, EmotionCurve, Spotting, Take, TempoMap
from emsync_bridge.music.network.checkpoint import load, read_card
from emsync_bridge.scoring.license_text import rights_text, write_license_text


def cue(model):
    return Cue(
        Spotting("A film", 10.0, Fraction(24)), EmotionCurve(()), (Take(7, (), TempoMap(), "D minor", (), model),)
    )


def test_the_shipped_generator_names_all_it_learned_from(tmp_path):
    card, name = read_card()
    assert name == load().name
    write_license_text(cue(name), None, tmp_path / "text.txt")
    text = (tmp_path / "text.txt").read_text(encoding="utf-8")
    assert "A film" in text
    assert name in text
    for source in card["data"]:
        assert source["name"] in text
        assert source["licence"] in text
    assert " ".join(card["rights"].split()) in " ".join(text.split())


def test_another_generator_or_one_without_a_card_promises_nothing(tmp_path):
    write_license_text(cue("somebody-else-123"), None, tmp_path / "text.txt")
    other = (tmp_path / "text.txt").read_text(encoding="utf-8")
    write_license_text(cue("lost-1"), tmp_path / "nowhere", tmp_path / "text.txt")
    for text in (other, (tmp_path / "text.txt").read_text(encoding="utf-8"), rights_text(cue("x"), {"rights": 3})):
        assert "ask its author" in text
        assert "CC0" not in text


def test_of_two_generators_both_are_named_and_one_unknown_leaves_nothing_promised(tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "weights.safetensors").write_bytes(b"weights")
    data = [{"name": "My songs", "source": "mine", "licence": "my own"}]
    (own / "card.json").write_text(json.dumps({"name": "own", "rights": "Mine alone.", "data": data}))
    (card, shipped), (_, name) = read_card(), read_card(own)
    write_license_text(cue(f"{shipped} + {name}"), own, tmp_path / "both.txt")
    both = " ".join((tmp_path / "both.txt").read_text(encoding="utf-8").split())
    assert " ".join(card["rights"].split()) in both
    assert "Mine alone." in both
    assert "My songs" in both
    assert card["data"][0]["name"] in both
    write_license_text(cue(f"somebody-else-123 + {name}"), own, tmp_path / "one.txt")
    assert "ask its author" in (tmp_path / "one.txt").read_text(encoding="utf-8")

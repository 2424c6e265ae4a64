"""Every option is declared once: bounds, defaults and help are the same for the commands, the bridge and the page."""

import json
import re
from dataclasses import fields
from fractions import Fraction
from pathlib import Path

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from emsync_bridge.cli import COMMANDS, main
from emsync_bridge.cli.shared.options import LEFT_OUT, option_name, options_from, values_of
from emsync_bridge.cue import INSTRUMENTS, Meter
from emsync_bridge.cue.serialization import from_document, to_document
from emsync_bridge.errors import EmsyncError
from emsync_bridge.options import GROUPS, PlacedOrder, Sampling
from emsync_bridge.options.fields import groups_of, help_of, options_of
from emsync_bridge.server.jobs import requests
from emsync_bridge.server.jobs.wire import from_wire, model_of, to_wire

PAGE = Path(__file__).parents[1] / "emsync_bridge" / "server" / "page"
EVERY = [(kind, option) for kind in GROUPS.values() for option in options_of(kind)]
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=("C",)), max_size=30)


def one_of(option):
    """Draw one value of an option within its bounds."""
    if option.choices:
        return st.sampled_from(option.choices)
    if option.type in (int, float):
        least, most = (None if bound is None else option.type(bound) for bound in (option.low, option.high))
        if option.type is int:
            return st.integers(least + option.above, most - option.below)
        return st.floats(least, most, exclude_min=option.above, exclude_max=option.below)
    return {
        bool: st.booleans(),
        str: st.from_regex(re.compile(option.pattern), fullmatch=True) if option.pattern else TEXT,
        Path: TEXT.map(lambda name: Path("/", name.replace("/", "_") or "x")),
        Fraction: st.sampled_from([Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(1000)]),
        Meter: st.builds(Meter, st.just(0), st.integers(1, 16), st.sampled_from([2, 4, 8, 16])),
        PlacedOrder: st.builds(PlacedOrder, st.just("shot3"), st.sampled_from(["joy", "calm -> fear", "silence"])),
    }[option.type]


def value_of(option):
    """Draw a whole value of an option."""
    if option.name == "ensemble":
        chosen = st.lists(st.sampled_from(INSTRUMENTS), min_size=1, unique=True)
        return chosen.map(lambda names: tuple(name for name in INSTRUMENTS if name in names))
    if option.name == "between":
        return st.tuples(one_of(option), one_of(option))
    return st.lists(one_of(option), max_size=4).map(tuple) if option.many else one_of(option)


def with_value(kind, option, value):
    """Return options of a class with one of them set."""
    if option.group:
        return kind(**{option.group: groups_of(kind)[option.group](**{option.name: value})})
    return kind(**{option.name: value})


@pytest.mark.parametrize(("kind", "option"), EVERY, ids=lambda each: getattr(each, "name", ""))
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_every_option_survives_json_and_requests(kind, option, data):
    asked = with_value(kind, option, data.draw(value_of(option)))
    assert from_document(kind, json.loads(json.dumps(to_document(asked)))) == asked
    sent = json.loads(json.dumps(to_wire(asked)))
    assert from_wire(kind, model_of(kind).model_validate(sent)) == asked


@pytest.mark.parametrize(("kind", "option"), EVERY, ids=lambda each: getattr(each, "name", ""))
def test_every_option_has_a_bound_and_a_line_of_help(kind, option):
    assert option.help[0].isupper()
    assert option.help.endswith(".")
    if option.type in (int, float):
        assert option.low is not None
        assert option.high is not None
    if option.type is str:
        assert option.choices or option.length or option.pattern
    if option.type is Path:
        assert option.folder is not None


@pytest.mark.parametrize(
    ("kind", "option"),
    [(kind, option) for kind, option in EVERY if option.type in (int, float)],
    ids=lambda each: getattr(each, "name", ""),
)
def test_a_number_out_of_bounds_is_refused_everywhere(kind, option):
    flag = option_name(option.name)
    scale = 100 if option.name == "max_bend" else 1
    for bound, step, edge in ((option.low, -1, option.above), (option.high, 1, option.below)):
        outside = bound if edge else bound + step
        several = (outside, outside) if option.name == "between" else outside
        asked = {option.group: {option.name: several}} if option.group else {option.name: several}
        with pytest.raises(EmsyncError, match=option.name):
            from_document(kind, asked)
        with pytest.raises(ValidationError):
            model_of(kind).model_validate(asked)
        if option.name in LEFT_OUT or option.name == "between":  # a range of times is checked against its timeline
            continue
        with pytest.raises(click.BadParameter):
            command_of(kind).make_context("x", [f"{flag}={outside * scale}"])


def command_of(kind):
    """Return a command that has every option of a class."""

    @click.command()
    @options_from(kind)
    def command(**options):
        return values_of(kind, options)

    return command


@pytest.mark.parametrize("kind", GROUPS.values(), ids=GROUPS)
def test_a_command_without_options_asks_for_the_defaults(kind):
    assert command_of(kind).main([], standalone_mode=False) == kind()
    assert from_wire(kind, model_of(kind)()) == kind()
    assert from_wire(kind, model_of(kind)(**dict.fromkeys(model_of(kind).model_fields))) == kind()


def options_of_commands():
    """Return the option strings of every command of scoring, by the name under which they reach it."""
    found = {}
    for name in COMMANDS:
        if name in ("spot", "feel", "score", "compose", "render"):
            for parameter in main.get_command(click.Context(main), name).params:
                found.setdefault(parameter.name, set()).update(parameter.opts)
    return found


@pytest.mark.parametrize(("kind", "option"), EVERY, ids=lambda each: getattr(each, "name", ""))
def test_every_option_is_reachable_from_both_front_ends_or_left_out_on_purpose(kind, option):
    commands = options_of_commands()
    if option.name in LEFT_OUT:
        assert option.name not in commands
    elif option.name == "cache":
        assert "--no-cache" in commands["cache"]
    else:
        assert option_name(option.name) in commands[option.name]
    group = next(name for name, each in GROUPS.items() if each is kind)
    asked = requests.ScoreRequest.model_json_schema()
    if group == "takes":
        assert option.name in asked["properties"]
        return
    part = asked["$defs"][groups_of(kind)[option.group].__name__ if option.group else kind.__name__]
    assert option.name in part["properties"]


def test_help_names_no_option_that_is_not_there():
    for kind in (*GROUPS.values(), Sampling):
        assert set(help_of(kind)) == {each.name for each in fields(kind)}


def test_every_control_of_the_page_sets_an_option_and_takes_its_bounds():
    known = {option.name for _, option in EVERY}
    text = (PAGE / "index.html").read_text(encoding="utf-8")
    controls = re.findall(r"<(?:input|select)[^>]*data-setting=\"([^\"]+)\"[^>]*>", text)
    assert set(controls) <= known
    numbers = [each for each in re.findall(r"<input[^>]*>", text) if 'type="number"' in each and "data-setting" in each]
    assert len(numbers) >= 4
    assert not [each for each in numbers if re.search(r" (min|max)=", each)]


def test_bounds_for_the_page(bridge_options):
    assert bridge_options["music"]["bpm"]["min"] == 40
    assert bridge_options["music"]["max_bend"] == {
        "type": "number", "min": 0.005, "max": 0.25, "default": 0.06, "help": help_of(GROUPS["music"])["max_bend"],
    }  # fmt: skip
    assert bridge_options["takes"]["seed"]["max"] == 2**32 - 1
    assert bridge_options["music"]["ensemble"]["choices"] == list(INSTRUMENTS)
    assert "folder" not in json.dumps(bridge_options["read"]["rate"])


@pytest.fixture
def bridge_options():
    documents = {name: {each.name: each.document() for each in options_of(kind)} for name, kind in GROUPS.items()}
    return json.loads(json.dumps(documents))

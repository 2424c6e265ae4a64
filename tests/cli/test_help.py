"""Help of the commands: an example in each, a telling word for each value, references as options."""

import click
import pytest

from emsync_bridge.cli import main


def commands(command, words=()):
    """Yield the words and the object of every command."""
    if words:
        yield " ".join(words), command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from commands(command.get_command(click.Context(command), name), (*words, name))


ALL = dict(commands(main))


@pytest.mark.parametrize("name", ALL)
def test_a_command_shows_an_example(name):
    with click.Context(ALL[name], info_name=f"emsync {name}") as context:
        text = ALL[name].get_help(context)
    assert f"  emsync {name}" in text.partition("Example")[2].partition("Options:")[0]


@pytest.mark.parametrize("name", ALL)
def test_an_option_says_what_kind_of_value_it_takes(name):
    command = ALL[name]
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden and not option.is_flag:
            assert option.make_metavar(click.Context(command)) != "TEXT", option.opts


@pytest.mark.parametrize("name", ALL)
def test_another_option_is_named_as_it_is_typed(name):
    flags = {flag for option in ALL[name].params for flag in option.opts}
    for option in ALL[name].params:
        text = getattr(option, "help", None) or ""
        assert "``" not in text
        if "Needs --" in text:
            assert set(text.split("Needs ")[1].replace(".", "").split(" or ")) <= flags

"""``emsync models``: what is on this computer, what can be fetched, and weights of others."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from emsync_bridge.cli.models.imports import import_published
from emsync_bridge.cli.models.listing import embedded, faces, generators, pretrained
from emsync_bridge.cli.shared.console import print_json, print_table, warn
from emsync_bridge.cli.shared.options import NEW_FOLDER


@click.group()
def models() -> None:
    """List models, fetch those that improve the estimate of mood, and import published generators.

    Nothing is ever downloaded but by "emsync models get".

    \b
    Examples:
      emsync models list
      emsync models get emotion            all models of --tier pretrained, 3.2 GB
      emsync models get clip ast           two of them
      emsync models import --emsync DIR    EMSYNC's own network, if you have its weights
    """


models_dir_option = click.option(
    "--models-dir", type=NEW_FOLDER, help="Folder of pretrained models, instead of the one of this user."
)


@models.command(name="list")
@models_dir_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def list_models(models_dir: Path | None, as_json: bool) -> None:
    """List all models: embedded, pretrained, generators.

    \b
    Examples:
      emsync models list
      emsync models list --json
    """
    lines = [*embedded(), *faces(), *pretrained(models_dir), *generators()]
    if as_json:
        print_json([asdict(line) for line in lines])
        return
    rows = [
        [
            "yes" if line.installed else "no",
            line.name,
            line.kind,
            line.licence,
            ""
            if line.megabytes is None
            else f"{line.megabytes:.0f}"
            if line.megabytes >= 10
            else f"{line.megabytes:.1f}",
            line.purpose,
            line.path,
        ]
        for line in lines
    ]
    print_table(rows, ("here", "name", "kind", "licence", "MB", "for", "path"))
    warn(f"{line.name}: {line.note}." for line in lines if line.note)


@models.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@models_dir_option
def get(names: tuple[str, ...], models_dir: Path | None) -> None:
    """Fetch pretrained models by name, or all of them with "emotion".

    They come from a public hub of models with a fixed revision each, as weights that hold no code. After an
    interruption, files that are whole are not fetched again. Licences are those of "emsync models list".

    \b
    Examples:
      emsync models get emotion
      emsync models get whisper text-emotion --models-dir /Volumes/Models
    """
    from emsync_bridge.emotion.pretrained.catalogue import BEATS, CATALOGUE, GROUPS, model_named
    from emsync_bridge.emotion.pretrained.download import fetch
    from emsync_bridge.emotion.pretrained.installed import user_folder

    if BEATS.name in names:
        way = "emsync models import --beats FILE"
        raise click.BadParameter(f"{BEATS.name} is {BEATS.caution}: {way}", param_hint="NAME")
    known = {model.name for model in CATALOGUE}
    if unknown := [name for name in names if name not in known and name not in GROUPS]:
        choices = ", ".join([*GROUPS, *sorted(known)])
        raise click.BadParameter(f"{', '.join(unknown)} is not among {choices}.", param_hint="NAME")
    wanted = dict.fromkeys(model for name in names for model in GROUPS.get(name, (name,)))
    folder = models_dir or user_folder()
    for model in map(model_named, wanted):
        there = (folder / model.name).is_dir()
        if not there:
            click.echo(f"{model.name}: {model.megabytes} MB, {model.licence}, from {model.repository} ...", err=True)
        path = fetch(model, folder)
        click.echo(f"{model.name}: {'already ' if there else ''}in {path}")


models.add_command(import_published)

"""``emsync models import``: published weights of others, brought into a folder of this user."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from emsync_bridge.cli.models.listing import own_generators
from emsync_bridge.cli.shared.console import print_json, progress_shown, warn
from emsync_bridge.cli.shared.destinations import NewFolder, protects_files
from emsync_bridge.cli.shared.options import A_FILE, A_FOLDER, ANYTHING


@click.command(name="import")
@click.option(
    "--emsync",
    "place",
    type=ANYTHING,
    metavar="DIR",
    help="Folder of the EMSYNC authors' files, or the file of weights itself.",
)
@click.option("--anticipation", type=A_FOLDER, metavar="DIR", help="Folder of an Anticipatory Music Transformer.")
@click.option(
    "--composers-assistant", "assistant", type=A_FOLDER, metavar="DIR", help="Folder of Composer's Assistant 2."
)
@click.option(
    "--emsync-classifier", "classifier", type=ANYTHING, metavar="DIR", help="Folder of EMSYNC's classifier of emotion."
)
@click.option("--beats", type=A_FILE, metavar="FILE", help="A published checkpoint of BEATs, for --tier pretrained.")
@click.option("--accept", metavar="LICENCE", help="Accept a licence that leaves open what you may do.")
@click.option("--name", metavar="NAME", help="Name of the generator here, instead of that of its option.")
@click.option(
    "--out",
    type=NewFolder("card.json", "weights.safetensors", "config.json", "model.safetensors"),
    metavar="DIR",
    help="Folder to import into, instead of your folder of generators or models.",
)
@click.option("--tokens", type=A_FILE, metavar="FILE", help="Its token map, where that is not beside the weights.")
@click.option(
    "--names", type=A_FILE, metavar="JSON", help="{their name: our name} for tensors that are not recognised."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@protects_files
def import_published(  # noqa: PLR0913 - click hands over every option of the command by name
    place: Path | None,
    anticipation: Path | None,
    assistant: Path | None,
    classifier: Path | None,
    beats: Path | None,
    accept: str | None,
    name: str | None,
    out: Path | None,
    tokens: Path | None,
    names: Path | None,
    as_json: bool,
) -> None:
    """Import published weights: EMSYNC's, two generators of other makers, and BEATs, which names sounds.

    EMSYNC's network is that of arXiv 2502.10154. Its weights are not part of emsync, and their licence is not known to
    it: you need the leave of their authors. Files of PyTorch are read as plain weights, without running any code in
    them, and need PyTorch; .safetensors do not. Where there is no token map, and in what else descriptions leave open,
    the reading is taken under which plain music is likeliest.

    The Anticipatory Music Transformer (arXiv 2306.08620; stanford-crfm/music-small-800k and others, 0.5 to 3 GB) is
    told hits ahead as notes at a set time. Its weights are under Apache-2.0, its training data are songs of others.
    May you sell what it writes? Nobody knows, so --accept is asked for. It needs PyTorch and transformers.

    Composer's Assistant 2 (arXiv 2407.14700; its release on GitHub, folder models/unjoined/infill, 0.2 GB) fills bars
    and players around what is given, hits included: whole takes, or parts of any take with --redo. Weights under MIT,
    training data in the public domain, CC0, CC-BY or with leave. May you sell what it writes? Yes. It needs PyTorch
    and transformers.

    BEATs (arXiv 2212.09058; github.com/microsoft/unilm, MIT, 363 MB) names sounds for --tier pretrained, and gives
    heads of emsync train-emotion the features of sound that EMSYNC's authors use. It needs PyTorch and transformers.

    \b
    Examples:
      emsync models import --emsync ~/Downloads/emsync
      emsync models import --anticipation music-small-800k --accept Apache-2.0
      emsync models import --composers-assistant models/unjoined/infill/finetuned_epoch_49_0/model
      emsync models import --emsync model.pt --tokens token_map.json --out generator
      emsync models import --beats BEATs_iter3_plus_AS2M_finetuned_on_AS2M_cpt2.pt
      emsync score CUT.otio --out music --model generator
    """
    sources = {
        "--emsync": place,
        "--anticipation": anticipation,
        "--composers-assistant": assistant,
        "--emsync-classifier": classifier,
        "--beats": beats,
    }
    given = [option for option, source in sources.items() if source is not None]
    if len(given) != 1:
        raise click.UsageError(f"Give one of {', '.join(sources)}.")
    if classifier is not None:
        _import_classifier(classifier, out or Path("emsync-classifier"), as_json=as_json)
        return
    if beats is not None:
        _import_beats(beats, out, as_json=as_json)
        return
    name = name or given[0].lstrip("-")
    if name in (".", "..") or not name or set(name) & set('/\\:*?"<>|'):
        raise click.BadParameter(f"{name!r} is not a folder name.", param_hint="--name")
    folder = out or own_generators() / name
    if anticipation is not None:
        _import_anticipation(anticipation, folder, name, accept, as_json=as_json)
    elif assistant is not None:
        _import_assistant(assistant, folder, name, as_json=as_json)
    elif place is not None:
        _import_emsync(place, folder, name, tokens, names, as_json=as_json)


def _import_emsync(
    place: Path, out: Path, name: str, tokens: Path | None, names: Path | None, *, as_json: bool
) -> None:
    from emsync_bridge.music.emsync_original.importer import import_generator

    with progress_shown() as progress:
        imported = import_generator(
            place,
            out,
            name=name,
            token_map=tokens,
            table=names,
            progress=lambda share: progress("Trying how to read them", share),
        )
    if as_json:
        print_json({**asdict(imported), "folder": str(imported.folder), "source": str(imported.source)})
        return
    warn(f"{note}." for note in imported.notes)
    click.echo(f"{imported.source.name}: {imported.parameters:,} values; plain music {imported.cost:.2f} nats a token")
    click.echo(f"Use it with: emsync score CUT --out DIR --model {shell_quoted(imported.folder)}")


def _import_anticipation(place: Path, out: Path, name: str, accept: str | None, *, as_json: bool) -> None:
    from emsync_bridge.music.anticipation.importer import RIGHTS, import_generator

    imported = import_generator(place, out, name=name, accepted=accept)
    _say_imported(place, imported.folder, imported.parameters, RIGHTS, as_json=as_json)


def _import_assistant(place: Path, out: Path, name: str, *, as_json: bool) -> None:
    from emsync_bridge.music.composers_assistant.importer import RIGHTS, import_generator

    imported = import_generator(place, out, name=name)
    _say_imported(place, imported.folder, imported.parameters, RIGHTS, as_json=as_json)


def _say_imported(place: Path, folder: Path, parameters: int, rights: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"folder": str(folder), "source": str(place), "parameters": parameters})
        return
    warn([rights])
    click.echo(f"{place.name}: {parameters:,} values")
    click.echo(f"Use it with: emsync score CUT --out DIR --model {shell_quoted(folder)}")


def shell_quoted(path: Path) -> str:
    """Return a path as it can be typed."""
    return f'"{path}"' if " " in str(path) else str(path)


def _import_classifier(place: Path, out: Path, *, as_json: bool) -> None:
    from emsync_bridge.emotion.pretrained.emsync_classifier import import_classifier

    found = import_classifier(place, out)
    if as_json:
        print_json({"classifier": str(out), **asdict(found)})
        return
    click.echo(f"{out}: {found.tensors} tensors, {found.parameters} weights, converted to safetensors")
    click.echo(f"It agrees with what is published: {', '.join(found.agrees)}.")
    if found.differs:
        click.echo(f"It does not show: {', '.join(found.differs)}.")
    click.echo(f"It cannot be used yet, because these are not published: {'; '.join(found.unknown)}.")


def _import_beats(place: Path, out: Path | None, *, as_json: bool) -> None:
    from emsync_bridge.emotion.pretrained.beats.importer import import_beats
    from emsync_bridge.emotion.pretrained.catalogue import BEATS
    from emsync_bridge.emotion.pretrained.installed import user_folder

    if out is not None and out.name != BEATS.name:
        raise click.BadParameter(f"must be a folder named {BEATS.name}: {out / BEATS.name}.", param_hint="--out")
    found = import_beats(place, out or user_folder() / BEATS.name)
    if as_json:
        print_json({**asdict(found), "folder": str(found.folder), "source": str(place)})
        return
    told = f"{found.classes} classes, {found.known} of them with a mood" if found.classes else "features alone"
    click.echo(f"{place.name}: {found.parameters:,} values; {told}")
    where = "" if out is None else f" --models-dir {shell_quoted(out.parent)}"
    click.echo(f"Use it with: emsync feel CUT --tier pretrained{where}")
    if not found.classes:
        click.echo("It was not fine-tuned: only a head of emsync train-emotion can use it.")

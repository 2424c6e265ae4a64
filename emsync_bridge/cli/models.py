"""``emsync models``: the networks on this computer, those that can be fetched or imported, and the generators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click

from emsync_bridge.cli.shared.console import print_json, print_table, progress_shown, warn
from emsync_bridge.cli.shared.destinations import NewFolder, protects_files
from emsync_bridge.cli.shared.options import A_FILE, A_FOLDER, ANYTHING, NEW_FOLDER
from emsync_bridge.errors import CheckpointError


@dataclass(frozen=True)
class ModelLine:
    """One model, as ``emsync models list`` shows it.

    Arguments:
        name: Its name here.
        kind: ``embedded``, ``pretrained`` or ``generator``.
        purpose: What it is for.
        installed: Whether it can be used.
        licence: Of its weights.
        megabytes: Size of its weights, in millions of bytes; None when unknown.
        path: Where it lies; empty when it is not there.
        source: Where it comes from.
        note: What else is to be known: why it cannot be used, or what its licence does not say.
    """

    name: str
    kind: str
    purpose: str
    installed: bool
    licence: str
    megabytes: float | None
    path: str = ""
    source: str = ""
    note: str = ""


@click.group()
def models() -> None:
    """See which models there are, fetch those that make the feeling better, and import EMSYNC's own.

    Nothing is ever downloaded but by "emsync models get".

    \b
    Examples:
      emsync models list
      emsync models get emotion            all models of --tier pretrained, 3.2 GB
      emsync models get clip ast           two of them
      emsync models import --emsync DIR    EMSYNC's own network, for who has its weights
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
    lines = [*_embedded(), *_faces(), *_pretrained(models_dir), *_generators()]
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
    from emsync_bridge.emotion.pretrained.catalogue import CATALOGUE, GROUPS, named
    from emsync_bridge.emotion.pretrained.download import fetch
    from emsync_bridge.emotion.pretrained.installed import user_folder

    known = {model.name for model in CATALOGUE}
    if unknown := [name for name in names if name not in known and name not in GROUPS]:
        choices = ", ".join([*GROUPS, *sorted(known)])
        raise click.BadParameter(f"{', '.join(unknown)} is not among {choices}.", param_hint="NAME")
    wanted = dict.fromkeys(model for name in names for model in GROUPS.get(name, (name,)))
    folder = models_dir or user_folder()
    for model in map(named, wanted):
        there = (folder / model.name).is_dir()
        if not there:
            click.echo(f"{model.name}: {model.megabytes} MB, {model.licence}, from {model.repository} ...", err=True)
        path = fetch(model, folder)
        click.echo(f"{model.name}: {'already ' if there else ''}in {path}")


@models.command(name="import")
@click.option(
    "--emsync",
    "place",
    type=ANYTHING,
    metavar="DIR",
    help="Folder of the EMSYNC authors' files, or the file of weights itself.",
)
@click.option("--anticipation", type=A_FOLDER, metavar="DIR", help="Folder of an Anticipatory Music Transformer.")
@click.option(
    "--emsync-classifier", "classifier", type=ANYTHING, metavar="DIR", help="Folder of EMSYNC's classifier of emotion."
)
@click.option("--accept", metavar="LICENCE", help="Accept a licence that leaves open what you may do.")
@click.option("--name", metavar="NAME", help="Name of the generator here; emsync or anticipation when not given.")
@click.option(
    "--out",
    type=NewFolder("card.json", "weights.safetensors"),
    metavar="DIR",
    help="Folder to import into, instead of your folder of generators.",
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
    classifier: Path | None,
    accept: str | None,
    name: str | None,
    out: Path | None,
    tokens: Path | None,
    names: Path | None,
    as_json: bool,
) -> None:
    """Import published weights, to compose with them: EMSYNC's, or an Anticipatory Music Transformer's.

    EMSYNC's network is that of arXiv 2502.10154. Its weights are not part of emsync, and their licence is not known to
    it: you need the leave of their authors. Files of PyTorch are read as plain weights, without running any code in
    them, and need PyTorch; .safetensors do not. Where there is no token map, and in what else descriptions leave open,
    the reading is taken under which plain music is likeliest.

    The Anticipatory Music Transformer (arXiv 2306.08620; stanford-crfm/music-small-800k and others, 0.5 to 3 GB) is
    told hits ahead as notes at a set time. Its weights are under Apache-2.0, its training data are songs of others.
    May you sell what it writes? Nobody knows, so --accept is asked for. It needs PyTorch and transformers.

    \b
    Examples:
      emsync models import --emsync ~/Downloads/emsync
      emsync models import --anticipation music-small-800k --accept Apache-2.0
      emsync models import --emsync model.pt --tokens token_map.json --out generator
      emsync score CUT.otio --out music --model generator
    """
    from emsync_bridge.music.emsync_original.importer import bring_in

    if classifier is not None:
        if place is not None or anticipation is not None:
            raise click.UsageError("Give one of --emsync, --anticipation and --emsync-classifier.")
        _import_classifier(classifier, out or Path("emsync-classifier"), as_json=as_json)
        return
    name = name or ("emsync" if anticipation is None else "anticipation")
    if name in (".", "..") or not name or set(name) & set('/\\:*?"<>|'):
        raise click.BadParameter(f"{name!r} is not a folder name.", param_hint="--name")
    if anticipation is not None and place is None:
        _import_anticipation(anticipation, out or own_generators() / name, name, accept, as_json=as_json)
        return
    if place is None or anticipation is not None:
        raise click.UsageError("Give either --emsync or --anticipation.")
    with progress_shown() as progress:
        imported = bring_in(
            place,
            out or own_generators() / name,
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
    from emsync_bridge.music.anticipation.importer import RIGHTS, bring_in

    imported = bring_in(place, out, name=name, accepted=accept)
    if as_json:
        print_json({"folder": str(imported.folder), "source": str(place), "parameters": imported.parameters})
        return
    warn([RIGHTS])
    click.echo(f"{place.name}: {imported.parameters:,} values")
    click.echo(f"Use it with: emsync score CUT --out DIR --model {shell_quoted(imported.folder)}")


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


def _embedded() -> Iterator[ModelLine]:
    from emsync_bridge.emotion.extractors.efficientnet import NETWORK
    from emsync_bridge.emotion.extractors.scene import HEAD, SceneExtractor, weights_file

    found = weights_file() is not None
    yield ModelLine(
        "scene",
        "embedded",
        "how pleasant and exciting a sight is",
        found,
        "Apache-2.0",
        sum(path.stat().st_size for path in (Path(NETWORK), HEAD)) / 1e6 if found else None,
        str(Path(NETWORK).parent) if found else "",
        SceneExtractor.origin,
        "its head was fitted to pictures that were released for research (OASIS)",
    )


def _faces() -> Iterator[ModelLine]:
    from emsync_bridge.emotion.extractors.face import FaceExtractor, networks_installed
    from emsync_bridge.emotion.extractors.face_networks import DETECTOR, EXPRESSION

    found = networks_installed()
    yield ModelLine(
        "face",
        "embedded",
        "what faces express",
        found,
        "MIT",
        sum(path.stat().st_size for path in (DETECTOR, EXPRESSION)) / 1e6 if found else None,
        str(DETECTOR.parent) if found else "",
        FaceExtractor.origin,
    )


def _pretrained(models_dir: Path | None) -> Iterator[ModelLine]:
    from emsync_bridge.emotion.pretrained.catalogue import CATALOGUE
    from emsync_bridge.emotion.pretrained.installed import examine, find

    for model in CATALOGUE:
        folder, note, size = find(model, models_dir), model.caution, float(model.megabytes)
        installed = False
        if folder is not None:
            try:
                size = sum(path.stat().st_size for path in examine(model, folder).weights) / 1e6
                installed = True
            except CheckpointError as problem:
                note = str(problem).rstrip(".")
        yield ModelLine(
            model.name,
            "pretrained",
            model.purpose,
            installed,
            model.licence,
            size,
            str(folder or ""),
            f"{model.repository} at {model.revision}",
            note,
        )


def _generators() -> Iterator[ModelLine]:
    from emsync_bridge.music.network.checkpoint import shipped_folder

    for place in (shipped_folder(), own_generators()):
        yield from (_generator(card.parent) for card in sorted(place.glob("*/card.json")))


def _generator(folder: Path) -> ModelLine:
    from emsync_bridge.music.network.checkpoint import read_card

    line = ModelLine(
        folder.name, "generator", "composes", installed=False, licence="", megabytes=None, path=str(folder)
    )
    try:
        card, name = read_card(folder)
        size = (folder / "weights.safetensors").stat().st_size / 1e6
    except CheckpointError as problem:
        return replace(line, note=str(problem).rstrip("."))
    licence, note = (str(card.get(word, "")) for word in ("licence", "caution"))
    return replace(line, installed=True, licence=licence, megabytes=size, source=name, note=note)


def own_generators() -> Path:
    """Return the folder of this user for generators."""
    import platformdirs

    return platformdirs.user_data_path("emsync-bridge", appauthor=False) / "checkpoints"

"""``emsync train-emotion``: train a head that tells emotions from frozen features."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from emsync_bridge.cli.shared.console import print_json, progress_shown, warn
from emsync_bridge.cli.shared.destinations import NewFolder, protects_files
from emsync_bridge.cli.shared.numbers import Number
from emsync_bridge.cli.shared.options import A_FILE, A_FOLDER, NEW_FOLDER

if TYPE_CHECKING:
    from emsync_bridge.training.emotion.trainer import FeatureSource

Source = TypeVar("Source", bound="FeatureSource")


@click.command("train-emotion")
@click.argument("folder", metavar="FOLDER", type=A_FOLDER)
@click.option(
    "--layout",
    type=click.Choice(["ekman6", "folders", "liris", "movienet", "annotations", "vce", "table", "features"]),
    required=True,
    help="Layout of FOLDER; the list above describes each.",
)
@click.option(
    "--out",
    "-o",
    type=NewFolder("head.json", "head.safetensors"),
    required=True,
    metavar="DIR",
    help="Folder for the head.",
)
@click.option("--leave-out", type=A_FILE, metavar="FILE", help="Names of clips to leave out, one on each line.")
@click.option(
    "--tier",
    type=click.Choice(["embedded", "pretrained"]),
    default="embedded",
    show_default=True,
    help="pretrained adds whatever models are installed; the head then needs them too.",
)
@click.option("--models-dir", type=A_FOLDER, help="A folder of pretrained models.")
@click.option("--without", multiple=True, metavar="FEATURES", help="Features to do without; may be repeated.")
@click.option("--cache", type=NEW_FOLDER, metavar="DIR", help="Folder that keeps measurements of clips between runs.")
@click.option("--name", default="", metavar="NAME", help="Name of the data in the model card.")
@click.option("--width", type=click.IntRange(8, 1024), default=64, show_default=True, help="Numbers in a token.")
@click.option("--heads", type=click.IntRange(1, 16), default=4, show_default=True, help="Attention heads.")
@click.option("--queries", type=click.IntRange(1, 16), default=4, show_default=True, help="Learned queries.")
@click.option(
    "--dropout", type=Number(0, 0.9), default=0.2, show_default=True, help="Share of values dropped in training."
)
@click.option(
    "--modality-dropout",
    type=Number(0, 0.9),
    default=0.3,
    show_default=True,
    help="Chance that training leaves a modality out.",
)
@click.option("--rate", type=Number(0, 1, min_open=True), default=1e-3, show_default=True, help="Step size.")
@click.option("--epochs", type=click.IntRange(1), default=100, show_default=True, help="Passes over the clips at most.")
@click.option("--patience", type=click.IntRange(1), default=15, show_default=True, help="Passes without progress.")
@click.option("--batch", type=click.IntRange(1), default=32, show_default=True, help="Clips per step.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same head.")
@click.option("--threads", type=click.IntRange(0), default=0, help="CPU threads; 0 leaves the choice to torch.")
@click.option("--json", "as_json", is_flag=True, help="Print the head's metrics as one JSON document.")
@protects_files
def train_emotion(folder: Path, layout: str, out: Path, as_json: bool, **options: Any) -> None:
    """Train a head that tells emotions from what the extractors measure in the labelled clips of FOLDER.

    \b
    Layouts:
      ekman6    a folder per emotion (anger ... surprise) with movies; train and
                test as folders, or as lists such as trainlist.txt
      liris     ACCEDEranking.txt, ACCEDEsets.txt and the movies that they name
      folders   a folder per label, whatever it is called (VideoEmotion-8)
      movienet  tt0120338.mp4 and tt0120338.json with "genres", or YouTube names
                and trailers_genres_clean.csv; split.json with "train" or "trn",
                "val", "test" or "tst"
      annotations  a JSON "database" with "subset" and "label" (VAANet, CTEN)
      vce       train_labels.json and test_labels.json with 27 intensities
      table     labels.csv: file, labels (joy|surprise), valence, arousal, split, group
      features  features.pkl of EMSYNC's authors with splits.json: no video is
                looked at, and nothing in the file is run

    Clips are looked at once; a second run on the same clips takes minutes. What is not said to be for validation or
    test is drawn by the seed. The head is then used with `emsync feel --head DIR` and `emsync score --head DIR`.

    \b
    Examples:
      emsync train-emotion Ekman6 --layout ekman6 --out head
      emsync train-emotion LIRIS-ACCEDE --layout liris --out head --width 128
      emsync feel CUT.otio --head head
    """
    from emsync_bridge.emotion.estimate import extractors_of
    from emsync_bridge.emotion.extractors.cache import DiskCache, default_folder
    from emsync_bridge.emotion.extractors.scene_features import with_features
    from emsync_bridge.training.emotion.data import read_clips
    from emsync_bridge.training.emotion.features import MAX_CACHE_BYTES, look_at
    from emsync_bridge.training.emotion.published_features import read_published_features
    from emsync_bridge.training.emotion.trainer import Epoch, HeadPlan, train_head

    if options["width"] % options["heads"]:
        raise click.BadParameter("must be a multiple of --heads.", param_hint="--width")
    leave_out, cache, name = options.pop("leave_out"), options.pop("cache"), options.pop("name")
    unwanted, tier, models_dir = set(options.pop("without")), options.pop("tier"), options.pop("models_dir")
    listed = leave_out.read_text(encoding="utf-8-sig", errors="replace").splitlines() if leave_out else []
    sources: Sequence[FeatureSource]
    if layout == "features":
        seen, found = read_published_features(folder, without=listed, seed=options["seed"])
        sources = _wanted(found, unwanted)
    else:
        chosen, left_out = extractors_of(tier, models_dir)
        sources = extractors = _wanted(with_features(chosen), unwanted)
        clips = read_clips(folder, layout, without=listed, seed=options["seed"])
        kept = DiskCache(cache or default_folder().with_name("training-features"), most_bytes=MAX_CACHE_BYTES)
        with progress_shown() as progress:
            seen, troubles = look_at(clips, extractors, kept, lambda share, _what: progress("Looking at clips", share))
        warn([*left_out, *troubles])

    def tell(epoch: Epoch) -> None:
        click.echo(f"pass {epoch.number:>4}  train {epoch.train:.3f}  valid {epoch.valid:.3f}", err=True)

    data = name or f"{folder.name}, layout {layout}"
    sheet = train_head(seen, sources, out, HeadPlan(**options), data=data, progress=tell)
    if as_json:
        print_json({"head": str(out), "labels": list(sheet.labels), "metrics": sheet.metrics})
        return
    for line in _lines(sheet.labels, sheet.several, sheet.metrics):
        click.echo(line)
    if layout != "features":
        click.echo(f"\n{out}: use it with emsync feel --head or emsync score --head")


def _wanted(sources: Sequence[Source], unwanted: set[str]) -> list[Source]:
    """Return the sources of features without the unwanted ones."""
    if unknown := unwanted - {source.name for source in sources}:
        names = ", ".join(source.name for source in sources)
        raise click.BadParameter(f"{', '.join(sorted(unknown))} is not among {names}.", param_hint="--without")
    return [source for source in sources if source.name not in unwanted]


def _lines(labels: tuple[str, ...], several: bool, metrics: dict[str, Any]) -> list[str]:
    """Return the metrics for people."""
    from emsync_bridge.training.emotion.metrics import confusion_lines

    count = metrics["clips"]
    lines = [f"{count['test']} clips not seen before; trained on {count['train']}, calibrated on {count['valid']}"]
    if "classes" in metrics:
        lines += ["", f"{'':<18}accuracy  macro-F1    mAP  log loss"]
        for title, key in (("head", "classes"), ("untrained fusion", "untrained"), ("chance", "chance")):
            if key in metrics:
                row = metrics[key]
                lines.append(
                    f"{title:<18}{row['accuracy']:>8.3f}{row['macro_f1']:>10.3f}{row['map']:>7.3f}{row['log_loss']:>10.3f}"
                )
        for over, losses in metrics["log_loss"].items():
            lines.append(
                f"log loss per {over}: {losses['raw']:.3f} raw, {losses['calibrated']:.3f} with its temperature"
            )
    if "confusion" in metrics and not several:
        lines += [
            "",
            "What it was, by rows, and what it was taken for:",
            *confusion_lines(metrics["confusion"], labels),
        ]
    for title, key in (
        ("head", "affect"),
        ("head, single parts", "affect_of_parts"),
        ("untrained", "untrained_affect"),
    ):
        if key in metrics:
            row = metrics[key]
            widths = row.get("rms_error_over_sigma")
            claimed = f", rms(error / sigma) {widths[0]:.2f}, {widths[1]:.2f}" if widths else ""
            lines += [""] if key == "affect" else []
            lines.append(
                f"{title}: valence, arousal: r {row['r'][0]:.2f}, {row['r'][1]:.2f}; "
                f"rmse {row['rmse'][0]:.2f}, {row['rmse'][1]:.2f}{claimed}"
            )
    return lines

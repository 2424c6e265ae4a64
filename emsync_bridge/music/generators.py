"""The one place that knows of the kinds of generator: our own, and published ones as they were imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from emsync_bridge.blas_threads import one_blas_thread
from emsync_bridge.cue import EmotionCurve, Spotting, Take
from emsync_bridge.music.generation import batch
from emsync_bridge.music.network import checkpoint
from emsync_bridge.options import MusicOptions


@one_blas_thread()
def compose_takes(
    spotting: Spotting,
    curve: EmotionCurve,
    folder: Path | None = None,
    *,
    seeds: Sequence[int],
    wishes: MusicOptions | None = None,
    progress: Callable[[float], None] | None = None,
) -> tuple[Take, ...]:
    """Return one take for each seed, by the generator in a folder.

    Arguments:
        spotting: The cut.
        curve: The mood.
        folder: Of a generator of any kind; None means the one that is shipped.
        seeds: Of everything that is drawn, one for each take.
        wishes: What else is asked.
        progress: Called with the share that is done, from 0 to 1.

    Raises:
        CheckpointError: The generator cannot be loaded.
        MusicError: The wishes cannot be met, or not by this generator.
    """
    layout = checkpoint.FORMAT if folder is None else checkpoint.card_of(folder).get("format")
    if folder is not None and layout == checkpoint.ANTICIPATION:
        from emsync_bridge.music.anticipation import composer as anticipation
        from emsync_bridge.music.anticipation.generator import load

        network = load(folder)
        return anticipation.compose_takes(spotting, curve, network, seeds=seeds, wishes=wishes, progress=progress)
    if folder is not None and layout == checkpoint.PUBLISHED:
        from emsync_bridge.music.emsync_original import composer, generator

        published = generator.load(folder)
        return composer.compose_takes(spotting, curve, published, seeds=seeds, wishes=wishes, progress=progress)
    own = checkpoint.load(folder)
    return batch.compose_takes(spotting, curve, own, seeds=seeds, wishes=wishes, progress=progress)

"""Kinds of generator: our own, and published ones as they were imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from emsync_bridge.blas_threads import one_blas_thread
from emsync_bridge.cue import EmotionCurve, Spotting, Take
from emsync_bridge.music.analysis.keys import spelled_like
from emsync_bridge.music.generation import batch
from emsync_bridge.music.generation.request import for_network
from emsync_bridge.music.network import checkpoint
from emsync_bridge.options import MusicOptions, Style


@one_blas_thread()
def compose_takes(
    spotting: Spotting,
    curve: EmotionCurve,
    folder: Path | None = None,
    *,
    seeds: Sequence[int],
    options: MusicOptions | None = None,
    progress: Callable[[float], None] | None = None,
) -> tuple[Take, ...]:
    """Return one take for each seed: arranged for players from motifs of the generator in a folder, or by it alone.

    Arguments:
        spotting: The cut.
        curve: The mood.
        folder: Folder of a generator of any kind; None means the one that is shipped.
        seeds: Seeds of everything that is drawn, one for each take.
        options: The options of the music.
        progress: Function called with the share that is done, from 0 to 1.

    Raises:
        CheckpointError: The generator cannot be loaded.
        MusicError: The options ask for what cannot be met, or not by this generator.
    """
    options = options or MusicOptions()
    generator = Generator(folder)
    if style_of(options, folder) == "network":
        takes = generator.compose(spotting, curve, seeds, for_network(options), progress)
        return tuple(spelled_like(take, options.key or "") for take in takes)
    from emsync_bridge.music.arranged_takes import arranged_takes, motif_pool

    tell = progress or (lambda _share: None)
    tell(0.0)
    motifs = motif_pool(curve, options, generator.compose, seeds[0])
    takes = arranged_takes(spotting, curve, seeds=seeds, options=options, motifs=motifs, progress=tell)
    return tuple(replace(spelled_like(take, options.key or ""), model=generator.name) for take in takes)


def style_of(options: MusicOptions, folder: Path | None) -> Style:
    """Return who writes the notes: ``orchestra`` or ``network``.

    Arguments:
        options: Options of the music.
        folder: Folder of a generator; None means the one that is shipped.
    """
    if options.style != "auto":
        return options.style
    return "network" if folder is not None and _layout(folder) != checkpoint.FORMAT else "orchestra"


class Generator:
    """A generator of any kind, loaded when it is first asked for.

    Arguments:
        folder: Folder where it is; None means the one that is shipped.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._layout: Any = checkpoint.FORMAT if folder is None else _layout(folder)
        self._compose: Callable[..., tuple[Take, ...]] | None = None
        self.name = ""

    def compose(
        self,
        spotting: Spotting,
        curve: EmotionCurve,
        seeds: Sequence[int],
        options: MusicOptions,
        progress: Callable[[float], None] | None = None,
    ) -> tuple[Take, ...]:
        """Return one take for each seed, every note by the generator.

        Arguments:
            spotting: The cut.
            curve: The mood.
            seeds: Seeds of everything that is drawn, one for each take.
            options: The options of the music.
            progress: Function called with the share that is done, from 0 to 1.
        """
        takes = self._loaded()(spotting, curve, seeds=seeds, options=options, progress=progress)
        self.name = takes[0].model if takes else self.name
        return takes

    def _loaded(self) -> Callable[..., tuple[Take, ...]]:
        if self._compose is None:
            if self._folder is not None and self._layout == checkpoint.ANTICIPATION:
                from emsync_bridge.music.anticipation import composer as anticipation
                from emsync_bridge.music.anticipation import generator as anticipating

                network = anticipating.load(self._folder)
                self._compose = _with(anticipation.compose_takes, network)
            elif self._folder is not None and self._layout == checkpoint.COMPOSERS_ASSISTANT:
                from emsync_bridge.music.composers_assistant import composer as assistant
                from emsync_bridge.music.composers_assistant import generator as assisting

                self._compose = _with(assistant.compose_takes, assisting.load(self._folder))
            elif self._folder is not None and self._layout == checkpoint.PUBLISHED:
                from emsync_bridge.music.emsync_original import composer, generator

                self._compose = _with(composer.compose_takes, generator.load(self._folder))
            else:
                self._compose = _with(batch.compose_takes, checkpoint.load(self._folder))
        return self._compose


def _with(compose: Callable[..., tuple[Take, ...]], network: Any) -> Callable[..., tuple[Take, ...]]:
    """Return a composer of takes with its network given."""

    def composed(spotting: Spotting, curve: EmotionCurve, **how: Any) -> tuple[Take, ...]:
        return compose(spotting, curve, network, **how)

    return composed


def _layout(folder: Path) -> Any:
    return checkpoint.card_of(folder).get("format")

"""Options of scoring: every option, its default and its bounds, declared once.

Each option is a field of one of the classes below. Its annotation carries the bounds, its line under *Arguments* is the
help; ``fields`` reads both. From these are made

- the options of the commands (``cli/shared/options.py``),
- the requests of the bridge and their schema (``server/jobs/wire.py``),
- the limits of the controls on the page (``GET /v1/options``).

To add an option:

1. Add a field with a default to the class it belongs to, as ``name: Annotated[float, Ge(0), Le(1)] = 0.5``; give
   numbers, texts and tuples a bound, and paths ``File`` or ``Folder``.
2. Describe it in one line under *Arguments*: this is the help of ``--name`` and of the request's field. Another field
   stands there in double backquotes; commands show the name of its option.
3. Use it. ``--name`` and the field of the request exist now. If the command should call it otherwise, or write its
   value in another form, add it to ``SPECIAL`` in ``cli/shared/options.py``; if it should not be there, to
   ``LEFT_OUT``.
4. A control on the page is ``<input data-setting="name">`` in ``page/index.html``; it takes its bounds from the field.

``tests/test_options.py`` finds and checks every field by itself.
"""

from emsync_bridge.options.bounds import (
    CHECKED,
    DAY,
    Axis,
    Color,
    File,
    Folder,
    Internal,
    Kind,
    Name,
    NamedFile,
    PaletteName,
    Seconds,
    Seed,
    Style,
    Takes,
    TextPattern,
)
from emsync_bridge.options.cut import ReadOptions
from emsync_bridge.options.mood import EmotionOptions, PlacedOrder
from emsync_bridge.options.music import MusicOptions, Sampling
from emsync_bridge.options.score import GROUPS, RedoOptions, ScoreOptions, TakeOptions
from emsync_bridge.options.sound import RenderOptions

__all__ = [
    "CHECKED",
    "DAY",
    "GROUPS",
    "Axis",
    "Color",
    "EmotionOptions",
    "File",
    "Folder",
    "Internal",
    "Kind",
    "MusicOptions",
    "Name",
    "NamedFile",
    "PaletteName",
    "PlacedOrder",
    "ReadOptions",
    "RedoOptions",
    "RenderOptions",
    "Sampling",
    "ScoreOptions",
    "Seconds",
    "Seed",
    "Style",
    "TakeOptions",
    "Takes",
    "TextPattern",
]

"""SFZ files as one text that can be read from any folder, with all samples held in memory.

Opcodes: sfzformat.com (``#include``, ``default_path``, ``hint_ram_based``). sfizz streams long samples from the disk in
a thread of its own and cuts notes off where that comes late, which in faster than real time it does now and then; held
in memory, samples are whole.
"""

from __future__ import annotations

import re
from pathlib import Path

from emsync_bridge.errors import RenderError

_INCLUDE = re.compile(r'^[ \t]*#include[ \t]+"([^"\n]+)"', re.MULTILINE)
_DEFAULT_PATH = re.compile(r"\bdefault_path=(?!/|[A-Za-z]:)")
_RAM = re.compile(r"\bhint_ram_based=\S*")
_LARGEST = 4 << 20  # bytes of one file
_FILES, _DEPTH = 500, 16


def standalone_text(path: Path) -> str:
    """Return an SFZ file with what it includes, whose samples are found from anywhere.

    Arguments:
        path: The file.

    Raises:
        RenderError: It or a file that it includes cannot be read, is too large, or includes itself.
    """
    folder = path.parent.resolve()
    left = [_FILES]
    prefix = f"{folder.as_posix()}/"
    text = _RAM.sub("", _included(path, folder, left, 0))
    text = _DEFAULT_PATH.sub(lambda _found: f"default_path={prefix}", text)
    return f"<control> hint_ram_based=1 default_path={prefix}\n{text}"


def _included(path: Path, folder: Path, left: list[int], depth: int) -> str:
    left[0] -= 1
    if left[0] < 0 or depth > _DEPTH:
        raise RenderError(
            f"This SFZ file includes more than {_FILES} files, or itself",
            where=path,
            hint="Check its #include lines",
            setting="sfz",
        )
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise RenderError(f"The SFZ file cannot be opened: {why}", where=path, setting="sfz") from None
    if len(data) > _LARGEST:
        raise RenderError(
            f"This SFZ file is larger than {_LARGEST >> 20} MB", where=path, hint="Give an .sfz text", setting="sfz"
        )
    text = data.decode("utf-8", "replace").replace("\0", " ")
    # names are from the first file's folder, also in files that are included (sfzformat.com)
    return _INCLUDE.sub(lambda found: _included(folder / found[1].replace("\\", "/"), folder, left, depth + 1), text)

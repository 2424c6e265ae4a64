"""Leftovers of killed runs in a folder, and the versions that runs claim there.

A version is claimed by a hidden file that exists from the moment its first file appears until its last one has. What
stands there under the version's name when the process is gone is half a set, and is removed if it is as it was written.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from emsync_bridge.errors import OutputError
from emsync_bridge.files.overwriting import STAGING, is_ours

CLAIM = f"{STAGING}claim "
"""Prefix of the names of claims; the name of the version follows."""

_ROOM = re.compile(rf"{re.escape(STAGING)}(\d+)-([0-9a-f]{{6}})-.*")


def host_mark() -> str:
    """Return six digits that tell this computer from others that see the same folder."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:6]


def version_name(stem: str, version: int) -> str:
    """Return the beginning of the names of a version: ``CUT``, ``CUT v02``."""
    return stem if version == 1 else f"{stem} v{version:02d}"


def version_of(stem: str, name: str) -> int:
    """Return the version that a name as of ``version_name`` begins."""
    return 1 if name == stem else int(name.rpartition(" v")[2])


@contextmanager
def claim_version(folder: Path, stem: str, endings: Collection[str]) -> Iterator[str]:
    """Lend the name of a version that nothing in a folder has yet; a failure inside removes what was written.

    Arguments:
        folder: Folder where results go.
        stem: Name of the first version.
        endings: All endings that results may have; other files of the same name are not results.

    Raises:
        OutputError: The folder cannot be written to.
    """
    version = _next_version(folder, stem, endings)
    while True:
        name = version_name(stem, version)
        claim = folder / f"{CLAIM}{name}"
        try:
            with claim.open("x", encoding="utf-8") as file:
                file.write(f"{os.getpid()} {host_mark()}")
        except FileExistsError:  # somebody else writes this version now
            version += 1
            continue
        except OSError as problem:
            raise OutputError(f"It cannot be written ({problem.strerror})", where=folder) from None
        break
    try:
        yield name
    except BaseException:
        _remove_set(folder, name)
        raise
    finally:
        claim.unlink(missing_ok=True)


def clear(folder: Path) -> None:
    """Remove what killed runs of this computer have left in a folder; those that still run are left alone."""
    with suppress(OSError):
        for left in list(folder.iterdir()):
            room = _ROOM.fullmatch(left.name)
            if room and room[2] == host_mark() and not is_alive(int(room[1])) and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            elif left.name.startswith(CLAIM) and left.is_file():
                owner = left.read_text(encoding="utf-8", errors="replace").split()
                if len(owner) == 2 and owner[1] == host_mark() and owner[0].isdigit() and not is_alive(int(owner[0])):
                    _remove_set(folder, left.name.removeprefix(CLAIM))
                    left.unlink(missing_ok=True)


def is_alive(process: int) -> bool:
    """Tell whether a process of this computer runs."""
    if platform.system() == "Windows":
        return _is_alive_on_windows(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _is_alive_on_windows(process: int) -> bool:
    import ctypes

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]  # there on Windows alone
    handle = kernel.OpenProcess(0x00100000, 0, process)  # SYNCHRONIZE
    if not handle:
        return False
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == 0x102)  # WAIT_TIMEOUT: it has not ended
    finally:
        kernel.CloseHandle(handle)


def _next_version(folder: Path, stem: str, endings: Collection[str]) -> int:
    names = [path.name.casefold() for path in folder.iterdir()]
    later = re.compile(rf"{re.escape(stem.casefold())} v(\d{{2,}})\..*")
    taken = [int(match[1]) for name in names if (match := later.fullmatch(name))]
    first = {f"{stem}{ending}".casefold() for ending in endings}
    if first.intersection(names):
        taken.append(1)
    return max(taken, default=0) + 1


def _remove_set(folder: Path, name: str) -> None:
    """Remove the files of a version that are as emsync wrote them."""
    for path in list(folder.iterdir()):
        if path.name.startswith(f"{name}.") and is_ours(path):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

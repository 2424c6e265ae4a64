"""Folders of the bridge, and the file by which scripts find it."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from emsync_bridge.files.atomic import publish
from emsync_bridge.files.home import HOME_VARIABLE

PROTOCOL = 1
"""Version of the protocol over HTTP; a script refuses a bridge that speaks another one."""

_MAX_BYTES = 1 << 16


@dataclass(frozen=True)
class Address:
    """Address and secret of the running bridge, as clients need them.

    Arguments:
        protocol: Version of the protocol.
        version: Version of emsync.
        url: URL where it answers, without a slash at the end.
        port: The same as a number.
        token: Secret that every request carries.
        pid: Number of its process.
        exchange: Folder for requests as files.
    """

    protocol: int
    version: str
    url: str
    port: int
    token: str
    pid: int
    exchange: str


@dataclass(frozen=True)
class Home:
    """The bridge's folder of one user.

    Arguments:
        root: The folder.
        log: The log file.
    """

    root: Path
    log: Path

    @property
    def address(self) -> Path:
        """The file that says where the bridge answers."""
        return self.root / "bridge.json"

    @property
    def lock(self) -> Path:
        """The file that the running bridge holds locked for life."""
        return self.root / "bridge.lock"

    @property
    def port(self) -> Path:
        """The file with the port of last time."""
        return self.root / "port"

    @property
    def drafts(self) -> Path:
        """One file for each cut, with its edits."""
        return self.root / "drafts"

    @property
    def notes(self) -> Path:
        """One file for each cut, with a person's notes on its versions."""
        return self.root / "notes"

    @property
    def proxies(self) -> Path:
        """Movies made so that browsers can play what an editor exports."""
        return self.root / "proxies"

    @property
    def jobs(self) -> Path:
        """One folder for each job, with its record."""
        return self.root / "jobs"

    @property
    def inputs(self) -> Path:
        """One folder for each upload."""
        return self.root / "inputs"

    @property
    def exchange(self) -> Path:
        """Requests and answers as files, and exports."""
        return self.root / "exchange"

    @property
    def exports(self) -> Path:
        """Exports of editors for jobs."""
        return self.exchange / "exports"

    @property
    def scratch(self) -> Path:
        """Temporary files of workers, one folder each."""
        return self.root / "scratch"

    def make(self) -> None:
        """Make all folders, for the user alone."""
        own = (self.drafts, self.notes, self.jobs, self.inputs, self.proxies, self.exchange, self.exports, self.scratch)
        for folder in (self.root, *own):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def home() -> Home:
    """Return the user's folder for the bridge."""
    chosen = os.environ.get(HOME_VARIABLE)
    if chosen:
        root = Path(chosen).absolute()
        return Home(root, root / "bridge.log")
    import platformdirs

    root = platformdirs.user_data_path("emsync-bridge", appauthor=False)
    return Home(root, platformdirs.user_state_path("emsync-bridge", appauthor=False) / "bridge.log")


def private_opener(path: str, flags: int) -> int:
    """Open a file that only the user can read, for ``open``'s argument of that name; one that is there is made so."""
    descriptor = os.open(path, flags, 0o600)
    if hasattr(os, "fchmod"):  # Windows has none before Python 3.13; its files belong to the user's profile
        os.fchmod(descriptor, 0o600)
    return descriptor


def write_private(target: Path, text: str) -> None:
    """Write a file that only the user can read, whole or not at all.

    Raises:
        OutputError: It cannot be written.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        publish(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def write_address(place: Home, address: Address) -> None:
    """Tell clients where the bridge answers."""
    write_private(place.address, json.dumps(asdict(address), indent=1) + "\n")


def read_address(place: Home) -> Address | None:
    """Return where the bridge is said to answer; None when nothing usable is said."""
    try:
        with place.address.open(encoding="utf-8") as file:
            said: Any = json.loads(file.read(_MAX_BYTES))
        kinds = {"protocol": int, "version": str, "url": str, "port": int, "token": str, "pid": int, "exchange": str}
        values = {field.name: said[field.name] for field in fields(Address)}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not all(type(values[name]) is kind for name, kind in kinds.items()):
        return None
    return Address(**values)


def forget_address(place: Home, pid: int) -> None:
    """Remove the file that says where the bridge answers, if it speaks of this process."""
    said = read_address(place)
    if said is not None and said.pid == pid:
        with suppress(OSError):
            place.address.unlink(missing_ok=True)

"""The bridge, from a menu script's side: find it, start it, ask it, wait for a job."""

import http.client
import json
import os
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

from .errors import UserError

START_SECONDS = 90.0
PROBE_SECONDS = 5.0
POLL_SECONDS = 0.4
AWAY_SECONDS = 15.0
MAX_BYTES = 64 * 1024 * 1024
LIBRARIES = ("PYTHONHOME", "PYTHONPATH", "PYTHON3HOME", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH")
"""Variables that point a program at Resolve's own libraries; the bridge must not inherit them."""


class Bridge:
    """The daemon of this user.

    Arguments:
        settings: Settings that the installer baked in: ``home``, ``command``, ``protocol``.
    """

    def __init__(self, settings: "Dict[str, Any]") -> None:
        self.home = home_of(settings)
        self.command: "List[str]" = list(settings["command"])
        self.protocol = settings["protocol"]
        self.address: "Optional[Dict[str, Any]]" = None

    def connect(self, say: "Callable[[str], None]") -> None:
        """Find the running bridge, or start it.

        Raises:
            UserError: It does not start, or speaks another protocol.
        """
        if self.probe():
            return
        say("Starting the emsync bridge ...")
        self._start()

    def probe(self) -> bool:
        """Tell whether the bridge answers where its file says, with its token.

        Raises:
            UserError: It speaks another protocol.
        """
        try:
            said = json.loads((self.home / "bridge.json").read_text(encoding="utf-8"))
            port, token, protocol = int(said["port"]), str(said["token"]), said["protocol"]
            exchange = str(said["exchange"])
        except PermissionError:
            raise UserError(
                "This script may not read {}. The App Store build of Resolve is shut off from it: use the build from "
                "Blackmagic's own site, or work on the emsync page ('emsync serve --open').".format(self.home)
            )
        except (OSError, ValueError, KeyError, TypeError):
            return False
        if protocol != self.protocol:
            raise UserError(
                "The emsync bridge speaks protocol {} and this menu entry protocol {}. Run 'emsync resolve install' "
                "again, and 'emsync serve --stop' if it is an old bridge.".format(protocol, self.protocol)
            )
        self.address = {"port": port, "token": token, "exchange": exchange}
        try:
            status, document = self.ask("GET", "/v1/status", timeout=PROBE_SECONDS)
        except OSError:  # a file that a bridge left behind
            return False
        return status == 200 and isinstance(document, dict)

    def ask(
        self, method: str, path: str, body: "Optional[Dict[str, Any]]" = None, timeout: float = 30.0
    ) -> "Tuple[int, Any]":
        """Send one request.

        Returns:
            HTTP status and the answer's document.

        Raises:
            OSError: Nobody answers.
        """
        if self.address is None:
            raise ConnectionError("the bridge has not been found yet")
        line = http.client.HTTPConnection("127.0.0.1", self.address["port"], timeout=timeout)  # never over a proxy
        headers = {"Authorization": "Bearer " + self.address["token"], "Content-Type": "application/json"}
        try:
            line.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
            answer = line.getresponse()
            text = answer.read(MAX_BYTES)
        except http.client.HTTPException as problem:
            raise ConnectionError(str(problem) or type(problem).__name__)
        finally:
            line.close()
        try:
            return answer.status, json.loads(text.decode("utf-8")) if text else None
        except ValueError:
            return answer.status, None

    def must(self, method: str, path: str, body: "Optional[Dict[str, Any]]" = None) -> "Any":
        """Send one request and return the answer's document.

        Raises:
            UserError: The bridge refuses, or has gone.
        """
        try:
            status, document = self.ask(method, path, body)
        except OSError as problem:
            raise UserError("The emsync bridge has stopped answering ({}). Click again to restart it.".format(problem))
        if 200 <= status < 300:
            return document
        raise UserError("The emsync bridge refused: " + said_of(document, "HTTP status {}".format(status)))

    def _start(self) -> None:
        said = self._run([], until=self.probe)
        if not self.probe():
            raise UserError(
                "The emsync bridge did not start{} Run 'emsync serve' in a terminal to see why.".format(
                    ": " + said if said else "."
                )
            )

    def _run(self, more: "List[str]", until: "Optional[Callable[[], bool]]" = None) -> str:
        """Run emsync until it ends or what is waited for has come; return the last line that it said."""
        import subprocess  # most clicks find the bridge running, and are quicker without
        import tempfile

        surroundings = {name: value for name, value in os.environ.items() if name not in LIBRARIES}
        surroundings["EMSYNC_BRIDGE_HOME"] = str(self.home)
        quiet = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would open a black window
        # Into a file, not a pipe: the bridge lives on and would hold the pipe open.
        with tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(  # noqa: S603  the command that the installer baked in
                    self.command + more,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    env=surroundings,
                    cwd=str(Path.home()),
                    creationflags=quiet,
                )
            except OSError as problem:
                raise UserError(
                    "emsync cannot be started ({}: {}). Was it moved or removed? "
                    "Run 'emsync resolve install' again.".format(self.command[0], problem.strerror or problem)
                )
            limit = time.time() + START_SECONDS
            while time.time() < limit and process.poll() is None and not (until and until()):
                time.sleep(0.05)
            said.seek(0)
            lines = said.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""

    def open_page(self, job: str = "") -> str:
        """Open the page in the user's browser, at a job if one is named; return words where there is none.

        Raises:
            UserError: It does not work.
        """
        said = self._run(["--open"] + (["--job", job] if job else []))
        return said if "http" in said and not said.startswith("http") else ""

    def settled(self, job: str, seconds: float = 15.0) -> None:
        """Wait until a job that plays has been running for a second.

        Raises:
            UserError: It failed.
        """
        limit, well = time.time() + seconds, 0
        while time.time() < limit and well < 3:
            record = self.must("GET", "/v1/jobs/" + job)
            if record.get("state") in ("failed", "cancelled"):
                raise UserError(ending_of(record))
            well += record.get("state") == "running"
            time.sleep(POLL_SECONDS)

    def wait(self, job: str, say: "Callable[[str], None]", alive: "Callable[[], bool]") -> "Dict[str, Any]":
        """Wait until a job has ended, and say how far it is.

        Arguments:
            job: Its identifier.
            say: Receiver of the progress.
            alive: Whether somebody still waits for the result; asked now and then.

        Returns:
            The job's record, done.

        Raises:
            UserError: It failed or was cancelled, or the bridge has gone.
        """
        told, seen, looked = "", time.time(), time.time()
        while True:
            try:
                status, record = self.ask("GET", "/v1/jobs/" + job)
            except OSError:
                if time.time() - seen > AWAY_SECONDS:
                    raise UserError(
                        "The emsync bridge has gone while it worked. Nothing was changed in the timeline. Click again; "
                        "'emsync serve' in a terminal shows why it ends."
                    )
                self.probe()  # it may have come back elsewhere
                time.sleep(POLL_SECONDS)
                continue
            seen = time.time()
            if status != 200 or not isinstance(record, dict):
                raise UserError("The emsync bridge refused: " + said_of(record, "the job is not there any more"))
            if record.get("state") == "done":
                return record
            if record.get("state") in ("failed", "cancelled"):
                raise UserError(ending_of(record))
            line = progress_of(record)
            if line != told:
                say(line)
                told = line
            if time.time() - looked > 5.0:
                looked = time.time()
                if not alive():
                    raise UserError(
                        "Resolve has been closed. The music goes on being made; find it on the emsync page."
                    )
            time.sleep(POLL_SECONDS)


def home_of(settings: "Dict[str, Any]") -> "Path":
    """Return the bridge's folder: the one that was baked in, or that of the user who runs this."""
    chosen = os.environ.get("EMSYNC_BRIDGE_HOME") or settings.get("home")
    if chosen:
        return Path(chosen)
    here = Path.home()
    if settings.get("system") == "darwin":
        return here / "Library" / "Application Support" / "emsync-bridge"
    if settings.get("system") == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or str(here / "AppData" / "Local")) / "emsync-bridge"
    return Path(os.environ.get("XDG_DATA_HOME") or str(here / ".local" / "share")) / "emsync-bridge"


PAGE_CONTROLS = {"media_roots": "Media folder", "mood": "Mood", "picture": "Movie", "seed": "Seed"}
"""Labels on the page of the options that an error may name."""


def said_of(document: "Any", otherwise: str) -> str:
    """Return an error of the bridge as sentences."""
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, dict) or not error.get("what"):
        return otherwise + "."
    where = " ({})".format(error["where"]) if error.get("where") else ""
    control = PAGE_CONTROLS.get(error.get("setting") or "")
    control = " ('{}' on the emsync page)".format(control) if control else ""
    hint = " {}{}.".format(str(error["hint"]).rstrip("."), control) if error.get("hint") else ""
    return "{}{}.{}".format(str(error["what"]).rstrip("."), where, hint)


def ending_of(record: "Dict[str, Any]") -> str:
    """Return in words how a job ended that is not done."""
    if record.get("state") == "cancelled":
        return "The job was cancelled. Nothing was changed in the timeline."
    return "It did not work: {} Nothing was changed in the timeline.".format(
        said_of(record, "the bridge gives no reason")
    )


def progress_of(record: "Dict[str, Any]") -> str:
    """Return a line for the Console, a new one for every quarter of a step."""
    progress = record.get("progress")
    if record.get("state") == "queued":
        return "Waiting for another job to end ..."
    if not isinstance(progress, dict) or not progress.get("step"):
        return "Working ..."
    share = progress.get("share")
    quarter = int(4 * max(0.0, min(1.0, share))) * 25 if isinstance(share, (int, float)) else 0
    return "{} ... {} %".format(progress["step"], quarter) if quarter else "{} ...".format(progress["step"])

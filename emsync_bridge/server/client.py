"""Finding, starting and stopping the bridge from another process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from filelock import FileLock, Timeout

from emsync_bridge.errors import OutputError
from emsync_bridge.server.jobs.processes import detached_options
from emsync_bridge.server.paths import Address, Home, private_opener, read_address

_ANSWER_WITHIN = 5.0
_LOOK_EVERY = 0.05


def ask(address: Address, method: str, path: str, body: Any = None) -> Any:
    """Send a request to the bridge and return the document that it answers.

    Arguments:
        address: Address at which the bridge answers.
        method: Method, such as ``GET``.
        path: Path, such as ``/v1/status``.
        body: Document to send.

    Raises:
        OSError: It does not answer, or answers with a failure.
    """
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {address.token}", "Content-Type": "application/json"}
    # the address comes from the user's own file; a proxy of the environment must not see the token
    request = urllib.request.Request(address.url + path, data, headers, method=method)  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=_ANSWER_WITHIN) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def find(place: Home) -> tuple[Address, dict[str, Any]] | None:
    """Return where the bridge answers and its status; None when none answers, whatever a stale file says."""
    address = read_address(place)
    if address is None:
        return None
    try:
        status = ask(address, "GET", "/v1/status")
    except (OSError, ValueError):
        return None
    return (address, status) if isinstance(status, dict) and status.get("pid") == address.pid else None


def wait_for(place: Home, seconds: float, process: subprocess.Popen[bytes] | None = None) -> Address:
    """Return where the bridge answers, once it does.

    Arguments:
        place: The bridge's folder.
        seconds: Seconds to wait.
        process: The process that is to become the bridge.

    Raises:
        OutputError: It does not answer in time, or the process has failed.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = find(place)
        if found is not None:
            return found[0]
        if process is not None and process.poll() not in (None, 0):
            break
        time.sleep(_LOOK_EVERY)
    raise OutputError("The bridge does not answer", where=place.log, hint="The log there may say why")


def wait_or(place: Home, attempt: Callable[[], bool], seconds: float = 30.0) -> Address | None:
    """Be the bridge, or find the one that runs.

    Arguments:
        place: The bridge's folder.
        attempt: Function that runs the bridge and returns True, or returns False because another process holds the
            lock.
        seconds: Seconds to go on trying while that process neither answers nor ends.

    Returns:
        Where the other one answers; None when this process was the bridge.

    Raises:
        OutputError: The other one does not answer.
    """
    until = time.monotonic() + seconds
    while not attempt():
        found = find(place)
        if found is not None:
            return found[0]
        if time.monotonic() > until:
            raise OutputError(
                "A bridge is already running but does not respond",
                where=place.lock,
                hint="Stop its process (its id is in the log), then try again",
            )
        time.sleep(_LOOK_EVERY)
    return None


def start(place: Home, idle_minutes: float, seconds: float = 60.0) -> Address:
    """Start the bridge in the background unless it runs; return where it answers.

    Raises:
        OutputError: It does not answer in time.
    """
    found = find(place)
    if found is not None:
        return found[0]
    place.make()
    with open(place.log.with_name("start.log"), "wb", opener=private_opener) as complaints:
        process = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "emsync_bridge", "serve", "--idle", str(idle_minutes)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            cwd=place.root,
            env=_environment(),
            **detached_options(),
        )
    return wait_for(place, seconds, process)


def _environment() -> dict[str, str]:
    """Return the variables for the bridge, without those of another Python where this process ignores them (``-E``)."""
    foreign = ("PYTHONHOME", "PYTHONPATH") if sys.flags.ignore_environment else ()
    return {name: value for name, value in os.environ.items() if name not in foreign}


def open_page(address: Address, job: str | None = None) -> str | None:
    """Open the page in the user's browser; return its address where there is none.

    Arguments:
        address: Address at which the bridge answers.
        job: Name of the job that the page is to show.

    The browser is given a ticket that is good for once: other users can see the arguments of its process.
    """
    import webbrowser

    url: str = ask(address, "POST", "/v1/tickets")["url"] + (f"#job={job}" if job else "")
    return None if webbrowser.open(url) else url


def stop(place: Home, seconds: float = 10.0) -> bool:
    """Stop the bridge and wait until it is gone; return whether one ran."""
    found = find(place)
    if found is None:
        return False
    ask(found[0], "POST", "/v1/stop")
    try:
        FileLock(place.lock, mode=0o600).acquire(timeout=seconds).lock.release()
    except Timeout:
        raise OutputError(
            "The bridge did not stop", where=f"process {found[0].pid}", hint="Terminate the process named above"
        ) from None
    return True

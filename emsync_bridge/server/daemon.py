"""The bridge's process: one per user, from the lock to the last goodbye."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from filelock import FileLock, Timeout

from emsync_bridge import __version__
from emsync_bridge.server import file_exchange
from emsync_bridge.server.access import AccessMiddleware
from emsync_bridge.server.app import create_app
from emsync_bridge.server.bridge import Bridge
from emsync_bridge.server.connections import BoundedConnection
from emsync_bridge.server.cuts.catalogue import upload_folders
from emsync_bridge.server.cuts.upload_sweep import sweep
from emsync_bridge.server.listening import open_listener
from emsync_bridge.server.logs import start_log
from emsync_bridge.server.paths import PROTOCOL, Address, Home, forget_address, write_address

_LOOK_EVERY = 0.5
"""Seconds between two looks at whether anybody still needs the bridge."""

_END_WITHIN = 8.0
"""Seconds after which the process ends even if something in it does not."""

_log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """uvicorn, which leaves signals to the bridge."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(place: Home, idle_minutes: float, ready: Callable[[Address], None]) -> bool:
    """Be the bridge until told to stop.

    Arguments:
        place: The bridge's folder.
        idle_minutes: Minutes to wait for somebody before stopping.
        ready: Function called once it answers.

    Returns:
        Whether it was; False when another process is the bridge already.
    """
    place.make()
    lock = FileLock(place.lock, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    with lock, open_listener(place) as listener:
        port = listener.getsockname()[1]
        address = Address(
            PROTOCOL,
            __version__,
            f"http://127.0.0.1:{port}",
            port,
            secrets.token_urlsafe(32),
            os.getpid(),
            str(place.exchange),
        )
        start_log(place.log, (address.token,))
        try:
            asyncio.run(_serve(place, address, idle_minutes, listener, ready))
        finally:
            forget_address(place, address.pid)
    return True


async def _serve(
    place: Home,
    address: Address,
    idle_minutes: float,
    listener: socket.socket,
    ready: Callable[[Address], None],
) -> None:
    bridge = Bridge(place, address, idle_minutes)
    app = AccessMiddleware(
        create_app(bridge), port=address.port, token=address.token, tabs=bridge.tabs, touch=bridge.touch
    )
    server = _Server(
        uvicorn.Config(
            app,
            http=BoundedConnection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )
    loop = asyncio.get_running_loop()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(bridge.stopping.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    serving = asyncio.create_task(server.serve([listener]))
    working = asyncio.create_task(bridge.run())
    watching = asyncio.create_task(_watch(bridge))
    exchanging = asyncio.create_task(file_exchange.poll_folder(address))
    try:
        while not server.started and not serving.done():
            await asyncio.sleep(0.005)
        sweep(place, upload_folders(place.inputs, bridge.jobs.values()), dt.date.today())
        write_address(place, address)
        _log.info("the bridge answers on port %d", address.port)
        ready(address)
        await asyncio.wait([serving, working], return_when=asyncio.FIRST_COMPLETED)
    finally:
        forget_address(place, address.pid)
        _end_anyway()
        bridge.stopping.set()
        server.should_exit = True
        watching.cancel()
        exchanging.cancel()
        await asyncio.gather(serving, working, return_exceptions=True)
        _log.info("the bridge has stopped")


def _end_anyway() -> None:
    """See that a thread that hangs, such as on a drive that does not answer, cannot keep the bridge from ending."""
    timer = threading.Timer(_END_WITHIN, os._exit, (0,))
    timer.daemon = True
    timer.start()


async def _watch(bridge: Bridge) -> None:
    while not bridge.bored:
        await asyncio.sleep(min(_LOOK_EVERY, bridge.idle_minutes * 60))
    _log.info("nobody has asked for %g minutes", bridge.idle_minutes)
    bridge.stopping.set()

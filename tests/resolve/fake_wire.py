"""Serves the fake Resolve to a script in another process, as fusionscript does: objects stay here, calls travel."""

import json
import os
import threading
from contextlib import suppress

from fake_machinery import Gone, Remote
from fake_pool import Folder, MediaPool, MediaPoolItem
from fake_resolve import CONSTANTS, STUDIO_ONLY, Fusion, Project, ProjectManager, Resolve
from fake_timeline import Timeline, TimelineItem

CLASSES = (Resolve, Fusion, ProjectManager, Project, MediaPool, Folder, MediaPoolItem, Timeline, TimelineItem)


class Wire:
    """Two pipes between a script and the fake: calls come in as JSON, answers go out as JSON or as Lua.

    Arguments:
        app: The fake application.
        folder: Where the pipes are made.
        lua: Whether answers are written as Lua.
    """

    def __init__(self, app, folder, *, lua=False):
        self.app, self.lua = app, lua
        self.calls, self.answers = folder / "calls.fifo", folder / "answers.fifo"
        for pipe in (self.calls, self.answers):
            os.mkfifo(pipe)
        self._known = {}
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        """Take the pipes away once the script has ended, and wake the server if the script never came."""
        for pipe, mode in ((self.calls, os.O_WRONLY), (self.answers, os.O_RDONLY)):
            with suppress(OSError):
                os.close(os.open(pipe, mode | os.O_NONBLOCK))
        self._thread.join(10)
        for pipe in (self.calls, self.answers):
            pipe.unlink()

    def _serve(self):
        with self.calls.open(encoding="utf-8") as calls:
            answers = self.answers.open("w", encoding="utf-8")
            for line in calls:
                with suppress(BrokenPipeError, ValueError):  # the script has given up waiting, or Resolve has gone
                    try:
                        answers.write(self._answer(json.loads(line)) + "\n")
                        answers.flush()
                    except Gone:
                        answers.close()
            with suppress(BrokenPipeError):
                answers.close()

    def _answer(self, request):
        if request["name"] == "":  # the script says hello
            return self._write(
                {
                    "methods": {kind.__name__: [*dir(kind(self.app)), *STUDIO_ONLY] for kind in (Resolve, Fusion)}
                    | {kind.__name__: self._methods(kind) for kind in CLASSES[2:]},
                    "constants": {name: self.app.resolve.__getattr__(name) for name in CONSTANTS},
                    "unknown": self.app.unknown,
                    "resolve": self.app.resolve,
                    "fusion": self.app.fusion,
                }
            )
        on = self._known[request["on"]]
        arguments = [self._read(one) for one in request["args"]]
        try:
            return self._write(getattr(on, request["name"])(*arguments))
        except TypeError:  # too many arguments or too few: Resolve answers nothing
            return self._write(None)

    @staticmethod
    def _methods(kind):
        return [name for name in dir(kind) if getattr(getattr(kind, name), "is_api", False)] + list(STUDIO_ONLY)

    def _read(self, value):
        if isinstance(value, list):
            return [self._read(one) for one in value]
        if isinstance(value, dict) and "$" in value:
            return self._known[value["$"]]
        if isinstance(value, dict):
            return {key: self._read(one) for key, one in value["%"]}
        return value

    def _write(self, value):
        return "return " + self._as_lua(value) if self.lua else json.dumps(self._as_json(value))

    def _as_json(self, value):
        if isinstance(value, Remote):
            self._known[value._id] = value
            return {"$": value._id, "class": type(value).__name__}
        if isinstance(value, list):
            return [self._as_json(one) for one in value]
        if isinstance(value, dict):
            return {"%": [[key, self._as_json(one)] for key, one in value.items()]}
        return value

    def _as_lua(self, value):
        if isinstance(value, Remote):
            self._known[value._id] = value
            return f'O("{value._id}", "{type(value).__name__}")'
        if isinstance(value, list):
            return "{" + ", ".join(self._as_lua(one) for one in value) + "}"
        if isinstance(value, dict):
            return "{" + ", ".join(f"[{self._as_lua(k)}] = {self._as_lua(v)}" for k, v in value.items()) + "}"
        if isinstance(value, str):
            return '"' + "".join(f"\\{byte:03}" for byte in value.encode()) + '"'
        return (
            {None: "nil", True: "true", False: "false"}.get(value)
            if value in (None, True, False) and not (isinstance(value, int | float) and not isinstance(value, bool))
            else repr(value)
        )

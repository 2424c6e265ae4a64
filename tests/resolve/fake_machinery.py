"""Behaviour of every object of the fake Resolve: it answers, never raises, keeps a log, and can be made to fail."""

import functools
import inspect
import time
from dataclasses import dataclass, field

FAULTS = ("none", "false_though_done", "refuse", "block", "drop_on_save", "empty_ids", "switch_timeline", "die")
WRITES_BLOCKED_BY_MODAL = ("Add", "Append", "Create", "Delete", "Duplicate", "Import", "Load", "Save", "Set", "Start")


@dataclass
class Call:
    """One call as it came in."""

    on: str
    name: str
    args: tuple

    def __str__(self):
        return f"{self.on}.{self.name}"


@dataclass
class Fault:
    """Planned failure: the calls of ``name`` from the ``first``-th on, ``times`` of them, go wrong as ``kind``."""

    name: str
    kind: str
    first: int = 1
    times: int = 10**9
    seconds: float = 0.0
    seen: int = field(default=0)

    def due(self):
        self.seen += 1
        return self.first <= self.seen < self.first + self.times


class Gone(Exception):  # noqa: N818
    """Resolve has been closed: no call is answered any more."""


def api(failure):
    """Mark a method as one of Resolve's, with what it answers when it fails."""

    def mark(function):
        @functools.wraps(function)
        def call(self, *args, **named):
            return self._app.perform(self, function, args, named, failure)

        call.is_api = True
        return call

    return mark


def failing(kind):
    """Return a fresh answer for a failure: None, False, 0, or an empty list or dict."""
    return kind() if kind in (list, dict) else kind


class Remote:
    """An object on the other side of fusionscript."""

    def __init__(self, app):
        self._app = app
        self._id = app.new_id(type(self).__name__)
        self._stale = False

    def __getattr__(self, name):  # only for what is not defined
        if name.startswith("_"):
            raise AttributeError(name)
        if self._app.unknown == "fabricate":
            return lambda *_args: None
        raise AttributeError(f"'PyRemoteObject' object has no attribute '{name}'")

    def __dir__(self):
        return [name for name, value in inspect.getmembers(type(self)) if getattr(value, "is_api", False)]


class Machinery:
    """Answers every call: log, faults, modal dialog, stale handles; bad data gives the call's failure."""

    def __init__(self, unknown="raise"):
        self.unknown = unknown
        self.calls = []
        self.faults = []
        self.modal_open = False
        self.closed = False
        self.swallowed = []
        self._ids = {}

    def new_id(self, kind):
        self._ids[kind] = self._ids.get(kind, 0) + 1
        return f"{kind.lower()}-{self._ids[kind]:04d}"

    def fault(self, name, kind, **more):
        """Make calls of one name go wrong."""
        assert kind in FAULTS, kind
        self.faults.append(Fault(name, kind, **more))

    def dismiss(self):
        """Close the modal dialog, as a person does."""
        self.modal_open = False

    def named(self, *names):
        """Return the logged calls of these names."""
        return [call for call in self.calls if call.name in names]

    def perform(self, on, function, args, named, failure):
        if self.closed:
            raise Gone
        name = function.__name__
        self.calls.append(Call(type(on).__name__, name, args))
        kinds = []
        for fault in self.faults:
            if fault.name == name and fault.due():
                kinds.append(fault.kind)
                if fault.kind == "block":
                    time.sleep(fault.seconds)
        if "none" in kinds:
            return None
        if "refuse" in kinds or on._stale or (self.modal_open and name.startswith(WRITES_BLOCKED_BY_MODAL)):
            return failing(failure)
        if "die" in kinds:
            self.closed = True
            raise Gone
        if "switch_timeline" in kinds:
            self.switch_timeline()
        try:
            answer = function(on, *args, **named)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError, OSError) as problem:
            self.swallowed.append((name, problem))  # bad data never raises
            return failing(failure)
        if "drop_on_save" in kinds:
            self.drop_on_save(answer)
        if "empty_ids" in kinds:
            for item in answer if isinstance(answer, list) else [answer]:
                item._reported_id = ""
        return failing(failure) if "false_though_done" in kinds else answer

    def switch_timeline(self):
        """Do what a person does who opens another timeline meanwhile."""
        raise NotImplementedError

    def drop_on_save(self, answer):
        """Take note of items that will be gone after the next save."""
        raise NotImplementedError

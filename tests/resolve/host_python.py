"""Runs an installed menu entry as Resolve's fuscript does: handles in its globals, no __file__.

Python 3.6. Arguments: pipe for calls, pipe for answers, the entry, and the names that the host predefines.
"""

import json
import sys


class Line(object):
    def __init__(self, calls, answers):
        self.calls, self.answers = open(calls, "w", encoding="utf-8"), open(answers, encoding="utf-8")

    def ask(self, on, name, args):
        try:
            self.calls.write(json.dumps({"on": on, "name": name, "args": [pack(one) for one in args]}) + "\n")
            self.calls.flush()
            answer = self.answers.readline()
        except BrokenPipeError:
            return None
        return unpack(json.loads(answer)) if answer else None  # a handle whose other end has gone


class PyRemoteObject(object):
    def __init__(self, identity, kind):
        self.__dict__.update(_identity=identity, _kind=kind)

    def __getattr__(self, name):
        if self._kind == "Resolve" and name in about["constants"]:
            return about["constants"][name]
        if name not in about["methods"][self._kind]:
            if about["unknown"] == "raise" or name.startswith("_"):
                raise AttributeError("'PyRemoteObject' object has no attribute '%s'" % name)
            return lambda *args: None
        return lambda *args: line.ask(self._identity, name, args)

    def __dir__(self):
        return about["methods"][self._kind]

    def __eq__(self, other):
        return isinstance(other, PyRemoteObject) and other._identity == self._identity

    def __hash__(self):
        return hash(self._identity)


def pack(value):
    if isinstance(value, PyRemoteObject):
        return {"$": value._identity}
    if isinstance(value, (list, tuple)):
        return [pack(one) for one in value]
    if isinstance(value, dict):
        return {"%": [[key, pack(one)] for key, one in value.items()]}
    return value


def unpack(value):
    if isinstance(value, list):
        return [unpack(one) for one in value]
    if isinstance(value, dict) and "$" in value:
        return PyRemoteObject(value["$"], value["class"])
    if isinstance(value, dict):
        return {key: unpack(one) for key, one in value["%"]}
    return value


class Scripting:
    def scriptapp(self, name):
        return about["resolve"] if name == "Resolve" else None


class Application:
    def GetResolve(self):
        return about["resolve"]


line = Line(sys.argv[1], sys.argv[2])
about = line.ask("", "", [])
offered = {
    "resolve": about["resolve"],
    "fusion": about["fusion"],
    "fu": about["fusion"],
    "bmd": Scripting(),
    "app": Application(),
}
with open(sys.argv[3], encoding="utf-8") as entry:
    code = compile(entry.read(), "<menu script>", "exec")
names = {"__name__": "__main__", "__builtins__": __builtins__}
names.update((name, offered[name]) for name in sys.argv[4].split(",") if name)
exec(code, names)

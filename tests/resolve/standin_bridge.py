"""A bridge that answers at once and can be told to fail: for what the real one takes long for, or never does."""

import json
import threading
import time
import wave
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from emsync_bridge import __version__
from emsync_bridge.timecode import exact_rate

TOKEN = "s3cret-token-of-the-stand-in"


class StandIn:
    """A bridge of the same protocol; jobs end as ``ending`` says, after so many polls.

    Arguments:
        home: The bridge's folder.
    """

    def __init__(self, home, *, protocol=1):
        self.home, self.exchange = home, home / "exchange"
        self.ending, self.polls, self.refuse = "done", 0, None
        self.frames, self.more_hits = 240, 0
        self.requests, self.logged, self.jobs, self.orders, self.outcomes = [], [], {}, [], []
        (self.exchange / "exports").mkdir(parents=True)
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                stand_in.serve(self)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        address = {"protocol": protocol, "version": __version__, "url": "", "port": self.server.server_port}
        address.update(token=TOKEN, pid=1, exchange=str(self.exchange))
        (home / "bridge.json").write_text(json.dumps(address))
        self.closed = False

    def take_files(self):
        """Answer requests that come as files too, until it is closed."""
        threading.Thread(target=self._serve_files, daemon=True).start()

    def _serve_files(self):
        while not self.closed:
            for path in self.exchange.glob("*.request.json"):
                request = json.loads(path.read_text())
                path.unlink()
                assert request["token"] == TOKEN
                status, body = self.answer(request["method"], urlsplit(request["path"]), request["body"])
                answer = path.with_name(path.name.replace(".request.", ".answer."))
                part = answer.with_suffix(".part")
                part.write_text(json.dumps({"status": status, "body": body}))
                part.replace(answer)
            time.sleep(0.01)

    def close(self):
        self.closed = True
        self.server.shutdown()
        self.server.server_close()

    def serve(self, line):
        length = int(line.headers.get("Content-Length") or 0)
        body = json.loads(line.rfile.read(length)) if length else None
        if line.headers.get("Authorization") != f"Bearer {TOKEN}":
            status, answer = 401, {"error": {"what": "The token is wrong", "where": "", "hint": ""}}
        else:
            status, answer = self.answer(line.command, urlsplit(line.path), body)
        if status == 0:  # gone
            line.connection.close()
            return
        data = b"" if answer is None else json.dumps(answer).encode()
        line.send_response(status)
        line.send_header("Content-Length", str(len(data)))
        line.end_headers()
        line.wfile.write(data)

    def answer(self, method, url, body):  # noqa: PLR0911
        self.requests.append((method, url.path, body))
        parts = url.path.strip("/").split("/")[1:]
        if self.refuse and method == "POST" and parts == ["jobs"]:
            return 422, {"error": self.refuse}
        match method, parts:
            case "GET", ["status"]:
                return 200, {"protocol": 1, "version": __version__, "exchange": str(self.exchange)}
            case "POST", ["log"]:
                self.logged.append(body["message"])
                return 204, None
            case "POST", ["tickets"]:
                return 200, {"url": "http://127.0.0.1:1/open?ticket=once"}
            case "POST", ["jobs"]:
                return 202, self.new(body)
            case "GET", ["jobs"]:
                return 200, [*self.jobs.values()][::-1]  # newest first
            case "GET", ["jobs", job] if job in self.jobs:
                return self.advance(self.jobs[job])
            case "POST", ["jobs", job, "cancel"]:
                self.jobs[job]["state"] = "cancelled"
                return 200, self.jobs[job]
            case "POST", ["editors"]:
                return 200, {"id": "e1"}
            case "GET", ["editors", "e1", "orders"]:
                return 200, self.orders.pop(0) if self.orders else {}
            case "POST", ["editors", "e1", "orders", _]:
                self.outcomes.append(body)
                return 200, body
        return 404, {"error": {"what": "There is no such thing here", "where": url.path, "hint": ""}}

    def new(self, request):
        job = f"{len(self.jobs) + 1:016x}"
        state = "running" if request["kind"] == "live" else "queued"
        record = {"id": job, "kind": request["kind"], "state": state, "request": request, "polls": 0}
        record.update(progress=None, error=None, result=None, files={})
        self.jobs[job] = record
        return record

    def advance(self, record):
        record["polls"] += 1
        if record["state"] not in ("queued", "running") or record["kind"] == "live":
            return 200, record
        if record["polls"] <= self.polls:
            record.update(state="running", progress={"step": "Composing", "share": 0.5, "seconds_left": 1})
            return 200, record
        if self.ending == "vanish":
            return 0, None
        record["state"] = self.ending
        if self.ending == "failed":
            record["error"] = {"what": "The model is missing", "where": "default", "hint": "Install again"}
        if self.ending == "done":
            self.finish(record)
        return 200, record

    def finish(self, record):
        editor = record["request"].get("editor") or {}
        rate = exact_rate(editor.get("rate", "24"))
        begin, end = (record["request"].get("read") or {}).get("between") or (0, self.frames / float(rate))
        frames = round((end - begin) * rate)
        sound = self.home / f"music-{record['id']}.wav"
        write_wav(sound, frames / rate)
        hits = [
            {"time": float(frame / rate), "frame": frame, "kind": kind, "name": name}
            for frame, kind, name in ((0, "start", ""), (48, "cut", "shot2.mov"), (96, "transition", ""))
        ]
        answers = [{"error_ms": None}, {"error_ms": 0.004}, {"error_ms": -1.25}]
        for number in range(self.more_hits):
            frame = 100 + number
            hits.append(
                {"time": frame / float(rate), "frame": frame, "kind": "cut", "name": "", "weight": number / 1000}
            )
            answers.append({"error_ms": 0.0})
        spotting = {"duration": float(frames / rate), "rate": str(rate), "start_frame": 0, "hits": hits}
        form = [
            {"frame": 0, "label": "A", "character": "calm", "key": "D minor"},
            {"frame": 96, "label": "coda", "character": "", "key": ""},
        ]
        record["result"] = {
            "form": form,
            "cue": {"spotting": spotting, "hits": answers},
            "warnings": ["A thing to know"],
        }
        if record["kind"] == "conform":
            record["result"]["conform"] = {"identical": {"seconds": 1.5, "of_seconds": 2.0}}
        record["files"] = {"audio": str(sound)}


def write_wav(path, seconds):
    """Write silence of a length in seconds, exact."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(48000)
        sound.writeframes(bytes(4 * round(Fraction(seconds) * 48000)))

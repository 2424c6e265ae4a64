"""A hub of models on this computer's own address, with the answers that huggingface_hub asks for."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


@dataclass
class Hub:
    """Files that the hub serves and requests that it had.

    Arguments:
        folders: The files of each repository.
        breaks_after: Bytes of a file after which the connection breaks.
        asked: Paths.
        url: Where it is.
    """

    folders: dict[str, Path]
    breaks_after: int | None = None
    asked: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def open_hub(**repositories: Path) -> Iterator[Hub]:
    """Serve repositories, whose names have two underscores for the slash, until the end of the block."""
    hub = Hub({name.replace("__", "/"): folder for name, folder in repositories.items()})

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            path = self.path.split("?")[0]
            hub.asked.append(path)
            listed = re.fullmatch(r"/api/models/([^/]+/[^/]+)/(revision|tree)/([^/]+)", path)
            file = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
            if listed and listed[1] in hub.folders:
                self._send(json.dumps(_listing(hub.folders[listed[1]], *listed.groups())).encode(), {}, body=body)
            elif file and file[1] in hub.folders and (place := hub.folders[file[1]] / file[3]).is_file():
                data = place.read_bytes()
                headers = {"ETag": f'"{_mark(data)}"', "X-Repo-Commit": file[2], "Accept-Ranges": "bytes"}
                self._send(data, headers, body=body)
            else:
                self._send(b"{}", {}, body=body, status=404)

        def _send(self, data: bytes, headers: dict[str, str], *, body: bool, status: int = 200) -> None:
            wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            if wanted:
                headers["Content-Range"] = f"bytes {wanted[1]}-{len(data) - 1}/{len(data)}"
                data, status = data[int(wanted[1]) :], 206
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            if body and hub.breaks_after is not None and len(data) > hub.breaks_after:
                self.wfile.write(data[: hub.breaks_after])
                self.wfile.flush()
                self.close_connection = True
            elif body:
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _listing(folder: Path, repository: str, what: str, revision: str) -> object:
    names = sorted(path.name for path in folder.iterdir())
    if what == "tree":
        files = {name: (folder / name).read_bytes() for name in names}
        return [{"type": "file", "path": n, "size": len(data), "oid": _mark(data)} for n, data in files.items()]
    return {
        "id": repository,
        "modelId": repository,
        "sha": revision,
        "private": False,
        "siblings": [{"rfilename": name} for name in names],
    }


def _mark(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()

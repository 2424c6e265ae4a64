"""The bridge's log: a file that does not grow for ever and never holds a secret."""

from __future__ import annotations

import logging
import logging.handlers
import os
import re
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from emsync_bridge.server.paths import private_opener

_MAX_BYTES = 2**20
_KEPT = 3


_LIKE_A_SECRET = re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])")
"""Secrets of browser tabs: 32 random bytes in base64."""


class RedactingFormatter(logging.Formatter):
    """Log formatter that removes secrets from every line.

    Arguments:
        secrets: Texts that are never written.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "[secret]")
        return _LIKE_A_SECRET.sub("[secret]", line)


class PrivateLog(logging.handlers.RotatingFileHandler):
    """Rotating log file that only its user can read: it names the files of the user's films."""

    def _open(self) -> TextIOWrapper:
        descriptor = private_opener(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        return TextIOWrapper(os.fdopen(descriptor, "ab"), encoding=self.encoding, errors="replace")


def start_log(path: Path, secrets: Sequence[str]) -> None:
    """Write everything from now on to a rotating file.

    Arguments:
        path: The file.
        secrets: Texts that are never written.
    """
    handler = PrivateLog(path, maxBytes=_MAX_BYTES, backupCount=_KEPT, encoding="utf-8")
    handler.setFormatter(RedactingFormatter(secrets))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("uvicorn.access").disabled = True

"""The bridge's log: a file that does not grow for ever and never holds a secret."""

from __future__ import annotations

import logging
import logging.handlers
from collections.abc import Sequence
from pathlib import Path

_MAX_BYTES = 2**20
_KEPT = 3


class Discreet(logging.Formatter):
    """Log formatter that removes secrets from every line.

    Arguments:
        secrets: What is never written.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "[secret]")
        return line


def start_log(path: Path, secrets: Sequence[str]) -> None:
    """Write everything from now on to a rotating file.

    Arguments:
        path: The file.
        secrets: What is never written.
    """
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=_MAX_BYTES, backupCount=_KEPT, encoding="utf-8")
    handler.setFormatter(Discreet(secrets))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("uvicorn.access").disabled = True

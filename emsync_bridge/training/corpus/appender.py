"""A corpus under construction: pieces are appended to disk as they come, and a journal says which are whole."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from emsync_bridge.training.corpus.dataset import FIELDS, NOTE_FIELDS, SPLITS, CorpusPiece, SplitStatistics

_ALL = {**FIELDS, **NOTE_FIELDS}


@dataclass(frozen=True)
class TokenisedPiece:
    """A piece's arrays by field, or the reason why it is left out; ``parts`` names its instruments."""

    name: str
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    piece: CorpusPiece | None = None
    reason: str = ""
    parts: list[dict[str, Any]] = field(default_factory=list)


class CorpusAppender:
    """Pieces as they come, appended to one file a split and field.

    Arguments:
        folder: Folder in which they wait to be finished.
        fingerprint: A folder with another one is emptied.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder = folder
        self.left_out: dict[str, str] = {}
        self.pieces: dict[str, list[CorpusPiece]] = {split: [] for split in SPLITS}
        self.done = 0
        self._digests: dict[str, str] = {}
        self.instruments: dict[str, list[dict[str, Any]]] = {split: [] for split in SPLITS}
        self._lengths = dict.fromkeys(SPLITS, 0)
        self._notes = dict.fromkeys(SPLITS, 0)
        mark = folder / "fingerprint"
        if not mark.exists() or mark.read_text() != fingerprint:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            mark.write_text(fingerprint)
        self._recall()

    def __enter__(self) -> CorpusAppender:
        with ExitStack() as stack:
            self._files = {
                (split, name): stack.enter_context(self._open(split, name)) for split in SPLITS for name in _ALL
            }
            self._journal = stack.enter_context((self.folder / "journal.jsonl").open("a", encoding="utf-8"))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._stack.close()

    def add(self, result: TokenisedPiece, split: str) -> None:
        """Put a piece on its split's end, or note why it is left out."""
        line: dict[str, Any] = {"name": result.name, "reason": result.reason}
        if result.piece is not None:
            digest = hashlib.sha256(result.arrays["tokens"].astype(FIELDS["tokens"][0]).tobytes()).hexdigest()
            twin = self._digests.get(digest)
            if twin is not None:
                line["reason"] = f"the same notes as {twin}"
            else:
                for name, (kind, _) in _ALL.items():
                    file = self._files[split, name]
                    file.write(np.ascontiguousarray(result.arrays[name], kind).tobytes())
                    file.flush()
                line |= {"split": split, "digest": digest, "piece": asdict(result.piece)}
                line |= {"parts": result.parts, "notes": len(result.arrays["note_ticks"])}
        self._take(line)
        self._journal.write(json.dumps(line) + "\n")
        self._journal.flush()

    def finish(self, split: str, folder: Path) -> SplitStatistics:
        """Write a split as arrays that can be memory-mapped; return what it holds."""
        folder.mkdir(parents=True, exist_ok=True)
        pieces = self.pieces[split]
        for name, (kind, columns) in _ALL.items():
            header = {
                "descr": np.lib.format.dtype_to_descr(np.dtype(kind)),
                "fortran_order": False,
                "shape": (self._rows(split, name), *columns),
            }
            with (folder / f"{name}.npy").open("wb") as whole, (self.folder / f"{split}.{name}").open("rb") as rows:
                np.lib.format.write_array_header_1_0(whole, header)
                shutil.copyfileobj(rows, whole)
        (folder / "pieces.json").write_text(json.dumps([asdict(piece) for piece in pieces]), encoding="utf-8")
        (folder / "instruments.json").write_text(json.dumps(self.instruments[split]), encoding="utf-8")
        return SplitStatistics.of(pieces)

    def _rows(self, split: str, name: str) -> int:
        return self._notes[split] if name in NOTE_FIELDS else self._lengths[split]

    def _take(self, line: dict[str, Any]) -> None:
        self.done += 1
        if line["reason"]:
            self.left_out[line["name"]] = line["reason"]
            return
        split, piece = line["split"], CorpusPiece(**line["piece"])
        self.pieces[split].append(replace(piece, start=self._lengths[split]))
        self._lengths[split] += piece.length
        first, count = self._notes[split], line["notes"]
        self.instruments[split].append({"name": piece.name, "first": first, "notes": count, "parts": line["parts"]})
        self._notes[split] += count
        self._digests[line["digest"]] = piece.name

    def _recall(self) -> None:
        journal = self.folder / "journal.jsonl"
        if not journal.exists():
            return
        whole = journal.read_bytes().rpartition(b"\n")[0]  # a line that was cut off was not whole
        for line in whole.splitlines():
            self._take(json.loads(line))
        journal.write_bytes(whole + b"\n" if whole else b"")

    def _open(self, split: str, name: str) -> BinaryIO:
        kind, columns = _ALL[name]
        file = (self.folder / f"{split}.{name}").open("ab")
        file.truncate(self._rows(split, name) * np.dtype(kind).itemsize * int(np.prod(columns)))
        return file

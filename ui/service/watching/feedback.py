"""What people thought of answers: kept in a file beside the index, and turned into questions for `rag eval`."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from index.errors import StoreError
from ui.view.records import turn_from_json

__all__ = ["REASONS", "Feedback", "FloodError", "export"]

FILE = "feedback.jsonl"
REASONS = ("", "wrong", "incomplete", "source", "refused")
_MOST_BYTES = 20_000_000
_LONGEST_LINE = 100_000
_HOUR, _MOST_AN_HOUR, _MOST_VISITORS = 3600.0, 120, 10_000


class FloodError(Exception):
    """A visitor who judges more than anyone reads."""


class Feedback:
    """The file; safe to use from several threads of one process.

    Args:
        index_dir: folder of the index that was asked.
    """

    def __init__(self, index_dir: Path) -> None:
        self._path = index_dir / FILE
        self._lock = threading.Lock()
        self._judged: OrderedDict[str, list[float]] = OrderedDict()

    def add(self, record: str, rating: str, reason: str, visitor: str = "") -> None:
        """Keep one judgement; a later one of the same answer by the same visitor takes its place.

        Args:
            record: the turn, as the page has it.
            rating: `"good"` or `"bad"`.
            reason: one of `REASONS`.
            visitor: who judges; kept as a digest, which tells visitors apart and names none.

        Raises:
            FloodError: the visitor has judged too often within the hour.
            ValueError: the turn, the rating or the reason makes no sense.
            StoreError: the file is full or can't be written.
        """
        if rating not in ("good", "bad") or reason not in REASONS or len(record) > _LONGEST_LINE:
            raise ValueError("no such judgement")
        turn = turn_from_json(record)
        self._admit(visitor)
        line = {
            "by": hashlib.sha256(f"{self._path.absolute()}\n{visitor}".encode("utf-8", "replace")).hexdigest()[:16],
            "turn": turn.id,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "rating": rating,
            "reason": reason,
            "question": turn.question,
            "language": turn.language,
            "text": turn.text,
            "refused": turn.state == "refused",
            "llm": turn.llm,
            "citations": [{"document_id": one.document_id, "quote": one.quote} for one in turn.sources],
        }
        data = (json.dumps(line, ensure_ascii=True) + "\n").encode("ascii")
        with self._lock:
            self._append(data)

    def _admit(self, visitor: str) -> None:
        with self._lock:
            now = time.monotonic()
            recent = [moment for moment in self._judged.get(visitor, ()) if now - moment < _HOUR]
            if len(recent) >= _MOST_AN_HOUR:
                raise FloodError
            self._judged[visitor] = [*recent, now]
            self._judged.move_to_end(visitor)
            while len(self._judged) > _MOST_VISITORS:
                self._judged.popitem(last=False)

    def _append(self, data: bytes) -> None:
        try:
            size = self._path.stat().st_size if self._path.exists() else 0
            if size + len(data) > _MOST_BYTES:
                raise StoreError(f"{self._path}: holds {size} bytes", "`rag feedback` exports it, then move it away")
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.write(data)
        except OSError as error:
            raise StoreError(f"{self._path}: can't be written ({error})", "check the space there") from error


def export(index_dir: str | Path) -> Iterator[dict[str, object]]:
    """Yield each judged answer as a question of an evaluation set, the last judgement of an answer only.

    The fields are those that `rag.evaluation.measures.read_questions` reads
    (`id, lang, text, answers, relevant, answerable`), with `rating`, `reason` and `at` besides. Of a good answer the
    quoted documents are relevant and the quotes are answers; a good refusal is a question without an answer. Of a bad
    answer nothing is known but the question: its `answers` and `relevant` are empty and wait for a person,
    `answerable` is true.

    Raises:
        StoreError: the file can't be read.
    """
    path = Path(index_dir) / FILE
    last: dict[str, Mapping[str, object]] = {}
    try:
        with path.open("rb") as file:
            for line in file:
                entry = _entry(line)
                if entry is not None:
                    before = last.get(str(entry["turn"]), entry)
                    if before.get("by") == entry.get("by"):  # nobody overwrites what somebody else has judged
                        last[str(entry["turn"])] = entry
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{path}: can't be read ({error})", "check its permissions") from error
    yield from (_question(entry) for entry in last.values())


def _entry(line: bytes) -> Mapping[str, object] | None:
    """Read a line; one that a crash cut is left out."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and {"turn", "question", "rating"} <= entry.keys() else None


def _question(entry: Mapping[str, object]) -> dict[str, object]:
    good, refused = entry["rating"] == "good", bool(entry.get("refused"))
    cited = entry.get("citations")
    citations = [one for one in cited if isinstance(one, dict)] if good and isinstance(cited, list) else []
    name = hashlib.sha256(f"{entry['turn']}\n{entry['question']}".encode("utf-8", "replace")).hexdigest()[:12]
    return {
        "id": f"feedback-{name}",
        "lang": entry.get("language", "und"),
        "text": entry["question"],
        "answers": [str(one.get("quote", "")) for one in citations],
        "relevant": list(dict.fromkeys(str(one.get("document_id", "")) for one in citations)),
        "answerable": not (good and refused),
        "rating": entry["rating"],
        "reason": entry.get("reason", ""),
        "at": entry.get("at", ""),
    }

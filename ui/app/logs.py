"""Logs for programs: one JSON object a line on standard error. No words of a question unless that is asked for."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime

from ui.http.watching import Handled
from ui.service.watching.observed import Observer, Outcome
from ui.terminal.colours import note
from ui.terminal.lines import echo

__all__ = ["FORMATS", "JsonLines", "announce", "log_as_json", "log_request", "question_logger"]

FORMATS = ("text", "json")
logger = logging.getLogger("babelquote")
_FIELDS = "babelquote_fields"


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object: time, level, logger, message, and the fields of an event."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        entry: dict[str, object] = {"time": moment, "level": record.levelname.lower(), "logger": record.name}
        entry |= {"message": record.getMessage(), **getattr(record, _FIELDS, {})}
        if record.exc_info:
            entry["exception"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(entry, ensure_ascii=False)


def log_as_json() -> None:
    """Let every log of this process be JSON lines, those of the HTTP server included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logger.setLevel(logging.INFO)


def log_request(handled: Handled) -> None:
    """Log a request."""
    fields = {"method": handled.method, "route": handled.route, "status": handled.status}
    _event("request", {**fields, "seconds": round(handled.seconds, 4)})


def question_logger(*, words: bool = False) -> Observer:
    """Return what logs how a question ended; `words` logs what was asked as well."""

    def log(outcome: Outcome) -> None:
        fields: dict[str, object] = {"backend": outcome.backend, "outcome": outcome.end}
        fields["seconds"] = round(outcome.seconds, 4)
        if (answer := outcome.answer) is not None:
            fields |= {"language": answer.language, "citations": len(answer.citations), "generation": answer.generation}
        if words:
            fields["question"] = outcome.question
        _event("question", fields)

    return log


def announce(address: str, *, as_json: bool, open_to_all: bool) -> None:
    """Say where the server is, and that everyone can ask it where nobody signs in."""
    message = f"Babelquote answers at {address}"
    risk = f"everyone who reaches {address} can ask and read what is indexed; --auth lets only its users in"
    if as_json:
        logger.info(message)
        if open_to_all:
            logger.warning(risk)
        return
    echo(f"{message} (Ctrl+C ends it)", file=sys.stderr)
    if open_to_all:
        note(risk)


def _event(kind: str, fields: Mapping[str, object]) -> None:
    logger.info(kind, extra={_FIELDS: {"event": kind, **fields}})

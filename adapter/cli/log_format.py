"""Log lines on standard error: for people, or one JSON object a line for a collector. They hold no values."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import Any


class JsonLines(logging.Formatter):
    """`fields` of a record stand beside its message; of an exception only the type, as its text could hold input."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line: dict[str, Any] = {
            "time": moment,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """One line a record; of an exception only the type."""

    def __init__(self) -> None:
        super().__init__()

    def format(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record)} [{record.levelname}] {record.getMessage()}"
        return f"{line}: {record.exc_info[0].__name__}" if record.exc_info and record.exc_info[0] else line


def is_worth_telling(record: logging.LogRecord) -> bool:
    """Streams that are open when the server ends are cancelled, which is nothing to report."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or not issubclass(kind, asyncio.CancelledError)


def log_config(style: str, level: str) -> dict[str, Any]:
    """What `logging.config.dictConfig` takes; `style` is `plain` or `json`."""
    handler = {"formatter": style, "filters": ["calm"], "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
    ours = {"handlers": ["console"], "level": level.upper(), "propagate": False}
    theirs = {"handlers": ["console"], "level": "WARNING", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"()": PlainLines}, "json": {"()": JsonLines}},
        "filters": {"calm": {"()": lambda: is_worth_telling}},
        "handlers": {"console": handler},
        "loggers": {"adapter": ours, "uvicorn": theirs},
        "root": theirs,
    }

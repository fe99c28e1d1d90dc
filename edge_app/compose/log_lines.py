"""The program's log on the disk: short, of two files, and without anything of a patient.

Only our own loggers are kept. Of an exception there is its kind and where it was raised: its text
may hold what somebody typed.
"""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from edge_app.durable import ensure_folder

_MOST_BYTES = 256 * 1024
_OURS = ("edge_app", "hardware")


class _Plain(logging.Formatter):
    """One line a record."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; of an exception its kind and its place."""
        said = self.formatTime(record, "%Y-%m-%d %H:%M:%S")
        line = f"{said} {record.levelname} {record.name}: {record.getMessage()}"
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return line.replace("\n", " ")
        frames = traceback.extract_tb(error.__traceback__)
        where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        return f"{line} ({type(error).__name__}{where})".replace("\n", " ")


def _file(data_dir: Path) -> Path:
    return data_dir / "log" / "edge-app.log"


@contextmanager
def kept_log(data_dir: Path) -> Iterator[None]:
    """Keep what our loggers say while the block lasts; a disk that refuses costs the log only."""
    try:
        ensure_folder(_file(data_dir).parent)
        handler = RotatingFileHandler(
            _file(data_dir), maxBytes=_MOST_BYTES, backupCount=1, delay=True, encoding="utf-8"
        )
    except OSError:
        yield
        return
    handler.setFormatter(_Plain())
    loggers = [logging.getLogger(name) for name in _OURS]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
        handler.close()


def last_lines(data_dir: Path, most: int) -> list[str]:
    """Return the last lines, the newest last; none where nothing was ever said."""
    try:
        text = _file(data_dir).read_text("utf-8", "replace")
    except OSError:
        return []
    return text.splitlines()[-most:]

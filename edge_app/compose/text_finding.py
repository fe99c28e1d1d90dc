"""The text finder in its process, for as long as somebody exports."""

from collections.abc import Iterator
from contextlib import contextmanager

from edge_app.compose.confinement import enclosure_for
from edge_app.inference.providers import CPU
from edge_app.inference.remote_text_finder import RemoteTextFinder
from edge_app.settings import Settings

_WORKER = "edge_app.compose.text_worker"


@contextmanager
def text_finder(settings: Settings) -> Iterator[RemoteTextFinder]:
    """Yield the finder; leaving the block ends its process."""
    folder = settings.text_finder_dir
    finder = RemoteTextFinder(_WORKER, (str(folder),), enclosure_for((folder,), CPU.name))
    try:
        yield finder
    finally:
        finder.close()

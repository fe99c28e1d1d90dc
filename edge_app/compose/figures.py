"""The figures of one store, gathered by a connection that keeps nobody from saving."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from edge_app.storage.saved_studies import saved_studies
from edge_app.storage.store_keys import StoreKeys
from edge_app.workflow.figures import Gathered, gathered


def gathering(folder: Path, keys: StoreKeys) -> Callable[[date], Gathered]:
    """Return what gathers the figures of the store in `folder`."""
    return partial(_gather, folder, keys)


def _gather(folder: Path, keys: StoreKeys, first: date) -> Gathered:
    with saved_studies(folder, keys) as store:
        return gathered(store, first)

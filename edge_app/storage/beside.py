"""A connection of its own to a store that another part of the program, or another one, holds."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from edge_app.domain.audit import AuditEvent, EventKind
from edge_app.domain.error import NotSavedError
from edge_app.storage.audit_chain import AuditChain
from edge_app.storage.cipher import Database, DatabaseError
from edge_app.storage.schema import open_beside
from edge_app.storage.store_keys import StoreKeys


class BesideStore:
    """Looks and changes, one thread at a time; each change is one transaction with its event.

    Attributes:
        folder: Of the store.
    """

    def __init__(self, folder: Path, keys: StoreKeys, actor: str) -> None:
        """Take the store in `folder`; what is noted as a person's act is `actor`'s.

        Raises:
            StoreDamagedError: It cannot be opened.
        """
        self.folder, self._actor = folder, actor
        self._db = open_beside(folder / "studies.db", keys.database)
        self._audit = AuditChain(self._db, keys.audit)
        self._one_at_a_time = threading.Lock()

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    @contextmanager
    def asked(self) -> Iterator[Database]:
        """Yield the database for looking.

        Raises:
            NotSavedError: It cannot be read.
        """
        try:
            with self._one_at_a_time:
                yield self._db
        except DatabaseError as error:
            raise NotSavedError(
                f"The store could not be read or written: {error}.",
                "Try again, or run edge-app doctor.",
            ) from error

    @contextmanager
    def changing(self) -> Iterator[Database]:
        """Yield the database for one change, which is kept when the block ends.

        Raises:
            NotSavedError: It was not kept.
        """
        with self.asked() as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            finally:
                if database.in_transaction:
                    database.execute("ROLLBACK")

    def note(
        self,
        kind: EventKind,
        act: str,
        study: tuple[str, int] = ("", 0),
        *,
        is_refused: bool = False,
        by_program: bool = False,
    ) -> None:
        """Write down an act within the change; `study` is the study's id and version."""
        by = "" if by_program else self._actor
        at = datetime.now(timezone.utc)
        self._audit.append(AuditEvent(at, by, kind, act, *study, is_refused=is_refused))

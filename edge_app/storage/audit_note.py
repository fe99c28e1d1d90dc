"""One event for the audit of a store that another program may hold."""

import os
from pathlib import Path

from edge_app.domain.audit import AuditEvent
from edge_app.domain.error import NotSavedError
from edge_app.storage.audit_chain import AuditChain
from edge_app.storage.cipher import DatabaseError, connected
from edge_app.storage.schema import is_too_new
from edge_app.storage.store_keys import StoreKeys


def note(folder: Path, keys: StoreKeys, event: AuditEvent) -> bool:
    """Append `event` in a transaction of its own; return whether it could be written.

    It cannot where the medium is read-only, nothing was ever kept, or a newer version of the
    program wrote the database; whoever looks at such a place leaves no trace there.

    Raises:
        NotSavedError: It could have been, and was not: what it is about must not be done.
    """
    path = folder / "studies.db"
    if not path.exists() or not (os.access(path, os.W_OK) and os.access(folder, os.W_OK)):
        return False
    try:
        database = connected(path, "mode=rw", keys.database)
        try:
            if is_too_new(database):
                return False
            database.execute("PRAGMA synchronous=FULL")
            database.execute("BEGIN IMMEDIATE")
            AuditChain(database, keys.audit).append(event)
            database.execute("COMMIT")
        finally:
            database.close()
    except DatabaseError as error:
        raise NotSavedError(
            f"Who looks at the studies could not be written down: {error}.",
            "Try again; if it comes again, run edge-app doctor.",
        ) from error
    return True

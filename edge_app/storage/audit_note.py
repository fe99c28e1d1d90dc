"""One event for the audit of a store that another program may hold."""

from pathlib import Path

from edge_app.domain.audit import AuditEvent
from edge_app.storage.audit_chain import AuditChain
from edge_app.storage.cipher import BusyOrUnreadableError, connected
from edge_app.storage.store_keys import StoreKeys


def note(folder: Path, keys: StoreKeys, event: AuditEvent) -> bool:
    """Append `event` in a transaction of its own; return whether it could be written.

    It cannot where the medium is read-only or nothing was ever kept; whoever looks at such a
    place leaves no trace there.
    """
    path = folder / "studies.db"
    if not path.exists():
        return False
    try:
        database = connected(path, "mode=rw", keys.database)
    except BusyOrUnreadableError:
        return False
    try:
        database.execute("PRAGMA synchronous=FULL")
        database.execute("BEGIN IMMEDIATE")
        AuditChain(database, keys.audit).append(event)
        database.execute("COMMIT")
    except BusyOrUnreadableError:
        return False
    finally:
        database.close()
    return True

"""Somebody who is in, with what opens the store for them."""

from dataclasses import dataclass

from edge_app.domain.account import Account
from edge_app.storage.store_keys import StoreKeys


@dataclass(frozen=True, slots=True, repr=False)
class Unlocked:
    """Somebody who is in.

    Attributes:
        account: Who, and what they may do.
        secret: Of the store; every key comes from it.
        wrong_tries: In a row, before the right passphrase came.
    """

    account: Account
    secret: bytes
    wrong_tries: int = 0

    @property
    def keys(self) -> StoreKeys:
        """What opens the store."""
        return StoreKeys.of(self.secret)

    @property
    def came_in(self) -> str:
        """How they came in, as the audit says it."""
        tries = f" after {self.wrong_tries} wrong tries" if self.wrong_tries else ""
        return f"logged in{tries}"

"""The keys of the tests' stores; a store of a clinic has its own."""

from edge_app.storage.store_keys import StoreKeys

SECRET = bytes(range(32))
KEYS = StoreKeys.of(SECRET)

"""The kinds of device that can be looked for; `catalogue.py` says how, and imports the drivers."""

FINDABLE: tuple[str, ...] = ()

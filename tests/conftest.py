"""Set before anything is imported: no screen, no telemetry."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import edge_app  # noqa: F401  telemetry goes off before any test imports the runtime

"""Set before anything is imported: no screen, no telemetry, and no TPM of this machine."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("EDGE_APP_TPM", "")

import edge_app  # noqa: F401  telemetry goes off before any test imports the runtime

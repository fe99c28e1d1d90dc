"""How the shipped detectors were made: data, network, loss, export, quantization."""

import edge_app  # noqa: F401  telemetry goes off before any step here imports the runtime

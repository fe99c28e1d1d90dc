"""Edge imaging at the point of care.

onnxruntime 1.29 and later send telemetry unless this is set before they are imported
(onnxruntime#27379); every module of ours is imported after this one.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"

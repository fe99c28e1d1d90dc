"""Detectors in this process, for the command line."""

from edge_app.compose.packages import package_folder
from edge_app.inference.choice import Choice
from edge_app.inference.detector import OnnxDetector
from edge_app.inference.loading import load_detector
from edge_app.settings import Settings


def detector(settings: Settings, name: str, choice: Choice) -> OnnxDetector:
    """Return a detector in this process, golden check passed; raises DetectorRefusedError."""
    return load_detector(package_folder(settings, name), choice)

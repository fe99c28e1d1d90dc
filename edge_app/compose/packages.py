"""Which detector packages are installed."""

from pathlib import Path

from edge_app.domain.error import DetectorRefusedError
from edge_app.inference.package import packages_in
from edge_app.settings import Settings

DEFAULT = "blood-smear"


def package_folder(settings: Settings, name: str) -> Path:
    """Return the folder of the package `name`.

    Raises:
        DetectorRefusedError: It is not installed.
    """
    folder = settings.packages_dir / name
    installed = packages_in(settings.packages_dir)
    if folder not in installed:
        known = ", ".join(p.name for p in installed) or "none"
        raise DetectorRefusedError(f"The detector {name} is not installed.", f"Installed: {known}.")
    return folder

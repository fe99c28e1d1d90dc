"""A captured image as a file that loses nothing."""

import io
from pathlib import Path

from PIL import Image

from edge_app.domain.error import ExportFailedError
from edge_app.domain.image import CapturedImage
from edge_app.durable import ensure_folder, write_whole


def write_captured(image: CapturedImage, path: Path) -> None:
    """Write `image` to `path` as PNG, RGB, durably; a file that is there is never replaced.

    Raises:
        ExportFailedError: It could not be written, or the name is taken.
    """
    content = io.BytesIO()
    Image.fromarray(image.pixels).save(content, "PNG")
    try:
        ensure_folder(path.parent)
        if path.exists():
            raise ExportFailedError("There is a file of that name already.", "Name another folder.")
        write_whole(path, content.getvalue())
    except OSError as error:
        what = f"The image could not be written: {error.strerror}."
        raise ExportFailedError(what, "Check the folder and its space.") from error

"""Pictures of made-up patients, written by DCMTK's dump2dcm and sent by its storescu."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import generate_uid

from tests.peers.dicom_clinic import Site, dcmtk

MISSING = [name for name in ("storescu", "dump2dcm") if shutil.which(name) is None]
needs_modality = pytest.mark.skipif(
    bool(MISSING), reason=f"NOT TESTED with a real modality: DCMTK lacks {', '.join(MISSING)}"
)
_SIDE = 96
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


@dataclass(frozen=True)
class Sent:
    """What one picture says; empty values are left out."""

    identifier: str = ""
    name: str = ""
    issuer: str = ""
    study_uid: str = ""
    birth_date: str = ""


def a_picture(folder: Path, number: int, sent: Sent) -> Path:
    """Write picture `number`, of its own pixels and UID."""
    pixels = np.random.default_rng(number).integers(0, 255, (_SIDE, _SIDE, 3), np.uint8)
    raw = folder / f"{number}.raw"
    raw.write_bytes(pixels.tobytes())
    values = {
        "(0008,0016) UI": _SECONDARY_CAPTURE,
        "(0008,0018) UI": str(generate_uid()),
        "(0008,0050) SH": f"ORDER-{number}",
        "(0010,0010) PN": sent.name,
        "(0010,0020) LO": sent.identifier,
        "(0010,0021) LO": sent.issuer,
        "(0010,0030) DA": sent.birth_date,
        "(0020,000d) UI": sent.study_uid or str(generate_uid()),
    }
    lines = [f"{key} [{value}]" for key, value in values.items() if value]
    shape = {"0002": 3, "0010": _SIDE, "0011": _SIDE, "0100": 8, "0101": 8, "0102": 7, "0103": 0}
    lines += [f"(0028,{element}) US {value}" for element, value in shape.items()]
    lines += ["(0028,0004) CS [RGB]", "(0028,0006) US 0", f"(7fe0,0010) OB ={raw}"]
    dump, path = folder / f"{number}.dump", folder / f"{number}.dcm"
    dump.write_text("\n".join(lines) + "\n")
    subprocess.run(["dump2dcm", "-q", str(dump), str(path)], check=True, timeout=30)
    return path


def pixels_of(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 255, (_SIDE, _SIDE, 3), np.uint8)


def sends(site: Site, *files: Path) -> None:
    """Have a real modality send them, one after another."""
    ended = dcmtk("storescu", site, *files)
    assert ended.returncode == 0, ended.stdout + ended.stderr

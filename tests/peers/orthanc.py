"""A real archive, Orthanc, that stores to the receiver and asks it for storage commitment."""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.peers.dicom_clinic import OURS, THEIRS, Site, a_port

needed = pytest.mark.skipif(
    shutil.which("Orthanc") is None, reason="NOT TESTED with Orthanc: it is missing (apt: orthanc)"
)
_COME_UP_S = 20


class Orthanc:
    """One running archive, seen through its REST interface."""

    def __init__(self, http: int) -> None:
        self._at = f"http://127.0.0.1:{http}"

    def asked(self, path: str, content: bytes | None = None) -> dict:
        request = urllib.request.Request(f"{self._at}{path}", content)  # noqa: S310  http
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  http
            return json.loads(answer.read())

    def imported(self, path: Path) -> str:
        return self.asked("/instances", path.read_bytes())["ID"]

    def stores(self, instance: str) -> dict:
        return self.asked("/modalities/edge/store", instance.encode())

    def asks_commitment(self, *instances: str, **more: list[list[str]]) -> str:
        wish = {"Resources": list(instances)} | more
        path = "/modalities/edge/storage-commitment"
        return self.asked(path, json.dumps(wish).encode())["ID"]

    def report(self, transaction: str) -> dict:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            found = self.asked(f"/storage-commitment/{transaction}")
            if found["Status"] != "Pending":
                return found
            time.sleep(0.2)
        raise TimeoutError("no report came")


@contextmanager
def orthanc(folder: Path, site: Site, dicom: int) -> Iterator[Orthanc]:
    folder.mkdir()
    http = a_port()
    settings = {
        "Name": "TEST", "StorageDirectory": str(folder), "IndexDirectory": str(folder),
        "HttpPort": http, "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
        "DicomServerEnabled": True, "DicomAet": THEIRS, "DicomPort": dicom,
        "DicomAlwaysAllowStore": False, "DicomCheckCalledAet": True, "Plugins": [],
        "DicomModalities": {"edge": [OURS, "127.0.0.1", site.port]},
    }  # fmt: skip
    path = folder / "orthanc.json"
    path.write_text(json.dumps(settings))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(["Orthanc", str(path)], stdout=log, stderr=log)
    try:
        made, until = Orthanc(http), time.monotonic() + _COME_UP_S
        while True:
            try:
                made.asked("/system")
                break
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < until, (folder / "log").read_text()[-2000:]
                time.sleep(0.1)
        yield made
    finally:
        process.terminate()
        process.wait(20)

"""Orthanc, as a modality that forgets nothing before it was vouched for."""

from pathlib import Path

from tests.peers import orthanc
from tests.peers.dicom_clinic import a_peer, a_port, a_site, receiving
from tests.peers.dicom_commitment import known_as
from tests.peers.dicom_objects import PLAIN, renumbered


@orthanc.needed
def test_orthanc_stores_asks_and_hears_what_is_safe_and_what_is_not(tmp_path: Path) -> None:
    port = a_port()
    site = a_site(tmp_path / "site", a_peer(plain=True, report_port=port))
    with receiving(site), orthanc.orthanc(tmp_path / "orthanc", site, port) as archive:
        stored, other = (archive.imported(p) for p in renumbered(PLAIN, tmp_path, 2))
        assert archive.stores(stored)["FailedInstancesCount"] == 0
        safe = archive.report(archive.asks_commitment(stored))
        partly = archive.report(archive.asks_commitment(stored, other))

    assert len(site.received) == 1
    assert safe["Status"] == "Success"
    assert partly["Status"] == "Failure"
    assert [each["SOPInstanceUID"] for each in partly["Success"]] == [known_as(site.unsealed[0])[1]]
    assert [each["FailureReason"] for each in partly["Failures"]] == [0x0112]

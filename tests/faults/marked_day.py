"""`python -m tests.faults.marked_day FOLDER BUILD`: a day's work on a patient who is searched for.

BUILD is "sound", or one that is broken on purpose: "plain" writes everything in clear, "unsealed"
what a modality sends, "deleted" a list that it takes away again, "named" puts the patient into a
file's name, "logged" into a log.
"""

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec

from edge_app.compose import sealed_report
from edge_app.compose.copies import copy_to
from edge_app.compose.demo import demo_entrance
from edge_app.compose.entrance import Entrance
from edge_app.compose.unlocked import Unlocked
from edge_app.domain.error import EdgeAppError
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study, Verdict
from edge_app.durable import ensure_folder, write_whole
from edge_app.ports import Decision
from edge_app.settings import Settings
from edge_app.storage import cipher, saved_studies, schema, study_store
from edge_app.workflow import examine, review
from hardware.dicom_receiver import sealed_box
from tests.fakes import FakeClock, a_detection, a_reading, an_image, some_pixels
from tests.peers import dicom_spool
from tests.peers.dicom_clinic import Site, a_peer, a_site, receiving
from tests.peers.dicom_objects import PLAIN, opened, shipped
from tests.peers.dicom_wire import connected, store_request, stored
from tests.peers.dicom_wire import received as heard

MARKED = PatientRef(
    "MRN-66173399", "Quixotina Zebrowska-Okonjo", date(1957, 3, 9), "F", "ISSUER-Q7"
)


def a_signed_study(entrance: Entrance, who: Unlocked, folder: Path) -> None:
    """Take, read, judge, sign and report one study; a patient is corrected, an image retaken."""
    clock = FakeClock()
    with entrance.store(who) as store:
        kept = store.studies
        study = examine.begin(kept, clock, PatientRef(MARKED.identifier))
        study = review.identify(kept, study, MARKED)
        for shift in range(3):
            study = examine.keep(kept, study, an_image(some_pixels(shift=shift), sequence=shift))
            reading = a_reading(an_image(some_pixels(shift=shift)), (a_detection(),))
            study = examine.keep_reading(kept, study, study.images[-1].image_id, reading)
        study = examine.retake(kept, study, study.images[0].image_id)
        for index in range(len(study.findings)):
            study = examine.judge(kept, study, index, Verdict.ACCEPTED)
        study = examine.sign(kept, clock, study, MARKED.name)
        while store.outbox.work() == 0:
            pass
        assert list((folder / "reports").iterdir())
        list(kept.studies(MARKED.name))
        refused(lambda: examine.judge(kept, study, 0, Verdict.REJECTED))


def refused(act: Callable[[], object]) -> None:
    """Do what must be refused; its words go where a log would be."""
    try:
        act()
    except EdgeAppError as error:
        with Path(os.environ["MARKED_LOG"]).open("a") as log:
            log.write(f"{error}\n")


def a_killed_capture(entrance: Entrance, who: Unlocked) -> None:
    """Be killed between the spool and the commit of a capture."""
    child = os.fork()
    if child == 0:
        with entrance.store(who) as store:
            study = store.studies.start(Study("killed", MARKED, FakeClock().now()))
            store._store._commit = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
            store.studies.capture(study, an_image(some_pixels(shift=77)))
        os._exit(1)
    os.waitpid(child, 0)


def an_object(folder: Path) -> Path:
    """Return a file of the patient's, somewhere that is not searched."""
    ds = opened(shipped(PLAIN))
    ds.PatientName, ds.PatientID = MARKED.name.replace(" ", "^"), MARKED.identifier
    ds.IssuerOfPatientID = MARKED.issuer
    ds.save_as(folder / "object.dcm")
    return folder / "object.dcm"


def what_a_modality_sent(site: Site, path: Path, build: str) -> None:
    """Receive an object while nobody is logged in, and lose the power in the middle of another."""
    if build == "unsealed":
        dicom_spool.keep(site, path)
        return
    with receiving(site) as receiver:
        with connected(site) as wire:
            status = stored(wire, path)
            assert status == 0, hex(status)
        with connected(site) as wire:
            request, pdus = store_request(path)
            wire.sendall(request)
            assert heard(wire)[0] == 2
            wire.sendall(b"".join(pdus)[:-5000])
            while not list((site.spool / "arriving").iterdir()):
                time.sleep(0.01)
            os.kill(receiver.worker, signal.SIGKILL)


def a_received_study(entrance: Entrance, who: Unlocked, site: Site) -> None:
    """Take in what was received, as whoever logs in next."""
    clock, key = FakeClock(), who.keys.received
    with entrance.store(who) as store, dicom_spool.driver(site, clock, key).open() as device:
        device.serve(MARKED)
        study = examine.begin(store.studies, clock, MARKED)
        image = device.frame()
        examine.keep(store.studies, study, image)
        device.settle(image.sequence, Decision.KEPT)


def broken(build: str) -> None:
    """Break the build in one way."""
    if build == "plain":
        study_store.sealed = sealed_report.sealed = lambda content, _key, _place: content
        study_store.opened = saved_studies.opened = lambda file, _key, _place: file
        cipher._keyed = lambda database, _key: database
        schema.is_plain = lambda _path: False
    if build == "unsealed":
        sealed_box.AESGCM = Unsealing
    if build == "deleted":
        listed = Path(sys.argv[1]) / "list.tmp"
        write_whole(listed, msgspec.json.encode(MARKED) * 50)
        listed.unlink()
    if build == "named":
        ensure_folder(Path(sys.argv[1]) / "reports" / MARKED.name)
    if build == "logged":
        PatientRef.__repr__ = lambda self: self.name
        EdgeAppError.__str__ = lambda self: f"{self.what} {MARKED!r}"


class Unsealing:
    """A cipher that seals nothing."""

    def __init__(self, key: bytes) -> None:
        pass

    def encrypt(self, _nonce: bytes, content: bytes, _more: None) -> bytes:
        return content + bytes(16)

    def decrypt(self, _nonce: bytes, sealed: bytes, _more: None) -> bytes:
        return sealed[:-16]


def main() -> None:
    """Do the day's work."""
    folder, build = Path(sys.argv[1]), sys.argv[2]
    os.environ["MARKED_LOG"] = str(folder / "app.log")
    settings = Settings(folder / "data", folder)
    broken(build)
    entrance, who = demo_entrance(settings)
    a_signed_study(entrance, who, settings.data_dir)
    site = a_site(folder / "receiver", a_peer(plain=True), owner=who.keys.received)
    with tempfile.TemporaryDirectory() as elsewhere:
        what_a_modality_sent(site, an_object(Path(elsewhere)), build)
    a_received_study(entrance, who, site)
    a_killed_capture(entrance, who)
    if build == "sound":
        copy_to(settings, entrance, who, folder / "medium", lambda _done, _of: None)
        with entrance.store(who) as store:
            assert len(store.recovered) == 1
        shutil.rmtree(folder / "medium")  # its blocks are still searched


if __name__ == "__main__":
    main()

"""Whom the objects of one Study Instance UID name: more than one patient is a contradiction.

One file a UID, under keyed digests, so that an object which went out long ago still counts, and
whoever reads the disk cannot try out identifiers on them.
"""

import hashlib
from collections.abc import Iterable
from itertools import combinations

from edge_app.domain.belonging import Belonging, is_same_person
from edge_app.domain.patient import PatientRef
from hardware.dicom_receiver.spool import Spool


class Examinations:
    """Remembers, on the disk, the identifiers that came with each Study Instance UID."""

    def __init__(self, spool: Spool, key: bytes) -> None:
        """Take the key of the digests, 16 to 64 bytes."""
        self._spool = spool
        self._key = key
        self._known: dict[str, frozenset[str]] = {}

    def note(self, said: Belonging) -> None:
        """Return once it is on the disk whom an object of its examination names; raises OSError."""
        if not said.study_uid or not said.patient.identifier:
            return
        name, whom = self._digest(said.study_uid), self._whom(said.patient)
        known = self._of(name)
        if whom not in known:
            self._known[name] = known | {whom}
            self._spool.write_examination(name, sorted(self._known[name]))

    def is_contested(self, said: Belonging) -> bool:
        """Return whether objects of the same examination name different patients."""
        return _differ(self._of(self._digest(said.study_uid))) if said.study_uid else False

    def _of(self, name: str) -> frozenset[str]:
        if name not in self._known:
            self._known[name] = frozenset(self._spool.read_examination(name))
        return self._known[name]

    def _digest(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=20).hexdigest()

    def _whom(self, patient: PatientRef) -> str:
        issuer = self._digest(patient.issuer) if patient.issuer else ""
        return f"{self._digest(patient.identifier)} {issuer}"


def _differ(whom: Iterable[str]) -> bool:
    people = [PatientRef(one.split(" ")[0], issuer=one.split(" ")[1]) for one in whom]
    return any(not is_same_person(one, other) for one, other in combinations(people, 2))

"""What of the spool has not gone out to its end, in the order of arrival, and whose it is."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from edge_app.domain.belonging import Belonging, mismatch
from edge_app.domain.patient import PatientRef
from hardware.dicom_receiver.examinations import Examinations
from hardware.dicom_receiver.sealed_box import BoxBrokenError, opened_box
from hardware.dicom_receiver.spool import Kept, Spool
from hardware.lent import Belongs

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One object that waits, and what its head says."""

    kept: Kept
    said: Belonging


class Waiting:
    """Objects that wait; what is put aside is passed over until `take_back`.

    Attributes:
        unopened: How many there are that the store's key does not open; they stay in the spool.
    """

    def __init__(self, spool: Spool, belongs: Belongs, private: bytes) -> None:
        self._spool = spool
        self._belongs = belongs
        self._private = private
        self._examinations = Examinations(spool, private)
        self.unopened = 0
        self._last = 0
        self._arrived: dict[int, Arrived] = {}
        self._aside: set[int] = set()

    def look(self, until_s: float) -> bool:
        """Take in what has come until `until_s` (monotonic); return whether that is all.

        Raises:
            OSError: The spool cannot be read.
        """
        for kept in self._spool.kept(after=self._last):
            if time.monotonic() >= until_s:
                return False
            self._take_in(kept)
            self._last = kept.number
        return True

    def _take_in(self, kept: Kept) -> None:
        if self._spool.frames_out(kept) is None:
            return
        try:
            with opened_box(self._spool.path(kept), self._private) as file:
                said = self._belongs(file)
        except FileNotFoundError:  # a technician moved it away
            return
        except BoxBrokenError:
            _LOG.warning("Received object %d cannot be opened; it stays.", kept.number)
            self.unopened += 1
            return
        self._examinations.note(said)
        self._arrived[kept.number] = Arrived(kept, said)

    def said(self, arrived: Arrived) -> Belonging:
        """Return what an object says of whose it is, and whether others contradict it."""
        return replace(arrived.said, is_contested=self._examinations.is_contested(arrived.said))

    def own(self, patient: PatientRef | None) -> Arrived | None:
        """Return the first that is of `patient`, or the first of all where nobody is asked for."""
        return next((each for each in self._in_turn() if self.fits(each, patient)), None)

    def stranger(self, patient: PatientRef | None) -> Arrived | None:
        """Return the first that is not of `patient`."""
        return next((each for each in self._in_turn() if not self.fits(each, patient)), None)

    def fits(self, arrived: Arrived, patient: PatientRef | None) -> bool:
        """Return whether an object is of `patient`; everything is where nobody is asked for."""
        return patient is None or mismatch(self.said(arrived), patient) is None

    def put_aside(self, arrived: Arrived) -> None:
        """Pass over an object, and all that waits now under the same identifier."""
        who = arrived.said.patient
        self._aside |= {
            number
            for number, each in self._arrived.items()
            if (each.said.patient.identifier, each.said.patient.issuer)
            == (who.identifier, who.issuer)
        }

    def take_back(self) -> None:
        """Pass over nothing any more."""
        self._aside.clear()

    def went_out(self, arrived: Arrived) -> None:
        """Forget an object of which nothing is left to give."""
        self._arrived.pop(arrived.kept.number, None)

    def _in_turn(self) -> Iterator[Arrived]:
        return (each for number, each in self._arrived.items() if number not in self._aside)

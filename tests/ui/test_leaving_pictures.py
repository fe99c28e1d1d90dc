"""Several pictures on their way out: each one is looked at by itself."""

from edge_app.domain.geometry import Box
from edge_app.domain.outbox import Job, Send, SendKind
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.ui.lanes import Ticket
from edge_app.ui.leaving import Leaving
from tests.fakes import NOON, an_image, some_pixels

IMAGES = [an_image(some_pixels(shift=n), sequence=n) for n in (1, 2, 3)]


class AtOnce:
    """A runner that works on the caller's thread."""

    def submit(self, _lane, work, done, _failed):
        done(work())
        return Ticket(1)


class Way:
    def search(self, images):
        return [() for _ in images]

    def write(self, study, places):
        self.places = places
        return Job("k", study.study_id, study.version, Send(SendKind.DEIDENTIFIED, "/media/stick"))


def a_leaving():
    way, changes = Way(), []
    study = Study("s", PatientRef("P-1"), NOON)
    leaving = Leaving(study, IMAGES, way, AtOnce(), lambda: changes.append(1))
    leaving.begin(changes.append)
    return leaving, way


def test_all_pictures_must_be_looked_at():
    leaving, _way = a_leaving()
    for place in range(3):
        assert not leaving.can_write
        leaving.show(place)
        leaving.say_looked_at(is_so=True)
    assert leaving.can_write

    leaving.say_looked_at(is_so=False)
    assert not leaving.can_write


def test_a_place_belongs_to_its_own_picture():
    leaving, way = a_leaving()
    leaving.show(1)
    leaving.touch(1, 1)
    leaving.touch(9, 9)
    for place in range(3):
        leaving.show(place)
        leaving.say_looked_at(is_so=True)
    leaving.write()

    assert way.places == [(), (Box(1, 1, 9, 9),), ()]
    assert not leaving.can_write


def test_a_corner_on_one_picture_is_forgotten_on_the_next():
    leaving, _ = a_leaving()
    leaving.touch(1, 1)
    leaving.show(1)
    leaving.touch(9, 9)

    assert leaving.places() == [(), (), ()]
    assert leaving.is_begun

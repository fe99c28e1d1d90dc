"""A crowd of strangers makes room for whoever comes next; associations are counted by peer."""

from hardware.dicom_receiver.crowd import Crowd
from hardware.dicom_receiver.limits import (
    ASSOCIATIONS,
    CONNECTIONS_A_SECOND,
    UNPROVEN,
    UNPROVEN_AN_ADDRESS,
)
from hardware.dicom_receiver.settings import Peer


def a_peer(number: int) -> Peer:
    return Peer(f"peer {number}", f"P{number}", f"192.0.2.{number}", plain=True)


def test_the_oldest_of_an_address_makes_room_for_its_next_one() -> None:
    crowd, cut = Crowd(lambda: 0.0), []
    for number in range(UNPROVEN_AN_ADDRESS + 2):
        crowd.arrived(number, "192.0.2.1", lambda number=number: cut.append(number))

    assert cut == [0, 1]


def test_the_address_with_the_most_makes_room_where_many_addresses_come() -> None:
    crowd, cut = Crowd(lambda: 0.0), []
    crowd.arrived("good", "192.0.2.1", lambda: cut.append("good"))
    for number in range(UNPROVEN):
        address = f"192.0.2.{2 + number % 4}"
        crowd.arrived(number, address, lambda number=number: cut.append(number))

    assert cut == [0]


def test_a_proven_connection_makes_room_for_nobody() -> None:
    crowd, cut = Crowd(lambda: 0.0), []
    crowd.arrived("good", "192.0.2.1", lambda: cut.append("good"))
    crowd.proven("good")
    for number in range(UNPROVEN_AN_ADDRESS):
        crowd.arrived(number, "192.0.2.1", lambda number=number: cut.append(number))

    assert cut == []


def test_a_peer_has_its_associations_and_gets_one_back_when_one_left() -> None:
    crowd, peer = Crowd(lambda: 0.0), a_peer(1)

    assert [crowd.takes(peer) for _ in range(3)] == [True, True, False]
    crowd.left(peer)
    assert crowd.takes(peer)


def test_all_peers_together_have_an_end() -> None:
    crowd = Crowd(lambda: 0.0)
    took = sum(crowd.takes(a_peer(n)) for n in range(ASSOCIATIONS) for _ in range(2))

    assert took == ASSOCIATIONS


def test_an_address_that_connects_too_often_waits_for_the_next_second() -> None:
    now = [5.0]
    crowd = Crowd(lambda: now[0])
    came = [crowd.may_come("192.0.2.1") for _ in range(CONNECTIONS_A_SECOND + 1)]

    assert came == [True] * CONNECTIONS_A_SECOND + [False]
    assert crowd.may_come("192.0.2.2")
    now[0] = 6.0
    assert crowd.may_come("192.0.2.1")

"""What other programs read of the audit is every event, in words of theirs."""

import json
from datetime import datetime, timezone
from xml.etree import ElementTree as ET

from edge_app.domain.audit import AuditEvent, EventKind
from edge_app.exchange.audit_export import atna_audit, fhir_audit

NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
EVENTS = [
    AuditEvent(NOON, "Amina & <Co>", EventKind.LOGGED_IN_OR_OUT, "logged in", sequence=1),
    AuditEvent(NOON, "Amina", EventKind.PROCEDURE_RECORD, "started", "study-1", 1, sequence=2),
    AuditEvent(NOON, "Amina", EventKind.INSTANCES_ACCESSED, "see studies", "study-1", sequence=3),
    AuditEvent(NOON, "", EventKind.PROCEDURE_RECORD, "signed", "study-1", 2, sequence=4),
    AuditEvent(NOON, "B", EventKind.SECURITY_ALERT, "refused: sign", is_refused=True, sequence=5),
]
OF_R4 = {"type", "recorded", "agent", "source"}


def test_each_event_is_a_fhir_audit_event_with_what_r4_demands():
    bundle = json.loads(fhir_audit(EVENTS))
    made = [entry["resource"] for entry in bundle["entry"]]

    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    assert all(event.keys() >= OF_R4 for event in made)
    assert [event["type"]["code"] for event in made] == [e.kind.value for e in EVENTS]
    assert [event["action"] for event in made] == ["E", "C", "R", "U", "E"]
    assert [event["outcome"] for event in made] == ["0", "0", "0", "0", "8"]
    assert [a["requestor"] for event in made for a in event["agent"]] == [True] * 3 + [False, True]
    assert made[0]["agent"][0]["name"] == "Amina & <Co>"
    assert "observer" in made[0]["source"]
    assert made[1]["entity"][0]["what"]["identifier"]["value"] == "study-1"
    assert "entity" not in made[0]


def test_each_event_is_an_audit_message_with_what_ps3_15_demands():
    root = ET.fromstring(atna_audit(EVENTS))  # noqa: S314  our own

    assert len(root) == len(EVENTS)
    for message, event in zip(root, EVENTS, strict=True):
        said = message.find("EventIdentification")
        assert {"EventActionCode", "EventDateTime", "EventOutcomeIndicator"} <= set(said.keys())
        assert said.find("EventID").get("csd-code") == event.kind.value
        assert message.find("ActiveParticipant").get("UserID") == (event.by or "edge-app")
        assert message.find("AuditSourceIdentification") is not None
        assert (message.find("ParticipantObjectIdentification") is None) == (not event.study_id)


def test_every_kind_of_event_has_its_meaning():
    events = [AuditEvent(NOON, "A", kind, "act", sequence=1) for kind in EventKind]

    assert len(json.loads(fhir_audit(events))["entry"]) == len(EventKind)

"""The audit for other programs: FHIR R4 AuditEvent, and the XML of DICOM PS3.15 A.5 (ATNA)."""

from collections.abc import Iterable
from xml.etree import ElementTree as ET

import msgspec

from edge_app import __version__
from edge_app.domain.audit import AuditEvent, EventKind

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_SOURCE = "edge-app"
_MEANINGS = {
    EventKind.APPLICATION: "Application Activity",
    EventKind.AUDIT_USED: "Audit Log Used",
    EventKind.INSTANCES_ACCESSED: "DICOM Instances Accessed",
    EventKind.STUDY_DELETED: "DICOM Study Deleted",
    EventKind.EXPORTED: "Export",
    EventKind.IMPORTED: "Import",
    EventKind.PATIENT_RECORD: "Patient Record",
    EventKind.PROCEDURE_RECORD: "Procedure Record",
    EventKind.QUERIED: "Query",
    EventKind.SECURITY_ALERT: "Security Alert",
    EventKind.LOGGED_IN_OR_OUT: "User Authentication",
}
# PS3.15 A.5.1: create, read, update, delete, execute.
_ACTIONS = {
    EventKind.INSTANCES_ACCESSED: "R",
    EventKind.EXPORTED: "R",
    EventKind.STUDY_DELETED: "D",
    EventKind.AUDIT_USED: "R",
    EventKind.IMPORTED: "C",
    EventKind.PATIENT_RECORD: "U",
    EventKind.PROCEDURE_RECORD: "U",
}
_CREATES = {"started", "captured", "recovered"}
_DONE, _FAILED = "0", "8"  # success, serious failure


def _action(event: AuditEvent) -> str:
    return "C" if event.act in _CREATES else _ACTIONS.get(event.kind, "E")


def _outcome(event: AuditEvent) -> str:
    return _FAILED if event.is_refused else _DONE


def _who(event: AuditEvent) -> str:
    return event.by or _SOURCE


def fhir_audit(events: Iterable[AuditEvent]) -> bytes:
    """Return a FHIR R4 Bundle (collection) of AuditEvent resources as JSON."""
    entries = [{"resource": _fhir_event(event)} for event in events]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return msgspec.json.format(msgspec.json.encode(bundle), indent=2)


def _fhir_event(event: AuditEvent) -> dict[str, object]:
    made: dict[str, object] = {
        "resourceType": "AuditEvent",
        "id": str(event.sequence),
        "type": {"system": _DCM, "code": event.kind.value, "display": _MEANINGS[event.kind]},
        "action": _action(event),
        "recorded": event.at.isoformat(),
        "outcome": _outcome(event),
        "outcomeDesc": event.act,
        "agent": [{"name": _who(event), "requestor": bool(event.by)}],
        "source": {"site": _SOURCE, "observer": {"display": f"edge-app {__version__}"}},
    }
    if event.study_id:
        entity = {"what": {"identifier": {"value": event.study_id}}, "description": event.act}
        made["entity"] = [entity]
    return made


def atna_audit(events: Iterable[AuditEvent]) -> bytes:
    """Return the events as AuditMessage elements (PS3.15 A.5.1) below one root, UTF-8."""
    root = ET.Element("AuditMessages")
    for event in events:
        root.append(_atna_event(event))
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _code(parent: ET.Element, name: str, code: str, meaning: str) -> None:
    ET.SubElement(
        parent, name, {"csd-code": code, "codeSystemName": "DCM", "originalText": meaning}
    )


def _atna_event(event: AuditEvent) -> ET.Element:
    message = ET.Element("AuditMessage")
    identified = ET.SubElement(
        message,
        "EventIdentification",
        {
            "EventActionCode": _action(event),
            "EventDateTime": event.at.isoformat(),
            "EventOutcomeIndicator": _outcome(event),
        },
    )
    _code(identified, "EventID", event.kind.value, _MEANINGS[event.kind])
    ET.SubElement(identified, "EventOutcomeDescription").text = event.act
    is_person = "true" if event.by else "false"
    ET.SubElement(
        message, "ActiveParticipant", {"UserID": _who(event), "UserIsRequestor": is_person}
    )
    ET.SubElement(message, "AuditSourceIdentification", {"AuditSourceID": _SOURCE})
    if event.study_id:
        # Type 2 is a system object, role 3 a report; the id is the program's own, no UID.
        known = {
            "ParticipantObjectID": event.study_id,
            "ParticipantObjectTypeCode": "2",
            "ParticipantObjectTypeCodeRole": "3",
        }
        about = ET.SubElement(message, "ParticipantObjectIdentification", known)
        kind = {"csd-code": "study", "codeSystemName": "99EDGE", "originalText": "Study"}
        ET.SubElement(about, "ParticipantObjectIDTypeCode", kind)
    return message

"""`edge-app study export --deidentified`: a study that names nobody."""

import functools
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import click

from edge_app.cli.outbox_words import job_said, job_words
from edge_app.cli.output import DONE, REFUSED, Call
from edge_app.cli.unlock import log_in
from edge_app.compose.outbox import sent_now
from edge_app.compose.text_finding import text_finder
from edge_app.domain.account import Right
from edge_app.domain.audit import EventKind
from edge_app.domain.confidentiality import BurnedText, Confidentiality, LeavingPlan, Option
from edge_app.domain.geometry import Box
from edge_app.domain.outbox import Job, JobState
from edge_app.domain.study import Study
from edge_app.workflow.deidentify import Places, searched, settled

_PLACE = re.compile(r"(\d{1,4}):(\d{1,6}),(\d{1,6}),(\d{1,6}),(\d{1,6})")
_NAMES = [option.value.replace("_", "-") for option in Option]


def _places(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[int, Box], ...]:
    """Return numbers of pictures with boxes."""
    return tuple(_place(value, ctx, param) for value in values)


def _place(value: str, ctx: click.Context, param: click.Parameter) -> tuple[int, Box]:
    found = _PLACE.fullmatch(value)
    number, x0, y0, x1, y1 = map(int, found.groups()) if found else (0, 0, 0, 0, 0)
    if not (number and x0 < x1 and y0 < y1):
        message = "Write PICTURE:X0,Y0,X1,Y1, such as 1:0,0,200,40."
        raise click.BadParameter(message, ctx, param)
    return number, Box(x0, y0, x1, y1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a de-identified export."""

    options: frozenset[Option]
    project: str
    places: tuple[tuple[int, Box], ...]
    is_left: bool
    is_confirmed: bool


def deidentified_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options of a de-identified export, and hand them on as `asked`, an Asked or None."""

    @click.option("--deidentified", is_flag=True, help="Without whoever it is of.")
    @click.option("--keep", multiple=True, type=click.Choice(_NAMES),
                  help="What may stay (PS3.15, E.3).")  # fmt: skip
    @click.option("--project", default="", help="Same numbers for all exports for one purpose.")
    @click.option("--black-out", "places", multiple=True, callback=_places,
                  metavar="N:X0,Y0,X1,Y1", help="Also make this place of picture N black.",
    )  # fmt: skip
    @click.option("--leave-text", is_flag=True, help="Do not black out text that is found.")
    @click.option("--looked-at", is_flag=True, help="I looked: nothing in a picture names anybody.")
    @functools.wraps(command)
    def called(*arguments: object, deidentified: bool, **given: object) -> int:
        own = ("keep", "project", "places", "leave_text", "looked_at")
        said = {name: given.pop(name) for name in own}
        if not deidentified and any(said.values()):
            raise click.UsageError("That goes with --deidentified only.")
        return command(*arguments, asked=_asked(said) if deidentified else None, **given)

    return called


def _asked(said: dict[str, object]) -> Asked:
    names = cast("tuple[str, ...]", said["keep"])
    return Asked(
        frozenset(Option(name.replace("-", "_")) for name in names),
        cast("str", said["project"]) or secrets.token_hex(16),
        cast("tuple[tuple[int, Box], ...]", said["places"]),
        bool(said["leave_text"]),
        bool(said["looked_at"]),
    )


def export_deidentified(call: Call, study_id: str, out: Path, asked: Asked) -> int:
    """Send one study as DICOM, PNG and JSON that name nobody; what fails stays in the outbox."""
    entrance, who = log_in(call)
    Confidentiality(asked.project, asked.options)  # refused before anything is looked at
    how = "looking for text to de-identify it"
    with (
        entrance.saved(who, Right.EXPORT, EventKind.INSTANCES_ACCESSED, study_id, how) as store,
        text_finder(call.settings) as finder,
    ):
        study = store.study(study_id)
        added = _by_picture(asked.places, study)
        found = searched(finder, (store.pixels(study, i.image_id) for i in study.images))
    text = settled(found, is_left=asked.is_left, is_confirmed=asked.is_confirmed)
    places = added if asked.is_left else [(*a, *b) for a, b in zip(found, added, strict=True)]
    plan = LeavingPlan(Confidentiality(asked.project, asked.options, text), tuple(places))
    with entrance.outbox(who) as outbox:
        job = sent_now(outbox, outbox.ask_without_names(study, out, plan))
        written = [str(path) for path in outbox.written(job)]
    _tell(call, written, found, plan, job)
    if job.state is JobState.SENT:
        return DONE
    call.output.remark(f"{job_words(job)} It is in the outbox: edge-app send outbox list")
    return REFUSED


def _by_picture(places: Sequence[tuple[int, Box]], study: Study) -> list[tuple[Box, ...]]:
    if any(number > len(study.images) for number, _ in places):
        raise click.UsageError(f"The study has {len(study.images)} pictures.")
    return [
        tuple(box for n, box in places if n == number) for number in range(1, len(study.images) + 1)
    ]


def _tell(call: Call, written: Sequence[str], found: Places, plan: LeavingPlan, job: Job) -> None:
    wishes, places = plan.wishes, plan.places
    if call.output.as_json:
        pictures = [
            {"text": [_corners(b) for b in f], "blacked_out": [_corners(b) for b in p]}
            for f, p in zip(found, places, strict=True)
        ]
        call.output.answer(
            files=written, pictures=pictures, text=wishes.text.value, job=job_said(job)
        )
    for number, (seen, black) in enumerate(zip(found, places, strict=True), start=1):
        call.output.line(
            f"Picture {number}: text found in {len(seen)} places, {len(black)} places are black."
        )
    for path in written:
        call.output.line(f"Written: {path}")
    if written and wishes.text is BurnedText.BLACKED_OUT:
        call.output.remark(
            "Look at each picture before it leaves: text may have been missed. Black out what is "
            "left with --black-out, and say --looked-at when nothing is."
        )


def _corners(box: Box) -> list[float]:
    return [box.x0, box.y0, box.x1, box.y1]

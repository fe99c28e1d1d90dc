"""`edge-app demo`: the main job from end to end, with or without a screen."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import click

from edge_app.cli.output import DONE, Call, common_options
from edge_app.compose.demo import (
    DEMO_WORDS,
    NO_DETECTOR_FOR_IT,
    demo_dicom,
    demo_microscope,
    demo_room,
)
from edge_app.compose.outbox import sent_now
from edge_app.compose.screen import has_screen
from edge_app.domain.study import Study
from edge_app.settings import Settings
from edge_app.workflow.demonstrate import DemoRoom, dicom_study, smear_study

_SMEARS = 2


def _studies(call: Call, room: DemoRoom) -> list[Study]:
    microscope = demo_microscope()
    done: list[Study] = []
    for number in range(1, _SMEARS + 1):
        last = None
        for step in smear_study(room, microscope, number):
            call.output.remark(f"Smear {number}: {step.words}")
            last = step.study
        if last:
            done.append(last)
    with demo_dicom() as replay:
        for step in dicom_study(room, replay, NO_DETECTOR_FOR_IT):
            call.output.remark(step.words)
            done.append(step.study)
    return done


@dataclass(frozen=True, slots=True)
class _Done:
    """One study as the answer says it."""

    study_id: str
    state: str
    outcome: str
    n_findings: int
    files: list[str]


def _headless(call: Call, settings: Settings, out: Path) -> list[_Done]:
    said: list[_Done] = []
    with demo_room(settings) as (room, outbox):
        for study in _studies(call, room):
            job = sent_now(outbox, outbox.ask_for_files(study.study_id, out))
            written = [str(p) for p in outbox.written(job)]
            said.append(
                _Done(
                    study.study_id,
                    study.state.value,
                    study.outcome.value,
                    len(study.findings),
                    written,
                )
            )
    return said


@click.command("demo")
@click.option("--headless", is_flag=True, help="Do not open the window.")
@click.option("--out", default="demo-out", show_default=True, type=click.Path(path_type=Path))
@common_options
def command(call: Call, headless: bool, out: Path) -> int:  # noqa: FBT001  click hands it on
    """Capture, save, read, flag, sign and report on the simulators; then open the window.

    The studies go into OUT/data, never among a clinic's own.
    """
    settings = Settings(out / "data", call.settings.packages_dir, call.settings.site_file)
    said = _headless(call, settings, out)
    files = [f for s in said for f in s.files]
    if call.output.as_json:
        call.output.answer(studies=said, files=files)
    else:
        columns = ("study", "state", "outcome", "findings")
        rows = [[s.study_id, s.state, s.outcome, str(s.n_findings)] for s in said]
        call.output.table("Demonstration", columns, rows)
        for path in files:
            call.output.line(f"Written: {path}")
    if not headless and has_screen():
        call.output.remark("The window opens on the simulated microscope.")
        call.output.remark(
            f"Locked, it opens again by what is in {settings.data_dir / DEMO_WORDS}."
        )
        return int(import_module("edge_app.cli.demo_window").show_demo(settings))
    if not headless:
        call.output.remark("There is no screen, so the window was not opened.")
    return DONE

"""`edge-app devices`: what is attached."""

import re
from functools import partial
from pathlib import Path

import click
import msgspec

from edge_app.cli.output import DONE, REFUSED, Call, common_options, said_of, shown_path
from edge_app.cli.unlock import log_in
from edge_app.compose.calibrate import Use, calibrate_light, calibrate_spacing
from edge_app.compose.devices import captured, chosen, listed, shown
from edge_app.compose.open_store import SWAPPED_KEY
from edge_app.compose.site_devices import site_devices
from edge_app.domain.account import Right
from edge_app.domain.audit import EventKind
from edge_app.ports import DeviceInfo, Point

_LOGIN = re.compile(r"(?<=://)[^/?#]*@")

device_option = click.option(
    "--device",
    "named",
    multiple=True,
    metavar="KIND:PLACE",
    help="microscope:7, replay:FOLDER, gstreamer:ADDRESS; for KIND also the file of a device"
    " profile (.toml).",
)


Marks = tuple[Point, Point]


class _Marks(click.ParamType[Marks]):
    """Two places in a picture, as "X,Y,X,Y"."""

    name = "marks"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Marks:
        try:
            x0, y0, x1, y1 = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not X,Y,X,Y", param, ctx)
        return (x0, y0), (x1, y1)


_MARKS = _Marks()


def _said(info: DeviceInfo) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(info)
    return {"id": told.pop("device_id"), **told}


def _named(name: str) -> str:
    """Return a device's name without the name and password in its address."""
    return _LOGIN.sub("***@", name)


@click.group("devices")
def command() -> None:
    """Devices that deliver images."""


@command.command("list")
@device_option
@common_options
def list_devices(call: Call, named: tuple[str, ...]) -> int:
    """List the site's devices and those that are attached, or those named, with their state."""
    found = listed(named, site_devices(call.settings))
    if found.failed and not found.infos:
        raise next(iter(found.failed.values()))
    for name, error in found.failed.items():
        call.output.refusal(error, _named(name))
    if call.output.as_json:
        devices = [{**_said(info), "named": _named(name)} for name, info in found.infos.items()]
        failed = [{"named": _named(n), "error": said_of(e)} for n, e in found.failed.items()]
        call.output.answer(devices=devices, failed=failed)
    else:
        rows = [
            [i.device_id, i.kind, i.name, i.state.value, ", ".join(i.capabilities), _named(name)]
            for name, i in found.infos.items()
        ]
        call.output.table("Devices", ("id", "kind", "name", "state", "can", "--device"), rows)
    return REFUSED if found.failed else DONE


@command.command("show")
@click.argument("device_id", metavar="ID")
@device_option
@common_options
def show_device(call: Call, device_id: str, named: tuple[str, ...]) -> int:
    """Show one device, by its id or as KIND:PLACE, with its knobs."""
    device = shown(chosen(named, device_id, site_devices(call.settings)))
    if call.output.as_json:
        controls = msgspec.to_builtins(device.controls)
        call.output.answer(device={**_said(device.info), "controls": controls})
        return DONE
    call.output.line(f"{device.info.name} ({device.info.device_id}): {device.info.state.value}")
    rows = [[k.name, k.unit, f"{k.low:g}", f"{k.high:g}", f"{k.value:g}"] for k in device.controls]
    call.output.table("Knobs", ("name", "unit", "from", "to", "now"), rows)
    return DONE


def _permitted(call: Call) -> Use:
    """Return what writes down who keeps something; raises NotAllowedError at once for others."""
    entrance, who = log_in(call)
    if not who.account.may(Right.MANAGE_DEVICES):
        entrance.ensure_may(who, Right.MANAGE_DEVICES, EventKind.SECURITY_ALERT, "")
    return lambda what: entrance.ensure_may(who, Right.MANAGE_DEVICES, EventKind.APPLICATION, what)


@command.group("calibrate")
def calibrate() -> None:
    """Measure once what a device needs, and keep it in its profile; a technician must log in."""


@calibrate.command("light")
@click.argument("name", metavar="PROFILE.toml:PLACE")
@common_options
def light(call: Call, name: str) -> int:
    """Even out lamp, vignette and tint: the device must show an empty, bright, clean field now."""
    found = calibrate_light(name, site_devices(call.settings), _permitted(call))
    if call.output.as_json:
        call.output.answer(measured=found.day)
    call.output.line("Measured. Every picture of this device is evened out from now on.")
    return DONE


@calibrate.command("spacing")
@click.argument("name", metavar="PROFILE.toml:PLACE")
@click.option("--apart-mm", required=True, type=click.FloatRange(1e-5, 1000), help="How far apart.")
@click.option("--marks", type=_MARKS, help="Two places that far apart, in pixels: X,Y,X,Y.")
@click.option(
    "--spaces",
    type=click.IntRange(4, 1000),
    help="Upright lines stand that far apart, and about so many spaces go across the picture.",
)
@common_options
def spacing(call: Call, name: str, apart_mm: float, marks: Marks | None, spaces: int | None) -> int:
    """Measure the size of a pixel: the device must show a ruler or stage micrometer now."""
    by = marks or spaces
    if by is None or (marks and spaces):
        raise click.UsageError("Give either --marks or --spaces.")
    site, use = site_devices(call.settings), _permitted(call)
    found_mm = calibrate_spacing(name, site, apart_mm, by, use)
    if call.output.as_json:
        call.output.answer(spacing_mm=[found_mm, found_mm])
    call.output.line(f"Measured: {found_mm * 1000:.4g} um a pixel. It stands in the profile.")
    return DONE


@command.command("capture")
@click.argument("device_id", metavar="ID")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--out", "folder", default="captured", type=click.Path(path_type=Path))
@device_option
@common_options
def capture(call: Call, device_id: str, count: int, folder: Path, named: tuple[str, ...]) -> int:
    """Capture images from one device, by its id or as KIND:PLACE, into a folder, as PNG.

    What a receiver keeps names patients and is sealed: it asks who you are.
    """
    device = chosen(named, device_id, site_devices(call.settings))
    if device.seals:
        entrance, who = log_in(call)
        kind, act = EventKind.EXPORTED, "captured from a receiver into a folder"
        entrance.ensure_may(who, Right.EXPORT, kind, act)
        alert = partial(entrance.note, who, EventKind.SECURITY_ALERT, SWAPPED_KEY)
        device = device.opened_by(who.keys.received, alert)
    taken = captured(device, count, folder)
    images = [
        {
            "path": shown_path(path),
            "sequence": image.sequence,
            "captured_at": image.captured_at,
            "width": image.width,
            "height": image.height,
            "spacing_mm": image.spacing_mm,
            "dropped": image.dropped,
            "calibration": image.calibration,
            "hash": image.hash,
        }
        for image, path in taken
    ]
    if call.output.as_json:
        call.output.answer(asked=count, images=images)
    for _, path in taken:
        call.output.line(shown_path(path))
    if taken and (dropped := taken[-1][0].dropped):
        call.output.remark(f"The device lost {dropped} frames meanwhile; none of them was taken.")
    if len(taken) == count:
        return DONE
    call.output.remark(f"The device had no more to give: {len(taken)} of {count} images.")
    return REFUSED

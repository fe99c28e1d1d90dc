"""`edge-app models build`: a detector package from somebody's ONNX file."""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

import click
import msgspec

from edge_app.cli.output import DONE, REFUSED, Call, Output, common_options
from edge_app.domain.error import DetectorRefusedError
from edge_app.inference.build.description import Description, read_description
from edge_app.inference.build.families import FAMILIES

if TYPE_CHECKING:
    from edge_app.inference.build.package_folder import Built

_COLUMNS = ("graph", "file", "one run", "agrees with float")


def _builder() -> ModuleType:
    """Return the part that needs the extra `build`, or say that it is missing."""
    try:
        return import_module("edge_app.compose.build_package")
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("onnx", "google"):
            raise
        raise DetectorRefusedError(
            "Packages cannot be built here: the library onnx is not installed.",
            "Install it with: pip install 'edge-app[build]'.",
        ) from error


def _ask(question: str, choices: Sequence[str], proposal: str) -> str:
    kind = click.Choice(list(choices)) if choices else str
    default = proposal or (choices[0] if choices else None)
    return str(click.prompt(f"Please give {question}", type=kind, default=default, err=True))


def _labels(text: str) -> tuple[str, ...]:
    path = Path(text)
    listed = path.read_text().splitlines() if path.is_file() else text.split(",")
    return tuple(x.strip() for x in listed if x.strip())


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and (height or width).isdigit()):
        raise click.BadParameter("must look like 640x480", param_hint="--size")
    return int(width), int(height or width)


def _described(path: Path | None, given: dict[str, object]) -> Description:
    """Return what the description says, and over it what the options say."""
    said = read_description(path) if path else Description()
    options = {k: v for k, v in given.items() if v is not None}
    if "labels" in options:
        options["labels"] = _labels(str(options["labels"]))
    if "size" in options:
        options["width"], options["height"] = _size(str(options.pop("size")))
    return msgspec.structs.replace(said, **options)


def _show(output: Output, built: "Built") -> None:
    rows = [
        [
            r.name,
            f"{r.size_bytes / 1e6:.2f} MB",
            f"{r.ms:.1f} ms",
            "" if r.agreement is None else f"{r.agreement:.1%}",
        ]
        for r in built.rows
    ]
    tried = [
        [
            "  int8: " + t.name,
            "",
            f"{t.ms:.1f} ms" if t.model else "",
            t.why or f"{t.agreement:.1%}",
        ]
        for t in built.trials
    ]
    output.table("Before and after", _COLUMNS, rows + tried)
    for remark in built.remarks:
        output.line(remark)
    for check in built.checks:
        if not check.ok:
            output.line(f"FAILED {check.name}: {check.why}")
    manifest = built.package.manifest
    output.line(f"Made {manifest.name} in {built.package.folder}: experimental, not validated.")
    output.line("Self-test: " + ("passed." if all(c.ok for c in built.checks) else "FAILED."))


def _answer(output: Output, built: "Built") -> None:
    trials = [
        {"name": t.name, "agreement": t.agreement, "ms": t.ms, "why": t.why} for t in built.trials
    ]
    output.answer(
        name=built.package.manifest.name,
        folder=str(built.package.folder),
        model=msgspec.to_builtins(built.package.manifest),
        table=built.rows,
        trials=trials,
        remarks=built.remarks,
        checks=built.checks,
        ok=all(c.ok for c in built.checks),
    )


def _described_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add what can also stand in a description."""
    for option in (
        click.option("--name", help="Of the package: small letters, digits, dashes."),
        click.option("--family", type=click.Choice(list(FAMILIES)), help="Its architecture."),
        click.option("--labels", help="Names in the graph's order, with commas, or a text file."),
        click.option("--size", metavar="WxH", help="Of the input, if the file leaves it open."),
        click.option("--score", type=click.FloatRange(0, 1), help="From where a detection counts."),
        click.option("--loss", type=click.FloatRange(0, 1), help="What int8 may lose (0.05)."),
        click.option("--several", is_flag=True, default=None, help="Read several tiles at once."),
        click.option("--licence", help="The model's licence."),
        click.option("--title", help="For people."),
    ):
        command = option(command)
    return command


@click.command("build")
@click.argument("model", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="New package folder.")
@click.option("--description", type=click.Path(exists=True, path_type=Path), help="A TOML file.")
@click.option("--calibration", type=click.Path(exists=True, path_type=Path), multiple=True,
              help="Pictures of the field; at least 8, for an int8 file.")  # fmt: skip
@click.option("--golden", type=click.Path(exists=True, path_type=Path), multiple=True,
              help="Pictures for the self-test; they go into the package.")  # fmt: skip
@_described_options
@common_options
def build(call: Call, model: Path, out: Path, **given: object) -> int:
    """Make a detector package from an ONNX file; asks for what the file does not say."""
    builder = _builder()
    calibration = cast("tuple[Path, ...]", given.pop("calibration"))
    golden = cast("tuple[Path, ...]", given.pop("golden"))
    said = _described(cast("Path | None", given.pop("description")), given)
    wish = builder.Wish(model, out, said, calibration, golden)
    asks = sys.stdin.isatty() and not call.output.as_json
    ask = _ask if asks else builder.nobody_to_ask
    built = builder.build_package(wish, ask, call.output.remark)
    if call.output.as_json:
        _answer(call.output, built)
    else:
        _show(call.output, built)
    return DONE if all(c.ok for c in built.checks) else REFUSED

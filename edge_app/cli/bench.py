"""`edge-app bench`: a detector's speed, every figure from one run."""

import click

from edge_app.cli.output import DONE, REFUSED, Call, choice_options, common_options, said_of
from edge_app.compose.bench import Measured, cold_start, warm_pairs
from edge_app.compose.choice import AUTO, Choice
from edge_app.compose.detectors import detector
from edge_app.compose.packages import DEFAULT, package_folder
from edge_app.domain.error import EdgeAppError
from edge_app.inference.package import DetectorPackage, load_package
from edge_app.inference.session import cpu_words, runtime_words, usable_providers
from edge_app.workflow.measure_speed import summary


def _measured(call: Call, package: DetectorPackage, choice: Choice, runs: int) -> Measured:
    loaded = detector(call.settings, package.manifest.name, choice)
    title = f"{choice.variant} on {choice.provider}"
    pairs = list(call.output.progress(warm_pairs(package, loaded, runs), title, runs))
    cold = cold_start(package, choice.variant, choice.provider)
    return Measured(choice.variant, choice.provider, summary(pairs), cold)


def _choices(package: DetectorPackage, choice: Choice) -> list[Choice]:
    shipped = [v.name for v in package.manifest.variants]
    variants = shipped if choice.variant == AUTO else [choice.variant]
    providers = usable_providers() if choice.provider == AUTO else [choice.provider]
    return [Choice(v, p) for p in providers for v in variants]


def _speedup(results: list[Measured]) -> float | None:
    """Return fp32's session time over int8's, on the CPU."""
    ms = {r.variant: r.warm.session_run_ms for r in results if r.provider == "cpu"}
    return ms["fp32"] / ms["int8"] if {"fp32", "int8"} <= ms.keys() else None


def _show(call: Call, name: str, results: list[Measured], runs: int) -> None:
    rows = [
        [f"{v:.2f}" if isinstance(v, float) else str(v) for v in r.said().values()] for r in results
    ]
    columns = results[0].said().keys()
    call.output.table(f"{name}, median of {runs} paired runs", columns, rows)
    speedup = _speedup(results)
    if speedup:
        call.output.line(f"int8 runs {speedup:.2f} times as fast as fp32 on {cpu_words()}.")


@click.command("bench")
@click.option("--detector", "name", default=DEFAULT, show_default=True)
@click.option("--runs", default=100, show_default=True, type=click.IntRange(min=3))
@choice_options
@common_options
def command(call: Call, name: str, runs: int, choice: Choice) -> int:
    """Measure the bare session against the whole reading, in pairs, and a cold start."""
    package = load_package(package_folder(call.settings, name))
    results: list[Measured] = []
    refused: list[dict[str, str]] = []
    for one in _choices(package, choice):
        try:
            results.append(_measured(call, package, one, runs))
        except EdgeAppError as error:
            call.output.refusal(error, f"{one.variant} on {one.provider}")
            refused.append({"variant": one.variant, "provider": one.provider, **said_of(error)})
    if call.output.as_json:
        fastest = min(results, key=lambda r: r.warm.pipeline_ms).said() if results else {}
        call.output.answer(
            detector=name,
            **fastest,
            results=[r.said() for r in results],
            int8_speedup=_speedup(results),
            cpu=cpu_words(),
            runtime=runtime_words(),
            refused=refused,
        )
    elif results:
        _show(call, name, results, runs)
    return REFUSED if refused else DONE

"""`edge-app bench`: a detector's speed, every figure from one run."""

import click

from edge_app.cli.output import DONE, REFUSED, Call, choice_options, common_options, said_of
from edge_app.compose.bench import BARE, PIPELINE, Measured, bare_runs, cold_start, ways
from edge_app.compose.choice import AUTO, Choice
from edge_app.compose.detectors import detector
from edge_app.compose.packages import DEFAULT, package_folder
from edge_app.domain.error import EdgeAppError
from edge_app.inference.package import DetectorPackage, load_package
from edge_app.inference.session import cpu_words, runtime_words, usable_providers
from edge_app.workflow.measure_speed import summary, turns


def _measured(call: Call, package: DetectorPackage, choice: Choice, runs: int) -> Measured:
    loaded = detector(call.settings, package.manifest.name, choice)
    title = f"{choice.variant} on {choice.provider}"
    with ways(call.settings, package, loaded) as (runnable, missing):
        if missing:
            call.output.remark(f"Without the worker: {missing}")
        found = list(call.output.progress(turns(runnable, runs), title, runs))
    cold = cold_start(package, choice.variant, choice.provider)
    return Measured(choice.variant, choice.provider, summary(found, BARE), cold)


def _choices(package: DetectorPackage, choice: Choice) -> list[Choice]:
    shipped = [v.name for v in package.manifest.variants]
    variants = shipped if choice.variant == AUTO else [choice.variant]
    providers = usable_providers() if choice.provider == AUTO else [choice.provider]
    return [Choice(v, p) for p in providers for v in variants]


def _speedup(
    call: Call, package: DetectorPackage, results: list[Measured], runs: int
) -> float | None:
    """Return fp32's bare time over int8's on the CPU, both taking turns; None without both."""
    if not {("int8", "cpu"), ("fp32", "cpu")} <= {(r.variant, r.provider) for r in results}:
        return None
    name = package.manifest.name
    pair = [detector(call.settings, name, Choice(v, "cpu")) for v in ("int8", "fp32")]
    found = call.output.progress(turns(bare_runs(package, pair), runs), "int8 against fp32", runs)
    return summary(list(found), "int8")["fp32"].ratio


def _show(call: Call, name: str, results: list[Measured], runs: int, speedup: float | None) -> None:
    rows = [
        [r.variant, r.provider, way, f"{figures.ms:.2f}", f"{figures.ratio:.2f}"]
        for r in results
        for way, figures in r.ways.items()
    ]
    columns = ("variant", "provider", "way", "ms", "times the bare run")
    call.output.table(f"{name}, medians of {runs} turns", columns, rows)
    for r in results:
        call.output.line(
            f"Cold `edge-app analyze`, {r.variant} on {r.provider}: "
            f"{r.cold.cold_start_ms:.0f} ms, {r.cold.rss_mb:.0f} MB."
        )
    if speedup:
        call.output.line(f"int8 runs {speedup:.2f} times as fast as fp32 on {cpu_words()}.")


@click.command("bench")
@click.option("--detector", "name", default=DEFAULT, show_default=True)
@click.option("--runs", default=100, show_default=True, type=click.IntRange(min=3))
@choice_options
@common_options
def command(call: Call, name: str, runs: int, choice: Choice) -> int:
    """Measure the bare session, the whole reading, the worker and OpenCV in turns; a cold start."""
    package = load_package(package_folder(call.settings, name))
    results: list[Measured] = []
    refused: list[dict[str, str]] = []
    for one in _choices(package, choice):
        try:
            results.append(_measured(call, package, one, runs))
        except EdgeAppError as error:
            call.output.refusal(error, f"{one.variant} on {one.provider}")
            refused.append({"variant": one.variant, "provider": one.provider, **said_of(error)})
    speedup = _speedup(call, package, results, runs)
    if call.output.as_json:
        fastest = min(results, key=lambda r: r.ways[PIPELINE].ms).said() if results else {}
        call.output.answer(
            detector=name,
            **fastest,
            results=[r.said() for r in results],
            int8_speedup=speedup,
            cpu=cpu_words(),
            runtime=runtime_words(),
            refused=refused,
        )
    elif results:
        _show(call, name, results, runs, speedup)
    return REFUSED if refused else DONE

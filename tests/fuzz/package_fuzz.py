"""Damages packages by a seed and asks for them, in a process of its own; prints what happened.

    python -m tests.fuzz.package_fuzz SEED COUNT

The process may take 1 GiB of address space more than it starts with; what needs more fails.
"""

import hashlib
import json
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from edge_app.domain.error import EdgeAppError
from edge_app.inference import gate, golden
from edge_app.inference.package import load_package
from tests.fuzz.mutations import BYTES, TEXTS, restructured
from tests.hostile_models import a_model, constant, node
from tests.published_reader import same_as_theirs
from tests.smears import PACKAGE

SPARE_BYTES = 1 << 30
MODEL = "model.int8.onnx"
GOLDEN = "golden/golden.json"
TOML = "package.toml"


def small_model():
    """Return a small sound graph with a bit of everything that the gate looks at."""
    weights = [
        constant("w", [[[[0.5]]] * 3] * 4),
        constant("scales", [1.0, 1.0, 2.0, 2.0]),
        constant("low", 0.0),
    ]
    nodes = [
        node("Transpose", ["shown"], ["planes"], perm=[0, 3, 1, 2]),
        node("Conv", ["planes", "w"], ["wide"], kernel_shape=[1, 1], pads=[0, 0, 0, 0]),
        node("Resize", ["wide", "", "scales"], ["large"], mode="nearest"),
        node("Clip", ["large", "low"], ["made"]),
        node("Constant", [], ["two"], value=constant("", [2.0])),
        node("Mul", ["made", "two"], ["last"]),
    ]
    return a_model(nodes, weights, last="last").SerializeToString()


class Target:
    """A package on the disk, one of whose files is damaged at a time."""

    def __init__(self, folder):
        self.folder = shutil.copytree(PACKAGE, folder / PACKAGE.name)
        self.sound = {n: (self.folder / n).read_bytes() for n in (MODEL, TOML, GOLDEN)}
        self.models = [small_model(), self.sound[MODEL], (PACKAGE / "model.fp32.onnx").read_bytes()]
        self.hash = hashlib.sha256(self.sound[MODEL]).hexdigest().encode()

    def put(self, name, content):
        (self.folder / name).write_bytes(content)

    def put_model(self, content):
        """Write a model and its right hash, so that the hash does not hide what is wrong."""
        self.put(MODEL, content)
        right = hashlib.sha256(content).hexdigest().encode()
        self.put(TOML, self.sound[TOML].replace(self.hash, right))

    def restore(self):
        for name, content in self.sound.items():
            self.put(name, content)


def damage(target, chance):
    """Damage one file of the package; return which, and the model if it is that."""
    kind = chance.random()
    if kind < 0.7:
        model = chance.choices(target.models, (6, 3, 1))[0]
        for _ in range(chance.choice((1, 1, 2, 4))):
            is_framed = chance.random() < 0.7
            try:
                model = (
                    restructured(model, chance)
                    if is_framed
                    else chance.choice(BYTES)(model, chance)
                )
            except (IndexError, KeyError, ValueError):  # an earlier change broke the frame
                model = chance.choice(BYTES)(model or b"x", chance)
        target.put_model(model)
        return "model", model
    name = TOML if kind < 0.85 else GOLDEN
    content = target.sound[name]
    for _ in range(chance.choice((1, 1, 2, 4))):
        content = chance.choice(TEXTS)(content or b"x", chance)
    target.put(name, content)
    return name, b""


def ask(target):
    """Return what refused the package, or that nothing did."""
    package = load_package(target.folder)
    golden.golden_set(package)
    model = package.model(package.variant("int8"))
    for check in gate.checks(model, gate.OWN):
        if not check.ok:
            return f"gate: {check.name}" + ", damaged" * ("damaged" in check.why)
    return "admitted"


def run(seed, count):
    """Return the tally of `count` damaged packages."""
    tally, failures, slowest = Counter(), [], 0.0
    with tempfile.TemporaryDirectory() as place:
        target = Target(Path(place))
        for number in range(count):
            chance = random.Random(f"{seed} {number}")  # noqa: S311  repeatable, not secret
            what, model = damage(target, chance)
            began = time.monotonic()
            try:
                answer = ask(target)
                if answer == "admitted" and what == "model":
                    same_as_theirs(model)
            except EdgeAppError as error:
                answer = f"refused: {error.code}"
            except Exception as error:  # noqa: BLE001  any other one is what is looked for
                answer = "CRASH"
                failures.append(f"{seed} {number}: {type(error).__name__}: {error}"[:300])
            tally[f"{what}, {answer}"] += 1
            slowest = max(slowest, time.monotonic() - began)
            target.restore()
    return {"count": count, "failures": failures[:20], "slowest_s": round(slowest, 3), **tally}


def main():
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    tally = run(sys.argv[1], int(sys.argv[2]))
    status = Path("/proc/self/status").read_text()  # not ru_maxrss: it begins with the parent's
    tally["peak_mb"] = int(status.split("VmHWM:")[1].split()[0]) // 1024
    sys.stdout.write(json.dumps(tally, indent=1) + "\n")


if __name__ == "__main__":
    main()

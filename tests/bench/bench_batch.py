"""`python -m tests.bench.bench_batch`: milliseconds a tile with 1, 2 and 4 tiles a run.

The shipped graph with a free batch axis; 1 and 2 threads a run, and two runs of one thread at once
as tiles are read today. All ways take turns; prints a table, gates nothing (decision 0012).
"""

import argparse
import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from rich.console import Console
from rich.table import Table

from edge_app.inference.package import load_package
from edge_app.inference.preprocess import prepare
from tests.slides import a_slide
from tests.smears import PACKAGE

N_TILES = 8
BATCHES = (1, 2, 4)


def batched(model, n):
    """Return the graph for `n` pictures a run: boxes [n, cells, 4], scores [n, cells, labels]."""
    model = onnx.ModelProto.FromString(model)
    graph = model.graph
    graph.input[0].type.tensor_type.shape.dim[0].dim_value = n
    sizes = {x.name: x for x in graph.initializer}
    for node in graph.node:
        if node.op_type == "Reshape":
            size = numpy_helper.to_array(sizes[node.input[1]]).copy()
            size[0] = n
            sizes[node.input[1]].CopyFrom(numpy_helper.from_array(size, node.input[1]))
        elif node.op_type == "Gather":  # takes the only picture out of the batch
            node.op_type = "Identity"
            del node.input[1:]
            del node.attribute[:]
    for out in graph.output:
        rest = [d.dim_value for d in out.type.tensor_type.shape.dim]
        out.type.CopyFrom(
            onnx.helper.make_tensor_type_proto(out.type.tensor_type.elem_type, [n, *rest])
        )
    del graph.value_info[:]
    return model.SerializeToString()


def session_of(model, threads):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def ways(shipped, tiles, pool):
    """Yield name and a call that reads all tiles."""
    for n in BATCHES:
        model = batched(shipped, n)
        feeds = [{"pixels": tiles[i : i + n]} for i in range(0, len(tiles), n)]
        for threads in (1, 2):
            session = session_of(model, threads)
            yield (
                f"{n} a run, {threads} thread(s)",
                lambda s=session, f=feeds: [s.run(None, one) for one in f],
            )
        session = session_of(model, 1)
        yield (
            f"{n} a run, two runs of 1 thread at once",
            lambda s=session, f=feeds: list(pool.map(lambda one: s.run(None, one), f)),
        )


def ensure_same(shipped, tiles):
    """Stop unless a batch answers as single runs do."""
    one = session_of(batched(shipped, 1), 1)
    four = session_of(batched(shipped, 4), 1).run(None, {"pixels": tiles[:4]})
    for k in range(4):
        for a, b in zip(one.run(None, {"pixels": tiles[k : k + 1]}), four, strict=True):
            np.testing.assert_allclose(a[0], b[k], atol=0.01)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args().rounds
    package = load_package(PACKAGE)
    spec = package.manifest.input
    tiles = np.concatenate(
        [prepare(a_slide(7 + k, 1, 1).pixels, spec).tensor for k in range(N_TILES)]
    )
    console, load = Console(width=100), os.getloadavg()[0]
    with ThreadPoolExecutor(2) as pool:
        for variant in ("int8", "fp32"):
            shipped = package.model(package.variant(variant))
            ensure_same(shipped, tiles)
            called = dict(ways(shipped, tiles, pool))
            took = {name: [] for name in called}
            lot = np.random.default_rng(1)
            for number in range(-2, rounds):
                for name in lot.permutation(list(called)):
                    began = time.perf_counter()
                    called[name]()
                    if number >= 0:
                        took[name].append((time.perf_counter() - began) * 1e3 / N_TILES)
            today = took["1 a run, two runs of 1 thread at once"]
            table = Table("way", "ms a tile, median", "least", "times today's", title=variant)
            for name, ms in took.items():
                ratio = statistics.median(a / b for a, b in zip(ms, today, strict=True))
                table.add_row(
                    name, f"{statistics.median(ms):.2f}", f"{min(ms):.2f}", f"{ratio:.2f}"
                )
            console.print(table)
    console.print(f"load average {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()

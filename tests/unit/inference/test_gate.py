"""What no detector may be is refused before the runtime sees a byte, in one sentence each."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import edge_app
from edge_app.domain.error import DetectorRefusedError
from edge_app.inference import gate
from edge_app.inference.gate import Caps, GraphInput
from edge_app.inference.onnx_fields import TABLES, Kind
from edge_app.inference.onnx_graph import Element, graph_of, tensor_of
from edge_app.inference.onnx_wire import packed_numbers, read_model
from edge_app.inference.session import open_session
from tests.hostile_models import (
    FLOAT,
    HOSTILE,
    INPUT,
    a_model,
    constant,
    hostile_bytes,
    node,
    value,
    varint,
)
from tests.published_reader import same_as_theirs
from tests.smears import PACKAGE

WANTED = GraphInput(INPUT, Element.UINT8)
SHIPPED = sorted(PACKAGE.glob("*.onnx"))
# Files of many exporters that the ONNX project publishes with its package.
PUBLISHED = sorted((Path(onnx.__file__).parent / "backend" / "test" / "data").rglob("model.onnx"))
ONE_PACKAGE_ONLY = {n for n, (_, said) in HOSTILE.items() if said == "promises one"}


def complaints(model, wanted=WANTED):
    return [c.why for c in gate.checks(model, gate.OWN, wanted) if not c.ok]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_model_is_refused_with_its_own_sentence(name):
    said = " ".join(complaints(hostile_bytes(name)))

    assert HOSTILE[name][1] in said
    assert "not accepted" in said


def test_there_are_at_least_forty_hostile_models():
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize("name", sorted(HOSTILE.keys() - ONE_PACKAGE_ONLY))
def test_no_session_is_opened_for_a_hostile_model(name):
    with pytest.raises(DetectorRefusedError, match="not accepted"):
        open_session(hostile_bytes(name), "cpu")


def test_a_refusal_is_one_short_sentence_whatever_the_file_holds():
    long = a_model([node("x" * 1000, ["shown"], ["r"])], inputs=[value("p", [2] * 500, FLOAT)])

    for why in complaints(long.SerializeToString()):
        assert len(why) < 400
        assert why.isprintable()


def test_a_runtime_session_is_made_behind_the_gate_only():
    rooms = [Path(edge_app.__file__).parent, Path(edge_app.__file__).parents[1] / "hardware"]
    sources = {p: p.read_text(encoding="utf-8") for r in rooms for p in r.rglob("*.py")}
    making = [p.name for p, text in sources.items() if "InferenceSession(" in text]

    assert sorted(making) == ["quantize.py", "session.py"]
    folding = next(text for p, text in sources.items() if p.name == "quantize.py")
    before, _, _ = folding.split("def folded(", 1)[1].partition("InferenceSession(")
    assert "ensure_admitted(content)" in before
    opening = sources[Path(edge_app.__file__).parent / "inference" / "session.py"]
    body = opening.split("def open_session(", 1)[1].split('"""', 2)[2]
    assert body.strip().startswith("ensure_admitted(model)\n")


def test_the_gate_does_not_even_know_the_runtime():
    code = (
        "import sys; from edge_app.inference import gate, package\n"
        "admitted = [c.ok for c in gate.checks(sys.stdin.buffer.read())]\n"
        "sys.exit(any(m.startswith(('onnxruntime', 'onnx.')) or m == 'onnx' for m in sys.modules)"
        " or all(admitted))"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code], input=hostile_bytes("loop for ever"), check=False
    )

    assert ended.returncode == 0


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_the_shipped_models_are_admitted(path):
    model = path.read_bytes()
    complaints(model)
    began = time.perf_counter()

    assert complaints(model) == []

    sys.stdout.write(f"{path.name}: the gate took {(time.perf_counter() - began) * 1e3:.1f} ms\n")


def test_the_sound_model_of_these_tests_is_admitted():
    assert complaints(a_model().SerializeToString()) == []


def test_a_model_larger_than_the_cap_is_refused():
    model = a_model().SerializeToString()

    gate.ensure_admitted(model, Caps(len(model)))
    with pytest.raises(DetectorRefusedError, match="bytes"):
        gate.ensure_admitted(model, Caps(len(model) - 1))


def one_listed_twice():
    """Return a model of the old form, where constants are inputs too."""
    model = a_model(ir_version=3)
    model.graph.input.append(value("four", [2], onnx.TensorProto.INT64))
    return model


def with_unused_domains():
    model = a_model()
    for domain in ("ai.onnx.ml", "com.microsoft", "org.pytorch.aten", "com.microsoft.nchwc"):
        model.opset_import.append(onnx.helper.make_opsetid(domain, 1))
    return model


def documented():
    model = a_model()
    model.doc_string = "two\nlines\tof text"
    model.graph.node[0].doc_string = 'File "x.py", line 1\n'
    model.metadata_props.add(key="names", value="{0: 'cell \u00b5', 1: '\u7d30\u80de'}")
    return model


def resized():
    empty = constant("roi", [])
    scales = constant("scales", [1.0, 2.0, 2.0, 1.0])
    return a_model(
        [node("Resize", ["shown", "roi", "scales"], ["r"], mode="linear")], [empty, scales]
    )


def sliced():
    ends = [constant(n, [v], np.int64) for n, v in (("a", 0), ("b", 2**63 - 1), ("c", 3))]
    return a_model([node("Slice", ["shown", "a", "b", "c"], ["s"])], ends)


EXPORTED = {
    "constants that are inputs too": one_listed_twice,
    "domains that no node uses": with_unused_domains,
    "texts of several lines": documented,
    "an open side written as -1": lambda: a_model(inputs=[value("pixels", (-1, 3, 8, 8), FLOAT)]),
    "an open side without a name": lambda: a_model(inputs=[value("pixels", (None, 3), FLOAT)]),
    "an empty region and scales": resized,
    "a slice to the very end": sliced,
    "a mask's lone infinity": lambda: a_model(constants=[constant("mask", -np.inf)]),
    "the standard domain by its long name": lambda: a_model(
        [node("Relu", ["shown"], ["r"], domain="ai.onnx")]
    ),
    "a contributed operator": lambda: a_model(
        [node("QuickGelu", ["shown"], ["r"], domain="com.microsoft")]
    ),
    "an optional input that is left out": lambda: a_model(
        [node("Clip", ["shown", "", "high"], ["r"])], [constant("high", 6.0)]
    ),
}


@pytest.mark.parametrize("name", EXPORTED)
def test_what_exporters_commonly_write_is_admitted(name):
    assert complaints(EXPORTED[name]().SerializeToString(), None) == []


def descriptor(message):
    """Return the ONNX project's own description of a message."""
    outer, _, inner = message.partition(".")
    found = getattr(onnx, outer).DESCRIPTOR
    return found.nested_types_by_name[inner] if inner else found


KINDS = {
    Kind.INT64: {"TYPE_INT64"},
    Kind.INT32: {"TYPE_INT32", "TYPE_ENUM"},
    Kind.UINT64: {"TYPE_UINT64"},
    Kind.FLOAT: {"TYPE_FLOAT"},
    Kind.DOUBLE: {"TYPE_DOUBLE"},
    Kind.NAME: {"TYPE_STRING"},
    Kind.TEXT: {"TYPE_STRING"},
    Kind.BYTES: {"TYPE_BYTES"},
    Kind.MESSAGE: {"TYPE_MESSAGE"},
}


@pytest.mark.parametrize("message", TABLES)
def test_the_fields_are_those_of_the_published_format(message):
    theirs = descriptor(message)
    names = {v: k for k, v in vars(type(theirs.fields[0])).items() if k.startswith("TYPE_")}

    assert {f.number for f in theirs.fields} == set(TABLES[message])
    for field in theirs.fields:
        ours = TABLES[message][field.number]
        assert ours.name == field.name
        if ours.kind is Kind.REFUSED:
            assert ours.why
            continue
        assert names[field.type] in KINDS[ours.kind]
        assert ours.is_repeated == field.is_repeated
        if ours.kind is Kind.MESSAGE:
            assert ours.message == field.message_type.full_name.removeprefix("onnx.")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_our_reader_sees_in_the_shipped_files_what_the_published_one_sees(path):
    assert same_as_theirs(path.read_bytes()) > 200


def test_our_reader_sees_in_published_files_what_the_published_one_sees():
    read = 0
    for path in PUBLISHED:
        content = path.read_bytes()
        try:
            graph_of(read_model(content).messages("graph")[0])
        except DetectorRefusedError:
            continue
        read += bool(same_as_theirs(content))

    assert read > 90


@pytest.mark.parametrize("kind", [e.value for e in Element])
def test_a_tensor_has_the_same_values_raw_or_listed(kind):
    numpy_kind = onnx.helper.tensor_dtype_to_np_dtype(kind)
    values = np.array([0, 1, 1, 0], numpy_kind)
    raw = onnx.numpy_helper.from_array(values, "t")
    listed = onnx.helper.make_tensor("t", kind, [4], values.tolist())

    for theirs in (raw, listed):
        model = a_model(constants=[theirs]).SerializeToString()
        message = read_model(model).messages("graph")[0].messages("initializer")[-1]
        assert tensor_of(message).values().tolist() == [0, 1, 1, 0]


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=40))
def test_packed_numbers_are_read_as_they_were_written(numbers):
    packed = b"".join(varint(n % 2**64) for n in numbers)

    assert packed_numbers(memoryview(packed)) == numbers


@pytest.mark.parametrize(
    "packed", [b"\x80", b"\x01\x80", b"\x80\x00", b"\xff" * 9 + b"\x02", b"\xff" * 11 + b"\x01"]
)
def test_packed_numbers_that_are_cut_or_overlong_are_refused(packed):
    with pytest.raises(DetectorRefusedError):
        packed_numbers(memoryview(packed))

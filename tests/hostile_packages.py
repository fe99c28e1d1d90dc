"""Detector packages that must not be opened, each with a piece of the sentence that refuses it."""

import hashlib
import json
import os
import re
import shutil
import struct
import zlib

from tests.hostile_models import HOSTILE, a_model, external, hostile_bytes
from tests.smears import PACKAGE

MODEL, MANIFEST, PICTURE = "model.int8.onnx", "package.toml", "golden/field-1.png"


def a_package(tmp_path):
    """Return a copy of the shipped package."""
    return shutil.copytree(PACKAGE, tmp_path / PACKAGE.name)


def put_model(folder, content):
    """Make `content` the int8 model, with its right hash in the manifest."""
    old = hashlib.sha256((folder / MODEL).read_bytes()).hexdigest()
    (folder / MODEL).write_bytes(content)
    text = (folder / MANIFEST).read_text()
    (folder / MANIFEST).write_text(text.replace(old, hashlib.sha256(content).hexdigest()))


def with_model(name):
    return lambda folder: put_model(folder, hostile_bytes(name))


def external_through(link):
    """Put a file of somewhere else into the folder, by `link`, as the model's weights."""

    def change(folder):
        secret = folder.parent / "secret"
        secret.write_bytes(b"\0" * 16)
        link(secret, folder / "weights.onnx")
        put_model(folder, external("weights.onnx")().SerializeToString())

    return change


def replaced(old, new):
    """Change the manifest's text once."""

    def change(folder):
        text = (folder / MANIFEST).read_text()
        assert old in text
        (folder / MANIFEST).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def flip_a_bit(folder):
    content = bytearray((folder / MODEL).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / MODEL).write_bytes(content)


def instead(name, make):
    """Put something else where a file was."""

    def change(folder):
        (folder / name).unlink()
        make(folder / name)

    return change


def moved_out(name, link):
    """Move a file out of the folder and leave a link to it."""

    def change(folder):
        out = folder.parent / "outside"
        (folder / name).rename(out)
        link(out, folder / name)

    return change


def nothing(path):
    pass


def symlink(target, link):
    link.symlink_to(target)


def golden_linked(folder):
    (folder / "golden").rename(folder.parent / "pictures")
    (folder / "golden").symlink_to(folder.parent / "pictures")


def written(name, content):
    return lambda folder: (folder / name).write_bytes(content)


def answers(change):
    """Change the golden answers."""

    def changed(folder):
        path = folder / "golden" / "golden.json"
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return changed


def a_picture(name_of, value):
    return answers(lambda content: content["pictures"][0].update({name_of: value}))


def chunk(kind, content):
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png(width, height, *between, form=(8, 2, 0, 0, 0)):
    """Return a PNG that says it is so large; it holds hardly a pixel."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, *form))
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(between) + pixels + chunk(b"IEND", b"")


def put_picture(content):
    """Make `content` the first golden picture, with its right hash in the answers."""

    def change(folder):
        (folder / PICTURE).write_bytes(content)
        a_picture("sha256", hashlib.sha256(content).hexdigest())(folder)

    return change


def first_answer(**changed):
    return answers(lambda content: content["pictures"][0]["expected"]["int8"][0].update(changed))


def endless_number(folder):
    path = folder / "golden" / "golden.json"
    path.write_text(re.sub(r'"score": [0-9.]+', '"score": 1e999', path.read_text(), count=1))


def variants_of_one_name(folder):
    text = (folder / MANIFEST).read_text()
    (folder / MANIFEST).write_text(text.replace('name = "fp32"', 'name = "int8"', 1))


def another_point(folder):
    text = (folder / MANIFEST).read_text()
    (folder / MANIFEST).write_text(text.replace('name = "screening"', 'name = "balanced"', 1))


def file_named(name):
    return replaced('file = "model.int8.onnx"', f'file = "{name}"')


SCORE = re.search(r"^score = [0-9.]+$", (PACKAGE / MANIFEST).read_text(), re.MULTILINE)[0]
# Name -> what is done to a sound package, and a piece of the sentence that must refuse it.
FOLDERS = {
    "external data by hard link": (external_through(lambda a, b: b.hardlink_to(a)),
                                   "in another file"),
    "external data by symbolic link": (external_through(symlink), "in another file"),
    "one bit of the model flipped": (flip_a_bit, "its hash is wrong"),
    "another model of the right form": (
        lambda folder: (folder / MODEL).write_bytes(a_model().SerializeToString()),
        "its hash is wrong"),
    "hash that is none": (replaced('sha256 = "', 'sha256 = "x'), "is no SHA-256"),
    "model missing": (instead(MODEL, nothing), "model.int8.onnx is missing"),
    "model empty": (written(MODEL, b""), "model.int8.onnx is empty"),
    "model that is a pipe": (instead(MODEL, os.mkfifo), "model.int8.onnx is not a plain file"),
    "model that is a folder": (instead(MODEL, os.mkdir), "is not a plain file"),
    "model that is a link": (moved_out(MODEL, symlink), "model.int8.onnx is a link"),
    "model that is a file of somewhere else": (
        moved_out(MODEL, lambda a, b: b.hardlink_to(a)), "hard link"),
    "model above the folder": (file_named("../model.onnx"), "no name of a model file"),
    "model by absolute path": (file_named("/etc/passwd"), "no name of a model file"),
    "model in a folder below": (file_named("golden/model.onnx"), "no name of a model file"),
    "model of a strange name": (file_named("m\u00f6del.onnx"), "no name of a model file"),
    "model named as a device": (file_named("con.onnx"), "no name of a model file"),
    "model that is a library": (file_named("model.so"), "no name of a model file"),
    "library in the folder": (written("golden/x\u202ey.so", b"\x7fELF"), "is not a name"),
    "folder in the folder": (lambda folder: (folder / "more").mkdir(), "more is not a plain file"),
    "thousands of files": (
        lambda folder: [(folder / f"f{k}").touch() for k in range(100)], "more than 64 files"),
    "manifest missing": (instead(MANIFEST, nothing), "is not installed"),
    "manifest that is a pipe": (instead(MANIFEST, os.mkfifo), "package.toml is not a plain file"),
    "manifest that is a link": (moved_out(MANIFEST, symlink), "package.toml is a link"),
    "manifest of a gigabyte": (
        lambda folder: os.truncate(folder / MANIFEST, 1 << 30), "larger than the 262,144 bytes"),
    "manifest that is no text": (written(MANIFEST, b"name = \"\xff\xfe\""), "is not valid"),
    "manifest of 100,000 brackets": (written(MANIFEST, b"a = " + b"[" * 100_000), "is not valid"),
    "manifest with a number of 5,000 digits": (
        replaced("fill = 114", "fill = " + "1" * 5000), "is not valid"),
    "manifest with an unknown key": (
        replaced("nms_iou", 'command = "rm"\nnms_iou'), "unknown keys: command"),
    "threshold that is no number": (replaced(SCORE, "score = nan"), "is no finite number"),
    "threshold above one": (replaced(SCORE, "score = 1.5"), "is not 0 to 1"),
    "threshold of nothing": (replaced(SCORE, "score = 0.0"), "is not 0 to 1"),
    "overlap without limit": (replaced("nms_iou = 0.5", "nms_iou = inf"), "no finite number"),
    "tolerance that admits everything": (
        lambda folder: (folder / MANIFEST).write_text(
            re.sub(r"score_tolerance = [0-9.]+", "score_tolerance = 1.0",
                   (folder / MANIFEST).read_text(), count=1)), "score tolerances"),
    "input of a million pixels a side": (replaced("width = 352", "width = 1000000"), "pixels"),
    "label twice": (replaced('name = "platelet"', 'name = "red-cell"'), "label red-cell twice"),
    "label that reads backwards": (replaced('"white-cell"', '"\\u202Eetihw"'), "cannot be shown"),
    "variant twice": (variants_of_one_name, "variant int8 twice"),
    "point twice": (another_point, "point balanced twice"),
    "name that is a path": (replaced('name = "blood-smear"', 'name = "../x"'), "small letters"),
    "golden folder that is a link": (golden_linked, "golden is not a plain file"),
    "golden picture above the folder": (a_picture("file", "../model.png"), "no name of a picture"),
    "golden picture by absolute path": (a_picture("file", "/etc/x.png"), "no name of a picture"),
    "golden picture that is a pipe": (instead(PICTURE, os.mkfifo), "field-1.png is not a plain"),
    "golden picture that is a link": (moved_out(PICTURE, symlink), "field-1.png is a link"),
    "golden picture of 50,000 x 50,000": (put_picture(png(50_000, 50_000)), "is 50,000 x 50,000"),
    "golden picture with a packed text": (
        put_picture(png(8, 8, chunk(b"zTXt", b"x\0\0" + zlib.compress(b"0" * 10**6)))),
        "holds more than pixels"),
    "golden picture without pixels": (put_picture(png(64, 64)), "cannot be unpacked"),
    "golden picture of 16 bits": (put_picture(png(8, 8, form=(16, 2, 0, 0, 0))), "an 8 bit pict"),
    "golden picture that is cut": (put_picture(png(8, 8)[:-5]), "cut or damaged"),
    "golden picture that is none": (put_picture(b"GIF89a" + b"\0" * 90), "is no PNG file"),
    "golden answers missing": (instead("golden/golden.json", nothing), "json is missing"),
    "golden answers of no picture": (
        answers(lambda content: content["pictures"].clear()), "there are no pictures"),
    "golden answers without a variant": (
        answers(lambda content: content["pictures"][0]["expected"].pop("int8")),
        "has not one answer a variant"),
    "golden answers of 100,000 brackets": (
        written("golden/golden.json", b"[" * 100_000), "no valid golden answers"),
    "golden answers with an unknown key": (a_picture("url", "http://x"), "no valid golden answers"),
    "golden answer without end": (endless_number, "golden answers"),
    "golden answer above one": (first_answer(score=7.0), "no detector could give"),
    "golden answer for no label": (first_answer(label="parasite"), "no detector could give"),
}  # fmt: skip
PACKAGES = (
    FOLDERS
    | {f"model: {name}": (with_model(name), said) for name, (_, said) in HOSTILE.items()}
    | {"model: too large": (with_model("too large"), "larger than the 16,777,216 bytes")}
)

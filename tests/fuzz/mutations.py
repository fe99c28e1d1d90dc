"""Seeded damage: to bytes, to text, and to protobuf fields whose frame stays whole."""

from edge_app.inference.onnx_fields import MODEL, TABLES, Kind
from tests.hostile_models import varint

NUMBERS = (0, 1, 2, 3, 7, 8, 127, 128, 255, 2**15, 2**31 - 1, 2**31, 2**32, 2**62, 2**63, 2**64 - 1)
WORDS = (
    "nan", "inf", "-1", "1e999", "[[", "]]", '"', "'", "\n", "..", "/etc/passwd", "\0", "\u202e",
    "true", "{}", "[]", "null", "9" * 400, "\\u0000", "=", "a.b.c = 1\n", "# x",
)  # fmt: skip


def flipped(content, random):
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 8, 64))):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def cut(content, random):
    return content[: random.randrange(len(content))]


def spliced(content, random):
    """Return `content` with a piece of itself moved over or into another place."""
    start, at = random.randrange(len(content)), random.randrange(len(content))
    piece = content[start : start + random.choice((1, 4, 32, 400))]
    return content[:at] + piece + content[at + random.choice((0, len(piece))) :]


def filled(content, random):
    at = random.randrange(len(content))
    return (
        content[:at]
        + bytes([random.choice((0, 0x80, 0xFF))]) * random.randrange(1, 24)
        + (content[at + random.randrange(24) :])
    )


def numbered(content, random):
    at = random.randrange(len(content))
    return content[:at] + varint(random.choice(NUMBERS)) + content[at + random.randrange(3) :]


BYTES = (flipped, cut, spliced, filled, numbered)


def worded(content, random):
    """Return a text with a word of trouble put in, or over what stood there."""
    at = random.randrange(len(content))
    word = random.choice(WORDS).encode()
    return content[:at] + word + content[at + random.choice((0, len(word))) :]


def lines_moved(content, random):
    lines = content.splitlines(keepends=True)
    act, at = random.randrange(3), random.randrange(len(lines))
    if act == 0:
        del lines[at]
    elif act == 1:
        lines.insert(random.randrange(len(lines)), lines[at])
    else:
        other = random.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    return b"".join(lines)


TEXTS = (worded, worded, lines_moved, lines_moved, flipped, cut, spliced)


def fields_of(content):
    """Return the fields of a message as (number, form, value); the file is known to be sound."""
    found, at = [], 0
    while at < len(content):
        tag, at = _varint(content, at)
        form = tag & 7
        if form == 0:
            value, at = _varint(content, at)
        else:
            size, at = _varint(content, at) if form == 2 else ({1: 8, 5: 4}[form], at)
            value, at = content[at : at + size], at + size
        found.append((tag >> 3, form, value))
    return found


def _varint(content, at):
    value = shift = 0
    while True:
        octet = content[at]
        value |= (octet & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if octet < 0x80:
            return value, at


def written(fields):
    """Return a message made of fields."""
    parts = []
    for number, form, value in fields:
        parts.append(varint(number << 3 | form))
        if form == 0:
            parts.append(varint(value))
        else:
            parts.append((varint(len(value)) if form == 2 else b"") + value)
    return b"".join(parts)


def restructured(content, random, table=MODEL):
    """Return a model with one field changed, somewhere; all lengths around it are right."""
    fields = fields_of(content)
    if not fields:
        return number_field(random)
    at = random.randrange(len(fields))
    if table == MODEL:  # nearly everything lies in the graph
        graphs = [k for k, (number, form, _) in enumerate(fields) if (number, form) == (7, 2)]
        at = random.choice(graphs) if graphs and random.random() < 0.9 else at
    number, form, value = fields[at]
    known = TABLES[table].get(number)
    is_message = known is not None and known.kind is Kind.MESSAGE and form == 2
    if is_message and random.random() < 0.85:
        fields[at] = (number, form, restructured(value, random, known.message))
    else:
        _change(fields, at, random)
    return written(fields)


def number_field(random):
    return varint(random.randrange(1, 30) << 3) + varint(random.choice(NUMBERS))


def _change(fields, at, random):
    """Change one field in place: its value, its number, or where and how often it stands."""
    number, form, value = fields[at]
    act = random.randrange(6)
    if act == 0:
        del fields[at]
    elif act == 1:
        fields.insert(random.randrange(len(fields) + 1), fields[at])
    elif act == 2:
        fields[at] = (random.randrange(1, 30), form, value)
    elif act == 3:
        other = random.randrange(len(fields))
        fields[at], fields[other] = fields[other], fields[at]
    elif form == 0:
        fields[at] = (number, form, random.choice(NUMBERS))
    elif value and form == 2:
        fields[at] = (number, form, random.choice(BYTES)(value, random))
    else:
        fields.insert(at, (number, 0, random.choice(NUMBERS)))

"""A picture with the time of its making burned in, top and bottom; needs nothing but Python."""

import time

WIDTH, HEIGHT = 522, 96  # a row of RGB is no multiple of four bytes
_BITS, _BLOCK = 32, 16


def now_ms():
    """Return the machine's monotonic clock, which all its processes share."""
    return time.monotonic_ns() // 1_000_000


def luma(ms, width=WIDTH, height=HEIGHT):
    """Return the grey levels (bytes, row after row) of a picture made at `ms`."""
    bits = [ms >> n & 1 for n in range(_BITS)]
    above = b"".join(bytes([230 if bit else 25]) * _BLOCK for bit in bits)
    below = b"".join(bytes([25 if bit else 230]) * _BLOCK for bit in bits)
    ramp = bytes(64 + (x // 4 + ms) % 128 for x in range(width))
    fill = b"\x80" * (width - len(above))
    top, bottom = (above + fill) * _BLOCK, (below + fill) * _BLOCK
    return top + ramp * (height - 2 * _BLOCK) + bottom


def made_ms(pixels):
    """Return when a picture was made; fails where it is not whole or not grey."""
    height = pixels.shape[0]
    middle = slice(_BLOCK // 4, -_BLOCK // 4)
    values = []
    for top in (0, height - _BLOCK):
        rows = pixels[top : top + _BLOCK][middle].astype(int)
        blocks = [rows[:, n * _BLOCK : (n + 1) * _BLOCK][:, middle] for n in range(_BITS)]
        assert all(abs(b[..., 0] - b[..., 2]).max() < 40 for b in blocks), "the colours are off"
        means = [b.mean() for b in blocks]
        assert all(m < 70 or m > 185 for m in means), "a part of the picture is missing"
        values.append(sum(int(mean > 128) << n for n, mean in enumerate(means)))
    assert values[0] ^ values[1] == 2**_BITS - 1, "top and bottom are of two pictures"
    return values[0]

"""A capability's values, in TWAIN's four forms of them."""

import struct
from dataclasses import dataclass

from hardware.twain.structures import Condition, Container, Fixed, Item, fixed, number
from hardware.twain.trouble import TwainError

_FORMS = {
    Item.INT8: "<b",
    Item.INT16: "<h",
    Item.INT32: "<i",
    Item.UINT8: "<B",
    Item.UINT16: "<H",
    Item.UINT32: "<I",
    Item.BOOL: "<H",
    Item.FIX32: "<hH",
}
_ONE = struct.Struct("<H4s")
_RANGE = struct.Struct("<H4s4s4s4s4s")
_LISTED = struct.Struct("<HI")
_CHOSEN = struct.Struct("<HIII")
_MOST_VALUES = 4096


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source says of a capability: its present value, and what it could be.

    Attributes:
        values: All that it can be; empty where `step` says them.
        step: Between `low` and `high`; 0 where `values` are listed.
    """

    current: float
    low: float
    high: float
    values: tuple[float, ...] = ()
    step: float = 0.0

    def nearest(self, value: float) -> float:
        """Return what the source can do that is nearest to `value`."""
        within = min(max(value, self.low), self.high)
        if self.step <= 0:
            return min(self.values, key=lambda one: abs(one - within))
        steps = round((within - self.low) / self.step)
        top = int((self.high - self.low) / self.step + 1e-6)
        return self.low + min(steps, top) * self.step


def read(container: int, content: bytes) -> Offer:
    """Return what a container says.

    Raises:
        TwainError: It is of a form or a type that is not read here, or cut off.
    """
    try:
        if container == Container.ONE:
            item, raw = _ONE.unpack_from(content)
            value = _value(Item(item), raw)
            return Offer(value, value, value, (value,))
        if container == Container.RANGE:
            return _range(content)
        return _listed(container, content)
    except (struct.error, ValueError, IndexError) as error:
        raise TwainError(Condition.BAD_PROTOCOL) from error


def one(item: Item, value: float) -> bytes:
    """Return the container of one value."""
    if item is Item.FIX32:
        said = fixed(value)
        raw = struct.pack(_FORMS[item], said.whole, said.fraction)
    else:
        raw = struct.pack(_FORMS[item], round(value))
    return _ONE.pack(item, raw)


def _range(content: bytes) -> Offer:
    item, *raw = _RANGE.unpack_from(content)
    low, high, step, _, current = (_value(Item(item), each) for each in raw)
    if not low <= high or step < 0:
        message = "a range of nothing"
        raise ValueError(message)
    if step == 0 or low == high:
        return Offer(current, low, low, (low,))
    top = low + step * int((high - low) / step + 1e-6)
    return Offer(current, low, top, (), step)


def _listed(container: int, content: bytes) -> Offer:
    if container == Container.ENUMERATION:
        item, count, current, _ = _CHOSEN.unpack_from(content)
        start = _CHOSEN.size
    elif container == Container.ARRAY:
        item, count = _LISTED.unpack_from(content)
        current, start = 0, _LISTED.size
    else:
        message = f"no container {container}"
        raise ValueError(message)
    if not 0 < count <= _MOST_VALUES:
        message = f"{count} values"
        raise ValueError(message)
    size = struct.calcsize(_FORMS[Item(item)])
    parts = [content[start + n * size : start + (n + 1) * size] for n in range(count)]
    values = tuple(_value(Item(item), part) for part in parts)
    return Offer(values[current], min(values), max(values), values)


def _value(item: Item, raw: bytes) -> float:
    said = struct.unpack_from(_FORMS[item], raw)
    return number(Fixed(*said)) if item is Item.FIX32 else float(said[0])

"""A manifest as TOML."""

import json
from collections.abc import Mapping, Sequence


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value)  # a basic string of TOML escapes as JSON does
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Sequence):
        return f"[{', '.join(_value(v) for v in value)}]"
    raise TypeError(f"TOML has no form for {type(value).__name__}")


def _is_table_list(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and isinstance(value[0], Mapping)


def toml_text(table: Mapping[str, object], path: str = "") -> str:
    """Return `table` (of strings, numbers, lists and tables) as a TOML document.

    A key without a value is left out: TOML has no null.
    """
    table = {key: value for key, value in table.items() if value is not None}
    lines = [
        f"{key} = {_value(value)}"
        for key, value in table.items()
        if not isinstance(value, Mapping) and not _is_table_list(value)
    ]
    for key, value in table.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{path}{key}]", toml_text(value, f"{path}{key}.")]
        elif isinstance(value, list | tuple) and _is_table_list(value):
            for row in value:
                lines += ["", f"[[{path}{key}]]", toml_text(row, f"{path}{key}.")]
    return "\n".join(lines)

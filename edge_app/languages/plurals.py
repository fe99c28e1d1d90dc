"""Which form of a word goes with a number, by the rules of Unicode's CLDR."""


def _arabic(n: int) -> int:
    """Return 0 for none, 1 for one, 2 for two, 3 for few, 4 for many, 5 for the hundreds."""
    if n <= 2:
        return n
    if 3 <= n % 100 <= 10:
        return 3
    return 4 if n % 100 >= 11 else 5


_ONE_FOR_NONE = ("fr", "hi")  # nought goes with the form for one
_RULES = {
    "ar": "nplurals=6; plural=n<=2 ? n : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;",
    **dict.fromkeys(_ONE_FOR_NONE, "nplurals=2; plural=n>1;"),
}


def rule_of(code: str) -> str:
    """Return the rule as a PO file's header says it."""
    return _RULES.get(code, "nplurals=2; plural=n!=1;")


def n_forms(code: str) -> int:
    """Return how many forms the language has."""
    return 6 if code == "ar" else 2


def form_of(code: str, n: int) -> int:
    """Return the place of the form for `n`, which is 0 or more."""
    if code == "ar":
        return _arabic(n)
    return int(n > 1) if code in _ONE_FOR_NONE else int(n != 1)

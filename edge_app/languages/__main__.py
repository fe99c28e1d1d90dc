"""`python -m edge_app.languages`: writes every catalogue anew from the source."""

import sys
from pathlib import Path

from edge_app.languages.catalogue import TEXTS
from edge_app.languages.plurals import n_forms
from edge_app.languages.po import read, written
from edge_app.languages.sources import renewed, sources

ROOT = Path(__file__).parents[2]


def renew(root: Path, texts: Path) -> dict[str, int]:
    """Write the catalogues in `texts` anew; return how many texts each lacks."""
    found, lacking = sources(root), {}
    for path in sorted(texts.glob("*.po")):
        header, former = read(path.read_text(encoding="utf-8"))
        entries = renewed(found, former, n_forms(path.stem))
        path.write_text(written(header, entries), encoding="utf-8")
        lacking[path.stem] = sum(not all(entry.said) for entry in entries)
    return lacking


if __name__ == "__main__":
    said = [f"{code}: {n} texts to translate" for code, n in renew(ROOT, TEXTS).items()]
    sys.stdout.write("\n".join(said) + "\n")

"""What is still unknown of a foreign model after its file and its description were read."""

import re
from collections.abc import Callable, Sequence

import msgspec

from edge_app.domain.error import DetectorRefusedError
from edge_app.inference.build.description import Description
from edge_app.inference.build.families import FAMILIES
from edge_app.inference.build.proposal import families_of, labels_in, outputs_of
from edge_app.inference.build.source import Source

# Question, the answers that may be given (none means any), the proposal; returns the answer.
Ask = Callable[[str, Sequence[str], str], str]


def nobody_to_ask(question: str, choices: Sequence[str], proposal: str) -> str:
    """Return the proposal, where there is no one at a terminal.

    Raises:
        DetectorRefusedError: There is no proposal either.
    """
    if proposal:
        return proposal
    among = f" Choose from: {', '.join(choices)}." if choices else ""
    raise DetectorRefusedError(
        f"One thing must be told: {question}.", f"Give it as an option or in a description.{among}"
    )


def _family(source: Source, said: Description, ask: Ask) -> str:
    fitting = families_of(source, said.outputs, len(said.labels or source.labels))
    if said.family:
        family = said.family
    elif len(fitting) == 1:
        family = fitting[0]
    else:
        shapes = ", ".join(f"{n} {list(s)}" for n, s in source.outputs.items())
        question = f"the family, since outputs of the shapes {shapes} fit {len(fitting)} of them"
        family = ask(question, fitting or list(FAMILIES), "")
    if family not in FAMILIES:
        raise DetectorRefusedError(
            f"There is no family {family}.", f"Choose from: {', '.join(FAMILIES)}."
        )
    return family


def _labels(source: Source, said: Description, room: int, ask: Ask) -> tuple[str, ...]:
    labels = said.labels or source.labels
    if not labels:
        many = f"the names of its {room} labels" if room else "the names of its labels"
        answer = ask(f"{many}, in the graph's order, with commas between", (), "")
        labels = tuple(x.strip() for x in answer.split(","))
    if not all(labels) or len(set(labels)) != len(labels):
        raise DetectorRefusedError("Two labels have one name, or one has none.", "Name each once.")
    return labels


def _name(proposal: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", proposal.lower()).strip("-") or "detector"


def settled(source: Source, said: Description, proposal: str, ask: Ask) -> Description:
    """Return a description in which family, labels, outputs, size and name are settled.

    Args:
        source: The graph.
        said: What the description and the options say.
        proposal: A name, where none was said.
        ask: Is asked for what is missing, and only for that.

    Raises:
        DetectorRefusedError: Something is unknown and nobody can be asked, or is contradicted.
    """
    strange = [name for name in said.outputs if name not in source.outputs]
    if strange:
        known = ", ".join(source.outputs)
        raise DetectorRefusedError(
            f"The model has no output {', '.join(strange)}.", f"It has: {known}."
        )
    family = _family(source, said, ask)
    outputs = said.outputs or outputs_of(family, source)
    labels = _labels(source, said, labels_in(family, source, outputs), ask)
    name = said.name or ask("a short name for the package", (), _name(proposal))
    if name != _name(name):
        raise DetectorRefusedError(
            f"The name {name} cannot be used.",
            f"Use small letters, digits and dashes: {_name(name)}.",
        )
    width, height = source.size
    return msgspec.structs.replace(
        said,
        family=family,
        outputs=tuple(outputs),
        labels=labels,
        name=name,
        title=said.title or ask("a title for people", (), f"{name}: {', '.join(labels[:4])}"),
        licence=ask("the model's licence", (), said.licence),
        width=width,
        height=height,
    )

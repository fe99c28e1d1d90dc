"""From a package folder to a detector that has passed its golden check on this machine."""

from itertools import product
from pathlib import Path

from edge_app.domain.error import DetectorRefusedError
from edge_app.domain.manifest import OperatingPoint
from edge_app.inference import golden
from edge_app.inference.choice import AUTO, Choice
from edge_app.inference.detector import Checked, OnnxDetector
from edge_app.inference.package import DetectorPackage, load_package
from edge_app.inference.session import Session, open_session, usable_providers

_PREFERRED = ("int8", "fp32")


def _point(package: DetectorPackage, name: str) -> OperatingPoint:
    wanted = name or package.manifest.default_point
    found = package.manifest.point(wanted)
    if found is None:
        known = ", ".join(p.name for p in package.manifest.points)
        raise DetectorRefusedError(
            f"The detector {package.manifest.name} has no operating point {wanted}.",
            f"Choose from: {known}.",
        )
    return found


def open_variant(package: DetectorPackage, variant: str, provider: str) -> Session:
    """Return a session for one variant on one provider, not yet checked.

    Raises:
        DetectorRefusedError: The file, the variant or the provider cannot be used.
    """
    return open_session(package.model(package.variant(variant)), provider)


def load_detector(folder: Path, choice: Choice) -> OnnxDetector:
    """Return a detector that decides as it must on this machine.

    A damaged package is refused whole; a variant or provider that is sound but fails here
    is passed over, and `passed_over` of the detector says why.

    Raises:
        DetectorRefusedError: Nothing that `choice` allows passed; the text names each reason.
    """
    package = load_package(folder)
    point = _point(package, choice.point)
    shipped = [v.name for v in package.manifest.variants]
    names = [v for v in _PREFERRED if v in shipped] if choice.variant == AUTO else [choice.variant]
    models = {name: package.model(package.variant(name)) for name in names}
    providers = usable_providers() if choice.provider == AUTO else [choice.provider]
    refusals: list[DetectorRefusedError] = []
    for provider, name in product(providers, names):
        try:
            session = open_session(models[name], provider)
            test_id = golden.passed(package, package.variant(name), session)
        except DetectorRefusedError as error:
            refusals.append(error)
        else:
            checked = Checked(package.variant(name), session, test_id)
            return OnnxDetector(package.manifest, checked, point, tuple(r.what for r in refusals))
    reasons = dict.fromkeys(r.what for r in refusals)
    raise DetectorRefusedError(" ".join(reasons), refusals[-1].remedy)

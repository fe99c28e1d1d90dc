"""Which instructions of the processor a training uses: those of the shipped network.

Each library chooses its instructions by the processor, and sums in another order come out another
way: after a thousand steps that is another network.
"""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from models.training.recipe import Instructions

_HELD = {
    Instructions.AVX2: {
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_CBWR": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "OPENCV_IPP": "disabled",
        "OPENCV_CPU_DISABLE": "AVX512-SKX",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    },
    Instructions.AVX512: {},
}
_CPU = Path("/proc/cpuinfo")
_log = logging.getLogger(__name__)


def ensure_held(wanted: Instructions, arguments: Sequence[str]) -> None:
    """Return where the process uses `wanted`; else put one that does in its place.

    The libraries look once, when they are imported, so it cannot be said to this process any more.
    A processor that lacks them is told in the log: the figures will be near, and not the same.
    """
    if wanted is Instructions.AVX512 and not (_CPU.exists() and "avx512f" in _CPU.read_text()):
        _log.warning("no AVX-512 here: another network than the shipped one, figures a little off")
    if not _HELD[wanted].items() <= os.environ.items():
        command = [sys.executable, "-m", "models.training", *arguments]
        os.execve(sys.executable, command, {**os.environ, **_HELD[wanted]})  # noqa: S606  ourselves

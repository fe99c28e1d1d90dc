"""Which instructions of the processor a training may use: the same ones everywhere.

Each library chooses its instructions by the processor, and sums in another order come out another
way: after a thousand steps that is another network. Held to AVX2, which every x86 processor since
2015 has, one seed gives one network on all of them.
"""

import os
import sys
from collections.abc import Sequence

_HELD_TO_AVX2 = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_CBWR": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "OPENCV_IPP": "disabled",
    "OPENCV_CPU_DISABLE": "AVX512-SKX",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}


def ensure_held(arguments: Sequence[str]) -> None:
    """Return where the process is held to AVX2; else put one that is in its place.

    The libraries look once, when they are imported, so it cannot be said to this process any more.
    """
    if not _HELD_TO_AVX2.items() <= os.environ.items():
        command = [sys.executable, "-m", "models.training", *arguments]
        os.execve(sys.executable, command, {**os.environ, **_HELD_TO_AVX2})  # noqa: S606  ourselves

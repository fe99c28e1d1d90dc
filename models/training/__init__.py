"""How the shipped detectors were made: data, network, loss, export, quantization.

Each library chooses its instructions by the processor, and sums in another order come out another
way: after a thousand steps that is another network. Held to AVX2, which every x86 processor since
2015 has, one seed gives one network on all of them. It must be said before they are imported.
"""

import os

import edge_app  # noqa: F401  telemetry goes off before any step here imports the runtime

_HELD_TO_AVX2 = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_CBWR": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "OPENCV_IPP": "disabled",
    "OPENCV_CPU_DISABLE": "AVX512-SKX",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}

os.environ.update(_HELD_TO_AVX2)

"""The operators that a detector may be made of, by domain; everything else is refused.

Each computes one tensor from others in bounded time. Not here: control flow (If, Loop, Scan),
sequences and optional values, text and image files (StringNormalizer, ImageDecoder), randomness,
training, and recurrent cells.
"""

from collections.abc import Mapping

_ARITHMETIC = """
Abs Add And ArgMax ArgMin BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil
Clip Cos CumSum Div Equal Erf Exp Floor Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual Log
Max Mean Min Mod Mul Neg Not Or Pow Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp
ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Round Sign Sin Sqrt Sub Sum
Tan Tanh Where Xor Acos Asin Atan Cosh Sinh
"""
_LAYERS = """
AveragePool BatchNormalization Conv ConvInteger ConvTranspose DeformConv Dropout Einsum Gemm
GlobalAveragePool GlobalMaxPool GridSample GroupNormalization InstanceNormalization LRN
LayerNormalization LpNormalization MatMul MatMulInteger MaxPool MaxRoiPool
MeanVarianceNormalization NonMaxSuppression RMSNormalization Resize RoiAlign TopK Upsample
"""
_ACTIVATIONS = """
Celu Elu Gelu HardSigmoid HardSwish Hardmax LeakyRelu LogSoftmax Mish PRelu Relu Selu Shrink
Sigmoid Softmax Softplus Softsign Swish ThresholdedRelu
"""
_MOVING = """
Compress Concat Constant ConstantOfShape DepthToSpace Expand EyeLike Flatten Gather GatherElements
GatherND Identity NonZero OneHot Pad Range Reshape ReverseSequence Scatter ScatterElements
ScatterND Shape Size Slice SpaceToDepth Split Squeeze Tile Transpose Trilu Unique Unsqueeze
"""
_QUANTIZED = """
DequantizeLinear DynamicQuantizeLinear QLinearConv QLinearMatMul QuantizeLinear
"""
# What onnxruntime's quantizer and its off-line fusion write (ContribOperators.md of onnxruntime).
_CONTRIBUTED = """
BiasGelu DequantizeLinear DynamicQuantizeMatMul FastGelu FusedConv FusedMatMul Gelu
MatMulIntegerToFloat NhwcMaxPool QGemm QLinearAdd QLinearAveragePool QLinearConcat
QLinearGlobalAveragePool QLinearLeakyRelu QLinearMul QLinearSigmoid QLinearSoftmax QuantizeLinear
QuickGelu
"""

STANDARD = ""
CONTRIBUTED = "com.microsoft"
OPERATORS: Mapping[str, frozenset[str]] = {
    STANDARD: frozenset(
        " ".join([_ARITHMETIC, _LAYERS, _ACTIVATIONS, _MOVING, _QUANTIZED]).split()
    ),
    CONTRIBUTED: frozenset(_CONTRIBUTED.split()),
}
# Exporters and the quantizer list these although no node uses them.
_NAMED_ONLY = """
ai.onnx.ml ai.onnx.training ai.onnx.preview ai.onnx.preview.training com.microsoft
com.microsoft.experimental com.microsoft.mlfeaturizers com.microsoft.nchwc com.ms.internal.nhwc
org.pytorch.aten Paddle
"""
NAMED_ONLY = frozenset(_NAMED_ONLY.split())

"""A detector package from somebody's ONNX file; needs the extra `build`."""

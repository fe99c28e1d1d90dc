"""Detector packages, execution providers, pre-processing, decoders: pixels in, readings out."""

"""Devices that only drop files into a folder."""

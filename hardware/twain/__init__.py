"""Scanners through TWAIN, under Windows."""

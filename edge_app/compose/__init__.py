"""The one place that knows every room: builds the adapters and hands them in.

A module here imports only what its part of the program needs, so that `edge-app analyze`
answers before the window's library would even be loaded (docs/decisions/0003).
"""

"""Drivers: one folder a kind of device, each an answer to `edge_app.ports.Scanner`."""

"""Flatbeds, document feeders and film scanners, through SANE (https://sane-project.org)."""

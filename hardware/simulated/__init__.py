"""Devices that need no hardware: a microscope that draws, and a folder that replays."""

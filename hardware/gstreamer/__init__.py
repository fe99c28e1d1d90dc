"""Cameras in the network and video grabbers, through GStreamer (https://gstreamer.freedesktop.org)."""

"""Studies and pixels on the disk, so that what was shown as saved is there after a power cut."""

"""USB cameras, and others that Linux shows as /dev/video*, through V4L2."""

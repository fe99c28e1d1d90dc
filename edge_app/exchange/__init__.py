"""One file a format: image files, DICOM, labelled sets, reports."""

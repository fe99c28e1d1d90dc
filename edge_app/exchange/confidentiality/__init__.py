"""DICOM data sets without whoever they are of (PS3.15, Annex E)."""

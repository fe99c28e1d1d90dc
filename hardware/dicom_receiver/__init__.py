"""A DICOM storage receiver: a PDU guard, a memory-limited worker, a spool, and the driver."""

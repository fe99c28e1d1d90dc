"""How much the guard takes from anybody; measured against hostile peers in `tests/peers`."""

FIRST_PDU_S = 5.0
"""From the connection to a whole association request, TLS included."""
PDU_S = 10.0
"""From a PDU's first byte to its last one."""
PROGRESS_S, PROGRESS_BYTES = 20.0, 64 << 10
"""Within that time a message must end, or so many bytes of one come."""
ASSOCIATION_S = 1800.0
"""From an association's begin to its end."""
WRITE_S = 10.0
"""How long a peer may leave an answer unread."""
WORK_S = 120.0
"""How long the worker may look at one object, while its sender waits."""
ANSWER_S = 20.0
"""How long the worker may take to answer an association request, before it is ended."""
OBJECT_BYTES = 768 << 20
"""The largest object; the worker may write no file over 1 GiB."""
COMMAND_BYTES, REQUEST_BYTES = 16 << 10, 1 << 20
"""The largest command, and the largest data set of a request that is not an object."""
COMMITTED_AT_ONCE, VOUCHING_S = 5000, 60.0
"""Instances in one request for storage commitment, and how long they may be looked at."""
PDUS_A_SECOND = 4000
"""More are slowed down, not refused."""
CONNECTIONS_A_SECOND = 50
"""From one address; more are cut at once."""
UNPROVEN_AN_ADDRESS, UNPROVEN = 32, 96
"""Connections without a valid association request; beyond these the oldest is cut."""
ASSOCIATIONS = 16

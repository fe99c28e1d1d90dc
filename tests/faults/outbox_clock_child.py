"""`python -m tests.faults.outbox_clock_child FOLDER BUILD`: say the year and the rest of a wait.

BUILD is "sound", or "wall", which counts waits by the clock that anybody can set.
"""

import json
import sys
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

from edge_app.storage.boot_clock import Running, running
from edge_app.storage.outbox import OutboxRecords
from tests.keys import KEYS

CLOCKS = {"sound": running, "wall": lambda: Running("now", time.time())}


def main() -> None:
    """Answer as JSON."""
    folder, build = Path(sys.argv[1]), sys.argv[2]
    with closing(OutboxRecords(folder, KEYS, "", CLOCKS[build])) as records:
        answer = {"year": datetime.now().year, "wait_s": records.next_wait_s()}  # noqa: DTZ005
    print(json.dumps(answer))  # noqa: T201


if __name__ == "__main__":
    main()

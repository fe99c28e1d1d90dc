"""Start here: the last net, then the command line."""

import faulthandler
import sys

from edge_app.cli.program import report_fault, run


def main() -> None:
    """Run the command that was named and leave with its exit status."""
    faulthandler.enable()
    sys.excepthook = report_fault
    sys.exit(run())


if __name__ == "__main__":
    main()

"""Runs the command line as `python -m ui.cli`."""

from ui.cli import main
from ui.terminal.leaving import leave

if __name__ == "__main__":
    try:
        main()
    except SystemExit as ended:
        leave(ended.code)

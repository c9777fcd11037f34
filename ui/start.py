"""Starts the command line: Ctrl-C is heard from the first moment on, while the rest is still being imported."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; the console script `rag`."""
    try:
        from ui.cli import main as command_line
        from ui.terminal.leaving import leave

        command_line()
    except SystemExit as ended:
        leave(ended.code)
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted before anything was done\n")
        sys.exit(130)

"""The child that becomes LibreOffice: `python -m index.sources.sandbox.converter FOLDER PROGRAM ARGUMENTS…`.

Limits of memory, processor time and file size are set first, then the kernel's (`confine_program`); both last in the
program that takes this process over.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from index.sources.sandbox.confine_program import confine_program

__all__ = ["main"]

_MEMORY_BYTES = 3 * 1024**3  # of addresses; a tenth of it is used
_CPU_SECONDS = 90
_FILE_BYTES = 512 * 1024 * 1024


def main() -> None:
    """Set the limits and become the program."""
    folder, program, *arguments = sys.argv[1:]
    _limit()
    confine_program(Path(folder))
    os.execv(program, [program, *arguments])  # noqa: S606 - no shell: a list of arguments of our own


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit is what remains
        return
    for kind, most in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    main()

"""The command line: what `rag index | ask | search | chat | mcp | status | eval | export` take, one topic a file.

In: what a person typed. Out: texts, JSON and exit codes. `ui.start` and `python -m ui.cli` call it.
"""

from ui.cli.program import app, main

__all__ = ["app", "main"]

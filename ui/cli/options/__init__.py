"""Options of the command line: what they are called, what `--help` says of them, which belong together.

In: what a person typed. Out: checked values. Imported by `ui.cli.commands` and `ui.cli.program`.
"""

"""The commands: each takes its options, does its work through `index`, `rag` and `ui.service`, and prints.

In: checked values of options. Out: texts, JSON and exit codes. Imported by `ui.cli.program`.
"""

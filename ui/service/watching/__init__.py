"""How the service does: figures, spans, feedback, and what works on this machine; no words of anybody unless asked for.

In: answers as they end. Out: figures for other programs, files of feedback, findings with their fixes. Imported by app,
page and command line.
"""

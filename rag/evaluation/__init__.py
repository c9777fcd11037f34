"""Measures an assistant on questions with known answers.

In: an assistant and questions. Out: tables of measures and plots. Imported by `ui` and the benchmarks.
"""

"""Doubles for tests of this package and of what is built on it.

Exports the models that behave and misbehave, and an index in memory.
"""

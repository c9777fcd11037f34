"""Trains the reader: `python -m tools.train_reader --help`."""

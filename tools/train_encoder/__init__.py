"""Trains the encoder: `python -m tools.train_encoder --help`."""

"""Presentation: the command line and the web chat. Nothing imports this package."""

from __future__ import annotations

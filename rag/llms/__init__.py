"""Backends that write the answer, each one method: messages in, pieces of text out."""

from __future__ import annotations

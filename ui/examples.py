"""Sample questions about the sample articles, for the first view of the page."""

from __future__ import annotations

__all__ = ["EXAMPLES"]

EXAMPLES: tuple[tuple[str, str, str], ...] = (
    ("en", "Who heads the Arab Organization for Industrialization?", "saadoun-visits-aoi"),
    ("ar", "ما الذي تريد مصر أن تساعد العراق فيه؟", "masr-aliraq-taawun-askari"),
    ("de", "Welche gemeinsamen Übungen schlägt der Iran vor?", "iran-iraq-joint-exercises"),
    ("fr", "Où se trouve l’usine 200 ?", "egypt-iraq-defense-industry"),
    ("es", "¿Qué energía interesa a Irak?", "saadoun-visits-aoi"),
    ("zh", "埃及愿意在伊拉克建立什么？", "egypt-iraq-defense-industry"),
)
"""Language code, question, and the document that must be in the index for it to be shown."""

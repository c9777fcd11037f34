"""Sample questions about the sample articles, for the first view of the page."""

from __future__ import annotations

__all__ = ["EXAMPLES"]

EXAMPLES: tuple[tuple[str, str, str], ...] = (
    ("en", "Who heads the Arab Organization for Industrialization?", "saadoun-visits-aoi"),
    ("ar", "من هو المتحدث باسم الرئاسة المصرية؟", "masr-aliraq-taawun-askari"),
    ("de", "Wer leitet das ägyptische Ministerium für Militärproduktion?", "egypt-iraq-defense-industry"),
    ("fr", "En quel mois le président iranien Rohani s’est-il rendu en Irak ?", "iran-iraq-joint-exercises"),
    ("es", "¿Qué desea Irak de la AOI?", "saadoun-visits-aoi"),
    ("zh", "谁向伊拉克提出建立生产线？", "egypt-iraq-defense-industry"),
)
"""Language code, question, and the document that must be in the index for it to be shown."""

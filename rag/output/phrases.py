"""What stands around an answer outside the page, in the ten languages of the interface; others get English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["phrase"]

_KEYS = ("ours", "agree", "differ", "speaks_of", "missing", "reword", "unfiltered")
_ROWS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "our rendering, not a quote",
        "{n} sources agree.",
        "Sources differ:",
        "The nearest passages speak of:",
        "Not mentioned in them:",
        "Other words may help.",
        "Without the filter there is an answer.",
    ),
    "ar": (
        "صياغتنا، وليست اقتباسًا",
        "تتفق {n} من المصادر.",
        "المصادر تختلف:",
        "أقرب المقاطع تتحدث عن:",
        "لم يرد فيها:",
        "قد تفيد كلمات أخرى.",
        "توجد إجابة من دون عامل التصفية.",
    ),
    "fa": (
        "برگردان ما، نه نقل‌قول",
        "{n} منبع هم‌نظرند.",
        "منابع اختلاف دارند:",
        "نزدیک‌ترین بخش‌ها درباره این‌اند:",
        "در آن‌ها نیامده است:",
        "شاید واژه‌های دیگر کمک کند.",
        "بدون فیلتر پاسخی هست.",
    ),
    "he": (
        "הניסוח שלנו, לא ציטוט",
        "{n} מקורות מסכימים.",
        "המקורות חלוקים:",
        "הקטעים הקרובים ביותר עוסקים ב:",
        "לא מוזכר בהם:",
        "ייתכן שמילים אחרות יעזרו.",
        "בלי המסנן יש תשובה.",
    ),
    "de": (
        "unsere Umschrift, kein Zitat",
        "{n} Quellen stimmen überein.",
        "Die Quellen unterscheiden sich:",
        "Die nächstliegenden Stellen handeln von:",
        "Darin kommt nicht vor:",
        "Andere Wörter helfen vielleicht.",
        "Ohne den Filter gibt es eine Antwort.",
    ),
    "fr": (
        "notre transcription, pas une citation",
        "{n} sources concordent.",
        "Les sources divergent :",
        "Les passages les plus proches parlent de :",
        "N’y figure pas :",
        "D’autres mots aideraient peut-être.",
        "Sans le filtre, il y a une réponse.",
    ),
    "es": (
        "nuestra transcripción, no una cita",
        "{n} fuentes coinciden.",
        "Las fuentes difieren:",
        "Los pasajes más cercanos hablan de:",
        "No se menciona en ellos:",
        "Quizá ayuden otras palabras.",
        "Sin el filtro hay una respuesta.",
    ),
    "ru": (
        "наша запись, не цитата",
        "Согласны источники: {n}.",
        "Источники расходятся:",
        "Ближайшие фрагменты говорят о следующем:",
        "В них не упоминается:",
        "Возможно, помогут другие слова.",
        "Без фильтра ответ есть.",
    ),
    "tr": (
        "bizim yazımımız, alıntı değil",
        "{n} kaynak aynı şeyi söylüyor.",
        "Kaynaklar farklı söylüyor:",
        "En yakın bölümlerin konusu:",
        "Bunlarda geçmiyor:",
        "Başka sözcükler işe yarayabilir.",
        "Süzgeç olmadan bir yanıt var.",
    ),
    "zh": (
        "我们的转写，并非引文",
        "{n} 个来源一致。",
        "来源说法不一：",
        "最接近的段落谈到：",
        "其中没有提到：",
        "换个说法也许有帮助。",
        "取消筛选后有答案。",
    ),
}
_PHRASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {code: dict(zip(_KEYS, row, strict=True)) for code, row in _ROWS.items()}
)


def phrase(language: str, key: str, **values: object) -> str:
    """Return a phrase with its `{placeholders}` filled.

    Args:
        language: BCP 47 code; one that is not known gets English.
        key: `ours`, `agree`, `differ`, `speaks_of`, `missing`, `reword` or `unfiltered`.
        **values: what fills the placeholders.
    """
    entry = _PHRASES.get(language.partition("-")[0].lower(), _PHRASES["en"])[key]
    for name, value in values.items():
        entry = entry.replace("{" + name + "}", str(value))
    return entry

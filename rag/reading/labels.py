"""Which sentences only name what stands elsewhere: headings, labels of a form, keyword lines, lists of titles.

They are near to every question about their subject and answer none, so they are never quoted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.language.words import fold
from index.records import cells_of, is_blank, table_at, tables_of
from rag.output.code import is_code
from rag.question.asked_rows import forms_of, is_among
from rag.types import ScoredPassage

__all__ = ["is_label"]

_LONGEST = 100  # code points of a label
_FEW = 8  # words of a line that says nothing beyond the question
_FINAL = frozenset(".!?…。！？؟۔।")
_EMPTY_FORM = re.compile(r"[^\n]{1,80}?[:：]?\s*(?:_{3,}|\.{4,}|…{2,}|[☐□]|‥{2,}|\[\s*\])[\s_.…☐□‥\[\]]*\Z")
_ITEM = re.compile(r"(?:[-*•◦▪‣·●○■□–]|\(?\w{1,3}[.)])\s")
_KEYWORDS = re.compile(
    r"(?:key\s?words?|index terms|tags|schlagw[oö]rte?r?|schlüsselw[oö]rte?r?|stichw[oö]rte?r?|mots[- ]cl[ée]s"
    r"|palabras? claves?|parole chiave|palavras?[- ]chaves?|trefwoorden|nyckelord|nøkleord|n[oø]gleord|avainsanat"
    r"|ключевые слова|ключові слова|słowa kluczowe|klíčová slova|anahtar (?:kelimeler|sözcükler)|λέξεις[- ]κλειδιά"
    r"|الكلمات (?:المفتاحية|الدالة)|کلمات کلیدی|واژگان کلیدی|מילות מפתח|关键词|關鍵詞|キーワード"
    r"|키워드|từ khóa|kata kunci"
    r"|คำสำคัญ|मुख्य शब्द)\s*[:：–—-]",
    re.IGNORECASE,
)
_LISTS = frozenset(
    fold(name)
    for name in (
        "references", "bibliography", "further reading", "works cited", "literature", "by the same author",
        "also by this author", "literatur", "literaturverzeichnis", "weiterführende literatur", "bibliographie",
        "références", "bibliografía", "bibliografia", "referencias", "referências", "riferimenti", "literatuur",
        "litteratur", "referenser", "литература", "список литературы", "література", "bibliografie", "literatura",
        "kaynakça", "kaynaklar", "βιβλιογραφία", "المراجع", "منابع", "参考文献", "參考文獻", "참고문헌", "ביבליוגרפיה",
        "tài liệu tham khảo", "daftar pustaka", "संदर्भ",
    )
)  # fmt: skip
_TITLE_WORDS = """
book books title titles publication publications article articles paper papers reference references literature buch
bücher titel aufsatz literatur livre livres titre titres article libro libros título títulos livro livros libri
titolo boek boeken bok böcker книга книги книг книгу статья статьи книжка książka książki kitap kitaplar βιβλίο
βιβλία كتاب كتب کتاب ספר ספרים sách buku किताब पुस्तक
"""
_TITLES = frozenset(fold(word) for word in _TITLE_WORDS.split())
_ASKING_WORDS = """
who whom whose what which when where why how wer wen wem wessen was welche welcher welches wann wo wohin warum wie
wieviel qui que quoi quel quelle quels quelles quand où pourquoi comment combien quién quiénes qué cuál cuáles
cuándo dónde cómo cuánto cuántos cuántas quem qual quais quando onde como quanto quantos quantas chi che cosa quale
quali dove perché come quanti wie wat welke wanneer waar hoe hoeveel vem vad vilken när var hur hvem hvad hvilken
hvornår hvor кто что какой какая какие когда где почему как сколько хто що який коли де як скільки kto co jaki kiedy
gdzie jak ile kim ne hangi nerede nasıl kaç ποιος ποια τι πότε πού πώς πόσα من ما ماذا متى أين كيف كم چه کی کجا چند
מי מה מתי איפה איך כמה siapa apa kapan dimana bagaimana berapa ai gì khi nào ở đâu कौन क्या कब कहाँ कैसे कितने
"""
_ASKING = frozenset(fold(word) for word in _ASKING_WORDS.split())


def is_label(hit: ScoredPassage, start: int, end: int, question: str = "") -> bool:
    """Tell whether a sentence of a hit only names things.

    Args:
        hit: the passage that it stands in.
        start: its first code point in the document.
        end: one past its last.
        question: what is asked; `""` leaves out what can only be told with it.
    """
    offset = hit.passage.start
    text = hit.passage.text[max(0, start - offset) : max(0, end - offset)].strip()
    if is_code(hit, start):
        return False
    row = _row(hit, start, end, text)
    if row is not None:
        return row
    if _is_heading(hit, start, text) or _KEYWORDS.match(text.lstrip("*_# ")):
        return True
    if len(text) <= _LONGEST and (text.endswith((":", "：")) or _EMPTY_FORM.match(text)):
        return True
    return bool(question) and (_is_listed(hit, question) or _adds_nothing(text, question))


def _row(hit: ScoredPassage, start: int, end: int, text: str) -> bool | None:
    """Tell whether a row of a table has no values; `None` for what is no row."""
    table = table_at(tables_of(hit.metadata), start, end)
    if table is None:
        return None
    cells = cells_of(text, table.columns)
    return all(is_blank(cell.value) for cell in cells if cell.column or len(cells) == 1)


def _is_heading(hit: ScoredPassage, start: int, text: str) -> bool:
    headings = hit.metadata.get("headings")
    if not isinstance(headings, Sequence) or isinstance(headings, str):
        return False
    return any(entry[0] == start and text == str(entry[2]).strip() for entry in headings if _is_entry(entry))


def _is_entry(entry: object) -> bool:
    return isinstance(entry, Sequence) and not isinstance(entry, str) and len(entry) == 3


def _is_listed(hit: ScoredPassage, question: str) -> bool:
    """Tell whether a passage lists what others wrote, and the question doesn't ask for that."""
    return fold(hit.passage.heading).strip(" .:") in _LISTS and not is_among(forms_of(question), _TITLES)


def _adds_nothing(text: str, question: str) -> bool:
    """Tell whether a line, no sentence, holds no word beyond those of a question that asks for one."""
    if text[-1:] in _FINAL or _ITEM.match(text):
        return False
    words, asked = forms_of(text), fold(question).split()
    if not words or len(words) > _FEW or not any(word.strip("¿?!,.'’") in _ASKING for word in asked):
        return False
    return all(is_among([word], forms_of(question)) for word in words)

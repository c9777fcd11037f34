"""A small corpus of parallel articles in four languages with known answers, for the tests of the training tools."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

from tools.training.corpus import Corpus, Paragraph, Question

PLACES = (
    "Arden",
    "Belmar",
    "Corvo",
    "Dunmore",
    "Elvas",
    "Farsund",
    "Gotha",
    "Hadley",
    "Ilford",
    "Jura",
    "Kalmar",
    "Luton",
)
PEOPLE = ("Anna Berg", "Carlos Diaz", "Emma Frost", "Goran Hadic", "Iris Jonas", "Karim Lahoud", "Mina Novak")

TELLS = {
    "en": "The bridge of {place} was built in {year} by {who} (an engineer), and it is still the longest.",
    "de": "Die Brücke von {place} wurde {year} von {who} (aus Bern) gebaut, und sie ist die größte im Norden.",
    "ja": "{place}の橋は{year}年に{who}によって建設された。",
    "ar": "كان جسر {place} قد بني في عام {year} على يد {who} قبل الحرب.",
}
ASKS = {
    "en": "Who built the bridge of {place} in {year}?",
    "de": "Wer hat die Brücke von {place} im Jahr {year} gebaut?",
    "ja": "{year}年に{place}の橋を建設したのは誰ですか？",
    "ar": "من بنى جسر {place} في عام {year}؟",
}


def small_corpus(articles: int = 8) -> Corpus:
    """Return articles of two paragraphs in each language; those of one number tell the same in all of them.

    "mlqa" asks in another language than its paragraph, "own" in the same; one in five questions has no answer.
    """
    paragraphs: list[Paragraph] = []
    questions: list[Question] = []
    languages = list(TELLS)
    for article in range(articles):
        for part in range(2):
            for language in languages:
                sentences = [_fact(article, part, line) for line in range(4)]
                text = ("" if language == "ja" else " ").join(TELLS[language].format(**fact) for fact in sentences)
                name, place = f"{language}-{article}-{part}", len(paragraphs)
                paragraphs.append(
                    Paragraph(name, language, f"Bridges {article}", f"article {article}", text, f"{article}-{part}")
                )
                for line, fact in enumerate(sentences):
                    other = languages[(languages.index(language) + 1 + line) % len(languages)]
                    source, asked = ("own", language) if line % 2 else ("mlqa", other)
                    start = text.index(fact["who"], text.index(fact["year"]))
                    questions.append(Question(source, asked, ASKS[asked].format(**fact), place, start, fact["who"]))
                questions.append(Question("own", language, ASKS[language].format(place="Nowhere", year="1500"), place))
    return Corpus(paragraphs, questions)


def _fact(article: int, part: int, line: int) -> dict[str, str]:
    number = 8 * article + 4 * part + line
    place = PLACES[number % len(PLACES)] + "klmnopqr"[number // len(PLACES)]
    who = PEOPLE[number % len(PEOPLE)] + "abcdefghijklmno"[number // len(PEOPLE)]
    return {"place": place, "year": str(1700 + number), "who": who}


def write_data(folder: Path, corpus: Corpus, claims: Sequence[tuple[str, str, str, str]]) -> Path:
    """Write a data folder as the trainings read it; claims are (set, claim, passage, label)."""
    for name in ("qa-train", "claims-train"):
        (folder / name).mkdir(parents=True)
    _lines(
        folder / "qa-train" / "paragraphs.jsonl.gz",
        [
            {"pid": p.id, "set": "own", "lang": p.language, "title": p.title, "art": p.article, "text": p.text}
            | {"par": p.parallel}
            for p in corpus.paragraphs
        ],
    )
    _lines(
        folder / "qa-train" / "questions.jsonl.gz",
        [
            {"set": q.source, "lang": q.language, "q": q.text, "pid": corpus.paragraphs[q.paragraph].id}
            | {"start": q.start, "ans": q.answer, "neg": not q.answered}
            for q in corpus.questions
        ],
    )
    rows = [{"set": s, "lang": "en", "claim": c, "passage": p, "label": label} for s, c, p, label in claims]
    _lines(folder / "claims-train" / "claims.jsonl.gz", rows)
    return folder


def _lines(path: Path, rows: Sequence[dict[str, object]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)

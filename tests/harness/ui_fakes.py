"""An assistant for tests of the page: few documents in several languages, streamed answers, every way to fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from index.errors import StoreError
from index.types import Document, Passage
from rag.errors import LLMError
from rag.types import Answer, Citation, Rank, ScoredPassage, Turn
from ui.http.sign_in.viewing import Viewer, viewer

ENGLISH = (
    "Factory 200 stands in Helwan, south of Cairo. It repairs tanks and builds armored vehicles. "
    "Mohamed Ahmed Morsi heads the ministry that runs it. The visit took place on a Saturday in summer."
)
ARABIC = (
    "وصل وزير الدفاع العراقي جمعة عناد سعدون إلى مصر يوم السبت. وتعتزم AOI توسيع التعاون مع العراق في 2021. "
    "وقال المتحدث إن القاهرة مستعدة للتعاون في كافة المجالات."
)
CHINESE = "埃及愿意在伊拉克建立完整的生产线。两国部长在开罗会面。双方讨论了装甲车辆。"
HOSTILE = 'Before <img src=x onerror="alert(1)"> the <script>alert(2)</script> words ${alert(3)} {{alert(4)}} end.'

DOCUMENTS = {
    "egypt-iraq-defense-industry": Document(
        "egypt-iraq-defense-industry",
        "Egypt offers Iraq production lines",
        "seeds/egypt.md",
        "en",
        "\n\n".join([ENGLISH, *(f"Paragraph {n} of the report. " * 12 for n in range(1, 9))]),
        {"outlet": "Al-Monitor", "date": "2021-11-04"},
    ),
    "masr-aliraq-taawun-askari": Document(
        "masr-aliraq-taawun-askari",
        "لماذا تعزّز القاهرة تعاونها العسكري مع بغداد؟",
        "seeds/masr.md",
        "ar",
        ARABIC,
        {"outlet": "Nziv", "date": "2021"},
    ),
    "chinese": Document("chinese", "埃及与伊拉克", "seeds/zh.md", "zh", CHINESE, {"date": "2021-10"}),
    "hostile": Document("hostile", '"><svg onload=alert(5)>', "x/<b>.md", "en", HOSTILE, {"outlet": "<i>Outlet</i>"}),
}


class FakeAssistant:
    """Quotes the document whose script the question is written in.

    Args:
        delay: seconds before the first word and between words.
        llm: spec of the backend that it says has spoken.
        warnings: what it says went wrong on the way.
    """

    def __init__(self, delay: float = 0.0, llm: str = "local", warnings: tuple[str, ...] = ()) -> None:
        self.delay, self.llm, self.warnings = delay, llm, warnings
        self.questions: list[tuple[str, list[Turn]]] = []
        self.styles: list[str | None] = []

    def document(self, document_id: str) -> Document:
        if document_id not in DOCUMENTS:
            raise StoreError(f"{document_id}: no such document")
        return DOCUMENTS[document_id]

    def retrieve(self, question: str, k: int | None = None, where: object = None) -> list[ScoredPassage]:
        return _hits()[:k]

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        k: int | None = None,
        where: object = None,
        style: str | None = None,
    ) -> Iterator[str | Answer]:
        self.questions.append((question, list(history)))
        self.styles.append(style)
        time.sleep(self.delay)
        if "explode" in question:
            raise RuntimeError("secret detail at /etc/passwd")
        if "unreachable" in question:
            raise LLMError("The model at example.org did not answer; is it running?")
        answer = self.answer(question)
        words = answer.text.split(" ")
        for word in words * (400 if "endless" in question else 40 if "slow" in question else 1):
            time.sleep(self.delay)
            yield word + " "
        yield answer

    def answer(self, question: str) -> Answer:
        if "moon" in question or "القمر" in question:
            return Answer(question, "The documents don't say.", (), tuple(_hits()), True, "en", self.llm, 1)
        ids = _chosen(question)
        citations = tuple(_citation(number, DOCUMENTS[one], which) for number, (one, which) in enumerate(ids, start=1))
        text = " ".join(f"{citation.quote} [{citation.number}]" for citation in citations)
        language = DOCUMENTS[ids[0][0]].language
        hits = tuple(_hits())
        return Answer(question, text, citations, hits, False, language, self.llm, 1, warnings=self.warnings)


def _chosen(question: str) -> list[tuple[str, int]]:
    if "hostile" in question:
        return [("hostile", 0)]
    if any("\u0600" <= character <= "\u06ff" for character in question):
        return [("masr-aliraq-taawun-askari", 1), ("egypt-iraq-defense-industry", 0)]
    if any("\u4e00" <= character <= "\u9fff" for character in question):
        return [("chinese", 0), ("masr-aliraq-taawun-askari", 0)]
    return [("egypt-iraq-defense-industry", 0), ("egypt-iraq-defense-industry", 2), ("masr-aliraq-taawun-askari", 0)]


def _citation(number: int, document: Document, which: int) -> Citation:
    quote = _sentences(document.text)[which]
    start = document.text.index(quote)
    support = "partly" if number == 2 else "supported"
    return Citation(
        number,
        document.id,
        document.title,
        document.source,
        start,
        start + len(quote),
        quote,
        support,
        document.language,
        "",
        f"{document.id}:0",
    )


def _sentences(text: str) -> list[str]:
    mark = "。" if "。" in text else ". "
    return [part + mark.strip() for part in text.split("\n\n", maxsplit=1)[0].rstrip(".。").split(mark)]


def _hits() -> list[ScoredPassage]:
    hits = []
    for place, document in enumerate(DOCUMENTS.values()):
        text = document.text.split("\n\n")[0]
        passage = Passage(f"{document.id}:0", document.id, 0, len(text), text, document.language, "")
        ranks = {"dense": Rank(place + 1, 0.9 - place / 10), "keyword": Rank(2, 1.5)}
        hits.append(
            ScoredPassage(passage, document.title, document.source, 0.9 - place / 10, ranks, (), document.metadata)
        )
    return hits


class Silent(FakeAssistant):
    """A remote model that says nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def stream(self, question: str, history: object = (), **_: object) -> Iterator[str | Answer]:
        self.go.wait(30)
        yield self.answer(question)


class Paced(FakeAssistant):
    """Thinks for two seconds before it answers what says "hold", and talks for some eight where it says "long"."""

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), style: str | None = None
    ) -> Iterator[str | Answer]:
        if "hold" in question:
            time.sleep(2)
        for item in super().stream(question, history=history, style=style):
            if isinstance(item, str) and "long" in question:
                for _ in range(3):
                    yield item
                    time.sleep(self.delay)
            yield item


class LookingAssistant(FakeAssistant):
    """Notes on whose behalf each question is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.viewers: list[Viewer] = []

    def stream(self, *arguments: Any, **named: Any) -> Any:
        self.viewers.append(viewer())
        return super().stream(*arguments, **named)

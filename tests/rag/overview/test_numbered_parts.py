"""A part of a text is found by its number, in its own words, and nothing else is taken for such a question."""

from __future__ import annotations

import pytest

from index.types import Document
from rag.overview.answers import answer_about_part
from rag.testing.memory_index import MemoryStore

LEASE = (
    "Lease agreement\n\n1. Term\n1.1 The lease starts on 1 June 2024.\n2. Payments\n2.1 The rent is 900 euros.\n"
    "2.2 The deposit is two rents:\n(a) in cash or\n(b) by transfer.\n2.20 Late payments bear interest.\n3. Pets\n"
    "3.1 Cats are allowed."
)
LAW = (
    "Gesetz\n\n§ 7 Fristen\n\nDie Frist beträgt zwei Wochen.\n\n§ 8 Gebühren\n\nDie Gebühr beträgt 20 Euro. Sie ist "
    "sofort fällig.\n\nArticle IV Voting\n\nEach member has one vote.\n\nArticle V Fees"
)
CHINESE = "章程\n\n第三条 会费\n会费每年一百元。\n第四条 退会\n会员可以随时退会。"


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    made.add(Document("lease", "Lease agreement", "lease.docx", "en", LEASE))
    made.add(Document("law", "Gesetz", "gesetz.pdf", "de", LAW))
    made.add(Document("rules", "章程", "rules.txt", "zh", CHINESE))
    return made


def _quotes(store: MemoryStore, question: str) -> list[str]:
    answer = answer_about_part(question, "en", store, [])
    for citation in () if answer is None else answer.citations:
        assert store.document(citation.document_id).text[citation.start : citation.end] == citation.quote
    return [] if answer is None else [citation.quote for citation in answer.citations]


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("What does clause 2.2 say?", "2.2 The deposit is two rents:\n(a) in cash or\n(b) by transfer."),
        ("What does section 2.20 of the lease say?", "2.20 Late payments bear interest."),
        ("clause 2.2 (b)", "(b) by transfer."),
        ("Show me section 2 of the lease agreement", LEASE[LEASE.index("2. ") : LEASE.index("\n3. ")]),
        ("Was steht in § 7?", "§ 7 Fristen\n\nDie Frist beträgt zwei Wochen."),
        ("Was regelt Paragraph 8?", "§ 8 Gebühren\n\nDie Gebühr beträgt 20 Euro. Sie ist sofort fällig."),
        ("What does Article IV say?", "Article IV Voting\n\nEach member has one vote."),
        ("Que dit la clause 3.1 ?", "3.1 Cats are allowed."),
        ("¿Qué dice la cláusula 3.1?", "3.1 Cats are allowed."),
        ("Что сказано в пункте 3.1?", "3.1 Cats are allowed."),
        ("Madde 3.1 ne diyor?", "3.1 Cats are allowed."),
        ("ماذا يقول البند 3.1؟", "3.1 Cats are allowed."),
        ("ماده 3.1 چه می‌گوید؟", "3.1 Cats are allowed."),
        ("מה אומר סעיף 3.1?", "3.1 Cats are allowed."),
        ("第三条说了什么？", "第三条 会费\n会费每年一百元。"),
    ],
)
def test_a_part_is_quoted_by_its_number(store: MemoryStore, question: str, quote: str) -> None:
    assert _quotes(store, question) == [quote]


@pytest.mark.parametrize(
    "question",
    [
        "What does clause 2.9 say?",
        "What does clause 2.2 of the insurance say?",
        "What does article 7 cost?",
        "Who plays in part 2?",
        "What happened in 1911?",
        "Is the rent 900 euros or 2.2?",
        "What do sections 2.1 and 2.2 say?",
        "Is there a clause about pets?",
        "",
    ],
)
def test_other_questions_are_left_alone(store: MemoryStore, question: str) -> None:
    assert _quotes(store, question) == []

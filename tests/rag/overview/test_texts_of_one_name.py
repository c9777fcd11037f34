"""Two texts that one word names, however it is inflected or put together, are compared, in ten languages."""

from __future__ import annotations

import pytest

from index.types import Document
from rag.overview.about_texts import TextAsked, answer_about_texts, which_text
from rag.overview.asked.asked_of_texts import says_text
from rag.overview.asked.called import kin
from rag.testing.memory_index import MemoryStore

BODY = "The rent of flat {n} is due each month. Flat {n} is painted by the tenant. Pets are allowed in flat {n}."
# What is asked, the titles of two texts that are meant, and that of one that isn't.
ASKED = [
    ("en", "Compare the leases", "Lease of Harbour Road", "Lease of Mill Street", "Order of spare parts"),
    ("en", "Compare the two recipes", "Recipe for bread", "Recipe for soup", "Order of spare parts"),
    ("de", "Vergleiche die Mietverträge", "Mietvertrag Hafenweg", "Mietvertrag Mühlgasse", "Bestellung"),
    ("fr", "Compare les contrats", "Contrat rue du Port", "Contrat rue du Moulin", "Commande de pièces"),
    ("es", "Compara los contratos", "Contrato de la calle Mayor", "Contrato de la calle Luna", "Pedido"),
    ("ru", "Сравни договоры", "Договор на квартиру", "Договор на гараж", "Заказ запчастей"),
    ("tr", "Sözleşmeleri karşılaştır", "Liman yolu sözleşmesi", "Değirmen sokağı sözleşmesi", "Sipariş"),
    ("ar", "قارن العقود", "عقد شارع الميناء", "عقد شارع الطاحونة", "طلبية"),
    ("fa", "قراردادها را مقایسه کن", "قرارداد خیابان بندر", "قرارداد خیابان آسیاب", "سفارش"),
    ("he", "השווה את החוזים", "חוזה רחוב הנמל", "חוזה רחוב הטחנה", "הזמנה"),
    ("zh", "比较两份合同", "港口路租赁合同", "磨坊街租赁合同", "备件订单"),
]


def store_of(*titles: str) -> MemoryStore:
    made = MemoryStore()
    for number, title in enumerate(titles):
        made.add(Document(f"d{number}", title, f"{number}.md", "en", BODY.format(n=number)))
    return made


@pytest.mark.parametrize(("language", "question", "one", "other", "beside"), ASKED)
def test_two_texts_of_one_name_are_compared(language: str, question: str, one: str, other: str, beside: str) -> None:
    found = answer_about_texts(TextAsked(question, language, "", store_of(one, other, beside)))
    assert found is not None
    assert {citation.document_id for citation in found.citations} == {"d0", "d1"}


@pytest.mark.parametrize(("language", "question", "one", "other", "beside"), ASKED)
def test_of_three_texts_of_one_name_it_is_asked_which(
    language: str, question: str, one: str, other: str, beside: str
) -> None:
    asked = TextAsked(question, language, "", store_of(one, other, f"{one} 7", beside))
    assert answer_about_texts(asked) is None
    found = which_text(asked)
    assert found is not None
    assert {citation.document_id for citation in found.citations} == {"d0", "d1", "d2"}


@pytest.mark.parametrize(("language", "question", "one", "other", "beside"), ASKED)
def test_what_is_called_otherwise_is_not_compared(
    language: str, question: str, one: str, other: str, beside: str
) -> None:
    assert answer_about_texts(TextAsked(question, language, "", store_of(beside, "Notes", "Songs"))) is None


def test_the_other_one_is_the_nearest_where_its_name_is_in_another_language() -> None:
    store = store_of("Lease of Harbour Road", "Mietvertrag Mühlgasse", "Songs")

    def near(_: str) -> list[tuple[str, float]]:
        return [("d0", 0.4), ("d1", 0.2), ("d2", 0.1)]

    found = answer_about_texts(TextAsked("Compare the leases", "en", "", store, near))
    assert found is not None and {one.document_id for one in found.citations} == {"d0", "d1"}
    # No text is meant: one of them is only called like what the question is about.
    store = store_of("Rent of Harbour Road", "Mietvertrag Mühlgasse", "Songs")
    assert answer_about_texts(TextAsked("What is the difference in rent?", "en", "", store, near)) is None


@pytest.mark.parametrize(
    ("language", "question"),
    [("ru", "Сравни договоры"), ("he", "השווה את החוזים"), ("zh", "比较租约"), ("fa", "قراردادها را مقایسه کن")],
)
def test_a_word_for_texts_that_none_is_called_by_singles_none_out(language: str, question: str) -> None:
    store = store_of("Songs", "Notes", "Letters", "Order of spare parts")

    def near(_: str) -> list[tuple[str, float]]:
        return [("d2", 0.4), ("d1", 0.2), ("d0", 0.1), ("d3", 0.1)]

    asked = TextAsked(question, language, "", store, near)
    assert answer_about_texts(asked) is None
    found = which_text(asked)
    assert found is not None and [one.document_id for one in found.citations] == ["d2", "d1", "d0"]


@pytest.mark.parametrize("question", ["Compare the two actual prices", "Vergleiche die Preise", "Compare the rivers"])
def test_no_text_is_said(question: str) -> None:
    assert not says_text(question)
    asked = TextAsked(question, "en", "", store_of("Acts of the council", "Songs", "Notes"))
    assert answer_about_texts(asked) is None and which_text(asked) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("sozlesmeleri", "sozlesmesi"), ("العقود", "عقد"), ("تقارير", "تقرير"), ("رسايل", "رساله"), ("leases", "lease")],
)
def test_forms_of_one_noun(one: str, other: str) -> None:
    assert kin(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("international", "internet"), ("عقد", "نقد"), ("pool", "poem"), ("من", "منا")]
)
def test_other_nouns(one: str, other: str) -> None:
    assert not kin(one, other)

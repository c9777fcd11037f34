from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import StoreError
from index.types import Document, Passage
from rag.checking.citations import MARK, Cited, cite
from rag.checking.written.markers import find_markers
from rag.llms.events import Quoted, Verbatim
from rag.types import ScoredPassage, ScoredSentence

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
PLAIN_MARKER = re.compile(r"\[(\d+)\]")


def sources(*texts: str, language: str = "en") -> tuple[list[ScoredPassage], dict[str, Document]]:
    """Every text is a document with one passage: all of it but its first and last character, if it is long."""
    passages, documents = [], {}
    for number, text in enumerate(texts):
        name = f"d{number}"
        start, end = (1, len(text) - 1) if len(text) > 4 else (0, len(text))
        documents[name] = Document(name, f"Title {number}", f"{name}.md", language, text)
        passage = Passage(f"{name}:0", name, start, end, text[start:end], language, "")
        passages.append(ScoredPassage(passage, f"Title {number}", f"{name}.md", 0.5))
    return passages, documents


def run(reply: list[str] | str, *texts: str) -> Cited:
    passages, documents = sources(*texts)
    return cite([reply] if isinstance(reply, str) else reply, passages, documents.__getitem__, language="en")


def check_promises(cited: Cited, documents: dict[str, Document]) -> None:
    """Every quote is exact; markers and citations are one to one, numbered by first appearance."""
    for citation in cited.citations:
        document = documents[citation.document_id]
        assert document.text[citation.start : citation.end] == citation.quote
        assert citation.quote
    cited_numbers = [number for marker in find_markers(cited.text) for number in marker.numbers]
    assert list(dict.fromkeys(cited_numbers)) == [citation.number for citation in cited.citations]
    assert [citation.number for citation in cited.citations] == list(range(1, len(cited.citations) + 1))


def test_quotes_of_several_sentences_are_not_looked_for_elsewhere() -> None:
    """A vector for every sentence of every source cost more than the rest of the answer."""
    text = " The tower is old. It was built in 1907. It stands in Aral. "
    passages, documents = sources(text, " Another tower stands elsewhere. It fell in 1950. ")
    start, end = text.index("It was"), text.index(" It stands")
    embedded: list[str] = []

    def embed(texts: Sequence[str]) -> np.ndarray:
        embedded.extend(texts)
        return np.ones((len(texts), 2), np.float32) / np.sqrt(2)

    def cited(*quotes: tuple[int, int]) -> Cited:
        pieces = [piece for at in quotes for piece in (Verbatim(text[slice(*at)] + " "), Quoted(1, *at))]
        return cite(pieces, passages, documents.__getitem__, embed, "en", attribute=True)

    one = cited((1, end))
    assert one.text == "The tower is old. It was built in 1907. [1]"
    assert [(citation.quote, citation.support) for citation in one.citations] == [(text[1:end], "supported")]
    assert len(cited((1, end), (start, len(text) - 1)).citations) == 2
    assert embedded == []
    result = cite(
        ["The tower is old. It fell in 1950. [2]"], passages, documents.__getitem__, embed, "en", attribute=True
    )
    assert [citation.quote for citation in result.citations] == ["The tower is old.", "It fell in 1950."]
    assert "The tower is old." in embedded, "what is not quoted is looked for in every source"


@given(st.lists(TEXT, min_size=1, max_size=4), st.data())
@settings(max_examples=150, deadline=None)
def test_promises_hold_for_any_document_and_any_reply(texts: list[str], data: st.DataObject) -> None:
    passages, documents = sources(*texts)
    marker = st.sampled_from(["[1]", "[2]", " [3]. ", "[1, 2]", "[1-9]", "[٢]", "【1】", "[99]", "[0]", ".\n", "! "])
    quoted = st.sampled_from(texts)
    words = st.text(
        st.characters(exclude_characters='`"“”„«»「」『』‹›>~[]【】', exclude_categories=["Cs"]), max_size=40
    )
    reply = data.draw(
        st.lists(marker | words | quoted.filter(lambda text: not set(text) & set('`"“”„«»「」『』‹›>~[]【】')))
    )
    cited = cite(reply, passages, documents.__getitem__, language="en")
    check_promises(cited, documents)
    assert [int(n) for n in PLAIN_MARKER.findall(cited.text) if int(n) > len(cited.citations)] == []


@given(st.lists(TEXT, min_size=1, max_size=3), st.text(alphabet='[]1٢,-`"“”„>~\n a.【】^', max_size=120))
@settings(max_examples=150, deadline=None)
def test_quotes_are_exact_for_marker_soup(texts: list[str], reply: str) -> None:
    passages, documents = sources(*texts)
    cited = cite([reply], passages, documents.__getitem__)
    for citation in cited.citations:
        assert documents[citation.document_id].text[citation.start : citation.end] == citation.quote


def test_each_sentence_is_bound_to_the_words_that_say_it() -> None:
    text = "The factory makes tanks. It stands in Helwan. It was built in 1984."
    cited = run("The factory was built in 1984 [1]. It stands in Helwan [1].", f"x{text}x")
    assert [citation.quote for citation in cited.citations] == ["It was built in 1984.", "It stands in Helwan."]
    assert cited.text == "The factory was built in 1984 [1]. It stands in Helwan [2]."


def test_numbers_begin_at_one_in_order_of_appearance() -> None:
    cited = run("Cats sleep [3]. Dogs bark [1].", "x Dogs bark. x", "x Birds sing. x", "x Cats sleep. x")
    assert cited.text == "Cats sleep [1]. Dogs bark [2]."
    assert [citation.document_id for citation in cited.citations] == ["d2", "d0"]


def test_sources_that_do_not_exist_are_dropped_with_their_space() -> None:
    cited = run("Dogs bark [1][7]. Dogs bark [8].", "x Dogs bark. x")
    assert cited.text == "Dogs bark [1]. Dogs bark."
    assert cited.dropped == 2


def test_ranges_lists_and_foreign_digits_become_plain_markers() -> None:
    texts = ["x Dogs bark. x", "x Dogs bark loud. x", "x Dogs bark much. x"]
    assert run("Dogs bark [1-3].", *texts).text == "Dogs bark [1][2][3]."
    assert run("Dogs bark [٢]、【１】.", *texts).text == "Dogs bark [1]、[2]."


def test_a_claim_that_the_source_does_not_carry_is_marked() -> None:
    cited = run("Revenue grew 45 % [1].", "x Revenue grew 12 %. Costs fell. x")
    assert cited.text == f"Revenue grew 45 % [1]. {MARK}"
    assert cited.citations[0].support == "not found"
    assert cited.unsupported == 1


def test_an_uncited_claim_is_held_against_the_marker_behind_it_else_marked() -> None:
    source = "x Dogs bark loudly. Cats sleep all day. x"
    assert MARK not in run("Dogs bark loudly. Cats sleep all day [1].", source).text
    assert MARK in run("The moon is made of cheese. Cats sleep all day [1].", source).text
    assert MARK not in run("Here is the answer:\nCats sleep all day [1].", source).text


def test_code_and_quotations_keep_their_brackets() -> None:
    cited = run("Call `x[1]` and “see [2]”, dogs bark [1].", "x Dogs bark. x")
    assert "`x[1]`" in cited.text
    assert "“see [2]”" in cited.text


def test_known_spans_are_taken_and_checked() -> None:
    passages, documents = sources("The dogs bark [3] here. Cats sleep.")
    passages[0] = ScoredPassage(
        Passage("d0:0", "d0", 0, 35, documents["d0"].text, "en", ""), "T", "s", 1.0, {}, (ScoredSentence(0, 23, 1.0),)
    )
    cited = cite(["The dogs bark [3] here. ", Quoted(1, 0, 23)], passages, documents.__getitem__)
    assert cited.text == "The dogs bark ［3］ here. [1]"
    assert cited.citations[0].quote == "The dogs bark [3] here."
    beyond = cite(["Dogs ", Quoted(1, 30, 900)], passages, documents.__getitem__)
    assert beyond.citations == ()
    assert "[" not in beyond.text


def test_a_document_that_changed_or_went_gives_no_citation() -> None:
    passages, documents = sources("x Dogs bark. x")
    changed = Document("d0", "T", "s", "en", "Something else entirely.")
    assert cite(["Dogs bark [1]."], passages, lambda _: changed).citations == ()

    def gone(name: str) -> Document:
        raise StoreError("gone")

    assert cite(["Dogs bark [1]."], passages, gone).citations == ()
    assert documents


@pytest.mark.parametrize(
    "payload", ["![x](http://evil.example/?q=1)", "<img src=x onerror=alert(1)>", "[1](javascript:x)"]
)
def test_markup_is_only_text(payload: str) -> None:
    cited = run(f"Dogs bark {payload} [1].", "x Dogs bark. x")
    assert payload.replace("[1]", "")[:5] in cited.text
    assert len(cited.citations) >= 1


def test_page_numbers_become_locations() -> None:
    passages, documents = sources("x Dogs bark. x")
    paged = Document("d0", "T", "s", "en", documents["d0"].text, {"pages": [0, 1]})
    assert cite(["Dogs bark [1]."], passages, lambda _: paged).citations[0].location == "p. 2"


@pytest.mark.parametrize(
    ("claim", "source", "quote"),
    [
        (
            "Open in the harbour lighthouse from May.",
            "# Harbour lighthouse\n\nIt was built in 1871.",
            "It was built in 1871.",
        ),
        ("Die Preise sind gestiegen.", "# Preise\n\nErwachsene zahlen 6 Euro.", "Erwachsene zahlen 6 Euro."),
        ("It tells of the Battle of Lepanto.", "# The Battle of Lepanto\n\nSmoke rose.", "# The Battle of Lepanto"),
    ],
)
def test_a_heading_is_quoted_only_where_it_says_far_more_than_the_sentences(
    claim: str, source: str, quote: str
) -> None:
    cited = run(f"{claim} [1]", f"x{source}x")
    assert [citation.quote for citation in cited.citations] == [quote]

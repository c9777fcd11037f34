"""Texts that somebody brings: their quotations found to the letter, changed ones told, invented ones refused."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Assistant, CheckedDraft, CheckedQuotation, Filter, QuestionError
from rag.drafts.marks import quotations
from rag.drafts.matching import exact, nearly, wanted
from rag.drafts.normal import normal
from rag.drafts.sentences import statements
from rag.drafts.types import MOST_CHARACTERS, MOST_CLAIMS, MOST_QUOTATIONS, Difference
from rag.testing.doubles import document, tiny_index

KING = (
    "The king of France said that the soft\u00adware, it\u2019s \ufb01ne, was theirs. Then much more was said. "
    "The minister resigned in 1914\u20131918, with 12.5 million people watching him.\n\n"
    "Berlin has 3.7 million inhabitants. Anna Brandt leads the shipyard since 2019. She did not sell the old boats."
)
BORDER = "Sie gingen lange durch den dunklen Wald und sahen\n\nplötzlich ein helles Licht zwischen den hohen Bäumen."
CHINESE = "埃及愿意在伊拉克建立完整的生产线。两国部长在开罗会面。双方讨论了装甲车辆。"
ARABIC = "وصل وزير الدفاع العراقي جمعة عناد سعدون إلى مصر يوم السبت. وتعتزم الهيئة توسيع التعاون مع العراق."


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    names = {"king": KING, "wald": BORDER, "zh": CHINESE, "ar": ARABIC}
    return Assistant(index=tiny_index([document(name, text) for name, text in names.items()]))


def check(assistant: Assistant, text: str) -> list[CheckedQuotation]:
    return list(assistant.check_draft(text, claims=False).quotations)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("He said “one two”, and went.", ["one two"]),
        ('He said "one two", and "three".', ["one two", "three"]),
        ("Er sagte „eins zwei“ und »drei vier«.", ["eins zwei", "drei vier"]),
        ("Il dit « un deux » et « trois ».", [" un deux ", " trois "]),
        ("Hon sade ”ett två” till honom.", ["ett två"]),
        ("Powiedział „raz dwa” i poszedł.", ["raz dwa"]),
        ("他说：「一二三」和《书》和“四五”。", ["一二三", "四五"]),
        ("قال «واحد اثنان» ثم مضى.", ["واحد اثنان"]),
        ('הוא אמר "צה"ל כאן" והלך.', ['צה"ל כאן']),
        ("He said ‘one two’ and didn’t go; the '90s rock 'n' roll.", ["one two"]),
        ("She said “he said ‘no way’ to me”.", ["he said ‘no way’ to me"]),
        ('A 5" pipe and “never closed', []),
        ('“never closed\n\nbut "this is"', ["this is"]),
        ("“two lines\nof one”", ["two lines\nof one"]),
        ("```\nprint('a b')\nx = \"one two\"\n```\n“out of code”", ["out of code"]),
        ("“…” and “”", []),
    ],
)
def test_quotations_are_found_between_the_marks_of_each_language(text: str, found: list[str]) -> None:
    assert [one.words for one in quotations(text)] == found
    assert all(text[one.start : one.end] == one.words for one in quotations(text))


def test_blocks_are_quotations_without_their_signs_and_the_name_below_them() -> None:
    text = "He wrote:\n\n> The first line\n> and the “second” one.\n> — Jane Roe, 1999\n\nNo more."
    (found,) = quotations(text)
    assert found.words == "The first line\nand the “second” one."
    assert text[found.start : found.end].startswith("The first line\n> and")


@pytest.mark.parametrize(
    "words",
    [
        "The king of France said",
        "the king of France said",
        "[T]he king of France said",
        "software, it's fine",
        "The  king\nof  France said that",
        "Then much more was said,",
        "Then much [sic] more was said",
        "The king of France … was theirs",
        "The king of France [...] was theirs. Then much more",
        "The minister resigned in 1914-1918, with 12.5 million people",
        "Then *much* more was said",
    ],
)
def test_what_typesetting_changes_is_no_difference(assistant: Assistant, words: str) -> None:
    (found,) = check(assistant, f"He wrote “{words}” there.")
    assert (found.verdict, found.differences) == ("exact", ())
    citation = found.citations[0]
    assert KING[citation.start : citation.end] == citation.quote
    assert normal(citation.quote).text.casefold().startswith(wanted(words).parts[0].casefold()[:6])  # type: ignore[union-attr]


def test_a_quotation_runs_over_the_border_of_passages(assistant: Assistant) -> None:
    (found,) = check(assistant, "„durch den dunklen Wald und sahen plötzlich ein helles Licht“")
    assert found.verdict == "exact"
    assert found.citations[0].quote == "durch den dunklen Wald und sahen\n\nplötzlich ein helles Licht"


@pytest.mark.parametrize(
    ("words", "said", "stands"),
    [
        ("The king of Spain said that the software", "Spain", "France"),
        ("Then much less was said", "less", "more"),
        ("then much less was said", "less", "more"),
        ("5 million people watching him", "5", "12.5"),
        ("people watching him. Berlin has inhabitants", "", "3.7 million"),
        ("The minister never resigned in 1914–1918", "never", ""),
        ("The minister resigned in 1915–1918, with 12.5 million", "1915", "1914"),
        ("Anna Brandt leads the old shipyard since 2019", "old", ""),
        ("She did sell the old boats", "", "not"),
        ("埃及愿意在伊朗建立完整的生产线", "朗", "拉克"),
        ("وصل وزير الدفاع المصري جمعة عناد سعدون", "المصري", "العراقي"),
    ],
)
def test_a_changed_word_is_reported(assistant: Assistant, words: str, said: str, stands: str) -> None:
    (found,) = check(assistant, f"“{words}”")
    assert found.verdict == "nearly"
    assert found.differences == (Difference(said, stands),)


def test_brackets_tell_of_a_change_themselves(assistant: Assistant) -> None:
    (found,) = check(assistant, "“[She] leads the shipyard” and “Then much [else] was said.”")[1:]
    assert found.verdict == "exact"
    assert found.differences == (Difference("[else]", "more", declared=True),)


@pytest.mark.parametrize(
    "words",
    [
        "Nobody liked ice cream very much in those days",
        "he minister resigned",
        "The king of France sold the boats and left for Berlin",
        "Bananas",
        "埃及总统昨天访问了遥远的月球背面",
        "...",
    ],
)
def test_what_stands_nowhere_is_absent(assistant: Assistant, words: str) -> None:
    assert all(found.verdict == "absent" and not found.citations for found in check(assistant, f"“{words}”"))


def test_only_what_may_be_found_is_found() -> None:
    index = tiny_index([document("open", "A word for everybody stands here."), document("shut", KING)])
    narrow = Assistant(index=index, where=Filter(documents=("open",)))
    draft = narrow.check_draft("“Then much more was said.” Berlin has 3.7 million inhabitants.")
    assert draft.quotations[0].verdict == "absent"
    assert "Berlin" not in repr([claim.citation for claim in draft.claims])


@pytest.mark.parametrize(
    ("claim", "verdict", "differences"),
    [
        ("Berlin has 3.7 million inhabitants.", "supported", ()),
        ("Berlin has 4.2 million inhabitants.", "contradicted", (Difference("4.2", "3.7"),)),
        ("Anna Schulz leads the shipyard since 2019.", "contradicted", (Difference("Schulz", "Brandt"),)),
        ("The moon is made of green cheese and old socks.", "not found", ()),
    ],
)
def test_claims_are_judged_by_the_words_that_decide(
    assistant: Assistant, claim: str, verdict: str, differences: tuple[Difference, ...]
) -> None:
    (found,) = assistant.check_draft(claim).claims
    assert (found.verdict, found.differences) == (verdict, differences)
    if verdict != "not found":
        assert found.citation is not None
        assert KING[found.citation.start : found.citation.end] == found.citation.quote


@pytest.mark.parametrize(
    "claim",
    ["Cairo wants to help as well.", "The council is headed by nobody at all.", "Lisbon has three harbours."],
)
def test_what_is_said_of_something_else_contradicts_nothing(claim: str) -> None:
    text = (
        "The general said that Cairo does not covet the wealth and riches of its neighbour; trust, he said, is what "
        "help is based on, as well as training. The council met at the head of the bay. Lisbon has 545 thousand people."
    )
    (found,) = Assistant(index=tiny_index([document("news", text)])).check_draft(claim).claims
    assert found.verdict != "contradicted"


def test_a_lost_denial_contradicts(assistant: Assistant) -> None:
    (found,) = assistant.check_draft("She did sell the old boats.").claims
    assert found.verdict == "contradicted"
    assert any(one.stands == "not" for one in found.differences)


def test_statements_are_sentences_without_their_markup() -> None:
    text = (
        "# Heading\n\nBerlin is **large** and\nold, see [the map](https://a.example)[^1]. Is it?\n\n> Not ours at all."
    )
    text += "\n\n- One more thing."
    found = statements(text)
    assert [one.said for one in found] == ["Berlin is large and old, see the map.", "One more thing."]
    assert all(text[one.start : one.end] == one.text for one in found)


def test_too_much_is_reported(assistant: Assistant) -> None:
    with pytest.raises(QuestionError, match="at most 100,000"):
        assistant.check_draft("a " * (MOST_CHARACTERS // 2 + 1))
    with pytest.raises(QuestionError, match="no text"):
        assistant.check_draft(" \n")
    many = assistant.check_draft("“x y” " * (MOST_QUOTATIONS + 1), claims=False)
    assert len(many.quotations) == MOST_QUOTATIONS
    assert many.warnings == (
        f"the text has {MOST_QUOTATIONS + 1} quotations; only the first {MOST_QUOTATIONS} are checked",
    )
    assert len(statements("One ship sank. " * (MOST_CLAIMS + 1))) > MOST_CLAIMS


def test_progress_is_told_and_the_verdict_on_all_of_it(assistant: Assistant) -> None:
    seen: list[tuple[int, int]] = []
    draft = assistant.check_draft(
        "“Then much more was said.” Berlin is old and grey.", progress=lambda *at: seen.append(at)
    )
    assert seen == [(number, len(seen)) for number in range(1, len(seen) + 1)]
    assert draft.sound
    assert not assistant.check_draft("“Then much less was said.”", claims=False).sound


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_is_compared_by_places_in_it(text: str) -> None:
    compared = normal(text)
    assert len(compared.text) == len(compared.starts) == len(compared.ends)
    pairs = list(zip(compared.starts, compared.ends, strict=True))
    assert all(0 <= start < end <= len(text) for start, end in pairs)
    assert all(before <= after for (before, _), (after, _) in itertools.pairwise(pairs))
    assert normal(unicodedata.normalize("NFD", text)).text == normal(unicodedata.normalize("NFC", text)).text


@given(st.text(max_size=200))
def test_any_text_has_its_quotations_at_their_places(text: str) -> None:
    for one in quotations(text):
        assert 0 <= one.start < one.end <= len(text)
    for one in statements(text):
        assert text[one.start : one.end] == one.text


@given(
    st.lists(
        st.sampled_from(
            ["the", "old", "king", "of", "France", "sold", "three", "boats", "in", "Paris", "last", "year"]
        ),
        min_size=5,
        max_size=12,
    )
)
def test_words_of_a_text_are_exact_in_it_and_never_nearly(words: list[str]) -> None:
    text = f"Before it. {' '.join(words)} And behind."
    asked = wanted(" ".join(words))
    assert asked is not None
    found = exact(asked, normal(text))
    assert found is not None
    near = nearly(asked, normal(text))
    assert near is not None
    assert near.differences == ()


def test_a_careless_search_is_caught() -> None:
    """What a plain `in` finds or misses is what the rules are for."""
    assert "5 million people" in KING
    assert exact(wanted("5 million people"), normal(KING)) is None  # type: ignore[arg-type]
    assert "software" not in KING
    assert exact(wanted("software"), normal(KING)) is not None  # type: ignore[arg-type]


def test_the_result_is_plain_data(assistant: Assistant) -> None:
    draft = assistant.check_draft("“Then much more was said.”")
    assert isinstance(draft, CheckedDraft)
    assert draft.generation == 1
    assert draft.seconds > 0

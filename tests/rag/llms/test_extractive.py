from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ConfigError
from index.types import Passage
from rag.errors import LLMError
from rag.llms.events import Quoted, glued
from rag.llms.extractive import Extractive, create
from rag.reading.quotes.choosing import pick_sentences
from rag.types import Message, Prompt, ScoredPassage, ScoredSentence


def hit(text: str, scores: list[float], score: float = 0.5, name: str = "d", start: int = 0) -> ScoredPassage:
    """A passage whose sentences end at full stops."""
    passage = Passage(f"{name}:0", name, start, start + len(text), text, "en", "")
    sentences, position = [], 0
    for value in scores:
        end = text.index(".", position) + 1
        sentences.append(ScoredSentence(start + position, start + end, value))
        position = end + 1
    return ScoredPassage(passage, name, f"{name}.md", score, {}, tuple(sentences))


def quotes(passages: list[ScoredPassage], count: int = 3) -> list[str]:
    return [pick.text for pick in pick_sentences(passages, count)]


def test_the_best_sentence_leads_and_the_rest_is_in_reading_order() -> None:
    one = hit("First words stand here. Second words stand there. Third words stand away.", [0.30, 0.60, 0.84], 0.6)
    two = hit("Other sentences are elsewhere.", [0.70], 0.62, "e")
    assert quotes([two, one]) == [
        "Third words stand away.", "Other sentences are elsewhere.", "Second words stand there.",
    ]  # fmt: skip


def test_repeats_and_padding_are_left_out() -> None:
    one = hit("The factory stands in old Helwan. It has nothing to do with it.", [0.8, -0.2], 0.6)
    copy = hit("The factory stands in old Helwan, they said.", [0.79], 0.6, "e")
    assert quotes([one, copy]) == ["The factory stands in old Helwan."]
    assert quotes([one, one]) == ["The factory stands in old Helwan."]


def test_a_neighbour_that_scores_nearly_as_well_is_quoted_along() -> None:
    one = hit("First words stand here. Second words stand there. Third words stand away.", [0.30, 0.79, 0.84], 0.6)
    assert quotes([one], 1) == ["Second words stand there. Third words stand away."]


def test_words_of_the_question_decide_between_like_sentences() -> None:
    one = hit("The old museum opened in summer. The old factory opened in winter.", [0.5, 0.5], 0.6)
    assert pick_sentences([one], 1, "When did the museum open?")[0].text.startswith("The old museum")
    assert pick_sentences([one], 1, "When did the factory open?")[0].text.startswith("The old factory")


def test_a_heading_does_not_beat_a_sentence() -> None:
    assert quotes([hit("Factory Helwan. The factory stands in old Helwan.", [0.8, 0.75])])[0].startswith("The factory")


def test_a_title_in_the_text_is_no_answer() -> None:
    one = hit("The opening of the old factory. Something opened in May there.", [0.9, 0.7])
    titled = ScoredPassage(one.passage, "The opening of the old factory.", "d.md", 0.5, {}, one.sentences)
    assert quotes([titled], 1) == ["Something opened in May there."]


def test_a_passage_without_sentences_is_quoted_whole() -> None:
    assert quotes([ScoredPassage(Passage("d:0", "d", 3, 15, "one two here", "en", ""), "D", "d", 0.5)]) == [
        "one two here"
    ]


def test_the_stream_is_sentences_and_markers_and_needs_passages() -> None:
    prompt = Prompt((), "Where?", "en", (hit("It stands in old\nHelwan.", [0.8]),))
    pieces = list(Extractive().stream(prompt))
    assert glued(pieces) == "It stands in old Helwan. [1]"
    marker = pieces[-1]
    assert isinstance(marker, Quoted)
    assert (marker.number, marker.start, marker.end) == (1, 0, 24)
    assert list(Extractive().stream(Prompt((), "Where?", "en", ()))) == []
    with pytest.raises(LLMError, match="passages"):
        list(Extractive().stream([Message("user", "hello")]))


def test_specs() -> None:
    assert create("").spec == "extractive"
    prompt = Prompt(
        (), "?", "en", (hit("One here is told. Two here are shown. Three there are hidden.", [0.8, 0.79, 0.78]),)
    )
    assert sum(isinstance(piece, Quoted) for piece in create("2").stream(prompt)) == 2
    for wrong in ("x", "0", "21", "-1", "٣", "9999999999999"):
        with pytest.raises(ConfigError, match="extractive"):
            create(wrong)


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=60), st.floats(-1, 1), st.integers(0, 2)), max_size=6),
    st.integers(1, 4),
)
def test_any_passages_give_few_different_quotes_that_lie_inside(rows: list[tuple[str, float, int]], count: int) -> None:
    passages = [
        ScoredPassage(Passage(f"{d}:{n}", str(d), 5, 5 + len(text), text, "en", ""), "T", "s", score)
        for n, (text, score, d) in enumerate(rows)
    ]
    picks = pick_sentences(passages, count)
    assert len(picks) <= count
    assert len({pick.text for pick in picks}) == len(picks)
    for pick in picks:
        passage = passages[pick.number - 1].passage
        assert passage.start <= pick.start < pick.end <= passage.end


def test_in_another_language_further_quotes_come_from_further_passages() -> None:
    texts = (
        "Alpha stands in the first hall. Omega was moved away later.",
        "Gamma lies on a hill there. Delta is a river.",
    )
    passages = []
    for n, text in enumerate(texts):
        middle = text.index(".") + 1
        sentences = (ScoredSentence(0, middle, 0.60), ScoredSentence(middle + 1, len(text), 0.38))
        passage = Passage(f"{n}:0", str(n), 0, len(text), text, "en", "")
        passages.append(ScoredPassage(passage, "T", "s", 0.40 - 0.08 * n, sentences=sentences))
    passages[1] = replace(passages[1], sentences=(replace(passages[1].sentences[0], score=0.50),))
    assert [pick.number for pick in pick_sentences(passages, 2, language="en")] == [1, 1]
    assert [pick.number for pick in pick_sentences(passages, 2, language="ar")] == [1, 2]


def test_a_fragment_is_not_quoted_along() -> None:
    one = hit("Opening hours. The factory opened in winter. It closed in spring.", [0.79, 0.84, 0.3], 0.6)
    assert quotes([one], 1) == ["The factory opened in winter."]


def test_what_is_only_read_reaches_further_than_what_is_shown() -> None:
    one = hit("The factory stands in old Helwan. Some say that it was moved away later.", [0.8, 0.1], 0.6)
    assert quotes([one]) == ["The factory stands in old Helwan."]
    assert len(pick_sentences([one], 3, shown=False)) == 2


def test_what_a_file_tells_about_itself_does_not_stand_before_its_text() -> None:
    text = "The lighthouse is open from May to September.\n\nAbout the file tower.md\n\nDate: 20 April 2024"
    start = text.index("About")
    result = {"properties": [start, len(text)], "headings": [[start, 1, "About the file tower.md"]]}
    date = text.index("Date")
    scores = (ScoredSentence(0, 45, 0.80), ScoredSentence(date, len(text), 0.85))
    hit = ScoredPassage(Passage("t:0", "t", 0, len(text), text, "en", ""), "Tower", "tower.md", 0.8, sentences=scores)
    plain = pick_sentences([hit], 1)[0]
    marked = pick_sentences([replace(hit, metadata=result)], 1)[0]
    assert "Date" in plain.text
    assert marked.text == "The lighthouse is open from May to September."

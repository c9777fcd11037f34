"""Passages: the promises hold for any text, any bound, any counter; and the cuts are where a reader would cut."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.building.passages.chunking import chunk, embedding_text, sentence_embedding_text
from index.config import ChunkingConfig
from index.types import Document, Passage, Sentence
from tests.harness.partly_slow import partly_slow

MARKS = "。.!?؟।…\n\n\n  ,;:«»“”「」()-•😀e\u0301\u200d👨\u200d👩\u200d👧กขค漢字かなابجdDR\u2029\r\f\x85\x00"
TEXTS = st.one_of(
    st.text(max_size=400), st.text(alphabet=MARKS, max_size=400), st.text(alphabet="ab. \n", max_size=600)
)


def words(text: str) -> int:
    """A counter that is roughly what a model's is: words, and long words in parts."""
    return sum(1 + len(word) // 6 for word in text.split())


def document(text: str, language: str = "en", headings: object = ()) -> Document:
    return Document("d", "A title", "d.txt", language, text, {"headings": headings})


def inside(sentence: Sentence, passage: Passage) -> bool:
    return passage.start <= sentence.start and sentence.end <= passage.end


@given(
    TEXTS,
    st.integers(8, 60),
    st.integers(0, 3),
    st.sampled_from([len, words, lambda text: 1 + len(text.encode(errors="surrogatepass")) // 3]),
    st.sampled_from(["en", "ar", "th", "zh", "und"]),
    st.lists(st.integers(0, 400), max_size=4),
)
@settings(max_examples=200, deadline=None)
def test_promises(text, bound, overlap, count, language, offsets):
    doc = document(text, language, [[offset, 1, f"H{offset}"] for offset in offsets])
    config = ChunkingConfig(bound, overlap)
    result = chunk(doc, count, config)
    assert result == chunk(doc, count, config)
    for number, passage in enumerate(result.passages):
        assert text[passage.start : passage.end] == passage.text == passage.text.strip() != ""
        assert passage.id == f"d:{number}"
        assert count(passage.text) <= bound or len(passage.text) == 1
    ends = [sentence.end for sentence in result.sentences]
    assert all(a <= b.start for a, b in zip(ends, result.sentences[1:], strict=False))
    covered = {at for s in result.sentences for at in range(s.start, s.end)}
    assert covered >= {at for at, char in enumerate(text) if not char.isspace()}
    assert all(any(inside(s, p) for p in result.passages) for s in result.sentences)
    for before, after in zip(result.passages, result.passages[1:], strict=False):
        assert before.start < after.start and before.end < after.end
        assert sum(inside(s, before) and inside(s, after) for s in result.sentences) <= overlap


def test_a_passage_is_never_repeated_whole_in_the_next():
    result = chunk(document("0\x8500000\r0"), len, ChunkingConfig(8, 1))
    starts = [passage.start for passage in result.passages]
    assert starts == sorted(set(starts))


@given(TEXTS, st.lists(st.integers(0, 400), min_size=1, max_size=5, unique=True))
@settings(max_examples=200, deadline=None)
def test_no_passage_crosses_a_heading_with_text_above_it(text, offsets):
    offsets = sorted(offset for offset in offsets if offset < len(text))
    result = chunk(document(text, "en", [[offset, 2, f"H{offset}"] for offset in offsets]), words)
    for passage in result.passages:
        within = [offset for offset in offsets if passage.start < offset < passage.end]
        for offset in within:  # only headings that follow a heading with nothing said between
            above = [o for o in offsets if o < offset]
            assert above and passage.start >= above[0]


def test_headings_open_the_passage_that_follows_and_are_its_context():
    text = "Intro text stands here.\n\nPart one\n\nFirst part says this.\n\nPart two\n\nSub part\n\nSecond says that."
    starts = [text.index(title) for title in ("Part one", "Part two", "Sub part")]
    result = chunk(
        document(text, "en", [[starts[0], 1, "Part one"], [starts[1], 1, "Part two"], [starts[2], 2, "Sub part"]]),
        words,
    )
    assert [p.text.split("\n")[0] for p in result.passages] == ["Intro text stands here.", "Part one", "Part two"]
    assert [p.heading for p in result.passages] == ["", "Part one", "Sub part"]
    assert text[result.sentences[1].start : result.sentences[1].end] == "Part one"


@pytest.mark.parametrize(
    "headings",
    [None, "text", 7, [7], [["x", 1, "a"]], [[-1, 1, "a"]], [[10**9, 1, "a"]], [[0, 1]], [[0, 1, 5]], [[1.5, 1, "a"]]],
)
def test_headings_that_make_no_sense_are_passed_over(headings):
    assert len(chunk(document("Some words here. More words.", "en", headings), words).passages) == 1


def test_paragraphs_stay_whole_and_small_ones_find_company():
    paragraph = " ".join(["This is one sentence of eight words, counted."] * 10)
    text = f"{paragraph}\n\n{paragraph}\n\nShort one.\n\n{paragraph}"
    passages = chunk(document(text), words, ChunkingConfig(160)).passages
    assert [p.text for p in passages] == [paragraph, f"{paragraph}\n\nShort one.", paragraph]


def test_a_long_paragraph_is_cut_between_sentences_in_even_parts_with_overlap():
    text = " ".join(f"Sentence number {n} has exactly eight words here." for n in range(60))
    passages = chunk(document(text), words, ChunkingConfig(100, 1)).passages
    assert len(passages) > 5
    assert all(p.text.endswith(".") and p.text.startswith("Sentence") for p in passages)
    assert all(after.start < before.end for before, after in itertools.pairwise(passages))
    sizes = [words(p.text) for p in passages]
    assert min(sizes[1:-1]) > 0.6 * max(sizes)
    apart = chunk(document(text), words, ChunkingConfig(100, 0)).passages
    assert all(after.start > before.end for before, after in itertools.pairwise(apart))


def test_a_line_that_reads_like_a_heading_goes_with_what_follows():
    paragraph = " ".join(["This is one sentence of eight words, counted."] * 10)
    passages = chunk(document(f"{paragraph}\n\nAir defence\n\n{paragraph}"), words, ChunkingConfig(160)).passages
    assert [p.text for p in passages] == [paragraph, f"Air defence\n\n{paragraph}"]


def test_an_endless_sentence_is_cut_at_clauses_then_words_never_in_a_character():
    clauses = ", ".join(["and then the delegation went on to the next town"] * 40)
    pieces = chunk(document(clauses), words, ChunkingConfig(32)).sentences
    assert len(pieces) > 10
    assert all(clauses[s.start : s.end].endswith((",", "town")) for s in pieces)
    family = "👨\u200d👩\u200d👧" * 60
    pieces = chunk(document(family), len, ChunkingConfig(12)).sentences
    assert all((s.end - s.start) % 5 == 0 for s in pieces)


def test_thai_without_spaces_is_cut_between_words():
    word = "ประเทศไทย"
    pieces = chunk(document(word * 40, "th"), len, ChunkingConfig(50)).sentences
    text = word * 40
    assert len(pieces) > 5
    assert all(text[s.start : s.end].startswith(("ประเทศ", "ไทย")) for s in pieces)


def test_language_of_each_passage():
    english = "The minister said on Monday that both countries would work together on many projects this year. "
    arabic = "قال الوزير يوم الاثنين إن البلدين سيعملان معا في مشاريع كثيرة خلال هذا العام. "
    text = f"{english * 4}\n\n{arabic * 4}"
    passages = chunk(document(text), words, ChunkingConfig(400)).passages
    assert [p.language for p in passages] == ["en", "ar"]  # two scripts never share a passage, however short
    assert chunk(document("Ja.", "de"), words).passages[0].language == "de"
    assert chunk(document("12345 !!", "und"), words).passages[0].language == "und"


def test_embedding_text_gives_context_once():
    passage = Passage("d:0", "d", 0, 4, "Body of it.", "en", "Part one")
    assert embedding_text("Title", passage) == "Title\nPart one\nBody of it."
    assert embedding_text("Part one", passage) == "Part one\nBody of it."
    assert embedding_text("Body of it.", Passage("d:0", "d", 0, 4, "Body of it.", "en", "")) == "Body of it."


def test_a_sentence_is_read_with_title_and_heading():
    passage = Passage("d:0", "d", 0, 4, "Body of it.", "en", "Part one")
    assert sentence_embedding_text("Title", passage, "It was.") == "Title\nPart one\nIt was."
    assert sentence_embedding_text("Part one", passage, "It was.") == "Part one\nIt was."
    assert sentence_embedding_text("Title", passage, "Title of a book.") == "Part one\nTitle of a book."
    bare = Passage("d:0", "d", 0, 4, "Body of it.", "en", "")
    assert sentence_embedding_text(" ", bare, "It was.") == "It was."


def test_a_long_title_is_cut_between_words_where_there_are_any():
    bare = Passage("d:0", "d", 0, 4, "Body of it.", "en", "")
    line = sentence_embedding_text("lighthouse " * 20, bare, "It was.").split("\n")[0]
    assert line.split() == ["lighthouse"] * 7
    line = sentence_embedding_text("灯" * 200, bare, "It was.").split("\n")[0]
    assert line == "灯" * 80


@pytest.mark.parametrize("text", ["", " \n\t\n", "\n" * 1000, "\u2029\x85"])
def test_nothing_to_read(text):
    result = chunk(document(text), words)
    assert result.passages == () and result.sentences == ()


HOSTILE = {
    "no space": "x" * 100_000,
    "newlines": "\n" * 1_000_000,
    "spaces": " " * 1_000_000 + "end",
    "stops": "." * 200_000,
    "short lines": "a \n" * 60_000,
    "combining marks": "e" + "\u0301" * 100_000,
    "quotes": "「。" * 50_000,
    "abbreviations": "Dr. " * 50_000,
    "opening brackets": "([" * 50_000,
}
SLOWEST = ("short lines", "abbreviations")
CASES = [*(name for name in HOSTILE if name not in SLOWEST), *SLOWEST]


@pytest.mark.parametrize("name", partly_slow(CASES, now=len(CASES) - len(SLOWEST)))
def test_hostile_text_takes_time_in_proportion_to_its_length(name):
    whole = HOSTILE[name]

    def seconds(text: str) -> float:
        begun = time.process_time()
        chunk(document(text), lambda piece: 1 + len(piece) // 4)
        return time.process_time() - begun

    seconds(whole[:1000])
    half, full = min(seconds(whole[: len(whole) // 2]) for _ in range(2)), min(seconds(whole) for _ in range(2))
    assert full < max(1.0, 4 * half)
    assert full < 10


def test_the_counter_is_never_given_a_long_text():
    longest = 0

    def count(text: str) -> int:
        nonlocal longest
        longest = max(longest, len(text))
        return 1 + len(text) // 4

    chunk(document("y" * 50_000 + " " + "word " * 5_000), count, ChunkingConfig(64))
    assert longest <= 16 * 64

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.errors import ConfigError
from index.language.identification import detect
from index.language.numbers.facts import facts_of
from index.types import Document, FloatArray, Passage
from rag import AnswerConfig, Assistant
from rag.checking.citations import Cited, cite
from rag.checking.support import check
from rag.checking.verdicts import Readings, VerdictProfile, profile_of, read_profile
from rag.llms.events import Quoted
from rag.reading import Verdict, load_reader
from rag.testing.doubles import FakeLLM, MemoryLive, document, tiny_index
from rag.types import ScoredPassage

PROFILE = VerdictProfile(0.7, 0.4, 0.2)
TEXT = (
    "Colonel Brandt, spokesman of the ministry, met General Okafor, head of the National Shipyard. "
    "They spoke for an hour about the four boats that are built there."
)
FIRST = TEXT.partition(" They")[0]
LIE = "Brandt is the head of the National Shipyard."
TRUTH = "The National Shipyard is headed by General Okafor."


class Recorded:
    """Judges by a table and tells what it was asked."""

    def __init__(self, *false: str) -> None:
        self.false = false
        self.calls: list[list[tuple[str, str]]] = []

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
        self.calls.append(list(pairs))
        return [Verdict(0.3, 0.6, 0.1) if claim in self.false else Verdict(0.98, 0.01, 0.01) for claim, _ in pairs]

    @property
    def asked(self) -> list[tuple[str, str]]:
        return [pair for call in self.calls for pair in call]


def cited(*pieces: str, reader: Recorded | None, texts: Sequence[str] = (TEXT,), attribute: bool = False) -> Cited:
    documents = {str(n): Document(str(n), "", "d", "en", text) for n, text in enumerate(texts)}
    hits = [
        ScoredPassage(Passage(f"{name}:0", name, 0, len(each.text), each.text, "en", ""), "", "d", 1.0)
        for name, each in documents.items()
    ]
    return cite(list(pieces), hits, documents.__getitem__, language="en", reader=reader, attribute=attribute)


@pytest.mark.parametrize(
    ("probability", "expected"),
    [(1.0, "entailment"), (0.7, "entailment"), (0.69, "neutral"), (0.2, "neutral"), (0.19, "contradiction")],
)
def test_a_probability_becomes_a_relation(probability: float, expected: str) -> None:
    assert PROFILE.relation(probability) == expected
    assert [PROFILE.relation(p, across=True) for p in (0.4, 0.39, 0.1)] == ["entailment", "neutral", "contradiction"]


def test_between_languages_reader_and_vectors_must_agree() -> None:
    claim, quote = "The oaks had longer roots.", "Die Eichen hatten längere Wurzeln."
    given = {"same_language": False, "language": "en", "quoted_in": "de"}
    assert check(claim, quote, similarity=0.8, relation="entailment", **given) == "supported"
    assert check(claim, quote, similarity=0.1, relation="entailment", **given) == "not found"
    assert check(claim, quote, similarity=0.8, relation="neutral", **given) == "partly"


@pytest.mark.parametrize(("supported", "unsupported"), [(0.2, 0.7), (1.1, 0.5), (0.5, -0.1), (float("nan"), 0.1)])
def test_profiles_that_make_no_sense_are_refused(supported: float, unsupported: float) -> None:
    with pytest.raises(ConfigError, match="unsupported"):
        VerdictProfile(supported, 0.5, unsupported)


def test_the_profile_that_comes_with_the_project_is_read() -> None:
    profile = read_profile()
    assert 0 < profile.unsupported < profile.supported < 1


def test_a_reader_of_another_package_is_not_held_to_the_numbers_of_the_bundled_one() -> None:
    class Foreign(Recorded):
        spec = "longest:x"

        def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
            return [Verdict(0.6, 0.3, 0.1) for _ in pairs]

    assert profile_of(Foreign()) != read_profile() == profile_of(Recorded()) == profile_of(load_reader())
    assert profile_of(Foreign()).asked is None
    assert Readings(Foreign()).relation("a", "x") == "entailment"
    assert Readings(Foreign(), read_profile()).relation("a", "x") == "neutral"


@pytest.mark.parametrize("content", [None, "supported = ", "supported = 0.5\n", 'supported = "x"\nunsupported = 0.1\n'])
def test_a_broken_profile_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "verdict.toml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match=r"verdict\.toml"):
        read_profile(path)


def test_pairs_are_judged_once_and_together() -> None:
    reader = Recorded("b")
    readings = Readings(reader, PROFILE)
    readings.prepare([("a", "x"), ("b", "x"), ("a", "x"), (" ", "x"), ("a", "")])
    assert reader.calls == [[("a", "x"), ("b", "x")]]
    assert [readings.relation(claim, "x") for claim in ("a", "b", " ")] == ["entailment", "neutral", None]
    assert readings.relation("c", "x") == "entailment"
    assert len(reader.calls) == 2


def test_without_a_reader_nothing_is_known() -> None:
    assert Readings(None, PROFILE).relation("a", "x") is None


@pytest.mark.parametrize(
    ("lie", "quote"),
    [
        (LIE, FIRST),
        (
            "The head of the AOI is Saadoun.",
            "Saadoun, spokesman of the ministry, met General Terras, head of the AOI.",
        ),
    ],
)
def test_a_lie_in_the_wording_of_its_quote_is_not_supported(lie: str, quote: str) -> None:
    assert check(lie, quote, same_language=True) == "supported"  # words alone can't tell who is what
    assert check(lie, quote, same_language=True, relation="neutral") == "partly"
    assert check(lie, quote, same_language=True, relation="contradiction") == "not found"


def test_who_has_read_both_lets_shorter_wording_stand() -> None:
    quote = "The council of Lorne, which met on Monday, adopted the new budget after a long debate about the pool."
    claim = "The Lorne council adopted the new budget, discussing the pool."
    assert check(claim, quote, similarity=0.9, same_language=True) == "partly"
    assert check(claim, quote, similarity=0.9, same_language=True, relation="entailment") == "supported"


@pytest.mark.parametrize(
    "claim",
    [
        "Colonel Brandt met General Okafor in Paris.",
        "Colonel Brandt never met General Okafor.",
        "General Okafor met Colonel Brandt.",
        "They spoke about five boats.",
        "They talked of five boats in all.",
        "They spoke for an hour about the four ships that are built there.",
    ],
)
def test_what_the_facts_tell_is_never_made_good(claim: str) -> None:
    quote = TEXT.removeprefix(FIRST) if claim.startswith("They") else FIRST
    assert check(claim, quote, similarity=0.99, same_language=True, relation="entailment") != "supported"


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("The pump lifts water up to 30 feet.", "The pump lifts water up to 30 metres and weighs 12 kilograms."),
        (
            "Für das Becken gibt die Stadt 38 Milliarden aus.",
            "Die Stadt will 38 Millionen für das neue Becken ausgeben.",
        ),
        ("Насос весит 12 фунтов.", "Насос поднимает воду на 30 метров и весит 12 килограммов."),
        ("渡轮时速18英里。", "开往霍尔特的渡轮每40分钟一班，时速18公里。"),
        ("تسير العبّارة بسرعة 18 ميلًا في الساعة.", "تنطلق العبّارة كل 40 دقيقة وتسير بسرعة 18 كيلومترًا في الساعة."),
    ],
)
def test_a_number_in_another_unit_is_another_number(claim: str, quote: str) -> None:
    language = detect(quote)
    given = {"same_language": True, "language": language, "quoted_in": language, "similarity": 0.99}
    assert check(claim, quote, **given, relation="entailment") != "supported"
    assert check(claim, quote, **given) != "supported"


def test_what_a_number_counts_may_stand_elsewhere_in_the_quote() -> None:
    quote = "After two summers the 60 young oaks had longer roots, as 12 researchers from Lund wrote."
    for claim in ("The 60 oaks had longer roots.", "60 young oaks were treated.", "12 researchers wrote of the oaks."):
        assert check(claim, quote, similarity=0.9, same_language=True, relation="entailment") == "supported"


def test_a_denial_in_other_words_is_a_doubt_where_a_model_sees_no_contradiction() -> None:
    claim, quote = "Freezing a second time is forbidden.", "Thawed samples must not be frozen again."
    assert check(claim, quote, similarity=0.9, same_language=True) == "not found"
    assert check(claim, quote, similarity=0.9, same_language=True, relation="entailment") == "partly"
    assert check(claim, quote, similarity=0.9, same_language=True, relation="contradiction") == "not found"
    copied = "Thawed samples must be frozen again."
    assert check(copied, quote, similarity=0.9, same_language=True, relation="entailment") == "not found"


def test_a_name_from_around_the_quote_is_not_in_it() -> None:
    quote = "Maria Vik praised Reyer at a press conference in Oslo."
    context = [facts_of("Reyer is leaving Solna for Brno.")]
    longer = "Maria Vik, who trains Solna, praised Reyer on Monday at a press conference in Oslo, where the team is."
    for claim, shown in (
        ("Maria Vik praised Reyer at a press conference in Brno.", quote),
        ("Reyer got praise from Maria Vik in Brno.", quote),
        ("Maria Vik praised Reyer in Brno.", longer),
    ):
        verdict = check(claim, shown, similarity=0.9, same_language=True, context=context, relation="entailment")
        assert verdict == "partly"
    assert check("Maria Vik praised Reyer in Oslo.", longer, same_language=True, relation="entailment") == "supported"


def test_all_claims_of_an_answer_are_read_in_one_call() -> None:
    reader = Recorded(LIE)
    found = cited(f"{LIE} [1] {TRUTH} [1] Boats are built there. [1]", reader=reader)
    assert len(reader.calls) == 1
    assert [claim for claim, _ in reader.asked] == [LIE, TRUTH, "Boats are built there."]
    assert [(c.quote[:7], c.support) for c in found.citations] == [
        ("Colonel", "partly"),
        ("Colonel", "supported"),
        ("They sp", "supported"),
    ]
    assert all(quote in TEXT for _, quote in reader.asked)  # never more than the words that are shown


def test_a_false_claim_carries_no_mark_of_support() -> None:
    assert [c.support for c in cited(f"{LIE} [1]", reader=None).citations] == ["supported"]
    assert [c.support for c in cited(f"{LIE} [1]", reader=Recorded(LIE)).citations] == ["partly"]


def test_the_sources_own_sentences_cost_nothing() -> None:
    reader = Recorded()
    first, second = TEXT.index("They"), len(TEXT)
    found = cite(
        [TEXT[: first - 1], Quoted(1, 0, first - 1), " ", TEXT[first:second], Quoted(1, first, second)],
        [ScoredPassage(Passage("d:0", "d", 0, len(TEXT), TEXT, "en", ""), "", "d", 1.0)],
        lambda _: Document("d", "", "d", "en", TEXT),
        language="en",
        reader=reader,
    )
    assert [citation.support for citation in found.citations] == ["supported", "supported"]
    cited(f"{TEXT[first:second]} [1]", reader=reader)
    assert reader.calls == []


def test_a_model_that_the_user_named_judges_in_the_readers_place() -> None:
    reader = Recorded(LIE)
    hit = ScoredPassage(Passage("d:0", "d", 0, len(TEXT), TEXT, "en", ""), "", "d", 1.0)
    document = Document("d", "", "d", "en", TEXT)
    judged = cite(
        [f"{LIE} [1]"], [hit], lambda _: document, language="en", judge=lambda quote, claim: "entailment", reader=reader
    )
    assert [citation.support for citation in judged.citations] == ["supported"]
    assert reader.calls == []


def test_part_of_a_sentence_is_read() -> None:
    reader = Recorded("he won the race")
    found = cited("he won the race [1]", reader=reader, texts=["Nobody ever said that he won the race."])
    assert len(reader.asked) == 1
    assert [citation.support for citation in found.citations] != ["supported"]


def test_a_source_is_attributed_only_when_the_reader_agrees() -> None:
    texts = ["Bananas are sold at the market of Alexandria every day.", TEXT]
    said = "General Okafor, head of the National Shipyard, met Colonel Brandt, spokesman of the ministry."
    claim = "Colonel Brandt met General Okafor, head of the National Shipyard."
    assert cited(claim, reader=None, texts=texts, attribute=True).citations
    reader = Recorded()
    assert cited(claim, reader=reader, texts=texts, attribute=True).citations
    assert len(reader.asked) == 1  # the best source alone is read
    assert not cited(claim, reader=Recorded(claim), texts=texts, attribute=True).citations
    assert not cited(said, reader=Recorded(said), texts=texts, attribute=True).citations


@pytest.fixture
def live() -> MemoryLive:
    return tiny_index([document("shipyard", TEXT, "en")])


@pytest.mark.parametrize(("spec", "expected"), [("bundled", "partly"), ("none", "supported")])
def test_the_assistant_reads_claims_of_models(
    live: MemoryLive, monkeypatch: pytest.MonkeyPatch, spec: str, expected: str
) -> None:
    reader = Recorded(LIE)
    monkeypatch.setattr("rag.answering.checking.load_claim_reader", lambda spec: None if spec == "none" else reader)
    config = AnswerConfig(min_confidence=0.0, reader=spec)
    answer = Assistant(index=live, llm=FakeLLM(f"{LIE} [1]"), config=config).answer("Who heads the shipyard?")
    assert [citation.support for citation in answer.citations] == [expected]


def test_an_answer_without_a_model_is_not_read(live: MemoryLive, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Recorded()
    monkeypatch.setattr("rag.answering.checking.load_claim_reader", lambda _: reader)
    answer = Assistant(index=live, llm="extractive", config=AnswerConfig(min_confidence=0.0)).answer("Who is Brandt?")
    assert answer.citations
    assert reader.calls == []


@pytest.mark.parametrize(
    "sentence", ["Boat {n} of {m} was built by Brandt", "第{n}艘船由部长建造", "بنى الوزير القارب رقم {n}"]
)
def test_what_a_hostile_answer_makes_the_models_read_is_bounded(sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A naive version reads every claim with every source that it names: two hundred claims cost 20 s of processor.

    One that embeds claim by claim takes twice the time of one that embeds all together, and the facts of sources that
    many claims cite are looked for once.
    """

    class Counted(Recorded):
        def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
            self.bytes = getattr(self, "bytes", 0) + sum(len((claim + quote).encode()) for claim, quote in pairs)
            return super().judge(pairs)

    embedded: list[str] = []
    calls: list[int] = []
    sources: list[str] = []

    def embed(texts: Sequence[str]) -> FloatArray:
        embedded.extend(texts)
        calls.append(len(texts))
        return np.ones((len(texts), 4), np.float32) / 2

    texts = [f"{TEXT} The {number} boats were built by Colonel Brandt of the {number}th office." for number in range(5)]
    hits = [
        ScoredPassage(Passage(f"{n}:0", str(n), 0, len(text), text, "en", ""), "", "d", 1.0)
        for n, text in enumerate(texts)
    ]
    documents = {str(n): Document(str(n), "", "d", "en", text) for n, text in enumerate(texts)}
    answer = "".join(f"{sentence.format(n=n, m=7 * n)} [1][2][3][4][5]. " for n in range(400))
    reader = Counted()
    monkeypatch.setattr("rag.checking.citations.facts_of", lambda text: sources.append(text) or facts_of(text))
    found = cite([answer], hits, documents.__getitem__, embed, "en", reader=reader)
    assert reader.bytes <= 12_000 and sum(len(text.encode()) for text in embedded) <= 12_000
    assert len(reader.calls) < 60
    assert calls[0] > 48 and sum(calls[1:]) < 12, "claims and sentences are embedded together"
    assert len(sources) <= len(hits)
    read = {claim for claim, _ in reader.asked}
    assert read and found.citations
    by_claim = [one.support for one in found.citations if one.quote not in answer]
    assert by_claim, "they are judged"


def test_what_is_not_read_is_not_called_supported() -> None:
    """A naive version takes the vectors' word for claims behind the last that was read: a lie needs only be late."""
    judged = Readings(Recorded(), PROFILE)
    long = "a ship sailed " * 100
    relations = [judged.relation(f"{number} {long}", long) for number in range(10)]
    assert relations[0] == "entailment" and relations[-1] == "neutral"


def test_an_honest_answer_is_read_whole() -> None:
    claims = [
        f"The National Shipyard built boat {number} for General Okafor in the spring of that year"
        for number in range(12)
    ]
    judged = Readings(reader := Recorded(), PROFILE)
    judged.prepare([(claim, TEXT * 2) for claim in claims])
    assert len(reader.asked) == 12

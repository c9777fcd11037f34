"""What becomes of the words: hygiene, encodings, page remnants, front matter, languages, dates."""

# ruff: noqa: E501 - samples are left on their lines

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.language.codes import language_code
from index.language.hygiene import clean, clean_line, printable
from index.sources.markup.frontmatter import split_front_matter
from index.sources.text.builder import TextBuilder
from index.sources.text.dates import iso_date, pdf_date
from index.sources.text.encoding import UnknownEncodingError, decode
from index.sources.web.boilerplate import source_name, strip_page_remnants

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)

SAMPLES = {
    "cp1250": "Příliš žluťoučký kůň úpěl ďábelské ódy. Vláda včera schválila návrh zákona, který má změnit způsob, jakým se "
    "v zemi vybírají daně, a opozice jej označila za největší chybu posledních let.",
    "cp1251": "Правительство вчера одобрило проект закона, который должен изменить порядок сбора налогов в стране.",
    "koi8_r": "Правительство вчера одобрило проект закона, который должен изменить порядок сбора налогов в стране.",
    "cp866": "Правительство вчера одобрило проект закона, который должен изменить порядок сбора налогов в стране.",
    "cp1252": "Die Regierung hat gestern einen Gesetzentwurf gebilligt, der die Steuern im ganzen Land ändern soll; für viele "
    "Bürger wäre das die größte Änderung seit zwölf Jahren, erklärte die Behörde den Zuhörern.",
    "cp1253": "Η κυβέρνηση ενέκρινε χθες το νομοσχέδιο που θα αλλάξει τον τρόπο με τον οποίο εισπράττονται οι φόροι.",
    "cp1254": "Hükümet dün ülkede vergilerin toplanma şeklini değiştirecek yasa tasarısını onayladı; muhalefet bunun büyük bir "
    "yanlış olduğunu söyledi ve çalışanların karşı çıkacağını açıkladı.",
    "cp1255": "הממשלה אישרה אתמול את הצעת החוק שתשנה את הדרך שבה נגבים המסים במדינה, והאופוזיציה התנגדה לה.",
    "cp1256": "وافقت الحكومة أمس على مشروع القانون الذي سيغير طريقة جمع الضرائب في البلاد، وقالت المعارضة إنه خطأ كبير.",
    "cp874": "รัฐบาลอนุมัติร่างกฎหมายเมื่อวานนี้ซึ่งจะเปลี่ยนวิธีการจัดเก็บภาษีในประเทศ และฝ่ายค้านไม่เห็นด้วยกับเรื่องนี้",
    "gb18030": "政府昨天批准了一项法律草案，这项草案将改变全国征税的方式，反对派说这是多年来最大的错误。",
    "big5": "政府昨天批准了一項法律草案，這項草案將改變全國徵稅的方式，反對黨說這是多年來最大的錯誤。",
    "cp932": "政府は昨日、国内の税金の集め方を変える法案を承認した。野党はこれを近年最大の誤りだと述べている。",
    "euc_jp": "政府は昨日、国内の税金の集め方を変える法案を承認した。野党はこれを近年最大の誤りだと述べている。",
    "cp949": "정부는 어제 나라의 세금을 걷는 방식을 바꿀 법안을 승인했으며 야당은 이것이 가장 큰 잘못이라고 말했다.",
}
ARTICLE = "\n\n".join(
    f"This is paragraph {n} of an article about the harbour, and it says something." for n in range(12)
)


@given(ANY_TEXT)
def test_clean_leaves_nothing_hidden_and_changes_nothing_twice(text: str) -> None:
    once = clean(text)
    assert not FORBIDDEN.search(once)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")


@given(st.text(st.characters(categories=("L", "N", "P", "Zs", "So")), max_size=100))
def test_clean_keeps_every_visible_character(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)


@given(st.lists(st.tuples(st.sampled_from(["block", "line", "heading", "page"]), ANY_TEXT), max_size=20))
def test_offsets_of_headings_and_pages_hold_for_any_blocks(blocks: list[tuple[str, str]]) -> None:
    builder = TextBuilder()
    for kind, text in blocks:
        if kind == "heading":
            builder.heading(2, text)
        elif kind == "page":
            builder.page()
        else:
            getattr(builder, kind)(text)
    extract = builder.extract()
    assert clean(extract.text) == extract.text
    for offset, _, title in extract.headings:
        assert extract.text[offset : offset + len(title)] == title
        assert offset == 0 or extract.text[offset - 1] == "\n"
    assert extract.pages == sorted(extract.pages)
    assert len(extract.pages) == sum(kind == "page" for kind, _ in blocks)
    assert all(0 <= page <= len(extract.text) for page in extract.pages)


@given(ANY_TEXT)
def test_printable_is_printable(name: str) -> None:
    shown = printable(name)
    shown.encode("utf-8")
    assert not FORBIDDEN.search(shown.replace("\ufeff", ""))
    assert "\n" not in shown


@pytest.mark.parametrize("kept", ["می‌خواهم", "क्‍ष", "👨‍👩‍👧‍👦", "שלום\u200f!", "葛\U000e0100", "❤️"])
def test_what_languages_and_emoji_need_is_kept(kept: str) -> None:
    assert clean(kept) == kept


@pytest.mark.parametrize("name", SAMPLES)
def test_encodings_are_told_by_their_letters_and_said(name: str) -> None:
    text, warnings = decode((SAMPLES[name] * 3).encode(name))
    assert text == SAMPLES[name] * 3
    assert "may be wrong" in warnings[0]


@pytest.mark.parametrize(
    "name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
@pytest.mark.parametrize(
    "text", ["A plain English line.\n", "عربي وعبري ومعها كلام\nثان\n", "中文内容，第二行。\nabc\n"]
)
def test_unicode_encodings_need_no_guess(name: str, text: str) -> None:
    assert decode((text * 20).encode(name)) == (text * 20, [])


def test_a_declared_encoding_counts_before_a_guess_but_not_before_proof() -> None:
    assert decode("naïve café".encode("cp1252"), "iso-8859-1") == ("naïve café", [])
    assert decode("قرية من القرى".encode(), "windows-1252") == ("قرية من القرى", [])


def test_almost_valid_utf8_is_mended_and_said() -> None:
    text, warnings = decode(("значение " * 300).encode() + b"\xff end")
    assert text.endswith("\ufffd end")
    assert "broken" in warnings[0]


def test_bytes_of_no_known_encoding_are_refused() -> None:
    noise = bytes(0xA1 + (n * 7919) % 94 for n in range(3000))
    with pytest.raises(UnknownEncodingError):
        decode(noise)


@pytest.mark.parametrize(
    "tail",
    [
        "Check Also\n\nAnother Title: About Other Things\n\nAnother text begins here and is cut off by the page …",
        "109 views0 comments\n\nComments\n\n\nbottom of page",
        "جميع الحقوق محفوظة لمركز الدراسات © 2023",
        "© 2021 The Harbour Times. All rights reserved.",
        "Lesen Sie auch\n\nEin anderer Artikel\n\n12 Kommentare",
        "Читайте также:\n\nДругая новость\nЕщё одна новость",
        "相关阅读\n另一篇文章",
        "اقرأ أيضا\n\nخبر آخر",
        "  • source : Harbour News",
    ],
)
def test_page_remnants_at_the_end_go_and_are_reported(tail: str) -> None:
    kept, removed = strip_page_remnants(f"{ARTICLE}\n\n{tail}")
    assert kept == ARTICLE
    assert removed
    assert all(len(line) <= 60 for line in removed)


def test_page_remnants_at_the_start_go() -> None:
    kept, removed = strip_page_remnants(
        f"top of page\n  • Writer's pictureHARBOUR\n\nThe Title\n\n{ARTICLE}\n\nbottom of page"
    )
    assert kept == f"The Title\n\n{ARTICLE}"
    assert len(removed) == 3


def test_a_title_shown_twice_is_kept_once() -> None:
    assert strip_page_remnants(f"The Title\nThe Title\n{ARTICLE}")[0] == f"The Title\n{ARTICLE}"


@pytest.mark.parametrize(
    "text",
    [
        ARTICLE,
        f"Comments\n\n{ARTICLE}\n\nComments on the draft were sent by 12 people, and 3 comments were kept.",
        f"{ARTICLE}\n\nCheck also whether the harbour is open.",
        f"{ARTICLE}\n\nThe source: a spring in the hills. It feeds the harbour and the town below it for most of the year round.",
        f"{ARTICLE}\n\nThe bottom of page nine is torn.",
        "Related topics\n\n" + ARTICLE,
        "© 2023",
        "Share",
    ],
)
def test_ordinary_text_is_not_harmed(text: str) -> None:
    kept, _ = strip_page_remnants(text)
    assert all(line in kept for line in text.split("\n") if len(line) > 20 or text in ("© 2023", "Share"))


@given(st.text(st.sampled_from("ab .\nComments©"), max_size=300))
def test_what_is_kept_is_a_piece_of_the_text(text: str) -> None:
    kept, removed = strip_page_remnants(text)
    assert kept in text
    assert removed or kept.strip("\n") == text.strip("\n") or kept in text
    assert len(kept) >= 0.75 * len(text) or kept == text


def test_a_source_line_names_its_outlet() -> None:
    assert source_name(f"{ARTICLE}\n\n • source : Harbour News") == "Harbour News"
    assert source_name(ARTICLE) == ""


def test_front_matter_gives_plain_values_only() -> None:
    fields, text, warning = split_front_matter(
        "---\ntitle: The Title\ndate: 2020-05-06\ntopics: [a, 2]\nnested: {x: 1}\nempty:\n---\nBody\n"
    )
    assert fields == {"title": "The Title", "date": "2020-05-06", "topics": ["a", "2"]}
    assert (text, warning) == ("Body\n", "")


def test_toml_front_matter() -> None:
    assert split_front_matter('+++\ntitle = "T"\n+++\nBody')[:2] == ({"title": "T"}, "Body")


@pytest.mark.parametrize("text", ["---\n\nA rule above.\n\n---\nText", "No front matter", "----\na: b\n----\n"])
def test_rules_are_no_front_matter(text: str) -> None:
    assert split_front_matter(text) == ({}, text, "")


@pytest.mark.parametrize("body", ["a: &x [1]\nb: *x", "a: [", "!!python/name:os.system x"])
def test_bad_front_matter_is_left_out_and_said(body: str) -> None:
    fields, text, warning = split_front_matter(f"---\n{body}\n---\nText")
    assert (fields, text) == ({}, "Text")
    assert warning


@pytest.mark.parametrize(
    ("stated", "code"),
    [("en-US", "en"), ("EN_gb", "en"), ("ara", "ar"), ("zh-TW", "zh-Hant"), ("zh-CN", "zh"), ("", "und"), ("English", "und"),
     ("und", "und"), ("pt-BR", "pt"), ("a b", "und"), ("ger", "de"), ("deu", "de"), ("swa", "sw"), ("iw", "he"),
     ("zho-TW", "zh-Hant"), ("zh-Hant-HK", "zh-Hant"), ("zh-Hans-HK", "zh"), ("cmn", "zh"), ("nb_NO", "no"),
     ("tl", "fil"), ("mul", "und"), ("lez", "lez")],
)  # fmt: skip
def test_language_codes(stated: str, code: str) -> None:
    assert language_code(stated) == code


@pytest.mark.parametrize(
    ("stated", "date"),
    [("2020", "2020"), ("2020-05", "2020-05"), ("2020-05-06T07:08:09Z", "2020-05-06"), ("2020-13", ""), ("unknown", ""),
     ("20200506", ""), ("6 May", "")],
)  # fmt: skip
def test_dates_are_only_as_precise_as_known(stated: str, date: str) -> None:
    assert iso_date(stated) == date


def test_pdf_dates() -> None:
    assert pdf_date("D:20240131120000+02'00'") == "2024-01-31"
    assert pdf_date("yesterday") == ""


def test_clean_line() -> None:
    assert clean_line(" a\u00a0 b\n\tc\x1b ") == "a b c"


def test_the_seeds_lose_nothing(seeds: Path) -> None:
    for path in seeds.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert strip_page_remnants(text)[1] == []

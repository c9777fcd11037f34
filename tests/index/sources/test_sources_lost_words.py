"""Words that are in no run of text: numbers of lists, references, targets of links, pictures, comments, notes' marks."""

# ruff: noqa: E501 - samples are left on their lines

from __future__ import annotations

from pathlib import Path

import pytest

from index.sources.discovery import discover
from index.sources.markup.html import plain_text
from index.sources.reading import read
from index.sources.text.links import Links
from index.sources.text.numerals import numeral
from tests.harness.hostile_files import WORD, docx, word_paragraph, zipped

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
O = "urn:oasis:names:tc:opendocument:xmlns:"  # noqa: E741


def text_of(folder: Path, name: str, data: bytes | str) -> str:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    (file,) = (file for file in discover([folder]).files if file.path.name == name)
    return read(file).documents[0].text


def level(number: int, kind: str, pattern: str, more: str = "") -> str:
    return f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>{more}<w:lvlText w:val="{pattern}"/></w:lvl>'


def item(words: str, at: int, name: int = 1, mark: str = "") -> str:
    properties = f'<w:pPr><w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{name}"/></w:numPr></w:pPr>'
    return f"<w:p>{properties}{mark}<w:r><w:t>{words}</w:t></w:r></w:p>"


def numbered(body: str, levels: str, styles: str = "", links: str = "", more: dict[str, bytes] | None = None) -> bytes:
    lists = '<w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="5"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    numbering = f'<w:numbering xmlns:w="{WORD}"><w:abstractNum w:abstractNumId="5">{levels}</w:abstractNum>{lists}</w:numbering>'
    kinds = ("numbering", "styles", "comments")
    related = "".join(f'<Relationship Id="p{kind}" Type="{OFFICE}/{kind}" Target="{kind}.xml"/>' for kind in kinds)
    parts = {
        "word/numbering.xml": numbering.encode(),
        "word/styles.xml": f'<w:styles xmlns:w="{WORD}">{styles}</w:styles>'.encode(),
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}">{related}{links}</Relationships>'.encode(),
    }
    return docx(body.replace("<w:p>", "<w:p>", 1), {**parts, **(more or {})})


CLAUSES = level(0, "decimal", "%1.") + level(1, "decimal", "%1.%2") + level(2, "lowerLetter", "(%3)")


def test_numbers_of_a_contract(tmp_path: Path) -> None:
    body = "".join([
        item("Term", 0), item("It starts in June.", 1), item("Payments", 0), item("The rent is 900 euros.", 1),
        item("The deposit is two rents:", 1), item("in cash or", 2), item("by transfer.", 2), item("Pets", 0), item("No dogs.", 1),
        item("Annex", 0, 2), word_paragraph("Signed in Oslo."),
    ])  # fmt: skip
    assert text_of(tmp_path, "a.docx", numbered(body, CLAUSES)).split("\n") == [
        "1. Term", "1.1 It starts in June.", "2. Payments", "2.1 The rent is 900 euros.", "2.2 The deposit is two rents:",
        "(a) in cash or", "(b) by transfer.", "3. Pets", "3.1 No dogs.", "1. Annex", "", "Signed in Oslo.",
    ]  # fmt: skip


def test_numbers_by_style_and_in_headings(tmp_path: Path) -> None:
    style = (
        '<w:style w:styleId="Heading1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:styleId="Own"><w:name w:val="Own"/><w:basedOn w:val="Heading1"/></w:style>'
    )
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{name}"/></w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>'
        for name, words in (("Heading1", "Scope"), ("Own", "Terms"))
    )
    levels = level(0, "upperRoman", "Article %1")
    assert text_of(tmp_path, "a.docx", numbered(body, levels, style)) == "Article I Scope\n\nArticle II Terms"


def test_a_paragraph_that_gives_its_number_up(tmp_path: Path) -> None:
    assert text_of(tmp_path, "a.docx", numbered(item("Plain", 0, 0), CLAUSES)) == "Plain"


def test_references_that_were_never_brought_up_to_date(tmp_path: Path) -> None:
    def field(instruction: str, words: str = "") -> str:
        marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
        return f"{marks[0]}<w:r><w:instrText> {instruction} </w:instrText></w:r>{marks[1]}<w:r><w:t>{words}</w:t></w:r>{marks[2]}"

    see = "<w:p><w:r><w:t xml:space='preserve'>See clause </w:t></w:r>{}<w:r><w:t>.</w:t></w:r></w:p>"
    mark = '<w:bookmarkStart w:id="1" w:name="_Ref9"/>'
    body = (
        see.format(field(r"REF _Ref9 \r \h"))
        + see.format(field(r"REF _Ref9 \r \h", "7.7"))
        + item("Rent", 0)
        + item("Due monthly.", 1, 1, mark)
    )
    text = text_of(tmp_path, "a.docx", numbered(body, CLAUSES))
    assert text.startswith("See clause 1.1.\n\nSee clause 7.7.")  # what was shown stays


def test_links_pictures_and_comments_of_word(tmp_path: Path) -> None:
    body = (
        f'<w:p xmlns:r="{OFFICE}" xmlns:d="d"><w:hyperlink r:id="k"><w:r><w:t>the form</w:t></w:r></w:hyperlink><w:r><w:t xml:space="preserve"> or </w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "mailto:desk@example.org?subject=x" </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>the desk</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
        '<w:r><w:drawing><d:docPr descr="A map of the harbour with three piers"/></w:drawing></w:r></w:p>'
    )
    link = (
        f'<Relationship Id="k" Type="{OFFICE}/hyperlink" Target="https://example.org/form.pdf" TargetMode="External"/>'
    )
    comments = f'<w:comments xmlns:w="{WORD}"><w:comment w:id="0" w:author="Ann">{word_paragraph("Is this still so?")}</w:comment></w:comments>'
    text = text_of(
        tmp_path, "a.docx", numbered(body, CLAUSES, links=link, more={"word/comments.xml": comments.encode()})
    )
    assert text == (
        "the form (https://example.org/form.pdf) or the desk (desk@example.org)[Picture: A map of the harbour with three piers]\n\n"
        "[Comment by Ann: Is this still so?]"
    )


def test_numbers_links_and_comments_of_opendocument(tmp_path: Path) -> None:
    styles = (
        '<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
        '<text:list-level-style-number text:level="2" style:num-format="1" text:display-levels="2"/></text:list-style>'
    )
    inner = "<text:list><text:list-item><text:p>Rent is due.</text:p></text:list-item><text:list-item><text:p>A deposit is paid.</text:p></text:list-item></text:list>"
    body = (
        f'<text:list text:style-name="L1"><text:list-item><text:p>Term</text:p></text:list-item><text:list-item><text:p>Money</text:p>{inner}</text:list-item></text:list>'
        '<text:p>See <text:a xlink:href="https://example.org/form">the form</text:a>.<office:annotation><dc:creator>Ann</dc:creator><text:p>Really?</text:p></office:annotation>'
        "<draw:frame><svg:desc>A map of the harbour</svg:desc></draw:frame></text:p>"
    )
    spaces = "".join(f' xmlns:{name}="{O}{name}:1.0"' for name in ("office", "text", "style", "draw"))
    content = (
        f'<office:document-content{spaces} xmlns:xlink="x" xmlns:dc="d" xmlns:svg="s"><office:automatic-styles>{styles}</office:automatic-styles>'
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    data = zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode()})
    assert text_of(tmp_path, "a.odt", data).split("\n") == [
        "1. Term", "2. Money", "2.1 Rent is due.", "2.2 A deposit is paid.", "",
        "See the form (https://example.org/form).[Picture: A map of the harbour]", "", "[Comment by Ann: Really?]",
    ]  # fmt: skip


def test_numbered_lists_and_links_of_pages() -> None:
    page = (
        "<html><body><nav><a href='https://example.org/a'>Home page of the club</a></nav><h1>Rules</h1><ol start='4'><li>Be on time.</li>"
        "<li><p>Wear a jacket.</p></li></ol><ol type='a'><li>Boats</li></ol><ul><li>Oars</li></ul>"
        "<p>Book on <a href='https://boats.example.org/b'>the booking page</a>, <a href='https://boats.example.org/b'>here</a> or write to"
        " <a href='mailto:desk@example.org'>desk@example.org</a>.</p></body></html>"
    )
    text = plain_text(page)
    assert "4. Be on time.\n5. Wear a jacket." in text
    assert "a. Boats" in text
    assert "- Oars" in text
    assert "Book on the booking page (https://boats.example.org/b), here or write to desk@example.org." in text
    assert "//example.org/a" not in text


def test_a_link_in_the_main_text_of_a_page(tmp_path: Path) -> None:
    words = (
        "Boats are booked by members of the club and their guests, and every boat has oars and two jackets on board. "
    )
    page = f"<html><body><article><h1>Boats</h1><p>{words}Use <a href='https://boats.example.org/b'>the page</a>.</p></article></body></html>"
    assert "Use the page (https://boats.example.org/b)." in text_of(tmp_path, "a.html", page)


def test_a_page_full_of_links_stays_readable() -> None:
    many = Links(400, 8000)
    assert many.behind("the form", "https://example.org/form") == ""
    few = Links(3, 500, "https://example.org/dir/page.html")
    assert few.behind("the form", "form.pdf") == " (https://example.org/dir/form.pdf)"
    for target in (
        "javascript:alert(1)",
        "data:text/html,x",
        "#part",
        "https://example.org/" + "x" * 300,
        "https://a b",
    ):
        assert few.behind("words", target) == ""
    assert few.behind("Example.org", "https://example.org/") == ""


@pytest.mark.parametrize(
    ("number", "kind", "shown"),
    [
        (4, "lowerRoman", "iv"),
        (28, "lowerLetter", "bb"),
        (1999, "I", "MCMXCIX"),
        (7, "decimalZero", "07"),
        (3, "arabic", "3"),
        (0, "a", "0"),
    ],
)
def test_numerals(number: int, kind: str, shown: str) -> None:
    assert numeral(number, kind) == shown


def test_a_note_of_obsidian(tmp_path: Path) -> None:
    note = """Owner:: [[Nadia Brandt|Nadia]]
Deadline:: 2024-09-30

> [!warning] Cold water
> Wear a suit. ^suit

> [!tip]
> Bring tea.

See [[River Trust]], ![[Budget#Totals]] and ![[photo.png]]. %% the salary
is 4100 %% The ==mill== is [old:: yes].

`a [[b]] %% c %%` stays.

```dataview
TABLE status
```

```bash
echo "[[x]]" %% 3
```
"""
    assert text_of(tmp_path, "a.md", note) == (
        "Owner: Nadia\nDeadline: 2024-09-30\n\nCold water\n\nWear a suit.\n\nTip\n\nBring tea.\n\n"
        "See River Trust, Budget > Totals and .  The mill is old: yes.\n\na [[b]] %% c %% stays.\n\n"
        'echo "[[x]]" %% 3'
    )


def test_marks_of_obsidian_mean_nothing_elsewhere(tmp_path: Path) -> None:
    text = "A == b and c == d; 100%% sure, [[1]](x.md) std::vector:: x."
    assert text_of(tmp_path, "a.md", text) == text.replace("[[1]](x.md)", "[1]")


def test_links_of_rtf_show_where_they_lead(tmp_path: Path) -> None:
    source = (
        r"{\rtf1\ansi Get the form {\field{\*\fldinst{HYPERLINK "
        r'"https://example.org/a-1.pdf"}}{\fldrslt{\ul\cf1 here}}} or ask '
        r'{\field{\*\fldinst { HYPERLINK "mailto:office@example.org" }}{\fldrslt {the office}}}.\par '
        r'See {\field\flddirty{\*\fldinst HYPERLINK \\l "part2"}{\fldrslt part two}} and '
        r'{\field{\*\fldinst{\rtlch \insrsid1 HYPERLINK "https://example.org/x?a=1" \\o "tip"}}'
        r"{\fldrslt {\rtlch\fcs1 \cs15\ul the {\b page}}}} on {\field{\*\fldinst DATE}{\fldrslt 4 May}}.\par}"
    )
    assert text_of(tmp_path, "a.rtf", source.encode()) == (
        "Get the form here (https://example.org/a-1.pdf) or ask the office (office@example.org).\n\n"
        "See part two and the page (https://example.org/x?a=1) on 4 May."
    )


@pytest.mark.slow
def test_a_broken_field_of_rtf_costs_no_time_and_no_words(tmp_path: Path) -> None:
    begun = r"{\rtf1\ansi Before. " + r'{\field{\*\fldinst HYPERLINK "https://a.org"' * 20_000
    text = text_of(tmp_path, "a.rtf", begun.encode())
    assert text.startswith("Before.")


def test_the_end_of_a_page_ends_no_sentence_in_docx(tmp_path: Path) -> None:
    page = '<w:r><w:br w:type="page"/></w:r>'
    runs = ("The leak was below a pipe of", page, "1911 that had burst.", page, "A new page begins.")
    body = "".join(run if run == page else f'<w:r><w:t xml:space="preserve">{run}</w:t></w:r>' for run in runs)
    read = text_of(tmp_path, "a.docx", docx(f"<w:p>{body}</w:p>"))
    assert read == "The leak was below a pipe of 1911 that had burst.\nA new page begins."

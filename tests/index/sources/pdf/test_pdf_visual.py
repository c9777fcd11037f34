"""Pages of right-to-left text that a browser printed: letters one by one, words turned round, brackets elsewhere.

Lines are set here letter by letter, and given as PDFium gives them: word by word from the right, some of them turned.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from pypdfium2 import PdfDocument

from index.sources.pdf.layout import page_lines
from index.sources.pdf.lines.mirrored import mended_brackets
from index.sources.pdf.lines.segments import Char
from index.sources.pdf.lines.visual import in_reading_order, is_as_seen
from index.sources.pdf.places import boxes_of
from index.sources.text.marks import unmarked
from tests.harness.ui_browser import browser  # noqa: F401 - a fixture

SIZE, WIDTH, SPACE = 20.0, 8.0, 5.0
FROM_LEFT = re.compile(r"[A-Za-z0-9\u06f0-\u06f9](?:[A-Za-z0-9\u06f0-\u06f9 .,:/@\u066b-]*[A-Za-z0-9\u06f0-\u06f9])?")
MIRRORED = str.maketrans("()", ")(")
LINES = [
    "تقرير المحطات لعام 2024",
    "المياه (المحطة والجنوبية) في مدينة",
    "طاقتها 12.5 مليون أي 7.5% عن عام 2023.",
    "برنامج SCADA Pro 7 من شركة Siemens AG (مصر) هنا",
    "الإسكندرية ثلاث الأحمد",
    "تُشغ\u0651ل شهريًا موظفًا",
    "سال ۱۴۰۲ و ۱۲٫۵ متر info@example.org نشانی",
    "שאיבה (הצפונית) היא 1,250 של Siemens AG 2023.",
]  # fmt: skip


def set_from_right(line: str, y: float) -> list[Char]:
    """Set a line as a page shows it, from its right end; a mark stands at the place of its letter."""
    found: list[Char] = []
    x = 500.0
    shown = FROM_LEFT.sub(lambda run: run[0][::-1], line)
    for number, letter in enumerate(shown):
        mark = "\u064b" <= letter <= "\u0652"
        with_alef = letter == "ا" and shown[max(0, number - 1) : number] == "ل"
        if letter == " ":
            x -= SPACE
        elif not mark and not with_alef:
            x -= WIDTH
        text = letter if FROM_LEFT.match(letter) else letter.translate(MIRRORED)
        found.append(Char(text, x, y, SIZE, letter == " ", number, x, x + (SPACE if letter == " " else WIDTH)))
    return found


def given(turned: bool) -> list[Char]:
    """The lines as PDFium gives them: each word turned round, or none of them."""
    page: list[Char] = []
    for row, line in enumerate(LINES):
        word: list[Char] = []
        for char in [*set_from_right(line, 700.0 - 30 * row), Char("\n", 0, 0, 1, made_up=True)]:
            if char.made_up:
                page += [*(word[::-1] if turned else word), char]
                word = []
            else:
                word.append(char)
    return page


@pytest.mark.parametrize("turned", [True, False])
def test_lines_are_read_by_the_places_of_their_letters(turned: bool) -> None:
    read = "".join(char.text for char in in_reading_order(given(turned))).rstrip("\n")
    assert [mended_brackets(line) for line in read.split("\n")] == LINES


def test_a_page_is_known_by_its_turned_words() -> None:
    assert is_as_seen(given(turned=True))
    straight = [char for char in given(turned=False) if char.text not in "().%" and not char.text.isascii()]
    assert not is_as_seen(straight)


def test_a_letter_that_stands_higher_for_its_mark_is_of_its_line() -> None:
    line = set_from_right("تُدفع شهر", 700.0)
    raised = [
        Char(one.text, one.x, one.y + 2.0, SIZE, one.made_up, one.number, one.left, one.right) for one in line[:2]
    ]
    page = [*line[2:], Char("\n", 0, 0, 1, made_up=True), *raised]
    assert "".join(char.text for char in in_reading_order(page)) == "تُدفع شهر"


@pytest.mark.parametrize("piece", ["ا\u064b", "\u064b", "1 ", "A 1 ", "(", "%1", "ا1$", "A("])
def test_long_lines_lose_nothing(piece: str) -> None:
    """A line of 12,000 signs, which a search of all of them for each would keep for minutes."""
    line = set_from_right(piece * (12_000 // len(piece)), 700.0)
    read = in_reading_order(line)
    assert sorted(char.text for char in read if not char.made_up) == sorted(
        char.text for char in line if not char.made_up
    )


def test_brackets_that_are_turned_by_halves_open_before_a_word_and_close_behind_one() -> None:
    assert mended_brackets("של AG (אב( ג") == "של AG (אב) ג"
    assert mended_brackets("של )אב( ג") == "של (אב) ג"
    assert mended_brackets("AG (a( b") == "AG (a( b"


PRINTED = """<html dir="rtl" lang="ar"><meta charset="utf-8"><style>
body { font: 16px "Noto Naskh Arabic", "Noto Sans Arabic" }
table { border-collapse: collapse } td, th { border: 1px solid; padding: 4px 10px }
</style><p>المياه (المحطة والجنوبية) طاقتها 12.5 مليون</p><p>تُشغّل الشركة برنامج SCADA من شركة Siemens AG (مصر)</p>
<table><tr><th>المحطة</th><th>المدير</th><th>المضخات</th></tr>
<tr><td>الشرقية</td><td>لؤي عبد الله</td><td>14</td></tr>
<tr><td>الجنوبية</td><td>سلمى الأحمد</td><td>9</td></tr></table></html>"""


@pytest.mark.slow
def test_a_page_that_a_browser_printed_is_read_and_marked(browser: Any) -> None:  # noqa: F811
    page = browser.new_page()
    page.set_content(PRINTED)
    textpage = PdfDocument(page.pdf())[0].get_textpage()
    page.close()
    text = unmarked("\n".join(page_lines(textpage)))[0]
    for line in (
        "المياه (المحطة والجنوبية) طاقتها 12.5 مليون",
        "تُشغّل الشركة برنامج SCADA من شركة Siemens AG (مصر)",
        "المحطة: الشرقية | المدير: لؤي عبد الله | المضخات: 14\nالمحطة: الجنوبية | المدير: سلمى الأحمد | المضخات: 9",
    ):
        assert line in text
    assert boxes_of(textpage, "المحطة والجنوبية", "")


WIDE = """<html dir="rtl"><meta charset="utf-8"><style>body { font: 16px "Noto Sans Hebrew", "Noto Sans Arabic" }
table { STYLE } td, th { padding: 4px 8px; text-align: start }</style><table>ROWS</table></html>"""
CITIES = [
    [["עיר", "תושבים", "מנהל"], ["חיפה", "285000", "רות כהן"], ["אילת", "52000", "דוד לוי"], ["לוד", "81000", "מאיה"]],
    [["المدينة", "السكان", "المدير"], ["القاهرة", "9500000", "أحمد علي"], ["أسوان", "290000", "سعيد"]],
]


@pytest.mark.slow
@pytest.mark.parametrize("style", ["", "width: 100%", "width: 100%; border-collapse: collapse; border-top: 1px solid"])
def test_a_table_without_lines_that_a_browser_printed_from_right_to_left(browser: Any, style: str) -> None:  # noqa: F811
    for rows in CITIES:
        page = browser.new_page()
        shown = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
        page.set_content(WIDE.replace("STYLE", style).replace("ROWS", shown.replace("td>", "th>", 2 * len(rows[0]))))
        text = unmarked("\n".join(page_lines(PdfDocument(page.pdf())[0].get_textpage())))[0]
        page.close()
        for row in rows[1:]:
            assert " | ".join(f"{name}: {cell}" for name, cell in zip(rows[0], row, strict=True)) in text


def test_letters_that_come_as_a_line_each_are_one_line() -> None:
    """As PDFium gives a row of a table over the whole width: a line for every letter, the last cell first."""
    page: list[Char] = []
    for row, cells in enumerate(
        ((("עיר", 560), ("תושבים", 400), ("מנהל", 250)), (("חיפה", 560), ("רבים", 400), ("רות", 250)))
    ):
        for word, right in reversed(cells):
            for at, letter in reversed(list(enumerate(word))):
                x, y = right - 7.0 * at, 700.0 - 20 * row
                page.append(Char(letter, x, y, 12.0, made_up=False, left=x, right=x + 7))
                page.append(Char("\n", x, y, 12.0, made_up=True))
    assert is_as_seen(page)
    read = "".join(char.text for char in in_reading_order(page)).strip("\n")
    assert read == "עיר תושבים מנהל\nחיפה רבים רות"


def test_lines_that_come_as_one_are_parted_by_their_height() -> None:
    places = [("אב", 560.0, 660.0), ("גד", 560.0, 680.0), ("הו", 400.0, 664.0), ("זח", 400.0, 680.0)]
    page = [
        Char(letter, x - 7.0 * at, y, 12.0, made_up=False, left=x - 7.0 * at, right=x - 7.0 * at + 7)
        for word, x, y in places
        for at, letter in enumerate(word)
    ]
    read = "".join(char.text for char in in_reading_order(page)).strip("\n")
    assert read == "גד זח\nאב הו"

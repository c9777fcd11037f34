"""Words that a page's model is not sure of, read again by one for Latin letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from index.sources.ocr import recognition as ocr
from index.sources.ocr import tesseract
from index.sources.ocr.models import latin_for
from index.sources.ocr.tesseract import Recognised, Word
from index.sources.ocr.words import surer

FONT = Path("/usr/share/fonts/truetype/noto/NotoSerif-Regular.ttf")


class Latin:
    """Reads words as is written down, and counts how many."""

    def __init__(self, **readings: tuple[str, float]) -> None:
        self.readings, self.asked = readings, list[str]()

    def __call__(self, words: Iterable[Word]) -> Iterator[Word]:
        for word in words:
            self.asked.append(word.text)
            text, confidence = self.readings.get(word.text, ("??", 0.0))
            yield Word(text, confidence, word.box)


def page(text: str, *, doubtful: dict[str, float], right_to_left: bool = False) -> Recognised:
    """Return a page whose words stand beside each other in its lines."""
    words = []
    for top, line in enumerate(text.split("\n")):
        places = range(len(line.split()))
        for at, word in zip(reversed(places) if right_to_left else places, line.split(), strict=True):
            words.append(Word(word, doubtful.get(word, 95.0), (100 * at, 50 * top, 100 * at + 90, 50 * top + 40)))
    return Recognised(text, 90, True, tuple(words))


def test_the_surer_reading_of_a_doubtful_word_is_taken() -> None:
    read = page("каналы $Ку Мо\\1ез\n\nи  $Ку. со", doubtful={"$Ку": 8, "Мо\\1ез": 88, "$Ку.": 60, "со": 88})
    found = surer(
        read, Latin(**{"$Ку": ("Sky", 96), "Мо\\1ез": ("Movies", 96), "$Ку.": ("Sky.", 84), "со": ("co", 91)})
    )
    assert found.text == "каналы Sky Movies\n\nи  $Ку. со"  # 84 is not sure, 91 not surer enough
    assert found.confidence == 100  # 88 and 8 more, of six words


def test_the_confidence_of_a_page_rises_by_what_was_gained() -> None:
    read = page("один два три четыре пять шесть семь восемь девять $Ку", doubtful={"$Ку": 46})
    assert surer(read, Latin(**{"$Ку": ("Sky", 96)})).confidence == 95  # 50 more, of ten words


@pytest.mark.parametrize("reading", ["=", "1.5", "A", "New York", ""])
def test_what_is_no_word_in_latin_letters_is_not_taken(reading: str) -> None:
    read = page("그는 은 갔다 또 왔다 다시", doubtful={"은": 40})
    assert surer(read, Latin(은=(reading, 96))) == read


def test_sure_words_are_not_read_again() -> None:
    latin = Latin(карьере=("Kapbepe", 99))
    read = page("в карьере", doubtful={"карьере": 92})
    assert surer(read, latin) == read
    assert not latin.asked


def test_a_greek_word_is_not_read_as_what_it_looks_like() -> None:
    doubtful = {"του": 0, "Μετά": 60, "σηµαίνει,": 66, "ΛΕἰς5Η": 5, "6ΝΝ.": 7}
    read = page("Μετά το ΛΕἰς5Η του 6ΝΝ. σηµαίνει, και εδώ", doubtful=doubtful)
    latin = Latin(
        **{
            "του": ("TOU", 95),
            "Μετά": ("Meta", 96),
            "σηµαίνει,": ("onpaivet,", 96),
            "ΛΕἰς5Η": ("Welsh", 96),
            "6ΝΝ.": ("CNN.", 96),
        }
    )
    assert surer(read, latin).text == "Μετά το Welsh του CNN. σηµαίνει, και εδώ"


def test_mu_in_a_word_is_the_letter_and_before_a_unit_the_sign() -> None:
    read = ocr._with_usual_letters("\x0cκό\u00b5\u00b5α \u00b5ε 5 \u00b5m")
    assert read == "κό\u03bc\u03bcα \u03bcε 5 \u00b5m"


def test_a_word_that_is_sure_elsewhere_on_the_page_stays() -> None:
    words = (Word("сок", 40, (0, 0, 90, 40)), Word("и", 95, (100, 0, 190, 40)), Word("сок,", 95, (200, 0, 290, 40)))
    read = Recognised("сок и сок,", 90, True, words)
    assert surer(read, Latin(сок=("COK", 96))).text == "сок и сок,"
    alone = Recognised("сок и да", 90, True, (*words[:2], Word("да", 95, (200, 0, 290, 40))))
    assert surer(alone, Latin(сок=("COK", 96))).text == "COK и да"


def test_reading_in_vain_ends_and_the_least_sure_come_first() -> None:
    words = [f"слово{number}" for number in range(40)]
    doubtful = {word: 80.0 - number for number, word in enumerate(words)}
    latin = Latin(слово39=("Sky", 96), слово38=("News", 96))
    found = surer(page(" ".join(words), doubtful=doubtful), latin)
    assert found.text.endswith("News Sky")
    assert latin.asked[:2] == ["слово39", "слово38"]
    assert len(latin.asked) == 2 + 11  # a quarter of all in vain, and the one that showed it


def test_neighbours_in_a_line_from_right_to_left_stand_in_their_own_order() -> None:
    """A name of two words was put together as two Arabic ones: its second word first."""
    read = page("شاهد 0۷0 6۷۷ اليوم\n5۷5 قال", doubtful={"0۷0": 10, "6۷۷": 20, "5۷5": 30}, right_to_left=True)
    found = surer(read, Latin(**{"0۷0": ("News", 96), "6۷۷": ("Sky", 96), "5۷5": ("Box", 96)}))
    assert found.text == "شاهد Sky News اليوم\nBox قال"


def test_a_word_that_the_text_lacks_costs_only_itself() -> None:
    read = page("один $Ку два", doubtful={"$Ку": 8})
    strange = replace(read, words=(Word("нет", 5, (0, 0, 90, 40)), *read.words))
    assert surer(strange, Latin(**{"$Ку": ("Sky", 96), "нет": ("Not", 96)})).text == "один Sky два"


def test_which_model_reads_the_words() -> None:
    there = {"eng", "deu", "rus", "ara", "script/Cyrillic", "kor"}
    for models in ("rus", "ara", "kor", "script/Cyrillic", "Cyrillic"):
        assert latin_for(models, there) == "eng"
    for models in ("eng", "deu", "heb+eng", "script/Latin", "Latin"):
        assert latin_for(models, there) == ""
    assert latin_for("rus", {"rus", "deu"}) == "deu"
    assert latin_for("rus", {"rus"}) == ""


@pytest.mark.slow
@pytest.mark.skipif(
    not ({"eng", "osd", "rus"} <= tesseract.installed_models() and FONT.is_file()),
    reason="needs Tesseract with its models eng, osd and rus, and Noto Serif",
)
def test_latin_names_on_a_russian_page() -> None:
    line = "Компания передаёт новости Sky News и фильмы в формате HD через спутник"
    image = Image.new("L", (2300, 700), 255)
    drawing = ImageDraw.Draw(image)
    for number in range(6):
        drawing.text((100, 80 + 90 * number), line, fill=0, font=ImageFont.truetype(FONT, 50))
    picture = ocr.picture_of(image, 300)
    assert ocr.PageReader("auto").read(picture).lines[0] == line
    assert "Sky" not in "".join(ocr.PageReader("rus").read(picture).lines)  # who names a model has that alone

"""Pictures of text: scans in PDFs, images, what is told when they can't be read. Reading needs Tesseract."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from pypdfium2 import PdfDocument

from index.building.settings import _with_ocr
from index.errors import ConfigError, SourceError, SourceSkippedError
from index.sources.discovery import discover
from index.sources.ocr import recognition as ocr
from index.sources.ocr import tesseract
from index.sources.ocr.models import language_models, missing_model, package_of, script_models, with_latin
from index.sources.ocr.scans import ocr_spans, rendered
from index.sources.reading import read
from index.sources.sandbox.pool import read_many
from index.sources.types import ReadOptions, ReadResult
from tests.harness.hostile_files import pdf

needs_tesseract = pytest.mark.skipif(
    not ({"eng", "osd"} <= tesseract.installed_models()), reason="needs Tesseract with its models eng and osd"
)
FIRST = "The lighthouse of Cape Agulhas\nwas lit in the year 1849."
SECOND = "Its lamp was rebuilt after\nthe storm of 1962."


def drawn(words: str) -> Image.Image:
    """Draw words as a scanner at 200 dpi would see them."""
    image = Image.new("L", (1100, 400), 255)
    ImageDraw.Draw(image).multiline_text((80, 80), words, fill=0, font=ImageFont.load_default(48), spacing=24)
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def result_of(folder: Path, name: str, data: bytes, chosen: str = "eng") -> ReadResult:
    (folder / name).write_bytes(data)
    return read(discover([folder]).files[0], ReadOptions(ocr=chosen))


def mixed(first: str) -> bytes:
    """Return a PDF of two pages: words, and a picture of words."""
    document = PdfDocument(pdf(first))
    document.import_pages(PdfDocument(saved(drawn(SECOND), "PDF", resolution=200)))
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


@needs_tesseract
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP"])
def test_images(tmp_path: Path, kind: str) -> None:
    (document,) = result_of(tmp_path, f"scan.{kind.lower()}", saved(drawn(FIRST), kind)).documents
    assert document.text == FIRST.replace("\n", " ")
    assert document.metadata["ocr"] == [[0, len(document.text)]]


@needs_tesseract
def test_an_image_that_one_can_see_through(tmp_path: Path) -> None:
    """Black ink on nothing must not become black on black."""
    ink = Image.new("RGBA", (1100, 400), (0, 0, 0, 0))
    ImageDraw.Draw(ink).multiline_text((80, 80), FIRST, fill=(0, 0, 0, 255), font=ImageFont.load_default(48))
    (document,) = result_of(tmp_path, "scan.png", saved(ink, "PNG")).documents
    assert "lighthouse" in document.text


@needs_tesseract
def test_every_page_of_a_tiff_is_read_in_the_sandbox(tmp_path: Path) -> None:
    data = saved(drawn(FIRST), "TIFF", save_all=True, append_images=[drawn(SECOND)])
    (tmp_path / "scan.tif").write_bytes(data)
    ((_, result),) = read_many(discover([tmp_path]).files, workers=1, options=ReadOptions(ocr="auto"))
    assert isinstance(result, ReadResult), result
    (document,) = result.documents
    assert document.text == FIRST.replace("\n", " ") + "\n\n" + SECOND.replace("\n", " ")
    assert document.metadata["pages"] == [0, document.text.index("Its lamp")]


@needs_tesseract
@pytest.mark.slow
def test_a_turned_page_is_read_upright(tmp_path: Path) -> None:
    lines = "\n".join(f"Pump {number} was tested by the engineer in spring." for number in range(12))
    image = Image.new("L", (1500, 1300), 255)
    ImageDraw.Draw(image).multiline_text((80, 80), lines, fill=0, font=ImageFont.load_default(48), spacing=24)
    (document,) = result_of(tmp_path, "scan.png", saved(image.rotate(180), "PNG"), "auto").documents
    assert "Pump 7 was tested by the engineer in spring." in document.text


def test_a_coarse_scan_is_drawn_as_it_is_kept_and_enlarged_smoothly() -> None:
    for resolution, size in ((72, (1100, 400)), (200, (1650, 600))):
        scan = PdfDocument(saved(drawn(SECOND), "PDF", resolution=resolution))[0]
        image = rendered(scan)
        assert image.info["dpi"][0] == pytest.approx(300 if resolution == 200 else 288, abs=1)
        assert image.width == pytest.approx(size[0] * (1 if resolution == 200 else 4), abs=2)
    # between two points of the coarse scan stand shades of grey
    coarse = rendered(PdfDocument(saved(drawn(SECOND), "PDF", resolution=72))[0])
    assert len(set(coarse.crop((0, 300, 2000, 700)).tobytes())) > 100


@needs_tesseract
def test_a_mixed_pdf_is_read_whole(tmp_path: Path) -> None:
    first = "The keepers of the lighthouse wrote a diary that was kept in the town for more than ninety years."
    result = result_of(tmp_path, "mixed.pdf", mixed(first))
    (document,) = result.documents
    assert document.text == first + "\n\n" + SECOND.replace("\n", " ")
    start = document.text.index("Its lamp")
    assert document.metadata["ocr"] == [[start, len(document.text)]]
    assert document.metadata["pages"] == [0, start]
    assert any("1 of 2 pages were read by OCR: 2" in warning for warning in result.warnings)


def test_ocr_that_is_off_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SourceSkippedError, match="--ocr off"):
        result_of(tmp_path, "scan.png", saved(drawn(FIRST), "PNG"), "off")
    (tmp_path / "scan.png").unlink()
    result = result_of(tmp_path, "mixed.pdf", mixed("The keepers wrote a diary that was kept in the town."), "off")
    assert "ocr" not in result.documents[0].metadata
    assert any("no text layer: 2; OCR is off" in warning for warning in result.warnings)


def test_without_tesseract_the_reason_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "is_there", lambda: False)
    for name, data in (("a.png", saved(drawn(FIRST), "PNG")), ("a.pdf", saved(drawn(FIRST), "PDF"))):
        with pytest.raises(SourceSkippedError, match="apt install tesseract-ocr"):
            result_of(tmp_path, name, data, "auto")
        (tmp_path / name).unlink()


@needs_tesseract
def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="tesseract-ocr-xyz"):
        result_of(tmp_path, "a.png", saved(drawn(FIRST), "PNG"), "eng+xyz")


@needs_tesseract
def test_a_picture_without_words_is_no_document(tmp_path: Path) -> None:
    photo = Image.linear_gradient("L").resize((600, 600))
    with pytest.raises(SourceSkippedError, match="PNG image: no words"):
        result_of(tmp_path, "a.png", saved(photo, "PNG"))


def test_damaged_and_huge_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="damaged"):
        result_of(tmp_path, "a.png", saved(drawn(FIRST), "PNG")[:200])
    with pytest.raises(SourceSkippedError, match="points"):
        result_of(tmp_path, "a.png", saved(Image.new("1", (12_000, 12_000), 1), "PNG"))


def test_models_by_script_and_language() -> None:
    installed = {"eng", "deu", "rus", "ara", "chi_sim", "jpn", "script/Arabic", "Cyrillic", "osd"}
    assert script_models("Latin", installed) == ["eng"]
    assert script_models("Arabic", installed) == ["ara"]
    assert script_models("Arabic", installed - {"ara"}) == ["script/Arabic"]
    assert script_models("Cyrillic", installed - {"rus"}) == ["Cyrillic"]  # as Debian lays it
    assert script_models("Han", installed) == ["chi_sim", "jpn"]
    assert script_models("Thai", installed) == []
    assert language_models("de", "Latin", installed) == ["deu"]
    assert language_models("fr", "Latin", installed) == []
    assert language_models("fr", "Latin", {*installed, "Latin"}) == ["Latin"]
    assert language_models("ru", "Latin", installed) == []  # words in another script were misread
    assert missing_model("Thai") == "install tesseract-ocr-script-thai or tesseract-ocr-tha"
    assert package_of("chi_sim") == "tesseract-ocr-chi-sim"


def test_spans_of_scanned_pages() -> None:
    assert ocr_spans([1, 2, 4], [0, 10, 20, 30, 40], 50) == [[10, 30], [40, 50]]
    assert ocr_spans([0], [0], 7) == [[0, 7]]


def test_how_ocr_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAG_OCR", raising=False)
    assert _with_ocr(ReadOptions(), "").ocr == "auto"
    assert _with_ocr(ReadOptions(ocr="deu"), "").ocr == "deu"  # as the index remembers
    monkeypatch.setenv("RAG_OCR", "off")
    assert _with_ocr(ReadOptions(ocr="deu"), "").ocr == "off"
    assert _with_ocr(ReadOptions(), "fra").ocr == "fra"
    with pytest.raises(ConfigError, match="no choice"):
        _with_ocr(ReadOptions(), "../../etc")


def test_names_in_latin_letters_stand_beside_other_scripts() -> None:
    there = {"heb", "eng", "ara", "kor", "rus", "tha"}
    assert with_latin("heb", "Hebrew", there) == "heb+eng"
    assert with_latin("tha", "Thai", there) == "tha+eng"
    for model, script in (("ara", "Arabic"), ("kor", "Korean"), ("rus", "Cyrillic"), ("heb+eng", "Hebrew")):
        assert with_latin(model, script, there) == ""
    assert with_latin("heb", "Hebrew", there - {"eng"}) == ""


PERSIAN = "اعضای مجلس ولز نگران هستند که همانند عروسک خیمه‌شب‌بازی دیده شوند و چند پارلمان گفتگو پیش گرفتند. " * 3
ARABIC = "يشعر أعضاء البرلمان بالقلق من أن يبدوا كالدمى المتحركة، وقد بدأت عدة برلمانات محادثات حول ذلك. " * 3


@pytest.mark.parametrize(("page", "model"), [(PERSIAN, "fas"), (ARABIC, "ara")])
def test_a_model_that_lacks_letters_does_not_decide_the_language(
    page: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read by the Arabic model a Persian page has no letter that Arabic lacks, and looks like Arabic."""

    def by(_: object, name: str, *__: object) -> tesseract.Recognised:
        as_arabic = page.translate(str.maketrans("گچپژیک", "كجبزيك"))
        return tesseract.Recognised(as_arabic if name == "ara" else page, 86 if name == "ara" else 84, True)

    monkeypatch.setattr(ocr, "installed_models", lambda: frozenset({"ara", "fas", "osd"}))
    monkeypatch.setattr(ocr.PageReader, "_script", lambda *_: ("Arabic", 0))
    monkeypatch.setattr(ocr.PageReader, "_by", by)
    reader = ocr.PageReader("auto")
    assert reader._read(Image.new("L", (10, 10))).text == (page if model == "fas" else by(None, "ara").text)
    assert reader.model == model


LINE = "웨일스 외의 지역에 있는 사람들이 혼란을 일으킬 것을 걱정한다"


@pytest.mark.parametrize(
    ("automatic", "one_column", "taken"),
    [
        (["웨일스", "외의", "41 쁜", "지역에 있는", "위"], [LINE] * 2, "one"),  # no columns: pieces of lines
        ([LINE[:16]] * 6, [LINE] * 3, "automatic"),  # two columns, read across
        (["위", "가", "나"], ["위", "가 나"], "automatic"),  # a picture of few words
    ],
)
def test_korean_lines_torn_into_pieces_are_no_columns(
    automatic: list[str], one_column: list[str], taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pieces of lines can be surer than the lines."""

    class Engine:
        def read(self, *_: object, one_column: bool = False) -> tesseract.Recognised:
            return found[1] if one_column else found[0]

    found = [
        tesseract.Recognised("\n\n".join(automatic), 84, True),
        tesseract.Recognised("\n".join(one_column), 78, True),
    ]
    monkeypatch.setattr(ocr.PageReader, "_engine", lambda *_: Engine())
    read = ocr.PageReader("auto")._by("kor", Image.new("L", (10, 10)), 0)
    assert read == found[taken == "one"]

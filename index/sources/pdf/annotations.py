"""What stands on a page of a PDF beside its text: fields of forms with what was filled in, notes, where links lead."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from index.language.hygiene import clean_line
from index.records import BLANK
from index.sources.pdf.fieldlabels import label_of
from index.sources.pdf.places import Box
from index.sources.text.links import Links

__all__ = ["page_marks"]

_MOST = 2000
_LONGEST = 20_000
_LINE = 240  # points: words above a button go on beyond it
_NOT_TICKED = "☐"
_TEXT_MARKS = ("Text", "FreeText", "Highlight", "Underline", "StrikeOut", "Squiggly", "Stamp", "Caret")


def page_marks(document: Any, page: Any, links: Links) -> Iterator[tuple[bool, str]]:  # noqa: ANN401 - no types
    """Yield for each filled field, note and web link of a page whether it is a link, and a line for it.

    Args:
        document: of pypdfium2, its forms begun (`init_forms`) before the page was opened.
        page: one of its pages.
        links: says which targets are shown.
    """
    from pypdfium2 import raw

    kinds = {getattr(raw, f"FPDF_ANNOT_{kind.upper()}"): kind for kind in _TEXT_MARKS}
    fields = _Fields(page)
    for number in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST)):
        mark = raw.FPDFPage_GetAnnot(page, number)
        if not mark:
            continue
        try:
            kind = raw.FPDFAnnot_GetSubtype(mark)
            if kind == raw.FPDF_ANNOT_WIDGET and document.formenv:
                fields.add(document.formenv, mark)
            elif kind == raw.FPDF_ANNOT_LINK:
                yield from ((True, line) for line in _link(document, page, mark, links))
            elif kind in kinds:
                yield from ((False, line) for line in _note(mark))
        finally:
            raw.FPDFPage_CloseAnnot(mark)
    yield from ((False, line) for line in fields.lines())


@dataclass(frozen=True, slots=True)
class _Field:
    """A field: its place, the name that its maker shows, the one that he doesn't, its value, what says it is empty.

    Of a choice by round buttons each button is a field, and all have one name.
    """

    place: Box
    shown: str
    name: str
    value: str
    empty: str
    is_box: bool
    is_choice: bool = False


def _place(mark: Any) -> Box:  # noqa: ANN401
    from pypdfium2 import raw

    box = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(mark, box)
    return min(box.left, box.right), min(box.bottom, box.top), max(box.left, box.right), max(box.bottom, box.top)


class _Fields:
    """The fields of a page's form; empty ones are named where others are filled in, by the names that people see."""

    def __init__(self, page: Any) -> None:  # noqa: ANN401
        self._page = page
        self._fields: list[_Field] = []

    def add(self, forms: Any, mark: Any) -> None:  # noqa: ANN401
        """Take a field."""
        from pypdfium2 import raw

        kind = raw.FPDFAnnot_GetFormFieldType(forms, mark)
        shown = _wide(lambda *place: raw.FPDFAnnot_GetFormFieldAlternateName(forms, mark, *place))
        name = _wide(lambda *place: raw.FPDFAnnot_GetFormFieldName(forms, mark, *place))
        empty = BLANK
        value = ""
        if kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON):
            empty = _NOT_TICKED if kind == raw.FPDF_FORMFIELD_CHECKBOX else ""
            if raw.FPDFAnnot_IsChecked(forms, mark):
                value = _wide(lambda *place: raw.FPDFAnnot_GetFormFieldExportValue(forms, mark, *place))
                value = value if value not in ("", "On", "Yes") else "yes"
        elif kind in (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX):
            value = _wide(lambda *place: raw.FPDFAnnot_GetFormFieldValue(forms, mark, *place))
        else:
            return
        is_box = kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON)
        is_choice = kind == raw.FPDF_FORMFIELD_RADIOBUTTON
        self._fields.append(_Field(_place(mark), shown, name, value, empty, is_box=is_box, is_choice=is_choice))

    def lines(self) -> Iterator[str]:
        """Yield a line for each field, none for a form in which nothing is filled in."""
        if not any(field.value for field in self._fields):
            return
        textpage, places = self._page.get_textpage(), [field.place for field in self._fields]
        for field in self._fields:
            label = field.shown or label_of(textpage, field.place, places, is_box=field.is_box)
            if field.value and field.is_choice:
                yield self._chosen(textpage, field)
            elif field.value:
                name = label or field.name
                yield f"{name}: {field.value}" if name else field.value
            elif label and field.empty:
                yield f"{label.rstrip(': ')}: {field.empty}"

    def _chosen(self, textpage: Any, button: _Field) -> str:  # noqa: ANN401
        """Return what was chosen, behind the words that stand beside or above the buttons."""
        places = [field.place for field in self._fields]
        option = label_of(textpage, button.place, places, is_box=True) or button.value
        first = next(field for field in self._fields if field.name == button.name)
        left, low, _, high = first.place
        beside = label_of(textpage, (left, low, left + _LINE, high), places, is_box=False)
        names = (name for name in (button.shown, beside, button.name) if name and name != option)
        return ": ".join([*islice(names, 1), option])


def _note(mark: Any) -> Iterator[str]:  # noqa: ANN401
    from pypdfium2 import raw

    words = _wide(lambda *place: raw.FPDFAnnot_GetStringValue(mark, b"Contents", *place))
    who = _wide(lambda *place: raw.FPDFAnnot_GetStringValue(mark, b"T", *place))
    if words:
        yield f"[Comment by {who}: {words}]" if who else f"[Comment: {words}]"


def _link(document: Any, page: Any, mark: Any, links: Links) -> Iterator[str]:  # noqa: ANN401
    from pypdfium2 import raw

    action = raw.FPDFLink_GetAction(raw.FPDFAnnot_GetLink(mark))
    size = raw.FPDFAction_GetURIPath(document, action, None, 0) if action else 0
    if not 1 < size < _LONGEST:
        return
    place = ctypes.create_string_buffer(size)
    raw.FPDFAction_GetURIPath(document, action, place, size)
    box = raw.FS_RECTF()
    words = ""
    if raw.FPDFAnnot_GetRect(mark, box):
        words = clean_line(page.get_textpage().get_text_bounded(box.left, box.bottom, box.right, box.top))
    target = links.behind(words or "link", place.value.decode("utf-8", "replace"))
    if target:
        yield f"{words or 'Link'}{target}"


def _wide(read: Callable[..., int]) -> str:
    """Return a text of PDFium's, which comes in UTF-16 after its size in bytes was asked for."""
    from pypdfium2 import raw

    size = min(int(read(None, 0)), 2 * _LONGEST)
    if size <= 2:
        return ""
    place = ctypes.create_string_buffer(size)
    read(ctypes.cast(place, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return clean_line(place.raw.decode("utf-16-le", "replace").rstrip("\0"))

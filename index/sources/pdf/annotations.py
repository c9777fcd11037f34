"""What stands on a page of a PDF beside its text: fields of forms with what was filled in, notes, where links lead."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index.language.hygiene import clean_line
from index.records import BLANK
from index.sources.pdf.fieldlabels import label_of, without_labels
from index.sources.pdf.places import Box
from index.sources.text.links import Links

__all__ = ["page_marks"]

_MOST = 2000
_LONGEST = 20_000
_LINE = 240  # points: words above a button go on beyond it
_TICKED, _NOT_TICKED = "☒", "☐"
_TEXT_MARKS = ("Text", "FreeText", "Highlight", "Underline", "StrikeOut", "Squiggly", "Stamp", "Caret")


def page_marks(
    document: Any,  # noqa: ANN401 - pypdfium2 has no types
    page: Any,  # noqa: ANN401
    links: Links,
    lines: Sequence[str],
) -> tuple[list[str], list[tuple[bool, str]]]:
    """Return a page's lines without the names of its fields, and of what stands beside its text lines of their own.

    Args:
        document: of pypdfium2, its forms begun (`init_forms`) before the page was opened.
        page: one of its pages.
        links: says which targets are shown.
        lines: of the page's text.

    Returns:
        The lines; for each filled field, note and web link whether it is a link, and a line for it.
    """
    fields = _Fields(page)
    marks = list(_marks(document, page, links, fields))
    filled = list(fields.lines())
    return without_labels(lines, fields.labels, filled), [*marks, *((False, line) for line in filled)]


def _marks(document: Any, page: Any, links: Links, fields: _Fields) -> Iterator[tuple[bool, str]]:  # noqa: ANN401
    """Yield lines for notes and links of a page; its fields go to `fields`."""
    from pypdfium2 import raw

    kinds = {getattr(raw, f"FPDF_ANNOT_{kind.upper()}"): kind for kind in _TEXT_MARKS}
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
    """The fields of a page's form; empty ones are named where others are filled in, by the names that people see.

    Attributes:
        labels: the words that are printed beside fields of which there are lines.
    """

    def __init__(self, page: Any) -> None:  # noqa: ANN401
        self._textpage = page.get_textpage()
        self._fields: list[_Field] = []
        self.labels: set[str] = set()

    @property
    def _places(self) -> list[Box]:
        return [field.place for field in self._fields]

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
        chosen = {field.name for field in self._fields if field.is_choice and field.value}
        for field in self._fields:
            if field.is_choice and field.name in chosen:
                chosen.remove(field.name)
                yield self._choice(field.name)
            elif not field.is_choice:
                label = self._label(field)
                if field.value:
                    name = label or field.name
                    yield f"{name}: {field.value}" if name else field.value
                elif label and field.empty:
                    yield f"{label.rstrip(': ')}: {field.empty}"

    def _label(self, field: _Field) -> str:
        printed = self._printed(field)
        return field.shown or printed

    def _printed(self, field: _Field) -> str:
        """Return the words that are printed beside a field, which `labels` gives from then on."""
        label = label_of(self._textpage, field.place, self._places, is_box=field.is_box)
        self.labels.add(label)
        return label

    def _choice(self, name: str) -> str:
        """Return the options of a choice, the chosen one ticked, behind the words that stand beside or above them."""
        buttons = [field for field in self._fields if field.is_choice and field.name == name]
        options = [self._printed(one) or (one.value) for one in buttons]
        left, low, _, high = buttons[0].place
        beside = label_of(self._textpage, (left, low, left + _LINE, high), self._places, is_box=False)
        self.labels.add(beside)
        shown = next((one.shown for one in buttons if one.value), "")
        label = next((words for words in (shown, beside, name) if words and words not in options), "")
        signs = (_TICKED if one.value else _NOT_TICKED for one in buttons)
        said = " ".join(f"{sign} {option}".rstrip() for sign, option in zip(signs, options, strict=True))
        return f"{label}: {said}" if label else said


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

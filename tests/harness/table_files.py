"""Small files with tables in them, made from rows: a cell is a text, or (text, columns that it spans, rows)."""

# ruff: noqa: E501 - markup in literals is left on its line

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from tests.harness.hostile_files import docx, zipped

S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
O = "urn:oasis:names:tc:opendocument:xmlns:"  # noqa: E741

Cell = str | tuple[str, int, int]
Rows = Sequence[Sequence[Cell]]


def parts(cell: Cell) -> tuple[str, int, int]:
    return (cell, 1, 1) if isinstance(cell, str) else cell


def column(number: int) -> str:
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def relations(*found: tuple[str, str]) -> bytes:
    listed = "".join(
        f'<Relationship Id="r{n}" Type="x/{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(found, 1)
    )
    return f'<Relationships xmlns="{RELS}">{listed}</Relationships>'.encode()


def xlsx(
    sheets: dict[str, str],
    formats: Sequence[str] = (),
    *,
    from_1904: bool = False,
    more: dict[str, bytes] | None = None,
) -> bytes:
    """A workbook of sheets, each by its XML below `worksheet`; style n shows by the n-th format, counted from 1."""
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1))
    codes = "".join(
        f'<numFmt numFmtId="{163 + n}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for n, code in enumerate(formats, 1)
    )
    styles = "".join(f'<xf numFmtId="{163 + n}"/>' for n in range(1, len(formats) + 1))
    files = [("worksheet", f"s{n}.xml") for n in range(1, len(sheets) + 1)]
    return zipped({
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{S}" xmlns:r="{R}"><workbookPr date1904="{int(from_1904)}"/><sheets>{listed}</sheets></workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": relations(*files, ("styles", "styles.xml")),
        "xl/styles.xml": f'<styleSheet xmlns="{S}"><numFmts>{codes}</numFmts><cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>'.encode(),
        **{f"xl/s{n}.xml": f'<worksheet xmlns="{S}" xmlns:r="{R}">{sheet}</worksheet>'.encode() for n, sheet in enumerate(sheets.values(), 1)},
        **(more or {}),
    })  # fmt: skip


def sheet(rows: Rows, first: int = 1) -> str:
    """The XML of a sheet; what reads like a number is one."""
    written, merged = [], []
    for number, row in enumerate(rows, first):
        cells = []
        for at, cell in enumerate(row, 1):
            text, width, height = parts(cell)
            place = f"{column(at)}{number}"
            if width > 1 or height > 1:
                merged.append(f'<mergeCell ref="{place}:{column(at + width - 1)}{number + height - 1}"/>')
            if text.replace(".", "").replace("-", "").isdigit():
                cells.append(f'<c r="{place}"><v>{text}</v></c>')
            elif text:
                cells.append(f'<c r="{place}" t="inlineStr"><is><t>{escape(text)}</t></is></c>')
        written.append(f'<row r="{number}">{"".join(cells)}</row>')
    return f"<sheetData>{''.join(written)}</sheetData><mergeCells>{''.join(merged)}</mergeCells>"


def html(rows: Rows) -> str:
    return "<table>" + "".join(
        "<tr>" + "".join(f'<td colspan="{w}" rowspan="{h}">{escape(t)}</td>' for t, w, h in map(parts, row)) + "</tr>" for row in rows
    ) + "</table>"  # fmt: skip


def word_table(rows: Rows) -> str:
    """A `w:tbl`; a cell that goes on from above stands in the rows below, as Word writes it."""
    written, open_cells = [], dict[int, tuple[int, int]]()
    for row in rows:
        cells, at, waiting = [], 0, list(map(parts, row))
        while waiting or at in open_cells:
            if at in open_cells:
                width, left = open_cells.pop(at)
                cells.append(f'<w:tc><w:tcPr><w:gridSpan w:val="{width}"/><w:vMerge/></w:tcPr><w:p/></w:tc>')
                open_cells |= {at: (width, left - 1)} if left > 1 else {}
            else:
                text, width, height = waiting.pop(0)
                merge = '<w:vMerge w:val="restart"/>' if height > 1 else ""
                cells.append(
                    f'<w:tc><w:tcPr><w:gridSpan w:val="{width}"/>{merge}</w:tcPr><w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p></w:tc>'
                )
                open_cells |= {at: (width, height - 1)} if height > 1 else {}
            at += width
        written.append(f"<w:tr>{''.join(cells)}</w:tr>")
    return f"<w:tbl>{''.join(written)}</w:tbl>"


def word(rows: Rows) -> bytes:
    return docx(word_table(rows))


def pptx(shapes: str, more: dict[str, bytes] | None = None) -> bytes:
    return zipped({
        "[Content_Types].xml": b"<Types/>",
        "ppt/presentation.xml": f'<p:presentation xmlns:p="{P}" xmlns:r="{R}"><p:sldIdLst><p:sldId id="1" r:id="r1"/></p:sldIdLst></p:presentation>'.encode(),
        "ppt/_rels/presentation.xml.rels": relations(("slide", "slides/s1.xml")),
        "ppt/slides/s1.xml": f'<p:sld xmlns:p="{P}" xmlns:a="{A}" xmlns:r="{R}" xmlns:c="{C}">{shapes}</p:sld>'.encode(),
        **(more or {}),
    })  # fmt: skip


def slide_table(rows: Rows) -> bytes:
    width = max(sum(w for _, w, _ in map(parts, row)) for row in rows)
    filled: dict[tuple[int, int], str] = {}
    for r, row in enumerate(rows):
        c = 0
        for text, w, h in map(parts, row):
            while (r, c) in filled:
                c += 1
            for y in range(r, r + h):
                for x in range(c, c + w):
                    spans = (
                        f'gridSpan="{w}" rowSpan="{h}"'
                        if (y, x) == (r, c)
                        else ('vMerge="1"' if y > r else 'hMerge="1"')
                    )
                    inner = f"<a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p>" if (y, x) == (r, c) else "<a:p/>"
                    filled[y, x] = f"<a:tc {spans}><a:txBody>{inner}</a:txBody></a:tc>"
            c += w
    written = "".join("<a:tr>" + "".join(filled[r, c] for c in range(width)) + "</a:tr>" for r in range(len(rows)))
    return pptx(f"<p:graphicFrame><a:tbl>{written}</a:tbl></p:graphicFrame>")


def open_table(rows: Rows) -> str:
    written, covered = [], set[tuple[int, int]]()
    for r, row in enumerate(rows):
        cells, at = [], 0
        for text, w, h in map(parts, row):
            while (r, at) in covered:
                cells.append("<table:covered-table-cell/>")
                at += 1
            cells.append(
                f'<table:table-cell table:number-columns-spanned="{w}" table:number-rows-spanned="{h}"><text:p>{escape(text)}</text:p></table:table-cell>'
            )
            cells.append("<table:covered-table-cell/>" * (w - 1))
            covered |= {(y, x) for y in range(r + 1, r + h) for x in range(at, at + w)}
            at += w
        written.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    return f'<table:table table:name="Sales">{"".join(written)}</table:table>'


def opendocument(body: str, kind: str = "text", styles: str = "", master: str = "") -> bytes:
    spaces = " ".join(f'xmlns:{n}="{O}{n}:1.0"' for n in ("office", "text", "table", "style", "fo"))
    content = f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    pages = f"<office:document-styles {spaces}>{master}</office:document-styles>"
    more = {"styles.xml": pages.encode()} if master else {}
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode(), **more})


def rtf(rows: Rows) -> str:
    """An RTF table, cells merged as Word merges them."""
    written, going_on = [], dict[int, int]()
    for row in rows:
        marks, cells, at, waiting = [], [], 0, list(map(parts, row))
        while waiting or going_on.get(at):
            if going_on.get(at):
                going_on[at] -= 1
                marks.append(r"\clvmrg\cellx" + str(at))
                cells.append(r"\cell ")
                at += 1
                continue
            text, w, h = waiting.pop(0)
            for n in range(w):
                marks.append(
                    (r"\clmgf" if w > 1 and not n else r"\clmrg" if n else "")
                    + (r"\clvmgf" if h > 1 else "")
                    + r"\cellx"
                    + str(at + n)
                )
                cells.append((text if not n else "") + r"\cell ")
                going_on[at + n] = h - 1
            at += w
        written.append(r"\trowd" + "".join(marks) + " " + "".join(cells) + r"\row ")
    return r"{\rtf1\ansi\uc1 " + "".join(written) + r"\pard After.\par}"


def pdf_page(pieces: Sequence[tuple[float, float, float, str]]) -> bytes:
    """The stream of a page: words by x, y and size."""
    return "".join(f"BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET\n" for x, y, size, text in pieces).encode()

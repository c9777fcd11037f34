"""Signs that Word keeps as numbers of a font of signs, and boxes of forms."""

from __future__ import annotations

from index.sources.text.xml import XmlElement, attribute, children, find_all

__all__ = ["box_of", "symbol"]

_WINGDINGS = {
    0x6C: "●", 0x6E: "■", 0x6F: "☐", 0x71: "☐", 0x72: "☐", 0x74: "◆", 0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x78: "☒",
    0x9F: "•", 0xA1: "○",
    0xA7: "▪", 0xA8: "☐", 0xD8: "➢", 0xE0: "→", 0xDF: "←", 0xE1: "↑", 0xE2: "↓", 0xF0: "⇨",
    0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_SYMBOL = dict(zip(
    "abcdefghiklmnopqrstuwxyzABCDEFGHIKLMNOPQRSTUWXYZ", "αβχδεφγηικλμνοπθρστυωξψζΑΒΧΔΕΦΓΗΙΚΛΜΝΟΠΘΡΣΤΥΩΞΨΖ", strict=True
)) | {"\xa3": "≤", "\xb3": "≥", "\xb1": "±", "\xb4": "×", "\xb8": "÷", "\xb9": "≠", "\xbb": "≈", "\xb7": "•",
      "\xae": "→", "\xb0": "°", "\xa5": "∞", "\xb5": "∝", "\xe5": "∑", "\xf2": "∫", "\xd6": "√"}  # fmt: skip


def symbol(element: XmlElement) -> str:
    """Return the sign of a `sym` element, `""` where it isn't known."""
    font, code = attribute(element, "font").lower(), attribute(element, "char")
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    number -= 0xF000 if 0xF000 <= number <= 0xF0FF else 0
    if font == "wingdings":
        return _WINGDINGS.get(number, "")
    if font == "symbol":
        return _SYMBOL.get(chr(number), chr(number) if 0x20 <= number < 0x40 else "")
    return chr(number) if 0x20 <= number < 0xE000 and "ding" not in font else ""


def box_of(field: XmlElement) -> str:
    """Return the box of a form's field, ticked or not; `""` for a field without one."""
    for box in find_all(field, "checkBox"):
        marks = [*children(box, "checked"), *children(box, "default")]
        ticked = bool(marks) and attribute(marks[0], "val") not in ("0", "false", "off")
        return "☒" if ticked else "☐"
    return ""

"""Bytes to text: how letters are encoded is guessed where nothing says it; each guess is checked and reported."""

from __future__ import annotations

import codecs
import re
import unicodedata
from operator import itemgetter

from index.sources.text.letterpairs import likeness
from index.sources.types import ReadContext, RefusedError

__all__ = ["UnknownEncodingError", "decode", "decode_head", "decoded"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_ASCII = bytes([*b"\0\t\n\r", *range(0x20, 0x7F)])
_SEVEN_BITS = ("utf-7", "hz", "hz-gb-2312")  # ASCII to the eye, so only a declaration shows them
_SAMPLE = 4096
_GUESS_BYTES = 256 * 1024
_SEARCHED_BYTES, _COMPARED_BYTES = 4 * 1024 * 1024, 32 * 1024
_PLAUSIBLE = 0.97
_ALIKE = 0.45
_COHERENT = 0.3
_TIE = 0.005
_FEW_PAIRS = 8
_WIDE_LETTERS = ("cp932", "shift_jis", "euc_jp", "gb18030", "gbk", "gb2312", "big5", "big5hkscs", "cp949", "euc_kr")
_CANDIDATES = [  # the commoner first: it wins when both give the same text
    "cp1252", "gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "cp1251", "cp1250", "cp1256", "cp1254",
    "cp1253", "cp1255", "cp874", "cp1257", "koi8_r", "koi8_u", "cp866", "iso8859_2", "iso8859_5", "iso8859_6",
    "iso8859_7", "iso8859_8", "iso8859_9", "iso8859_13", "iso8859_15", "iso8859_3", "iso8859_4", "iso8859_10",
    "iso8859_16", "cp1258", "mac_cyrillic", "mac_roman", "mac_latin2", "cp850", "cp852", "cp437", "cp857",
    "cp862", "cp864",
]  # fmt: skip
_WEB_NAMES = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
              "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "x-sjis": "cp932", "euc-kr": "cp949",
              "ks_c_5601-1987": "cp949", "tis-620": "cp874", "iso-8859-9": "cp1254", "iso-8859-11": "cp874",
              "big5": "big5hkscs", "iso-8859-8-i": "iso-8859-8"}  # fmt: skip


class UnknownEncodingError(RefusedError):
    """The bytes are text in no encoding that could be recognised: nothing is read rather than something wrong."""

    def __init__(self) -> None:
        super().__init__("its encoding can't be known", "save it as UTF-8")


def decode(data: bytes, declared: str = "") -> tuple[str, list[str]]:
    """Decode a text of unknown encoding.

    In this order: byte order mark, UTF-16 and UTF-32 without one, ISO-2022, UTF-8, what the file declares, a guess by
    the letters (see `letterpairs`), charset-normalizer.

    Args:
        data: the whole text.
        declared: the encoding that the file or its server names, or `""`.

    Returns:
        The text, and what a person should know (empty when nothing had to be guessed).

    Raises:
        UnknownEncodingError: no encoding gives anything like a text.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, "replace"), []
    for name in _certain_names(data, declared.strip().lower()):
        text = _strict(data, name)
        if text is not None:
            return text, []
    text = _strict(data, _WEB_NAMES.get(declared.strip().lower(), declared.strip().lower())) if declared else None
    if text is not None and plausibility(text[:_SAMPLE]) >= _PLAUSIBLE:
        return text, []
    return _guess(data)


def decoded(data: bytes, context: ReadContext, declared: str | None = None) -> str:
    """Decode a text of unknown encoding; what had to be guessed becomes a warning.

    Args:
        data: the whole text.
        context: what it was declared to be, and who is warned.
        declared: the encoding that is named elsewhere; `None`: what `context` knows.

    Raises:
        UnknownEncodingError: no encoding gives anything like a text.
    """
    text, warnings = decode(data, context.declared.get("charset", "") if declared is None else declared)
    for warning in warnings:
        context.warn(warning)
    return text


def decode_head(data: bytes) -> str:
    """Decode the beginning of a file roughly, enough to recognise its format; `""` when it is no text."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, "ignore")
    if b"\0" in data:
        return next((data[: len(data) // 4 * 4].decode(name, "ignore") for name in _wide_names(data)), "")
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text if _control_share(text[:_SAMPLE]) < 0.01 else ""


def plausibility(text: str) -> float:
    """Return the share of characters that real text is made of: assigned, no controls, no private use."""
    if not text:
        return 0.0
    return 1.0 - sum(1 for c in text if _is_odd(c)) / len(text)


def _is_odd(character: str) -> bool:
    return character not in "\t\n\r\f" and unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs")


def _control_share(text: str) -> float:
    controls = sum(1 for c in text if c < " " and c not in "\t\n\r\f\x1a\x1b")
    return controls / max(1, len(text))


def _wide_names(data: bytes) -> list[str]:
    """Return the encodings of two and four bytes a character that the data may be in, the likeliest first.

    Bytes in the wrong order often give assigned characters too, but those are strewn over many blocks: a real text
    has few different upper bytes and many lower ones.
    """
    found: list[tuple[int, str]] = []
    if _is_ascii_with_zeros(data[:_SAMPLE]):
        return []
    for name in _WIDE:
        text = data[: min(_SAMPLE, len(data) // 4 * 4)].decode(name, "replace")
        if text.count("\ufffd") <= 1 and plausibility(text) >= _PLAUSIBLE:  # one: a pair that the sample cuts
            found.append((len({ord(c) >> 8 for c in text}), name))
    return [name for _, name in sorted(found, key=itemgetter(0))]


def _is_ascii_with_zeros(sample: bytes) -> bool:
    """Tell ASCII with a few zero bytes in it from real pairs of bytes: there, upper and lower ones differ in kind."""
    even, odd = set(sample[::2]), set(sample[1::2])
    alike = len(even & odd) * 3 >= len(even | odd)
    few = sample.count(0) * 4 < len(sample) and len(sample.translate(None, _ASCII)) * 10 < len(sample)
    return few and alike


def _certain_names(data: bytes, declared: str) -> list[str]:
    if b"\0" in data[:_SAMPLE]:
        return _wide_names(data)
    names = [declared, "utf-8"] if declared in _SEVEN_BITS and data.isascii() else ["utf-8"]
    if re.search(rb"\x1b\$[B@]|\x1b\([BJI]", data[:_GUESS_BYTES]):
        names.insert(0, "iso2022_jp_2")
    elif b"\x1b$)C" in data[:_SAMPLE]:
        names.insert(0, "iso2022_kr")
    return names


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _guess(data: bytes) -> tuple[str, list[str]]:
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken * 100 <= _beyond_ascii(text):
        return text, [f"not quite valid UTF-8; {broken} broken places are shown as \ufffd"]
    telling = b"\n".join(line for line in data[:_SEARCHED_BYTES].split(b"\n") if not line.isascii())
    name = _by_letters(telling[:_COMPARED_BYTES]) or _by_coherence(telling[:_GUESS_BYTES])
    text = data.decode(name, "replace")
    if text.count("\ufffd") * 100 > len(text):
        raise UnknownEncodingError
    return text, [f"the encoding is not stated; read as {name}, which may be wrong: save it as UTF-8 to be sure"]


def _by_letters(sample: bytes) -> str:
    """Return the candidate whose letters look most like a language; `""` when none looks like any."""
    best, chosen = _ALIKE, ""
    for name in _CANDIDATES:
        text = _incremental(sample, name)
        if text is None:
            continue
        score, _, pairs = likeness(text)
        if pairs < _FEW_PAIRS:  # quotation marks and pound signs only: nothing to compare
            return "cp1252" if _incremental(sample, "cp1252") is not None else ""
        if score > best + _TIE:
            best, chosen = score, name
    return chosen


def _by_coherence(sample: bytes) -> str:
    """Ask charset-normalizer, for languages whose letters we have not counted.

    Raises:
        UnknownEncodingError: it does not know either.
    """
    from charset_normalizer import from_bytes  # most texts are UTF-8

    best = from_bytes(sample).best()
    names_only = best is not None and best.encoding in _WIDE_LETTERS and best.chaos == 0
    if best is None or not (best.coherence >= _COHERENT or names_only):  # a list of names is like no ordinary text
        raise UnknownEncodingError
    return best.encoding


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _incremental(sample: bytes, name: str) -> str | None:
    """Decode a sample that may end within a character; `None` when it is not that encoding."""
    try:
        text = codecs.getincrementaldecoder(name)().decode(sample)
    except UnicodeError:
        return None
    odd = sum(1 for c in text if "\x80" <= c <= "\x9f" or "\ue000" <= c <= "\uf8ff")
    return text if odd * 200 <= _beyond_ascii(text) else None

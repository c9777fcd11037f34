"""Which language a text is in, and which way it is written; offline, and the same answer every time.

The script decides alone where one language owns it (Hangul, kana, Thai …). For the others Google's Compact
Language Detector 2 reads the letters of the main script: a naive Bayes classifier over letter quadgrams, with its
tables compiled in (https://github.com/CLD2Owners/cld2).
"""

from __future__ import annotations

import unicodedata
from types import MappingProxyType

from index.caching import kept
from index.language.scripts import script_of, script_of_char

__all__ = ["UNKNOWN", "canonical", "detect", "detect_within", "script_of", "scripts_of_language"]

UNKNOWN = "und"

_LONGEST = 4_000  # code points that are looked at: more changes no decision and costs time
_OWN_SCRIPT = MappingProxyType({
    "Hang": "ko", "Kana": "ja", "Thai": "th", "Laoo": "lo", "Khmr": "km", "Mymr": "my", "Geor": "ka", "Armn": "hy",
    "Grek": "el", "Sinh": "si", "Taml": "ta", "Telu": "te", "Knda": "kn", "Mlym": "ml", "Gujr": "gu", "Guru": "pa",
    "Orya": "or", "Thaa": "dv", "Cher": "chr", "Hani": "zh", "Bopo": "zh", "Syrc": "syr", "Nkoo": "nqo",
    "Tfng": "zgh", "Adlm": "ff", "Olck": "sat", "Yiii": "ii", "Lisu": "lis", "Vaii": "vai", "Mtei": "mni",
})  # fmt: skip
_SAME = MappingProxyType({
    "iw": "he", "in": "id", "jw": "jv", "mo": "ro", "sh": "sr", "tl": "fil", "nb": "no", "ji": "yi", "prs": "fa",
    "pes": "fa", "arb": "ar", "cmn": "zh", "kmr": "ku", "blu": "hmn", "un": UNKNOWN, "xx": UNKNOWN, "tw": "ak",
})  # fmt: skip
# Languages written in another script than Latin, or in more than one; all others are taken as Latin.
_SCRIPTS = MappingProxyType({
    **{language: (script,) for script, language in _OWN_SCRIPT.items() if script != "Bopo"},
    **dict.fromkeys(("ar", "fa", "ur", "ps", "ckb", "sd", "ug", "mey", "shi"), ("Arab",)),
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "kk", "ky", "tg", "tt", "ba", "mn", "ab", "os", "ce"), ("Cyrl",)),
    **dict.fromkeys(("hi", "mr", "ne", "sa", "mai", "bh", "bho"), ("Deva",)),
    "he": ("Hebr",), "yi": ("Hebr",), "bn": ("Beng",), "as": ("Beng",), "bo": ("Tibt",), "dz": ("Tibt",),
    "am": ("Ethi",), "ti": ("Ethi",), "yue": ("Hani",), "iu": ("Cans",), "sr": ("Cyrl", "Latn"),
    "az": ("Latn", "Cyrl", "Arab"), "uz": ("Latn", "Cyrl"), "ku": ("Latn", "Arab"), "ff": ("Latn", "Adlm"),
    "ha": ("Latn", "Arab"), "ms": ("Latn", "Arab"), "pa": ("Guru", "Arab"), "tk": ("Latn", "Cyrl"),
    "ja": ("Kana", "Hani"),
})  # fmt: skip
_MOST_WRITTEN = MappingProxyType({"Cyrl": "ru", "Arab": "ar", "Deva": "hi"})
# Written so alike that the classifier's word is worth less than that of a document as a whole.
_ALIKE = (
    {"bs", "hr", "sr"}, {"id", "ms"}, {"no", "nn", "da"}, {"zu", "xh", "ss", "nd"}, {"st", "nso", "tn"}, {"cs", "sk"},
)  # fmt: skip
_SURE = 60  # code points from which on the classifier is trusted against the document's language
_FALLBACK = MappingProxyType({"Deva": "hi", "Hebr": "he", "Ethi": "am", "Tibt": "bo", "Beng": "bn"})


@kept(4096, longest=64)
def canonical(code: str) -> str:
    """Return the primary language subtag of a BCP 47 code, old and split codes mapped to the one used here.

    `"zh-Hant-TW"` is `"zh"`, `"iw"` is `"he"`, `"nb"` is `"no"`; what is no code at all is `"und"`.
    """
    primary = code.strip().lower().replace("_", "-").split("-")[0]
    if not (primary.isascii() and primary.isalpha() and 2 <= len(primary) <= 8):
        return UNKNOWN
    return _SAME.get(primary, primary)


def scripts_of_language(language: str) -> tuple[str, ...]:
    """Return the scripts that a language is usually written in, `("Latn",)` for languages not listed."""
    return _SCRIPTS.get(canonical(language), ("Latn",))


def detect(text: str) -> str:
    """Return the BCP 47 code of most of the text (`"en"`, `"ar"`, `"zh"` …), `"und"` when it can't be told.

    Words in a second script (names, terms) do not vote. Deterministic; needs no network and no model file.
    """
    text = unicodedata.normalize("NFC", text[:_LONGEST])  # split accents would be read as other letters
    script = script_of(text)
    if script == "Zyyy":
        return UNKNOWN
    if script in _OWN_SCRIPT:
        return _OWN_SCRIPT[script]
    language = _detect_by_letters(_only(text, script), script)
    return _FALLBACK.get(script, UNKNOWN) if language == UNKNOWN else language


def detect_within(text: str, document_language: str) -> str:
    """Return the language of a part of a document, whose own language decides where the part alone does not.

    That is: where nothing is detected, or the part is short, or the two languages are easily confused, provided that
    the document's language is written in the script of the part.
    """
    own, found = canonical(document_language), detect(text)
    if own in (UNKNOWN, found) or script_of(text) not in scripts_of_language(own):
        return found
    unsure = found == UNKNOWN or len(text) < _SURE or any({own, found} <= group for group in _ALIKE)
    return own if unsure else found


def _only(text: str, script: str) -> str:
    """Return the text with the letters of other scripts, and what is no character at all, made spaces."""
    foreign = {}
    for char in set(text):
        other = script_of_char(char)
        if (other and other != script) or unicodedata.category(char) in ("Cc", "Cs", "Cn", "Co"):
            foreign[ord(char)] = " "
    return text.translate(foreign)


def _detect_by_letters(text: str, script: str) -> str:
    language = _classify(text, script, "")
    if language == UNKNOWN and script in _MOST_WRITTEN:  # undecided among relatives: let the largest one count more
        language = _classify(text, script, _MOST_WRITTEN[script])
    return language


def _classify(text: str, script: str, hint: str) -> str:
    import pycld2  # type: ignore[import-untyped,unused-ignore]

    try:
        reliable, _, guesses = pycld2.detect(text, returnVectors=False, bestEffort=True, hintLanguage=hint or None)
    except pycld2.error:  # it takes fewer characters for valid than Unicode does
        return UNKNOWN
    language = canonical(guesses[0][1])
    if language == "ku" and script == "Arab":
        return "ckb"
    if script not in scripts_of_language(language) or not (reliable or len(text) >= 40):
        return UNKNOWN
    return language

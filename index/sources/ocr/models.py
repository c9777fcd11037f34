"""Which models of Tesseract read which script and language, and what Debian calls their packages."""

from __future__ import annotations

import re
from collections.abc import Collection

from index.language.codes import canonical
from index.language.lexicon import languages

__all__ = [
    "is_choice",
    "language_models",
    "latin_for",
    "missing_model",
    "package_of",
    "richer_models",
    "script_models",
    "with_latin",
]

_NAME = r"[A-Za-z_]{2,30}(?:/[A-Za-z_]{2,30})?"
_CHOICE = re.compile(rf"{_NAME}(?:[+,]{_NAME})*\Z")
# By the name that Tesseract gives a script: Debian's suffix, models of the whole script, models of single languages.
_SCRIPTS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "Latin": ("latn", ("script/Latin",), ("eng", "deu", "fra", "spa", "ita", "por", "nld", "pol", "tur", "vie")),
    "Cyrillic": ("cyrl", ("script/Cyrillic",), ("rus", "ukr", "bul", "srp", "mkd", "bel", "kaz")),
    "Arabic": ("arab", ("script/Arabic",), ("ara", "fas", "urd", "pus", "uig")),
    "Devanagari": ("deva", ("script/Devanagari",), ("hin", "mar", "nep", "san")),
    "Hebrew": ("hebr", ("script/Hebrew",), ("heb", "yid")),
    "Bengali": ("beng", ("script/Bengali",), ("ben", "asm")),
    "Ethiopic": ("ethi", ("script/Ethiopic",), ("amh", "tir")),
    "Han": ("hans", ("script/HanS", "script/HanT"), ("chi_sim", "jpn", "chi_tra")),
    "Japanese": ("jpan", ("script/Japanese",), ("jpn", "chi_sim")),
    "Korean": ("hang", ("script/Hangul",), ("kor",)),
    "Hangul": ("hang", ("script/Hangul",), ("kor",)),
    "Greek": ("grek", ("script/Greek",), ("ell",)),
    "Thai": ("thai", ("script/Thai",), ("tha",)),
    "Tamil": ("taml", ("script/Tamil",), ("tam",)),
    "Telugu": ("telu", ("script/Telugu",), ("tel",)),
    "Kannada": ("knda", ("script/Kannada",), ("kan",)),
    "Malayalam": ("mlym", ("script/Malayalam",), ("mal",)),
    "Gujarati": ("gujr", ("script/Gujarati",), ("guj",)),
    "Gurmukhi": ("guru", ("script/Gurmukhi",), ("pan",)),
    "Georgian": ("geor", ("script/Georgian",), ("kat",)),
    "Armenian": ("armn", ("script/Armenian",), ("hye",)),
    "Khmer": ("khmr", ("script/Khmer",), ("khm",)),
    "Lao": ("laoo", ("script/Lao",), ("lao",)),
    "Myanmar": ("mymr", ("script/Myanmar",), ("mya",)),
    "Sinhala": ("sinh", ("script/Sinhala",), ("sin",)),
    "Fraktur": ("frak", ("script/Fraktur",), ("deu", "eng")),
}
_ALONE = ("Latin", "Fraktur", "Cyrillic", "Greek", "Armenian", "Han", "Japanese", "Korean", "Hangul", "Arabic")
# The model that is tried first lacks letters of other languages: a Persian page read as Arabic looks like Arabic.
_LACKING = ("Arabic",)
_SEVERAL = ("Han", "Japanese")  # one script to the eye, several languages, whose models read only their own


def is_choice(chosen: str) -> bool:
    """Say whether this can be what somebody chose for OCR: `auto`, `off`, or names of models such as `deu+eng`."""
    return bool(_CHOICE.match(chosen))


def script_models(script: str, installed: Collection[str]) -> list[str]:
    """Return the models to read a script with at first; several where only reading tells them apart."""
    _, whole, single = _SCRIPTS.get(script, ("", (f"script/{script}",), ()))
    scripts = [name for each in whole for name in (each, each.removeprefix("script/")) if name in installed]
    there = [name for name in single if name in installed]
    if script in _SEVERAL:
        return there[:3] or scripts[:2]
    return there[:1] or scripts[:1]  # that of a whole script took 1.8 times as long on an English page


def richer_models(script: str, installed: Collection[str]) -> list[str]:
    """Return models with letters which the first one of a script takes for others: only reading says who has them."""
    _, _, single = _SCRIPTS.get(script, ("", (), ()))
    return [name for name in single if name in installed][1:] if script in _LACKING else []


def language_models(language: str, script: str, installed: Collection[str]) -> list[str]:
    """Return the model of a language where it reads that script; without one, that of the whole script."""
    known = languages().get(canonical(language))
    name = known.values.get("ocr", "") if known else ""
    others = {model for known, (_, _, single) in _SCRIPTS.items() if known != script for model in single}
    _, whole, own = _SCRIPTS.get(script, ("", (), ()))
    if name in others and name not in own:
        return []  # words in another script were misread
    if name in installed:
        return [name]
    return [each for each in (*whole, *(one.removeprefix("script/") for one in whole)) if each in installed][:1]


def with_latin(model: str, script: str, installed: Collection[str]) -> str:
    """Return a model with one for names and terms in Latin letters beside it, `""` where that is no help.

    Scripts that look alike (Cyrillic, Greek) would be mixed up, and the models of Chinese, Japanese, Korean and Arabic
    read Latin letters better alone: Arabic pages 1.9 % wrong against 4.8, Korean 5.1 against 6.7.
    """
    beside = script in _SCRIPTS and script not in _ALONE
    return f"{model}+eng" if beside and "eng" in installed and "+" not in model else ""


def latin_for(models: str, installed: Collection[str]) -> str:
    """Return the model to read single words in Latin letters with on a page of another script; `""` if none helps."""
    latin = {name for script in ("Latin", "Fraktur") for name in (*_SCRIPTS[script][1], *_SCRIPTS[script][2])}
    if any(name in latin or f"script/{name}" in latin for name in models.split("+")):
        return ""
    return "".join(script_models("Latin", installed)[:1])


def missing_model(script: str) -> str:
    """Say what to install to have a script read."""
    suffix, _, single = _SCRIPTS.get(script, ("", (), ()))
    packages = [f"tesseract-ocr-script-{suffix}"] if suffix else []
    packages += [package_of(name) for name in single[:1]]
    return f"install {' or '.join(packages)}" if packages else "Tesseract has no model of it here"


def package_of(model: str) -> str:
    """Return the package of a model in Debian and Ubuntu."""
    if model.startswith("script/"):
        known = {name: suffix for suffix, whole, _ in _SCRIPTS.values() for name in whole}
        known |= {"script/HanS": "hans", "script/HanT": "hant"}
        return f"tesseract-ocr-script-{known.get(model, model[7:11].lower())}"
    return f"tesseract-ocr-{model.replace('_', '-').lower()}"

"""Words for currencies that say which currency is meant; "dollars" and "جنيه" are those of several countries."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from index.language.folding import fold
from index.language.lexicon import known_words
from index.language.scripts import NO_SPACES, script_of

__all__ = ["currency_of", "is_percent", "units_apart"]

_SIGNS = {
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₽": "RUB",
    "₹": "INR",
    "₺": "TRY",
    "₪": "ILS",
    "₴": "UAH",
    "₩": "KRW",
}
_PERCENT = frozenset({"%", "٪"})
# In all languages.
_EVERYWHERE = {
    "EUR": "euro, euros, euron, eur, евро, євро, ευρώ, يورو, یورو, אירו, यूरो, ইউরো, 欧元, 歐元, ユーロ, 유로, ยูโร",
    "USD": "美元, 米ドル, usd",
    "GBP": "英镑, 英鎊, gbp",
    "JPY": "日元, 日圓",
    "CNY": "人民币, 人民幣, rmb",
}
# In the language of the country whose they are.
_AT_HOME = {
    "ru": ("RUB", "рубль, рубля, рублей, рублям, рублями, руб"),
    "uk": ("UAH", "гривня, гривні, гривень, грн"),
    "zh": ("CNY", "元"),
    "ja": ("JPY", "円"),
    "ko": ("KRW", "원"),
    "hi": ("INR", "रुपये, रुपए, रुपया, रु"),
    "he": ("ILS", 'שקל, שקלים, שקלים חדשים, ש"ח, ש״ח'),
    "tr": ("TRY", "lira, liraya, lirası, tl"),
    "pl": ("PLN", "złoty, złote, złotych, zł"),
    "cs": ("CZK", "koruna, koruny, korun, kč"),
    "sv": ("SEK", "krona, kronor, kr"),
    "da": ("DKK", "krone, kroner, kr"),
    "nb": ("NOK", "krone, kroner, kr"),
    "hu": ("HUF", "forint, forintot, ft"),
    "th": ("THB", "บาท"),
    "vi": ("VND", "đồng"),
    "id": ("IDR", "rupiah"),
    "bn": ("BDT", "টাকা"),
    "ka": ("GEL", "ლარი"),
    "hy": ("AMD", "դրամ"),
}


def currency_of(word: str, language: str) -> str:
    """Return the ISO 4217 code of the currency that a folded word names in a language; `""` for none or several."""
    return _SIGNS.get(word) or _words(language).get(word.rstrip("."), "")


def is_percent(word: str) -> bool:
    """Tell whether a folded word or sign says percent."""
    return word in _PERCENT or word in known_words("percent")


def units_apart(word: str, language: str) -> list[str]:
    """Return a word with a currency at its end apart, where a script has no spaces: `万元` is `万` and `元`."""
    for unit in sorted(_words(language), key=len, reverse=True):
        if script_of(unit) in NO_SPACES | {"Hang"} and word.endswith(unit) and word != unit:
            return [word[: -len(unit)], unit]
    return [word]


@lru_cache(maxsize=64)
def _words(language: str) -> Mapping[str, str]:
    found = {fold(word.strip()): code for code, words in _EVERYWHERE.items() for word in words.split(",")}
    code, words = _AT_HOME.get(language, ("", ""))
    return found | {fold(word.strip()): code for word in words.split(",") if word.strip()}

"""A name in Latin letters, for readers who don't know its script.

anyascii (ISC) has a table for every script of Unicode. Arabic and Hebrew leave short vowels out: parts of names that
are known are written as newspapers write them (`given_names.toml`), the others letter by letter, where no vowel is
made up.
Chinese names have their family name apart. Japanese names in Han characters are read in ways that the characters don't
tell, so they stay as they are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from anyascii import anyascii

from index.language.scripts import script_of, script_of_char

__all__ = ["romanized"]

_LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءأإآؤئپچژگکی"
_SOUNDS = "a b t th j h kh d dh r z s sh s d t z ʿ gh f q k l m n h w y a a ʾ a i a w y p ch zh g k y"
_ARABIC = dict(zip(_LETTERS, _SOUNDS.split(), strict=True))
_ARTICLE = re.compile(r"^ال(?=..)")
# و and ي between consonants are long vowels.
_LONG = re.compile(r"(?<=[^aiuwyʿʾ-])([wy])(?=[^aiuwyʿʾ]|$)")
_HEBREW_LETTERS = "אבגדהוזחטיכךלמםנןסעפףצץקרשת"
_HEBREW_SOUNDS = "a v g d h v z h t y kh kh l m m n n s a f f ts ts k r sh t"
_HEBREW = dict(zip(_HEBREW_LETTERS, _HEBREW_SOUNDS.split(), strict=True))
_BEGINNING = {"ב": "b", "כ": "k", "פ": "p"}
_UNSEEN = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0640\u200c\u200d\u0591-\u05c7]")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DOUBLE_FAMILIES = "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 东方 夏侯 皇甫 尉迟 公孙 慕容 令狐 宇文 司徒"
_FAMILIES = frozenset(
    "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅沈曾彭吕呂苏蘇"
    "卢盧蒋蔣蔡贾賈丁魏薛叶葉阎閻余潘杜戴夏钟鐘汪田任姜范方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段漕钱錢汤湯"
    "尹黎易常武乔喬贺賀赖賴龚龔文习習温溫莫"
)
_GIVEN = range(1, 3)  # characters of a given name


def romanized(words: str, language: str) -> str:
    """Return the words in Latin letters, each beginning with a capital; `""` where letters don't tell how they sound.

    Args:
        words: a name.
        language: its BCP 47 code.
    """
    script = script_of(words)
    if language == "ja" and any(script_of_char(letter) == "Hani" for letter in words):
        return ""
    if script in ("Arab", "Hebr"):
        return " ".join(_known(script).get(word) or _spelled(script, word) for word in _UNSEEN.sub("", words).split())
    parts = words.split() if script != "Hani" else _chinese(words.strip())
    return " ".join(_capital(_HUMP.sub(lambda _: "\0", anyascii(part)).replace("\0", "").lower()) for part in parts)


def _chinese(name: str) -> list[str]:
    """Return family and given name; a title before them ("工程师林国栋") is no part of a name."""
    if "·" in name or " " in name:
        return re.split("[· ]", name)
    for size in (2, 1):
        for given in reversed(_GIVEN):
            family = name[-given - size : -given]
            if len(name) >= given + size and (family in _DOUBLE_FAMILIES or (size == 1 and family in _FAMILIES)):
                return [family, name[-given:]]
    return [name]


def _spelled(script: str, word: str) -> str:
    return _arabic(word) if script == "Arab" else _hebrew(word)


def _arabic(word: str) -> str:
    article = "al-" if _ARTICLE.match(word) else ""
    letters = _ARTICLE.sub("", word)
    sounds = "".join(_ARABIC.get(letter, letter) for letter in letters)
    sounds = "a" + sounds[1:] if sounds.startswith("ʿ") else sounds
    sounds = sounds[:1] + _LONG.sub(lambda found: "u" if found[1] == "w" else "i", sounds)[1:]
    return article + _capital(sounds)


def _hebrew(word: str) -> str:
    sounds: list[str] = []
    for place, letter in enumerate(word):
        last = place == len(word) - 1
        if letter == "ו" and place:
            sounds.append("u" if last and word[place - 1] == "ה" else "o")
        elif letter == "י" and place:
            sounds.append("i")
        elif letter == "ה" and last:
            sounds.append("a")
        else:
            sounds.append((_BEGINNING if not place else {}).get(letter) or _HEBREW.get(letter, letter))
    return _capital("".join(sounds).replace("aa", "a").replace("ii", "i"))


@lru_cache(maxsize=2)
def _known(script: str) -> Mapping[str, str]:
    """Return parts of names in one script, with how they are written in Latin letters."""
    table = tomllib.loads((files("index.language") / "given_names.toml").read_text("utf-8"))
    return dict(entry.split() for entry in table[script]["names"].split(","))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]

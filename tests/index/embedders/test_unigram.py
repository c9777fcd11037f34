"""The small tokenizer says what the library says, and where each token stands."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from index.embedders.bundled.packed import PackedModel
from index.embedders.bundled.tokens.unigram import Unigram
from tools.export_encoder import tokenizer_settings as settings_of

TEXTS = [
    "Who heads the AOI?  It was founded in 1975.",
    "متى تأسست جامعة القاهرة؟ في عام ١٩٠٨ ﷺ",
    "珠穆朗玛峰是世界最高峰。它的高度是8848米。",
    "エレンは2000年7月31日に言葉を遅れずに付いた。",
    "Größe ½ ﬁn ① Ａ\u3000Ｂ\u00a0c\t\nd",
    "हिन्दी में क्षि",
    " leading and trailing ",
    "ᚠᚢᚦ𐍈𓀀𓀁 x𓀂",
]


@pytest.fixture(scope="module")
def library(packed: PackedModel) -> Tokenizer:
    settings = settings_of(packed)
    settings["added_tokens"] = []  # names of special tokens in a text stay words in ours
    return Tokenizer.from_str(json.dumps(settings))


@pytest.mark.parametrize("text", TEXTS)
def test_ids_are_those_of_the_library(unigram: Unigram, library: Tokenizer, text: str) -> None:
    assert unigram.encode(text).ids == library.encode(text, add_special_tokens=False).ids


@given(st.text(st.characters(exclude_categories=("Cs", "Mn", "Mc", "Me"), exclude_characters="\0<"), max_size=40))
@example("a\u2581b\u2581\u2581c")
@example("\u00a8x \u00b4")
def test_ids_are_those_of_the_library_for_any_text(unigram: Unigram, library: Tokenizer, text: str) -> None:
    # Marks are left out: this tokenizer composes them first, as the embedder does, and the library does not.
    import unicodedata

    text = unicodedata.normalize("NFC", text)
    assert unigram.encode(text).ids == library.encode(text, add_special_tokens=False).ids


@pytest.mark.parametrize("text", TEXTS[:4])
def test_places_are_those_of_the_library(unigram: Unigram, library: Tokenizer, text: str) -> None:
    expected = library.encode(text, add_special_tokens=False).offsets
    ours = unigram.encode(text).spans
    words = [(text[a:b].strip(), text[c:d].strip()) for (a, b), (c, d) in zip(ours, expected, strict=True)]
    assert all(mine == theirs for mine, theirs in words[1:])


@given(st.text(st.characters(exclude_categories=()), max_size=40))
@example("e\u0301\u0323 \ufdfa <s>")
def test_places_lie_in_the_text_and_never_go_back(unigram: Unigram, text: str) -> None:
    tokens = unigram.encode(text)
    assert len(tokens.ids) == len(tokens.spans)
    before = 0
    for start, end in tokens.spans:
        assert 0 <= start <= end <= len(text)
        assert start >= before - 1  # a letter that stands for several is shared by the tokens that it falls into
        before = end


@pytest.mark.parametrize("name", ["<s>", "</s>", "<pad>", "<unk>", "<mask>"])
def test_names_of_special_tokens_stay_words(unigram: Unigram, name: str) -> None:
    text = f"a {name} b"
    tokens = unigram.encode(text)
    assert not {0, 1, 2, 250_001} & set(tokens.ids)
    assert "".join(text[start:end] for start, end in tokens.spans) == text


def test_accents_are_composed_and_places_stay_those_of_the_text(unigram: Unigram) -> None:
    composed, apart = "caf\u00e9 noir", "cafe\u0301 noir"
    assert unigram.encode(composed).ids == unigram.encode(apart).ids
    assert apart[slice(*unigram.encode(apart).spans[-1])].strip() == "noir"


def test_a_letter_that_grows_keeps_its_place(unigram: Unigram) -> None:
    text = "x ﷺ y"
    tokens = unigram.encode(text)
    assert len(tokens.ids) > 5
    assert all(text[start:end].strip() in "xﷺy" for start, end in tokens.spans)
    assert text[slice(*tokens.spans[-1])].strip() == "y"

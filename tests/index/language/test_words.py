"""Words of any script: what folding leaves nothing of is no word, wherever it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.language.numbers.facts import facts_of
from index.language.words import grams, tokens
from rag.checking.support import check

# The stroke that lengthens Arabic words, marks and joiners fold to nothing; letters of scripts with and without spaces.
MIXED = "\u0640\u0301\u064b\u200c\u200dـ船เကខ서あaج1٣²①፩ﷺ .\n"


@given(st.text(st.sampled_from(MIXED), max_size=12))
def test_no_word_is_empty_and_each_stands_where_it_says(text: str) -> None:
    found = tokens(text)
    assert all(token.form for token in found)
    assert all(0 <= token.start < token.end <= len(text) for token in found)


@pytest.mark.parametrize("text", ["船\u0640", "\u0640船", "เรือ\u0640 7", "7船\u0640\u0640船"])
def test_signs_of_which_nothing_stays_stop_no_check(text: str) -> None:
    """A quote that held one raised an error, and the whole answer with it."""
    assert grams(text)
    assert all(facts_of(text).words)
    assert check("A ship sailed to 5 isles.", text, similarity=0.6, language="en") == "not found"
    assert check(text, "A ship sailed to 5 isles.", similarity=0.6, same_language=True, language="zh")

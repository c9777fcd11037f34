"""Settings of an assistant that make no sense are refused by name, with what they may be."""

from __future__ import annotations

from typing import Any

import pytest

from index.errors import ConfigError
from rag.config import AnswerConfig


@pytest.mark.parametrize(
    ("settings", "fix"),
    [
        ({"k": 0}, "between 1 and 1000"),
        ({"k": 1_001}, "between 1 and 1000"),
        ({"max_quotes": 0}, "at least 1"),
        ({"min_confidence": -0.01}, "between 0 and 1"),
        ({"min_confidence": 1.01}, "between 0 and 1"),
        ({"quote_from": 2.0}, "between 0 and 1"),
        ({"llm_timeout": 0.5}, "between 1 and"),
        ({"most_sources": 0}, "between 1 and 1000"),
        ({"source_tokens": 0}, "at least 1"),
        ({"style": "poetic"}, "one of short, normal, detailed"),
        ({"reader": "no-such-reader"}, "bundled"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_with_its_limits(settings: dict[str, Any], fix: str) -> None:
    (value,) = settings.values()
    with pytest.raises(ConfigError) as refused:
        AnswerConfig(**settings)
    assert str(value) in refused.value.problem and fix in str(refused.value)


@pytest.mark.parametrize(
    "settings", [{"k": 1}, {"k": 1_000}, {"min_confidence": 0.0}, {"min_confidence": 1.0}, {"llm_timeout": 1.0}]
)
def test_the_limits_themselves_are_allowed(settings: dict[str, Any]) -> None:
    (name,) = settings
    assert getattr(AnswerConfig(**settings), name) == settings[name]

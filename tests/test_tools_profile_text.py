"""Fitted numbers go into a profile's file; comments, other tables and other numbers stay."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from index.embedders import profile
from index.embedders.profile import profile_of, read_profile
from tools.profile_text import with_numbers

BUNDLED = Path(profile.__file__).with_name("profiles") / "bundled.toml"


def test_new_weights_are_read_and_nothing_else_changes(tmp_path: Path) -> None:
    text = BUNDLED.read_text("utf-8")
    changed = with_numbers(text, "confidence", {"bias": -9.876, "similarity": 20})
    (tmp_path / "new.toml").write_text(changed, "utf-8")
    found = read_profile(tmp_path / "new.toml")
    assert (found.confidence.bias, found.confidence.similarity) == (-9.88, 20.0)
    lines = zip(text.splitlines(), changed.splitlines(), strict=True)
    assert [new.partition(" ")[0] for old, new in lines if old != new] == ["bias", "similarity"]


def test_numbers_of_other_tables_stay_though_they_have_the_same_name() -> None:
    text = BUNDLED.read_text("utf-8")
    changed = with_numbers(text, "quotes", {"passage": 3.0})
    assert changed.count("passage = 3.0") == 1 and "less_passage = 1.6" in changed
    assert with_numbers(changed, "quotes", {"passage": 2.0}) == text


@pytest.mark.parametrize(("table", "key"), [("confidence", "biases"), ("confidences", "bias"), ("alignment", "bias")])
def test_a_number_that_the_table_lacks_is_refused(table: str, key: str) -> None:
    with pytest.raises(KeyError, match=key if table != "confidences" else table):
        with_numbers(BUNDLED.read_text("utf-8"), table, {key: 1.0})


def test_what_the_tool_fits_are_keys_of_the_profile() -> None:
    text = (Path(__file__).parents[1] / "tools" / "fit_confidence.py").read_text("utf-8")  # it wants scikit-learn
    (names,) = [
        ast.literal_eval(node.value)
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "NAMES"
    ]
    assert names and [name for name in names if not hasattr(profile_of("").confidence, name.replace(" ", "_"))] == []

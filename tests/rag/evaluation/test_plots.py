"""Heat maps are drawn with every number, and refuse what can't be drawn before anything is measured."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from index.errors import ConfigError
from rag.evaluation.measures import Evaluation, Measures
from rag.evaluation.plots import check_plot_path, heat_map, plot_pairs
from tests.harness.needs import needs

pytestmark = needs("matplotlib")


_UNKNOWN = [None] * len(fields(Measures))
NOTHING = Measures(1, *_UNKNOWN[1:])


def measures(hit: float) -> Measures:
    return Measures(1, hit, *_UNKNOWN[2:])


def test_an_svg_holds_every_number_and_is_the_same_each_time(tmp_path: Path) -> None:
    pairs = {("en", "en"): measures(0.97), ("ar", "en"): measures(0.81), ("ar", "ar"): measures(0.94)}
    evaluation = Evaluation(NOTHING, {}, pairs)
    for name in ("a.svg", "b.svg"):
        plot_pairs(evaluation, tmp_path / name)
    drawn = (tmp_path / "a.svg").read_text()
    assert all(f">{text}<" in drawn for text in ("97", "81", "94", "ar", "en"))
    assert drawn == (tmp_path / "b.svg").read_text()


def test_a_png_is_a_picture(tmp_path: Path) -> None:
    heat_map(tmp_path / "a.png", [[0.1, None]], ["en"], ["en", "ar"], title="t")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG\r\n")


@pytest.mark.parametrize(("name", "expected"), [("a.pdf", "svg"), ("none/a.svg", "folder"), ("plot", "svg")])
def test_what_cannot_be_drawn_is_reported_first(tmp_path: Path, name: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        check_plot_path(tmp_path / name)


def test_nothing_to_plot(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to plot"):
        plot_pairs(Evaluation(NOTHING, {}, {}), tmp_path / "a.svg")
    assert not (tmp_path / "a.svg").exists()

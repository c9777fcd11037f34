"""A model for nli, named on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import index
from index.errors import ConfigError
from rag import Assistant
from tests.harness.small_models import save_cross_encoder
from ui.app.web import offered_assistants
from ui.cli import app

LABELS = {0: "contradiction", 1: "entailment", 2: "neutral"}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "trip.md").write_text("He went to the Iraqi capital, and took the railway.", encoding="utf-8")
    index.build([tmp_path / "trip.md"], index_dir=tmp_path / "index", embedder="hashing")
    return tmp_path / "index"


def test_ask_hands_the_model_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def assistant(**settings: Any) -> None:
        seen.append(settings["config"].nli)
        raise ConfigError("enough")

    monkeypatch.setattr("rag.Assistant", assistant)
    done = CliRunner().invoke(app, ["ask", "Who?", "--nli", "sentence-transformers:model"])
    assert isinstance(done.exception, ConfigError)
    assert seen == ["sentence-transformers:model"]


@pytest.mark.slow
def test_chat_gives_it_to_every_backend_and_tells_at_once_what_is_missing(built: Path, tmp_path: Path) -> None:
    spec = f"sentence-transformers:{save_cross_encoder(tmp_path / 'model', LABELS, 1)}"
    made = offered_assistants(built, "extractive", ["ollama:qwen3"], spec)
    assert {one.config.nli for one in made.values() if isinstance(one, Assistant)} == {spec}
    with pytest.raises(ConfigError, match="nli"):
        offered_assistants(built, "extractive", [], "bert")
    with pytest.raises(ConfigError, match="there is no folder"):
        offered_assistants(built, "extractive", [], f"sentence-transformers:{tmp_path / 'absent'}")

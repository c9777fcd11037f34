"""The façade over a real index on disk: built, asked in a fresh process, rebuilt while it is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import index
from index.errors import ConfigError, IndexMissingError
from rag import Answer, AnswerConfig, Assistant, answer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the sample articles, with the embedder for tests."""
    seeds = Path(__file__).resolve().parents[2] / "seeds"
    target = tmp_path_factory.mktemp("index")
    index.build([seeds], index_dir=target, embedder="hashing")
    return target


@pytest.fixture(scope="module")
def texts(folder: Path) -> dict[str, str]:
    """The documents' texts by their ids, as they are kept on disk."""
    with index.open(folder) as opened:
        return {name: opened.store.document(name).text for name in opened.store.document_ids()}


def exact(found: Answer, texts: dict[str, str]) -> bool:
    return all(texts[c.document_id][c.start : c.end] == c.quote for c in found.citations)


def test_answer_quotes_the_index_on_disk(folder: Path, texts: dict[str, str]) -> None:
    found = Assistant(folder, config=AnswerConfig(min_confidence=0.0)).answer("Where is Factory 200 located?")
    assert not found.refused
    assert any("Helwan" in citation.quote for citation in found.citations)
    assert found.generation == 1
    assert exact(found, texts)


@pytest.mark.parametrize("step", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_every_sample_question_gets_exact_citations_or_a_refusal_with_passages(
    folder: Path, texts: dict[str, str], seeds: Path, step: int
) -> None:
    assistant = Assistant(folder)
    for line in (seeds / "questions.jsonl").read_text(encoding="utf-8").splitlines()[::step]:
        found = assistant.answer(json.loads(line)["text"])
        assert exact(found, texts)
        assert found.refused != bool(found.citations)
        assert len(found.passages) >= 3


def test_no_index_no_backend_one_clear_line(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError) as missing:
        answer("Where is Factory 200?", index_dir=tmp_path / "none")
    assert "\n" not in str(missing.value)
    with pytest.raises(ConfigError, match="valid ones"):
        answer("Where is Factory 200?", index_dir=folder, llm="nonsense")


def test_a_rebuild_is_seen_by_a_running_assistant(tmp_path: Path) -> None:
    source, target = tmp_path / "texts", tmp_path / "index"
    source.mkdir()
    (source / "a.md").write_text("# Bridges\n\nThe old bridge is painted red every year.\n", encoding="utf-8")
    index.build([source], index_dir=target, embedder="hashing")
    assistant = Assistant(target, config=AnswerConfig(min_confidence=0.0))
    assert "red" in assistant.answer("What colour is the old bridge painted?").citations[0].quote
    (source / "a.md").write_text("# Bridges\n\nThe old bridge is painted blue every year.\n", encoding="utf-8")
    index.build([source], index_dir=target, embedder="hashing")
    again = assistant.answer("What colour is the old bridge painted?")
    assert "blue" in again.citations[0].quote
    assert again.generation == 2


def test_a_cold_answer_imports_nothing_heavy(folder: Path) -> None:
    code = (
        "import sys\n"
        "from rag import answer\n"
        f"print(answer('Where is Factory 200 located?', index_dir={str(folder)!r}))\n"
        "heavy = {'torch', 'gradio', 'sentence_transformers', 'transformers', 'tiktoken', 'openai', 'anthropic',\n"
        "         'httpx', 'xllamacpp', 'pandas', 'scipy', 'trafilatura'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=240)
    assert done.stdout.splitlines()[-1] == "[]"

"""`rag doctor` tells what works and the fix of what does not, and sends nothing to anybody."""

from __future__ import annotations

import json
import socket
from collections import namedtuple
from pathlib import Path

import pytest
from typer.testing import CliRunner

import index
from tests.conftest import SEEDS
from ui.cli import app
from ui.service.watching import checkup


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("doctor")
    text = folder / "one.md"
    text.write_bytes((SEEDS / "egypt-iraq-defense-industry.md").read_bytes())
    index.build([text], index_dir=folder / "index", embedder="hashing")
    return folder


def asked(*more: str, before: tuple[str, ...] = ()) -> tuple[int, dict[str, list[dict[str, str]]]]:
    result = CliRunner().invoke(app, [*before, "doctor", "--json", "--reader", "none", *more])
    assert isinstance(result.exception, SystemExit | None), result.exception
    rows: dict[str, list[dict[str, str]]] = {}
    for one in json.loads(result.output)["findings"]:
        assert one["found"] and (one["fix"] or one["state"] == "ok"), one
        rows.setdefault(one["name"], []).append(one)
    return result.exit_code, rows


def test_what_only_models_of_ones_own_need_is_no_fault(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = checkup._version
    lacking = {"torch", "sentence-transformers"}
    monkeypatch.setattr(checkup, "_version", lambda name: "" if name in lacking else there(name))
    code, rows = asked("--index", str(built / "index"))
    (row,) = rows["own models"]
    assert (code, row["state"]) == (0, "note") and row[
        "fix"
    ] == "pip install uv && uv pip install --torch-backend cpu torch sentence-transformers"
    lacking.add("openvino")
    code, rows = asked("--index", str(built / "index"))
    assert code == 1 and rows["versions"][1]["found"] == "not installed: openvino"


def test_a_sound_machine_is_sound(built: Path) -> None:
    code, rows = asked("--index", str(built / "index"))
    assert code == 0, rows
    assert "1 documents" in rows["index"][0]["found"]
    assert {"versions", "settings", "permissions", "disk", "files", "ocr", "embedder", "llm"} <= set(rows)
    shown = CliRunner().invoke(app, ["doctor", "--reader", "none", "--index", str(built / "index")])
    assert shown.exit_code == 0 and "hashing works" in shown.output


def test_what_does_not_work_is_told_with_its_fix(built: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    monkeypatch.setattr("shutil.disk_usage", lambda _: namedtuple("Usage", "free")(5))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
    spec = f"openai-compatible:m@http://127.0.0.1:{closed}/v1"
    (tmp_path / "wrong.toml").write_text("prot = 1\n")
    before = ("--config", str(tmp_path / "wrong.toml"))
    code, rows = asked(
        "--index", str(tmp_path / "nothing"), "--llm", spec, "--offer", "openai:gpt,local:/no/such.gguf", before=before
    )
    assert code == 1
    assert "rag index" in rows["index"][0]["fix"]
    assert "'port'" in rows["settings"][0]["fix"]
    assert all(one["state"] == "bad" and "free at least" in one["fix"] for one in rows["disk"])
    server, key, file = rows["llm"]
    assert "does not answer" in server["found"] and "start it" in server["fix"]
    assert key["fix"] == "OPENAI_API_KEY=…" and "api.openai.com" in key["found"]
    assert "no such model file" in file["found"] and "/no/" not in file["found"]


def test_a_damaged_index_is_reported(built: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(built / "index", tmp_path / "index")
    next((tmp_path / "index").glob("gen-*/sources.json")).write_text("{}")
    code, rows = asked("--index", str(tmp_path / "index"))
    assert code == 1
    assert any("sources.json" in one["found"] and "rag index" in one["fix"] for one in rows["index"])

"""Variables of the environment that can't count are named before a command trips over them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import index
from index.errors import ConfigError
from index.locations import location_of
from ui.cli import app, config_file
from ui.cli.environment import misspelt, reason_against, wrong_values
from ui.cli.settings import KEYS, SETTINGS


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)
    monkeypatch.setenv("RAG_CONFIG", "")
    config_file.apply()


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("port", ["0", "65535"], ["abc", "65536", "-1", "8.5", "nan"]),
        ("k", ["1"], ["0", "x"]),
        ("llm-timeout", ["1.5", "90"], ["0", "nan", "soon"]),
        ("metrics", ["1", "no", "True", "off"], ["maybe", "2"]),
        ("max-file-size", ["5MB", "1000"], ["huge", "-5MB"]),
        ("style", ["short"], ["long"]),
        ("log-format", ["json"], ["xml"]),
        ("ocr", ["off", "auto", "deu+eng"], ["f o", "deu eng"]),
        ("index", ["here", "postgresql://me@host/db", "C:/index"], ["http://host", "s3://bucket/x"]),
    ],
)
def test_a_value_that_cannot_count_has_a_reason(
    key: str, good: list[str], bad: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = KEYS[key]
    for value in good:
        monkeypatch.setenv(setting.variable, value)
        assert reason_against(setting) == "", value
    for value in bad:
        monkeypatch.setenv(setting.variable, value)
        (said,) = wrong_values()
        assert said.startswith(f"{setting.variable} can't be ") and "; it takes " in said, value


def test_a_folder_of_languages_has_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_LANGUAGES", str(tmp_path))
    assert not list(wrong_values())
    monkeypatch.setenv("RAG_LANGUAGES", str(tmp_path / "none"))
    assert len(list(wrong_values())) == 1


def test_a_secret_is_in_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX", "http://me:sesame@host/")
    (said,) = wrong_values()
    assert "sesame" not in said and "postgresql://" in said


def test_a_name_that_is_almost_ours_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RAG_PROT", "RAG_PUBLIC_ULR"):
        monkeypatch.setenv(name, "1")
    for name in ("RAG_PASSWORD_MAIL_EXAMPLE_ORG", "RAG_DB_PASSWORD", "RAG_BENCH_DATA", "RAG_DOCUMENTS", "DRAG_PORT"):
        monkeypatch.setenv(name, "1")
    assert list(misspelt()) == [
        "RAG_PROT is no setting; is RAG_PORT meant?",
        "RAG_PUBLIC_ULR is no setting; is RAG_PUBLIC_URL meant?",
    ]


def test_config_shows_the_value_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PORT", "abc")
    monkeypatch.setenv("RAG_PROT", "8001")
    shown = CliRunner().invoke(app, ["config"])
    assert shown.exit_code == 0 and "65,535" in shown.output and "is RAG_PORT meant?" in shown.output
    found = json.loads(CliRunner().invoke(app, ["config", "--json"]).output)
    wrong = {one["key"]: one["wrong"] for one in found["settings"] if one["wrong"]}
    assert list(wrong) == ["port"] and len(found["misspelt"]) == 1


def test_an_index_at_an_address_that_no_engine_knows_is_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for place in ("http://host/x", "s3://bucket/x"):
        with pytest.raises(ConfigError, match="no engine is installed"):
            location_of(place)
    assert location_of("a/b") == Path("a/b") and location_of("C:/b") == Path("C:/b")


def test_a_wrong_folder_of_languages_is_no_fault_of_the_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from index.language import lexicon

    monkeypatch.setenv("RAG_LANGUAGES", str(tmp_path / "none"))
    lexicon.languages.cache_clear()
    (tmp_path / "note.txt").write_text("The lighthouse was lit in 1849.")
    try:
        with pytest.raises(ConfigError, match="is no folder"):
            index.build([tmp_path / "note.txt"], index_dir=tmp_path / "ix", embedder="hashing")
    finally:
        lexicon.languages.cache_clear()

"""The settings file: its values come after the command line and the environment, and a mistake names its line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from index.errors import ConfigError
from tests.conftest import ROOT
from ui.cli import app, config_file
from ui.cli.settings import KEYS, SETTINGS

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave the environment as it was: a file puts its values there."""
    before = dict(os.environ)
    for setting in SETTINGS:
        os.environ.pop(setting.variable, None)
    yield
    os.environ.clear()
    os.environ.update(before)
    config_file.apply(None)


def written(folder: Path, text: str) -> Path:
    path = folder / "my settings.toml"
    path.write_text(text, "utf-8")
    return path


def served(path: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> Any:
    """Return what `rag chat` would serve with."""
    heard: list[Any] = []
    monkeypatch.setattr("ui.app.web.serve", lambda *given: heard.append(given))
    monkeypatch.setattr("ui.app.shutdown.leave", lambda: None)
    result = CliRunner().invoke(app, ["--config", str(path), "chat", *more])
    assert result.exit_code == 0, (result.output, result.exception)
    return heard[0]


def test_a_flag_goes_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, 'port = 8001\nstyle = "short"\nllm = "local"\noffer = ["ollama:a", "ollama:b"]\n')
    monkeypatch.setenv("RAG_PORT", "8002")
    monkeypatch.setenv("RAG_STYLE", "detailed")
    _, llm, options = served(path, monkeypatch, "--port", "8003")
    assert (llm, options.port, options.style) == ("local", 8003, "detailed")
    assert options.offer == ("ollama:a", "ollama:b")


def test_what_backends_and_builds_look_up_themselves_comes_from_the_file_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, 'ocr = "off"\nllm-timeout = 9\nllm-header = ["A: b c", "D: e"]\nmax-file-size = "5MB"\n')
    monkeypatch.setenv("RAG_OCR", "deu")
    served(path, monkeypatch)
    assert [os.environ[name] for name in ("RAG_OCR", "RAG_LLM_TIMEOUT", "RAG_LLM_HEADERS", "RAG_MAX_FILE_SIZE")] == [
        "deu", "9", "A: b c\nD: e", "5MB",
    ]  # fmt: skip


def test_places_are_looked_for_from_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    where, _, options = served(written(tmp_path, 'index = "here/ix"\nauth = "users"\n'), monkeypatch)
    assert (where, options.auth_file) == (tmp_path / "here" / "ix", tmp_path / "users")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n# mine\nprot = 1\n", ["line 3", "'prot'", "'port'"]),
        ('RAG_OCR = "off"\n', ["line 1", "'ocr'"]),
        ('llm_timeout = "x"\n', ["line 1", "'llm-timeout'"]),
        ("zzzzzz = 1\n", ["line 1", "rag config"]),
        ("k = 3\n[chat]\nport = 1\n", ["line 2", "'chat'", "no table"]),
        ('port = "80"\n', ["line 1", "port", "whole number from 0 to 65,535"]),
        ("port = 70000\n", ["line 1", "65,535"]),
        ("port = true\n", ["line 1", "whole number"]),
        ("k = 2.5\n", ["line 1", "whole number from 1 to 100"]),
        ("llm-timeout = nan\n", ["line 1", "number from 1"]),
        ('style = "long"\n', ["line 1", '"short", "normal", "detailed"']),
        ('admin = "yes"\n', ["line 1", "true or false"]),
        ('max-file-size = "huge"\n', ["line 1", "50MB"]),
        ("llm = 3\n", ["line 1", "text in quotation marks"]),
        ("offer = [1]\n", ["line 1", "list of texts"]),
        ('k = 5\nk = 6\n', ["not TOML", "line 2"]),
        ("port 3\n", ["not TOML", "line 1"]),
    ],
)  # fmt: skip
def test_a_mistake_gets_one_line_that_names_it_and_what_is_right(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        config_file.apply(path)
    said = str(caught.value)
    assert str(path) in said and "\n" not in said
    assert [one for one in expected if one not in said] == [], said


def test_a_secret_is_in_no_complaint_and_not_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config_file.apply(written(tmp_path, 'llm-header = ["Authorization: sesame", 3]\n'))
    assert "sesame" not in str(caught.value)
    path = written(
        tmp_path,
        'index = "postgresql://me:ses/ame@host/db?password=sesame"\nllm-header = ["X-Key: sesame"]\n'
        'llm = "openai-compatible:m@https://u:sesame@host/v1?api_key=sesame"\n',
    )
    os.environ["OPENAI_API_KEY"] = "sesame"
    for more in ([], ["--json"]):
        shown = CliRunner().invoke(app, ["--config", str(path), "config", *more])
        assert shown.exit_code == 0, shown.exception
        assert "ses" not in shown.output.replace("passages", "").replace("addresses", "").replace("processes", "")
        assert "X-Key" in shown.output and "host" in shown.output and "OPENAI_API_KEY" in shown.output


def test_config_tells_where_each_value_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "\nk = 7\nport = 8001\n")
    monkeypatch.setenv("RAG_PORT", "8002")
    found = json.loads(CliRunner().invoke(app, ["--config", str(path), "config", "--json"]).output)
    rows = {one["key"]: (one["value"], one["origin"], one["where"]) for one in found["settings"]}
    assert found["file"] == str(path)
    assert rows["k"] == ("7", "file", f"{path}, line 2")
    assert rows["port"] == ("8002", "environment", "RAG_PORT")
    assert rows["style"] == ("normal", "default", "")
    assert set(KEYS) <= set(rows)


def test_the_table_says_of_each_option_what_the_program_says() -> None:
    """A key is an option's name; variable, limits and default agree, and no option with a variable is missing."""
    result = {one.variable for one in SETTINGS}
    for command in COMMANDS.values():
        for one in command.params:
            variables = [one.envvar] if isinstance(one.envvar, str) else list(one.envvar or ())
            assert set(variables) <= result, one.name
            setting = KEYS.get(one.opts[0].removeprefix("--"))
            if setting is None or not variables:
                continue
            assert variables == [setting.variable], one.name
            if setting.kind == "integer":
                assert (one.min, one.max) == (setting.least, setting.most)
            if one.default not in (None, "", False):
                assert str(one.default) == setting.default, one.name


def test_what_lies_in_the_working_folder_decides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who unpacks a stranger's folder and asks in it must not send questions to that stranger's server."""
    (tmp_path / config_file.NAME).write_text('llm = "openai-compatible:m@http://stranger.example/v1"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAG_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "mine"))
    assert config_file.find_file() in (None, ROOT / config_file.NAME)


def test_a_file_that_was_named_and_is_not_there_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_CONFIG", str(tmp_path / "nowhere.toml"))
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        config_file.apply()
    monkeypatch.setenv("RAG_CONFIG", "")
    config_file.apply()
    assert config_file.loaded().path is None


def test_without_a_file_nothing_is_imported_for_it() -> None:
    code = (
        "import sys; from ui.cli import app, config_file; config_file.apply(); "
        "assert not {'pydantic', 'tomlkit'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, env={**os.environ, "RAG_CONFIG": ""})


def test_the_settings_of_the_examples_are_right() -> None:
    for path in (ROOT / "examples").rglob("*.toml"):
        if path.name == config_file.NAME:
            config_file.apply(path)
            assert config_file.loaded().path == path and len(config_file.loaded().lines) > 3

"""Other packages bring parts by entry points: the example plug-in is installed and its own tests pass."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import index
from index import locations, plugins
from index.building.homes.choosing import home_of
from index.embedders import load
from index.errors import ConfigError, EmbedderError, StoreError
from index.plugins import Kind, Plug
from tests.harness.partly_slow import partly_slow

ROOT = Path(__file__).resolve().parent.parent
PLUG = Plug[object](
    "babelquote.things",
    "thing",
    {"plain": Kind("builtins:list"), "named": Kind("builtins:str", "NAME")},
    protocol=object,
)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("other", r"no thing is called 'other'; use one of plain, named:NAME"),
        ("plain:x", "plain takes nothing behind it"),
        ("named", "names nothing; use one of plain, named:NAME"),
        ("named: ", "names nothing; use one of plain, named:NAME"),
        ("", "no thing is called ''"),
    ],
)
def test_a_wrong_spec_is_told_the_valid_ones(spec: str, expected: str) -> None:
    for call in (PLUG.check, PLUG.make):
        with pytest.raises(ConfigError, match=expected):
            call(spec)


def test_specs_make_what_they_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert PLUG.make("plain") == []
    assert PLUG.make("named:x y ") == "x y"
    brought = [EntryPoint("number", "builtins:int", "babelquote.things"), EntryPoint("plain", "builtins:dict", "x")]
    monkeypatch.setattr(plugins, "entry_points", lambda group: brought if group == "babelquote.things" else [])
    assert PLUG.make("number:7") == 7
    assert PLUG.make("plain") == [], "a built-in kind can't be replaced"
    assert "number[:…]" in PLUG.usage()


def test_a_part_that_is_not_there_or_is_something_else_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    brought = [EntryPoint("gone", "no_such_package:thing", "g"), EntryPoint("wrong", "builtins:str", "g")]
    monkeypatch.setattr(plugins, "entry_points", lambda group: brought if group == "babelquote.embedders" else [])
    with pytest.raises(EmbedderError, match=r"'gone' \(no_such_package:thing\) can't be loaded"):
        load("gone")
    with pytest.raises(EmbedderError, match="builtins:str makes no embedder"):
        load("wrong:x")


def test_what_a_package_brings_for_an_address_must_be_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    brought = [EntryPoint("nothing", "builtins:str", "babelquote.stores")]
    for module in (plugins, locations):
        monkeypatch.setattr(module, "entry_points", lambda group: brought if group == "babelquote.stores" else [])
    place = locations.location_of("nothing://host/x")
    assert isinstance(place, locations.Database) and place.scheme == "nothing"
    with pytest.raises(StoreError, match="nothing://host/x: str is no engine of an index"):
        index.open("nothing://host/x")
    with pytest.raises(StoreError, match="nothing://host/x: str builds no index"):
        home_of(place)


def test_addresses_of_brought_stores_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    brought = [EntryPoint("vault", "builtins:str", "babelquote.stores")]
    monkeypatch.setattr(locations, "entry_points", lambda group: brought)
    place = locations.location_of("vault://mei:s3cret@host/x?password=t0p&user=mei")
    assert str(place) == "vault://mei@host/x?user=mei" and "s3cret" not in repr(place)
    assert isinstance(locations.location_of("c:/articles"), Path), "a drive of Windows is no scheme"


@pytest.mark.parametrize("tests", partly_slow(["test_parts.py", "test_store.py"]))
def test_the_example_plug_in_passes_its_own_tests(tmp_path: Path, tests: str) -> None:
    place = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*install, "--target", place, ROOT / "examples" / "plugin"], check=True, timeout=200)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(place), str(ROOT)])}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        ROOT / "examples" / "plugin" / "tests" / tests,
    ]
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr

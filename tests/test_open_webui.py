"""The pipe in Open WebUI itself: its own loader takes it, its own chat streams an answer and keeps the quotes."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT
from tests.harness.place_servers import free_port
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import chat_site
from ui.http.sign_in.login import Users, hash_password

QUESTION = "Where is Factory 200 located?"
ALONE = {
    "OFFLINE_MODE": "true", "HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "true", "ANONYMIZED_TELEMETRY": "false",
    "ENABLE_OLLAMA_API": "false", "ENABLE_OPENAI_API": "false", "ENABLE_VERSION_UPDATE_CHECK": "false",
    "BYPASS_EMBEDDING_AND_RETRIEVAL": "true", "RAG_EMBEDDING_ENGINE": "openai", "CORS_ALLOW_ORIGIN": "http://127.0.0.1",
}  # fmt: skip
"""Settings with which it asks nobody and loads no model."""


@contextmanager
def open_webui(folder: Path) -> Iterator[str]:
    """Start it with an empty folder; yields its address."""
    program = os.environ.get("OPEN_WEBUI") or shutil.which("open-webui")
    if program is None:
        pytest.skip("needs open-webui (pip install open-webui in an environment of its own; its program in OPEN_WEBUI)")
    port = free_port()
    around = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "RAG_"))}
    around |= {**ALONE, "DATA_DIR": str(folder), "WEBUI_SECRET_KEY": secrets.token_hex(32)}
    command = [program, "serve", "--host", "127.0.0.1", "--port", str(port)]
    with (folder.parent / "log").open("wb") as log:
        process = subprocess.Popen(command, env=around, cwd=folder.parent, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 500
        while True:
            assert process.poll() is None and time.monotonic() < until, (folder.parent / "log").read_text()[-2_000:]
            try:
                if httpx.get(f"http://127.0.0.1:{port}/health", timeout=10).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def installed(client: httpx.Client, address: str, key: str) -> str:
    """Do what an administrator does on its pages; returns the model's name."""
    person = {"name": "A", "email": "a@example.org", "password": secrets.token_hex(12) + "aA1!"}
    client.headers["authorization"] = f"Bearer {_json(client.post('/api/v1/auths/signup', json=person))['token']}"
    code = (ROOT / "integrations" / "openwebui" / "babelquote_pipe.py").read_text("utf-8")
    form = {"id": "babelquote", "name": "Babelquote", "content": code, "meta": {"description": "x"}}
    made = _json(client.post("/api/v1/functions/create", json=form))
    assert made["type"] == "pipe" and made["meta"]["manifest"]["title"] == "Babelquote"
    _json(client.post("/api/v1/functions/id/babelquote/toggle"))
    _json(client.post("/api/v1/functions/id/babelquote/valves/update", json={"address": address, "key": key}))
    (model,) = _json(client.get("/api/models"))["data"]
    assert model["name"].startswith("Babelquote")
    return str(model["id"])


def _json(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text[:1_000]
    return response.json()


def kept(client: httpx.Client, model: str) -> dict[str, Any]:
    """Ask in a conversation as its page does, and return the message that it keeps of the answer."""
    asked, said = str(uuid.uuid4()), str(uuid.uuid4())
    messages = {
        asked: {"id": asked, "parentId": None, "childrenIds": [said], "role": "user", "content": QUESTION},
        said: {"id": said, "parentId": asked, "childrenIds": [], "role": "assistant", "content": "", "model": model},
    }
    chat = {"title": "t", "models": [model], "history": {"messages": messages, "currentId": said}, "messages": []}
    number = _json(client.post("/api/v1/chats/new", json={"chat": chat}))["id"]
    sent = {"model": model, "messages": [{"role": "user", "content": QUESTION}], "stream": True}
    _json(client.post("/api/chat/completions", json={**sent, "chat_id": number, "id": said, "session_id": "s"}))
    until = time.monotonic() + 200
    while time.monotonic() < until:
        found: dict[str, Any] = _json(client.get(f"/api/v1/chats/{number}"))["chat"]["history"]["messages"][said]
        if found.get("done"):
            return found
        time.sleep(0.5)
    raise AssertionError("no answer was kept")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_open_webui_streams_an_answer_and_keeps_its_quotes(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    users = Users({"mia": hash_password("sesame")})
    with (
        open_webui(tmp_path / "data") as url,
        chat_site(FakeAssistant(), users=users) as site,
        httpx.Client(base_url=url, timeout=300) as client,
    ):
        model = installed(client, site.url, "mia:sesame")
        sent = {"model": model, "messages": [{"role": "user", "content": QUESTION}], "stream": True}
        lines = client.post("/api/chat/completions", json=sent).text.splitlines()
        events = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]
        pieces = [one["choices"][0]["delta"].get("content", "") for one in events]
        expected = FakeAssistant().answer(QUESTION)
        assert "".join(pieces).strip() == expected.text and len([piece for piece in pieces if piece]) > 3
        message = kept(client, model)
    assert message["content"].strip() == expected.text
    assert [one["document"] for one in message["sources"]] == [[one.quote] for one in expected.citations]
    places = [(one["metadata"][0]["start"], one["metadata"][0]["end"]) for one in message["sources"]]
    assert places == [(one.start, one.end) for one in expected.citations]

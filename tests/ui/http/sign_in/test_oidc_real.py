"""Signing in at a provider that others wrote: its own pages, its keys, its tokens for programs, its sign-out."""

from __future__ import annotations

import re
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("joserfc", reason="needs joserfc (the extra oidc)")

from tests.harness.node_issuer import AUDIENCE, CLIENT, SECRET, node_issuing
from tests.harness.place_servers import free_port
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import running
from ui.app.server import build_app
from ui.http.sign_in.login import Users
from ui.http.sign_in.oidc import OidcLogin
from ui.http.sign_in.provider import provider_of
from ui.service.asking.asking import ChatService
from ui.service.library.library import Library, Rights

QUESTION = {"question": "Where is Factory 200 located?"}


def asked(site: str, **options: Any) -> int:
    return httpx.post(f"{site}/api/answer", json=QUESTION, timeout=60, **options).status_code


@pytest.mark.slow
def test_people_and_programs_come_in_by_a_provider_that_others_wrote(tmp_path: Path) -> None:
    port = free_port()
    provider = provider_of(f"http://127.0.0.1:{port}", CLIENT, SECRET, audience=AUDIENCE)
    users, library = Users({}, admins=set()), Library(tmp_path / "index", Rights(local=False))
    service = ChatService(FakeAssistant(), "extractive")
    door = partial(OidcLogin, provider=provider, admins="board")
    app = build_app(service, users=users, library=library, signing_in=door)
    with running(app) as site, node_issuing(site, port) as issuer, httpx.Client(base_url=site, timeout=60) as browser:
        away = browser.get("/login/start")
        back = issuer.signs_in(away.headers["location"])
        assert back.startswith(f"{site}/login/callback?code=")
        assert browser.get(back).status_code in (200, 303)
        assert users.groups == {"mia": frozenset({"staff"})}
        assert browser.get("/").status_code == 200 and asked(site, cookies=browser.cookies) == 200
        assert browser.get(back).status_code == 401, "a code counts once"
        assert asked(site) == 401

        assert asked(site, headers={"authorization": f"Bearer {issuer.token(AUDIENCE)}"}) == 200
        for_others = issuer.token("https://others.example.org")
        assert asked(site, headers={"authorization": f"Bearer {for_others}"}) == 401

        left = browser.post("/logout", headers={"origin": site})
        (there,) = re.findall(rf'"({re.escape(issuer.url)}/[^"]+)"', left.text)
        assert issuer.signs_out(unescape(there)) == f"{site}/login"
        assert browser.get("/").status_code == 303

"""Programs on a server that signs people in by OpenID Connect: tokens of the provider come in, lies do not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

pytest.importorskip("joserfc", reason="needs joserfc (the extra oidc)")

from tests.harness.issuer import CLIENT, SECRET, Issuer, issuing
from tests.harness.ui_fakes import FakeAssistant, LookingAssistant
from tests.harness.ui_server import running
from ui.app.server import build_app
from ui.http.public import PublicAddress, public_address
from ui.http.sign_in import access_tokens
from ui.http.sign_in.login import USER, Users
from ui.http.sign_in.oidc import OidcLogin
from ui.http.sign_in.provider import provider_of
from ui.http.sign_in.signed_in import answer
from ui.service.asking.asking import ChatService
from ui.service.library.library import Library, Rights

NOW = int(time.time())
PUBLIC = "https://docs.example.org/ask"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing(Issuer()) as found:
        yield found


class Door:
    """The layer with an application behind it that says who asks."""

    def __init__(self, issuer: Issuer, admins: str = "", public: PublicAddress | None = None, **options: Any) -> None:
        self.users = Users({}, admins=set())
        self.app = OidcLogin(self.inner, self.users, public, provider_of(issuer.url, CLIENT, SECRET, **options), admins)

    async def inner(self, scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 200, f"in: {scope[USER]}")

    def ask(self, token: str, path: str = "/api/answer", scheme: str = "Bearer", **more: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
                headers = [(b"authorization", f"{scheme} {token}".encode())] if token else []
                return await client.request("POST", f"http://127.0.0.1:9{path}", headers=headers, **more)

        return asyncio.run(asked())

    def name(self, token: str, **more: Any) -> str:
        found = self.ask(token, **more)
        return found.text.removeprefix("in: ") if found.status_code == 200 else ""


def test_a_token_of_the_provider_is_its_person_on_every_route_for_programs(issuer: Issuer) -> None:
    door = Door(issuer, admins="it")
    for path in ("/api/answer", "/v1/chat/completions", "/mcp"):
        assert door.name(issuer.access(), path=path) == "u-1"
    assert door.users.groups == {"u-1": frozenset({"staff"})} and not door.users.admins
    assert door.name(issuer.access(), scheme="bearer") == "u-1"
    assert door.name(issuer.access({"aud": ["other", CLIENT]}, typ="JWT")) == "u-1"
    assert door.name(issuer.access({"sub": "u-2", "groups": ["it"]})) == "u-2" and door.users.admins == {"u-2"}
    assert not door.name(issuer.access(), path="/config"), "a token opens nothing of the page"


LIES: dict[str, dict[str, Any]] = {
    "another audience": {"claims": {"aud": "another-service"}},
    "no audience": {"claims": {"aud": None}},
    "several audiences, none of them us": {"claims": {"aud": ["account", "other"]}},
    "audience that begins as ours": {"claims": {"aud": CLIENT + "-2"}},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "no issuer": {"claims": {"iss": None}},
    "over": {"claims": {"exp": NOW - 3600}},
    "never over": {"claims": {"exp": None}},
    "over at a word": {"claims": {"exp": "tomorrow"}},
    "not yet": {"claims": {"nbf": NOW + 3600}},
    "of the future": {"claims": {"iat": NOW + 3600}},
    "without a date": {"claims": {"iat": None}},
    "nobody": {"claims": {"sub": None}},
    "empty name": {"claims": {"sub": ""}},
    "a list for a name": {"claims": {"sub": ["u-1"]}},
    "a name that acts": {"claims": {"sub": "a\r\nb"}},
    "calls itself admin": {"claims": {"sub": "admin"}},
    "ID token by its nonce": {"claims": {"nonce": "n"}},
    "ID token by its hash": {"claims": {"at_hash": "h"}},
    "ID token by its claim": {"claims": {"typ": "ID"}, "header": {"typ": "JWT"}},
    "refresh token": {"claims": {"typ": "Refresh"}, "header": {"typ": "JWT"}},
    "logout token": {"claims": {"events": {}}},
    "another kind of token": {"header": {"typ": "logout+jwt"}},
    "secure event": {"header": {"typ": "secevent+jwt"}},
    "bound to a key": {"claims": {"cnf": {"jkt": "x"}}},
    "what must be understood and is not": {"header": {"crit": ["exp-2"], "exp-2": 1}},
    "alg none": {"forged": "none"},
    "signed by the client's secret": {"forged": "HS256"},
    "signed by the public key as a secret": {"forged": "public"},
    "signed by another key": {"forged": "other"},
    "cut signature": {"forged": "cut"},
}
SHAPES = ("x", "a.b.c", "..", "a.b.c.d.e", "mia:secret", "e" * 20_000, "\x7f", "é")


def test_no_lie_is_believed(issuer: Issuer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    door = Door(issuer, admins="staff")
    assert door.name(issuer.access()) == "u-1", "what the lies are variants of is right"
    door = Door(issuer, admins="staff")
    tokens = {}
    for name, claims in LIES.items():
        issuer.forged = claims.get("forged", "")
        tokens[name] = issuer.access(claims.get("claims"), **claims.get("header", {}))
    issuer.forged = ""
    for name, token in {**tokens, **{shape: shape for shape in SHAPES}}.items():
        found = door.ask(token)
        assert found.status_code == 401 and "in:" not in found.text, name
        assert 'error="invalid_token"' in found.headers["www-authenticate"], name
        assert len(token) < 20 or token not in found.text + str(found.headers) + caplog.text, name
    assert not door.users.groups and not door.users.admins
    for scheme in ("Basic", "DPoP", "Token", ""):
        assert door.ask(issuer.access(), scheme=scheme).status_code == 401, scheme
    assert door.name(issuer.access()) == "u-1"


def test_two_tokens_are_none_and_a_token_in_the_address_or_the_form_neither(issuer: Issuer) -> None:
    door, good = Door(issuer), issuer.access()

    async def twice() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(door.app)) as client:
            headers = [("authorization", f"Bearer {good}"), ("authorization", "Bearer x")]
            return (await client.post("http://127.0.0.1:9/api/answer", headers=headers)).status_code

    assert asyncio.run(twice()) == 401
    assert door.ask("", path=f"/api/answer?access_token={good}").status_code == 401
    assert door.ask("", data={"access_token": good}).status_code == 401


def test_a_token_is_no_longer_believed_once_it_is_over(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    door, token = Door(issuer), issuer.access({"exp": int(time.time()) + 120})
    assert door.name(token) == "u-1"
    later = time.time() + 400
    monkeypatch.setattr(access_tokens.time, "time", lambda: later)
    assert not door.name(token)


def test_groups_are_those_of_the_newest_word(issuer: Issuer) -> None:
    door = Door(issuer, admins="it")
    old = issuer.access({"iat": NOW - 200, "groups": ["staff", "it"]})
    assert door.name(old) == "u-1" and door.users.admins == {"u-1"}
    door.app._know("u-1", frozenset({"staff"}), time.time())  # signed in on the page, no longer of the group
    again = issuer.access({"iat": NOW - 100, "groups": ["it"]})
    assert door.name(old) == door.name(again) == "u-1"
    assert not door.users.admins and door.users.groups["u-1"] == frozenset({"staff"})
    assert door.name(issuer.access({"groups": None})) == "u-1"
    assert door.users.groups["u-1"] == frozenset({"staff"}), "a token that says nothing of groups takes none away"
    issuer.userinfo = {"sub": "u-3", "groups": ["late"]}
    assert door.name(issuer.access({"sub": "u-3", "groups": None})) == "u-3"
    assert door.users.groups["u-3"] == frozenset({"late"})
    issuer.userinfo = {"sub": "u-3", "groups": ["it"]}
    assert door.name(issuer.access({"sub": "u-4", "groups": None})) == "u-4" and not door.users.groups.get("u-4")


def test_the_audience_is_what_the_operator_named_else_what_we_are_called(issuer: Issuer) -> None:
    here = public_address(PUBLIC)
    called, named = Door(issuer, public=here), Door(issuer, public=here, audience="api://docs")
    for audience, by_default in ((CLIENT, True), (PUBLIC, True), (f"{PUBLIC}/mcp", True), ("api://docs", False)):
        token = issuer.access({"aud": audience})
        assert bool(called.name(token)) == by_default and bool(named.name(token)) != by_default, audience
    assert not called.name(issuer.access({"aud": "https://docs.example.org"}))


GOOD: dict[str, Any] = {"active": True, "sub": "u-9", "client_id": CLIENT, "exp": NOW + 3000, "groups": ["late"]}
NO_GOOD: dict[str, dict[str, Any]] = {
    "not active": {"active": False},
    "active in a word": {"active": "true"},
    "over": {"exp": NOW - 10},
    "over at a word": {"exp": "2099"},
    "of another client": {"client_id": "other"},
    "for another audience": {"aud": "other"},
    "another issuer": {"iss": "https://evil.example"},
    "a refresh token": {"token_type": "refresh_token"},
    "bound to a key": {"cnf": {"jkt": "x"}},
    "nobody": {"sub": None},
    "admin": {"sub": "admin"},
}


def test_tokens_that_say_nothing_are_shown_to_the_provider(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer.opaque = {"good": GOOD, **{name: {**GOOD, **claims} for name, claims in NO_GOOD.items()}}
    door = Door(issuer)
    assert [door.name("good") for _ in range(3)] == ["u-9"] * 3
    assert issuer.asked.count("/introspect") == 1, "its word is believed for a minute"
    assert door.users.groups == {"u-9": frozenset({"late"})}
    assert [name for name in NO_GOOD if door.name(name)] == []
    later = time.time() + 100
    monkeypatch.setattr(access_tokens.time, "time", lambda: later)
    issuer.opaque["good"] = {"active": False}
    assert not door.name("good"), "withdrawn"


def test_guesses_are_not_passed_on_without_end_and_lock_out_nobody(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer.opaque = {"good": GOOD}
    door = Door(issuer)
    assert door.name("good") == "u-9"
    found = [door.ask(f"guess-{number}").status_code for number in range(40)]
    assert found == [401] * 29 + [429] * 11 and issuer.asked.count("/introspect") == 30
    assert door.name("good") == "u-9" and door.name(issuer.access()) == "u-1"
    monkeypatch.setattr(access_tokens, "_KEPT", -1.0)
    door.app._tokens._known.clear()
    assert door.name("good") == "u-9", "asked of again, since it was good before"


def test_a_provider_that_is_down_lets_no_program_in(issuer: Issuer) -> None:
    token = issuer.access()
    issuer.down = True
    assert Door(issuer).ask(token).status_code == 401


def test_programs_are_told_where_tokens_come_from(issuer: Issuer) -> None:
    door = Door(issuer, public=public_address(PUBLIC))

    async def get(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(door.app)) as client:
            return await client.get(f"http://127.0.0.1:9{path}")

    for path, kind in (("/mcp", "/mcp"), ("/api/answer", ""), ("/v1/models", "")):
        result = door.ask("", path=path).headers["www-authenticate"]
        where = f"{PUBLIC}/.well-known/oauth-protected-resource{kind}"
        assert result == f'Bearer resource_metadata="{where}"'
        about = asyncio.run(get(where.removeprefix(PUBLIC))).json()
        assert about["resource"] == PUBLIC + kind and about["authorization_servers"] == [issuer.url]
        assert about["bearer_methods_supported"] == ["header"]


@pytest.mark.slow
def test_a_program_asks_with_the_rights_of_its_person(issuer: Issuer) -> None:
    looking = LookingAssistant()
    door = partial(OidcLogin, provider=provider_of(issuer.url, CLIENT, SECRET))
    app = build_app(ChatService(looking, "extractive"), users=Users({}, admins=set()), signing_in=door)
    with running(app) as url, httpx.Client(base_url=url, timeout=60) as client:
        client.headers["authorization"] = f"Bearer {issuer.access()}"
        assert client.post("/api/answer", json={"question": "Who?"}).status_code == 200
        asked = {"model": "babelquote", "messages": [{"role": "user", "content": "Who?"}]}
        assert client.post("/v1/chat/completions", json=asked).status_code == 200
        assert {(one.name, one.groups, one.all) for one in looking.viewers} == {("u-1", frozenset({"staff"}), False)}
        client.headers["authorization"] = "Bearer x"
        assert client.post("/api/answer", json={"question": "Who?"}).status_code == 401


@pytest.mark.slow
def test_a_client_of_mcp_finds_the_provider_and_signs_its_person_in(issuer: Issuer, tmp_path: Path) -> None:
    """What the protocol's own client does at a 401: metadata, registration, PKCE, the token (MCP, authorization)."""
    pytest.importorskip("mcp", reason="needs the extra babelquote[mcp]")
    import httpx2
    from mcp import Client
    from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared.auth import OAuthClientMetadata

    went: list[str] = []

    class Kept:
        """Keeps what the client was given, in memory."""

        async def get_tokens(self) -> Any:
            return None

        async def set_tokens(self, tokens: Any) -> None:
            went.append(tokens.token_type)

        async def get_client_info(self) -> Any:
            return None

        async def set_client_info(self, client_info: Any) -> None:
            went.append(client_info.client_id)

    async def browser(address: str) -> None:
        async with httpx.AsyncClient() as person:
            went.append((await person.get(address)).headers["location"])

    async def back() -> AuthorizationCodeResult:
        query = {name: values[0] for name, values in parse_qs(urlsplit(went[-1]).query).items()}
        return AuthorizationCodeResult(code=query["code"], state=query["state"], iss=query["iss"])

    async def asked(url: str) -> Any:
        about = OAuthClientMetadata.model_validate(
            {"redirect_uris": ["http://127.0.0.1:9/back"], "token_endpoint_auth_method": "none"}
        )
        auth = OAuthClientProvider(f"{url}/mcp", about, Kept(), browser, back)
        async with (
            httpx2.AsyncClient(auth=auth, timeout=60, follow_redirects=True) as http,
            Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
        ):
            return await client.call_tool("answer", {"question": "Where is Factory 200 located?"})

    door = partial(OidcLogin, provider=provider_of(issuer.url, CLIENT, SECRET))
    users, library = Users({}, admins=set()), Library(tmp_path / "index", Rights(local=False))
    app = build_app(ChatService(FakeAssistant(), "extractive"), users=users, library=library, signing_in=door)
    with running(app) as url:
        found = asyncio.run(asked(url))
    assert found.structured_content["citations"] and users.groups == {"u-1": frozenset({"staff"})}
    assert went[0] == "agent-0" and went[1].startswith("http://127.0.0.1:9/back?code=") and went[2] == "Bearer"

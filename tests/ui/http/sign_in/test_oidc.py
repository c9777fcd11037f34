"""Signing in by OpenID Connect: whom the provider names comes in, and no forged, foreign or old answer does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

pytest.importorskip("joserfc", reason="needs joserfc (the extra oidc)")

from index.errors import ConfigError
from tests.harness.issuer import CLIENT, SECRET, Issuer, issuing
from tests.harness.ui_browser import browser
from tests.harness.ui_fakes import FakeAssistant, LookingAssistant
from tests.harness.ui_server import running
from ui.app.serve_options import ServeOptions
from ui.app.server import build_app
from ui.app.web import _users
from ui.http.public import public_address
from ui.http.sign_in import provider as provider_module
from ui.http.sign_in.login import Users
from ui.http.sign_in.oidc import OidcLogin
from ui.http.sign_in.provider import provider_of
from ui.http.sign_in.provider_calls import ProviderError
from ui.service.asking.asking import ChatService

__all__ = ["browser"]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing(Issuer()) as found:
        yield found


class Door:
    """The layer with an application behind it that says who asks, and a browser's cookies."""

    def __init__(self, issuer: Issuer, **options: Any) -> None:
        self.users = Users({}, admins=set())
        admins, public = options.pop("admins", ""), options.pop("public", None)
        found = provider_of(issuer.url, CLIENT, SECRET, **options)
        self.app = OidcLogin(self.inner, self.users, public, found, admins)
        self.base = public.url if public else "http://127.0.0.1:9"
        self.client = self.new_client()

    def new_client(self) -> httpx.Client:
        return httpx.Client(timeout=60, follow_redirects=False)

    async def inner(self, scope: Any, receive: Any, send: Any) -> None:
        from ui.http.sign_in.login import USER
        from ui.http.sign_in.signed_in import answer

        await answer(send, 200, f"in: {scope[USER]}")

    def ask(self, address: str, method: str = "GET", cookies: httpx.Cookies | None = None) -> httpx.Response:
        """Ask the layer as a proxy would pass it on: without the sub-path."""
        import asyncio

        jar = self.client.cookies if cookies is None else cookies
        path = urlsplit(address).path.removeprefix(urlsplit(self.base).path)

        async def asked() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), cookies=jar) as client:
                query = urlsplit(address).query
                host = urlsplit(self.base).netloc
                found = await client.request(method, f"http://{host}{path}{'?' if query else ''}{query}")
                jar.update(client.cookies)
                return found

        return asyncio.run(asked())

    def left(self) -> str:
        """Leave for the provider and return the address at which it sends the browser back."""
        away = self.ask(f"{self.base}/login/start")
        assert away.status_code == 303
        sent = self.client.get(away.headers["location"])
        return str(sent.headers["location"])

    def come(self) -> httpx.Response:
        return self.ask(self.left())

    def inside(self) -> str:
        found = self.ask(f"{self.base}/config")
        return found.text if found.status_code == 200 else ""


def test_whom_the_provider_names_comes_in_with_their_groups(issuer: Issuer) -> None:
    door = Door(issuer)
    assert door.ask(f"{door.base}/").headers["location"] == "/login" and not door.inside()
    page = door.ask(f"{door.base}/login")
    assert 'href="login/start"' in page.text and urlsplit(issuer.url).netloc in page.text
    back = door.come()
    assert back.status_code == 200 and 'content="0;url=/"' in back.text
    session, mark, gone = back.headers.get_list("set-cookie")
    assert session.startswith("babelquote_session=") and "HttpOnly" in session and "SameSite=Strict" in session
    assert mark.startswith("babelquote_whose=") and gone.startswith("babelquote_away=; Max-Age=0")
    assert door.inside() == "in: u-1" and door.users.groups == {"u-1": frozenset({"staff"})}
    issuer.person = {"sub": "u-1", "groups": "board"}  # as the provider says it at the next sign-in
    door.come()
    assert door.users.groups == {"u-1": frozenset({"board"})}


LIES: dict[str, dict[str, Any]] = {
    "wrong nonce": {"lies": {"nonce": "other"}},
    "no nonce": {"lies": {"nonce": None}},
    "wrong audience": {"lies": {"aud": "another-client"}},
    "several audiences, nobody's": {"lies": {"aud": [CLIENT, "other"]}},
    "several audiences, another's": {"lies": {"aud": [CLIENT, "other"], "azp": "other"}},
    "another's azp": {"lies": {"azp": "other"}},
    "another issuer": {"lies": {"iss": "https://evil.example"}},
    "expired": {"lies": {"exp": int(time.time()) - 3600}},
    "never expires": {"lies": {"exp": None}},
    "of the future": {"lies": {"iat": int(time.time()) + 3600}},
    "no subject": {"lies": {"sub": None}},
    "empty subject": {"lies": {"sub": ""}},
    "a number": {"lies": {"sub": 5}},
    "a name that acts": {"lies": {"sub": "a\nb"}},
    "a long name": {"lies": {"sub": "x" * 201}},
    "calls itself admin": {"lies": {"sub": "admin"}},
    "alg none": {"forged": "none"},
    "signed by the client's secret": {"forged": "HS256"},
    "signed by the public key as a secret": {"forged": "public"},
    "signed by another key": {"forged": "other"},
    "cut signature": {"forged": "cut"},
    "state of another": {"answer": {"state": "other"}},
    "another provider answers": {"answer": {"iss": "https://evil.example"}},
    "an error beside a code": {"answer": {"error": "access_denied"}},
    "no such code": {"answer": {"code": "guessed"}},
}


def test_no_lie_lets_anybody_in(issuer: Issuer, caplog: pytest.LogCaptureFixture) -> None:
    door = Door(issuer, admins="admins")
    for name, claims in LIES.items():
        for field in ("lies", "answer"):
            setattr(issuer, field, claims.get(field, {}))
        issuer.forged = str(claims.get("forged", ""))
        door.client.cookies.clear()
        found = door.come()
        assert found.status_code == 401 and "Signing in did not work" in found.text, name
        assert "babelquote_session" not in str(found.headers) and not door.inside(), name
    assert not door.app._sessions and not door.users.admins
    assert SECRET not in caplog.text
    issuer.lies, issuer.answer, issuer.forged = {}, {}, ""
    assert door.come().status_code == 200


def test_only_the_browser_that_left_comes_back_and_only_once(issuer: Issuer) -> None:
    door = Door(issuer)
    back = door.left()
    victim = httpx.Cookies()  # somebody is led to the attacker's own answer
    assert door.ask(back, cookies=victim).status_code == 401 and not victim
    other = httpx.Cookies(door.client.cookies)
    other.set("babelquote_away", other["babelquote_away"].replace(other["babelquote_away"][-6:], "AAAAAA"))
    assert door.ask(back, cookies=other).status_code == 401
    kept = httpx.Cookies(door.client.cookies)
    assert door.ask(back).status_code == 200
    assert door.ask(back, cookies=kept).status_code == 401  # the code is used up
    assert door.ask(f"{door.base}/login/start", "POST").status_code == 405


def test_who_left_long_ago_does_not_come_back(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door(issuer)
    back = door.left()
    monkeypatch.setattr("ui.http.sign_in.oidc.time.time", lambda: time.monotonic() + 10**10)
    assert door.ask(back).status_code == 401


def test_nobody_is_sent_elsewhere(issuer: Issuer) -> None:
    door = Door(issuer)
    for wish in ("next=https://evil.example", "redirect_uri=https://evil.example", "state=x&return_to=//evil.example"):
        where = door.ask(f"{door.base}/login/start?{wish}").headers["location"]
        assert where.startswith(f"{issuer.url}/authorize?") and "evil" not in where
        assert parse_qs(urlsplit(where).query)["redirect_uri"] == [f"{door.base}/login/callback"]
        back = door.left()
        found = door.ask(f"{back}&{wish.replace('state=x&', '')}")
        assert found.status_code == 200 and "evil" not in found.text + str(found.headers)
    said = door.ask(f"{door.base}/login/callback?error=x&error_description=%3Cscript%3Eevil")
    assert said.status_code == 401 and "evil" not in said.text


def test_the_public_address_is_where_people_come_back(issuer: Issuer) -> None:
    door = Door(issuer, public=public_address("https://docs.example.org/ask"))
    away = door.ask(f"{door.base}/login/start")
    query = parse_qs(urlsplit(away.headers["location"]).query)
    assert query["redirect_uri"] == ["https://docs.example.org/ask/login/callback"]
    cookie = away.headers["set-cookie"]
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/ask/login" in cookie
    assert door.ask("https://docs.example.org/ask/").headers["location"] == "/ask/login"


@pytest.mark.parametrize(
    ("offered", "claim", "scope"),
    [
        (["openid", "groups"], "groups", "openid profile email groups"),
        (["openid", "realm_access"], "realm_access.roles", "openid profile email realm_access"),
        (["openid", "email"], "email", "openid profile email"),
        (["openid", "offline_access"], "groups", "openid profile email"),
        (None, "groups", "openid profile email"),
        ("groups", "groups", "openid profile email"),
    ],
)
def test_the_scope_of_groups_is_asked_for_where_the_provider_has_one(
    issuer: Issuer, offered: Any, claim: str, scope: str
) -> None:
    issuer.about = {"scopes_supported": offered}
    address = provider_of(issuer.url, CLIENT, SECRET, groups=claim).leave("http://127.0.0.1:9/b", "s", "n", "v")
    assert parse_qs(urlsplit(address).query)["scope"] == [scope]


def test_signing_out_ends_the_session_here_and_there(issuer: Issuer) -> None:
    door = Door(issuer)
    door.come()
    stolen = httpx.Cookies(door.client.cookies)
    out = door.ask(f"{door.base}/logout", "POST")
    assert out.headers["clear-site-data"] and f"{issuer.url}/end?client_id={CLIENT}" in out.text.replace("&amp;", "&")
    assert door.ask(f"{door.base}/config", cookies=stolen).status_code == 401


def test_administrators_are_those_of_the_group_as_long_as_they_are_in_it(issuer: Issuer) -> None:
    door = Door(issuer, admins="it")
    issuer.person = {"sub": "u-1", "groups": ["staff", "it"]}
    door.come()
    assert door.users.admins == {"u-1"}
    issuer.person = {"sub": "u-1", "groups": ["staff"]}
    door.come()
    assert door.users.admins == set()


@pytest.mark.parametrize(
    ("options", "person", "userinfo", "name", "groups"),
    [
        ({"name": "preferred_username"}, {"preferred_username": "zoë"}, {}, "zoë", set()),
        ({"groups": "realm.roles"}, {"realm": {"roles": ["a", 5, ""]}}, {}, "u-1", {"a"}),
        ({"groups": "https://x/g"}, {"https://x/g": ["a"]}, {}, "u-1", {"a"}),
        ({}, {}, {"sub": "u-1", "groups": ["late"]}, "u-1", {"late"}),
        ({}, {}, {"sub": "u-2", "groups": ["late"]}, "", set()),
        ({"name": "email"}, {"email": "a@x.org", "email_verified": True}, {}, "a@x.org", set()),
        ({"name": "email"}, {"email": "a@x.org"}, {}, "", set()),
        ({"name": "email"}, {"email": "a@x.org", "email_verified": "true"}, {}, "", set()),
    ],
)
def test_names_and_groups_come_from_the_claims_that_were_named(
    issuer: Issuer, options: Any, person: Any, userinfo: Any, name: str, groups: set[str]
) -> None:
    issuer.person = {"sub": "u-1", **person}
    issuer.userinfo = userinfo or {"sub": "u-1"}
    door = Door(issuer, **options)
    assert door.come().status_code == (200 if name else 401)
    assert door.users.groups == ({name: frozenset(groups)} if name else {})


def test_a_provider_that_changes_its_keys_is_asked_again_but_not_by_everybody(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = Door(issuer)
    door.come()
    issuer.key = type(issuer.key).generate_key("P-256", {"kid": "two", "use": "sig"})
    for _ in range(3):
        assert door.come().status_code == 401
    assert issuer.asked.count("/jwks") == 1  # asked a moment ago
    monkeypatch.setattr(provider_module, "_AGAIN", -1.0)
    assert door.come().status_code == 200 and issuer.asked.count("/jwks") == 2


def test_a_provider_that_is_down_or_calls_itself_otherwise_lets_nobody_in(issuer: Issuer) -> None:
    for about in ({"issuer": "https://evil.example"}, {"token_endpoint": "ftp://x/"}, {"jwks_uri": ""}):
        issuer.about = about
        door = Door(issuer)
        assert door.ask(f"{door.base}/login/start").status_code == 401
        assert door.ask(f"{door.base}/login").status_code == 200
    issuer.about, issuer.down = {}, True
    assert Door(issuer).ask("http://127.0.0.1:9/login/start").status_code == 401
    with pytest.raises(ProviderError):
        provider_of(issuer.url, CLIENT).leave("http://127.0.0.1/", "s", "n", "v" * 43)


@pytest.mark.parametrize("issuer", ["http://idp.example", "idp.example", "https://me:pw@idp.example", "https://x/?a=b"])
def test_an_issuer_that_is_none_is_reported(issuer: str) -> None:
    with pytest.raises(ConfigError, match="--oidc"):
        provider_of(issuer, CLIENT)


def test_two_ways_to_sign_in_are_one_too_many(tmp_path: Any) -> None:
    found = provider_of("https://idp.example", CLIENT)
    users = _users(ServeOptions(provider=found))
    assert users is not None and not users.hashes and not users.admins
    with pytest.raises(ConfigError, match="--auth-header and --oidc"):
        _users(ServeOptions(provider=found, auth_header="X-User"))
    with pytest.raises(ConfigError, match="--oidc-client"):
        provider_of("https://idp.example", "")


@pytest.mark.slow
def test_programs_are_told_and_the_server_s_wall_lets_the_way_back_through(issuer: Issuer) -> None:
    looking = LookingAssistant()
    door = partial(OidcLogin, provider=provider_of(issuer.url, CLIENT, SECRET))
    app = build_app(ChatService(looking, "extractive"), users=Users({}, admins=set()), signing_in=door)
    with running(app) as url, httpx.Client(base_url=url, timeout=60, follow_redirects=True) as client:
        assert client.post("/api/answer", json={"question": "Who?"}).status_code == 401
        client.get("/login/start")
        assert client.post("/api/answer", json={"question": "Who?"}).status_code == 200
        assert (looking.viewers[-1].name, looking.viewers[-1].groups, looking.viewers[-1].all) == (
            "u-1",
            frozenset({"staff"}),
            False,
        )


@pytest.mark.browser
@pytest.mark.slow
def test_a_browser_signs_in_and_out(issuer: Issuer, browser: Any) -> None:
    door = partial(OidcLogin, provider=provider_of(issuer.url, CLIENT, SECRET))
    app = build_app(ChatService(FakeAssistant(), "extractive"), users=Users({}, admins=set()), signing_in=door)
    with running(app) as url:
        page = browser.new_context().new_page()
        page.goto(url.replace("127.0.0.1", "localhost"))  # another site than the provider
        page.click("a.bq-primary")
        page.wait_for_selector("html[data-ready=true]", timeout=120_000)  # strict cookies come along on the way on
        assert page.evaluate("fetch('/config').then(answer => answer.status)") == 200
        page.click("[data-do=sign-out]")
        page.wait_for_url(f"{issuer.url}/end*", timeout=120_000)
        page.goto(url.replace("127.0.0.1", "localhost"))
        page.wait_for_selector("a.bq-primary")

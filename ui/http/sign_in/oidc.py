"""Signing in by a provider of OpenID Connect, in front of every route.

Between leaving and coming back nothing is kept here: state, nonce and PKCE verifier follow from one random text in a
cookie of the browser that left, so only that browser can come back, and nobody can fill the memory by leaving.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
import secrets
import time
from collections.abc import Mapping
from urllib.parse import parse_qs

from ui.http.admission import ApiError, refusal
from ui.http.bodies import App, Receive, Scope, Send
from ui.http.public import PublicAddress
from ui.http.sign_in.access_tokens import AccessTokens, TooManyError, audiences_of
from ui.http.sign_in.login import ADMIN_NAME, FOR_PROGRAMS, USER, Users
from ui.http.sign_in.login_page import provider_html, returning_html
from ui.http.sign_in.programs import METADATA, bearer_of, metadata, unknown
from ui.http.sign_in.provider import Person, Provider
from ui.http.sign_in.provider_calls import ProviderError
from ui.http.sign_in.signed_in import CLEARED, SignedIn, answer, cookie_in
from ui.view import strings

__all__ = ["OidcLogin"]

logger = logging.getLogger(__name__)
_AWAY = "babelquote_away"
_AWAY_SECONDS = 600
_MOST_AT_ONCE = 8  # codes that are changed at the same time
_START, _BACK = "/login/start", "/login/callback"


class OidcLogin(SignedIn):
    """Lets only those reach the application whom the provider knows.

    Args:
        app: what is behind it.
        users: gets the groups of who signs in.
        public: how the world calls the server, when a proxy passes its requests on.
        provider: signs people in.
        admins: the group whose members may change the index; `""` for none.
    """

    def __init__(
        self, app: App, users: Users, public: PublicAddress | None, provider: Provider, admins: str = ""
    ) -> None:
        super().__init__(public)
        self._app, self._users, self._public = app, users, public
        self._provider, self._admins = provider, admins
        self._tokens = AccessTokens(provider, audiences_of(provider, public.url if public else ""))
        self._secret = secrets.token_bytes(32)
        self._room = asyncio.Semaphore(_MOST_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or send who asks to the provider and take them back."""
        if scope["type"] != "http" or scope["path"] == "/health":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        token = cookie_in(headers.get("cookie", ""))
        if scope["path"] == "/logout":
            await self._sign_out(token, headers, send)
        elif scope["path"] in ("/login", _START, _BACK):
            await self._sign_in(scope, headers, send)
        elif scope["path"] in METADATA and scope["method"] == "GET":
            await metadata(scope["path"], self._address(headers), self._provider.issuer)(scope, receive, send)
        elif scope["path"].startswith(FOR_PROGRAMS) and (brought := bearer_of(scope["headers"])) is not None:
            await self._program(brought, headers, scope, receive, send)
        elif user := self._user(token):
            scope[USER] = user
            await self._app(scope, receive, send)
        elif scope["path"] == "/":
            await answer(send, 303, "", self._leading("/login"))
        elif scope["path"].startswith(FOR_PROGRAMS):
            await unknown(scope["path"], self._address(headers), brought=False)(scope, receive, send)
        else:
            await answer(send, 401, "Sign in first.")

    async def _program(
        self, token: str, headers: Mapping[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Pass the request of a program on as that of the person whom its token names."""
        try:
            caller = await asyncio.to_thread(self._tokens.caller, token)
            _no_admin(caller.name)
        except TooManyError:
            refused = refusal(ApiError(429, "Too many unknown tokens; wait.", 60))
        except ProviderError as error:
            logger.info("a token was not believed: %s", error)
            refused = unknown(scope["path"], self._address(headers), brought=True)
        else:
            if caller.groups is not None:
                self._know(caller.name, caller.groups, caller.at)
            scope[USER] = caller.name
            await self._app(scope, receive, send)
            return
        await refused(scope, receive, send)

    def _know(self, name: str, groups: frozenset[str], at: float) -> None:
        self._users.know(name, groups, admin=bool(self._admins) and self._admins in groups, at=at)

    async def _sign_in(self, scope: Scope, headers: Mapping[str, str], send: Send) -> None:
        language = strings.choose(headers.get("accept-language"))
        failed = strings.text(language, "sign_in_failed")
        if scope["method"] not in ("GET", "HEAD"):
            await answer(send, 405, "", (b"allow", b"GET"))
            return
        try:
            if scope["path"] == _START:
                await self._leave(headers, send)
                return
            if scope["path"] == _BACK:
                person = await self._arrive(scope, headers)
                self._know(person.name, person.groups, time.time())
                gone = f"{_AWAY}=; Max-Age=0; {self._away()}"
                page = returning_html(f"{self._prefix}/")
                await answer(send, 200, page, *self._cookies(person.name), (b"set-cookie", gone.encode()))
                return
        except ProviderError as error:
            logger.warning("nobody was signed in: %s", error)
            await answer(send, 401, provider_html(language, self._provider.issuer, failed))
            return
        await answer(send, 200, provider_html(language, self._provider.issuer, ""))

    async def _leave(self, headers: Mapping[str, str], send: Send) -> None:
        text = f"{int(time.time())}.{secrets.token_urlsafe(32)}"
        mine = f"{text}.{self._derived('cookie', text)}"
        where = await asyncio.to_thread(
            self._provider.leave, self._address(headers) + _BACK, *(self._derived(use, text) for use in _USES)
        )
        # Lax: the browser comes back from another site.
        cookie = f"{_AWAY}={mine}; HttpOnly; Max-Age={_AWAY_SECONDS}; {self._away()}"
        await answer(send, 303, "", (b"location", where.encode("ascii")), (b"set-cookie", cookie.encode()))

    def _away(self) -> str:
        return f"Path={self._prefix}/login; SameSite=Lax{self._secure}"

    async def _arrive(self, scope: Scope, headers: Mapping[str, str]) -> Person:
        query = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=20)
        text, _, mark = cookie_in(headers.get("cookie", ""), _AWAY).rpartition(".")
        if not _same(mark, self._derived("cookie", text)) or not _recent(text):
            raise ProviderError("this browser did not leave to sign in, or long ago")
        state, nonce, verifier = (self._derived(use, text) for use in _USES)
        if not _same("\0".join(query.get("state", [])), state):
            raise ProviderError("another answer than the one that was waited for (state)")
        if query.get("iss", [self._provider.issuer]) != [self._provider.issuer]:
            raise ProviderError("another provider answers (iss)")
        if "error" in query or len(query.get("code", [])) != 1:
            raise ProviderError("the provider did not let the person in")
        redirect = self._address(headers) + _BACK
        async with self._room:
            person = await asyncio.to_thread(self._provider.arrive, redirect, query["code"][0], nonce, verifier)
        _no_admin(person.name)
        return person

    async def _sign_out(self, token: str, headers: Mapping[str, str], send: Send) -> None:
        self._sessions.pop(token, None)
        there = self._provider.sign_out(f"{self._address(headers)}/login")
        if there:  # by a page: a form may lead to ourselves only
            await answer(send, 200, returning_html(there), CLEARED)
        else:
            await answer(send, 303, "", self._leading("/login"), CLEARED)

    def _address(self, headers: Mapping[str, str]) -> str:
        """Return how the world calls us; the wall around has checked the host that is named."""
        return self._public.url if self._public else f"http://{headers.get('host', '')}"

    def _derived(self, use: str, text: str) -> str:
        digest = hmac.digest(self._secret, f"{use}:{text}".encode("utf-8", "surrogatepass"), "sha256")
        return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def _no_admin(name: str) -> None:
    if name == ADMIN_NAME:
        raise ProviderError("nobody is called admin here; --oidc-admin names the group of those who are")


_USES = ("state", "nonce", "verifier")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())


def _recent(text: str) -> bool:
    moment = text.partition(".")[0]
    return moment.isascii() and moment.isdigit() and 0 <= time.time() - int(moment) <= _AWAY_SECONDS

"""Password login in front of every route, for servers that other machines can reach."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from urllib.parse import parse_qs

from index.errors import ConfigError
from ui.http.admission import ApiError, refusal
from ui.http.bodies import App, Receive, Scope, Send
from ui.http.fair_queue import SIGNED_IN
from ui.http.public import PublicAddress
from ui.http.sign_in.login_page import login_html
from ui.http.sign_in.signed_in import CLEARED, SignedIn, answer, cookie_in
from ui.view import strings

__all__ = ["ADMIN_NAME", "FOR_PROGRAMS", "USER", "Login", "Users", "hash_password", "read_users"]

USER = SIGNED_IN
"""Key of the request's scope that holds the name of who signed in."""

_MOST_KNOWN = 100_000
_FREE_ATTEMPTS = 10
ADMIN_NAME = "admin"
"""Who signs in by a password under this name changes what is indexed and sees all of it."""
FOR_PROGRAMS = ("/api/", "/v1/", "/mcp")
_LOCK_SECONDS = 60
_FORM_BYTES = 10_000
# scrypt's cost (RFC 7914): 16 MB and some 50 ms a try.
_COST = {"n": 2**14, "r": 8, "p": 1}


def hash_password(password: str) -> str:
    """Return the password as `scrypt$SALT$HASH` for a line `NAME:scrypt$SALT$HASH` of the users' file."""
    salt = secrets.token_bytes(16)
    return f"scrypt${salt.hex()}${_digest(password, salt).hex()}"


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"), salt=salt, n=_COST["n"], r=_COST["r"], p=_COST["p"]
    )


@dataclass(slots=True)
class Users:
    """Names with their hashed passwords, the groups they are in, and the wrong attempts of the last minute.

    Attributes:
        hashes: passwords by name; empty where a provider signs people in.
        failures: when wrong ones were tried.
        groups: by name.
        admins: who may change the index.
    """

    hashes: dict[str, str]
    failures: list[float] = field(default_factory=list)
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    admins: set[str] = field(default_factory=lambda: {ADMIN_NAME})
    _heard: dict[str, float] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    def know(self, name: str, groups: frozenset[str], *, admin: bool, at: float) -> None:
        """Note what a provider says of somebody, unless it said something newer before.

        Args:
            name: whom it signed in, or whom a token of it names.
            groups: theirs.
            admin: whether they may change the index.
            at: when it said so, seconds since 1970.
        """
        with self._lock:
            if at < self._heard.get(name, 0.0):
                return
            self.groups.pop(name, None)
            self._heard[name] = at
            self.groups[name] = groups
            self.admins = self.admins | {name} if admin else self.admins - {name}
            while len(self.groups) > _MOST_KNOWN:
                self.admins.discard(next(iter(self.groups)))
                self._heard.pop(next(iter(self.groups)), None)
                del self.groups[next(iter(self.groups))]

    def wait(self) -> int:
        """Return for how many seconds no password is looked at, after too many wrong ones."""
        with self._lock:
            now = time.monotonic()
            self.failures = [moment for moment in self.failures if now - moment < _LOCK_SECONDS]
            return 0 if len(self.failures) < _FREE_ATTEMPTS else 1 + int(_LOCK_SECONDS - (now - self.failures[0]))

    def check(self, name: str, password: str) -> bool:
        """Tell whether the password is that user's; takes as long for a name that doesn't exist.

        An attempt counts as wrong until it has turned out right: of many at the same time no more are looked at than
        of as many one after the other.
        """
        with self._lock:
            if self.wait():
                return False
            begun = time.monotonic()
            self.failures.append(begun)
        _, salt, expected = self.hashes.get(name, f"scrypt${'00' * 16}${'00' * 64}").split("$")
        right = hmac.compare_digest(_digest(password, bytes.fromhex(salt)), bytes.fromhex(expected))
        if right and name in self.hashes:
            with self._lock, suppress(ValueError):  # it may be older than a minute by now
                self.failures.remove(begun)
        return right and name in self.hashes


def read_users(path: Path) -> Users:
    """Read the users' file: one `NAME:scrypt$SALT$HASH` a line, `#` starts a comment.

    Behind a further colon stand the groups that somebody is in, with commas between.

    Raises:
        ConfigError: the file can't be read, a line doesn't read so, or there is none.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the users' file can't be read ({error})", "give a text file with --auth") from error
    hashes: dict[str, str] = {}
    groups: dict[str, frozenset[str]] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.strip().partition(":")
        written, _, group_list = rest.partition(":")
        if not name or not _is_hash(written) or ":" in group_list:
            raise ConfigError(f"{path}, line {number}: not of the form NAME:scrypt$SALT$HASH or …:GROUP,GROUP")
        if name in hashes:
            raise ConfigError(f"{path}, line {number}: a second line for {name}", "keep one of them")
        hashes[name], groups[name] = written, frozenset(filter(None, map(str.strip, group_list.split(","))))
    if not hashes:
        raise ConfigError(f"{path}: no user in it", "write one line NAME:scrypt$SALT$HASH each")
    return Users(hashes, groups=groups)


def _is_hash(written: str) -> bool:
    parts = written.split("$")
    try:
        return (
            len(parts) == 3
            and parts[0] == "scrypt"
            and len(bytes.fromhex(parts[1])) >= 8
            and len(bytes.fromhex(parts[2])) == 64
        )
    except ValueError:
        return False


class Login(SignedIn):
    """Lets only those who signed in reach the application.

    Args:
        app: what is behind it.
        users: who may sign in.
        public: how the world calls the server, when a proxy passes its requests on.
    """

    def __init__(self, app: App, users: Users, public: PublicAddress | None = None) -> None:
        super().__init__(public)
        self._app = app
        self._users = users
        self._secret = secrets.token_bytes(32)
        self._checks: dict[str, asyncio.Future[bool]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, show the login page, or check a password."""
        if scope["type"] != "http" or scope["path"] == "/health":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        language = strings.choose(headers.get("accept-language"))
        token = cookie_in(headers.get("cookie", ""))
        if scope["path"] == "/logout":
            self._sessions.pop(token, None)
            await answer(send, 303, "", self._leading("/login"), CLEARED)
        elif scope["path"] == "/login":
            await self._login(scope, receive, send, language)
        elif user := self._user(token) or await self._owner(headers.get("authorization", "")):
            scope[USER] = user
            await self._app(scope, receive, send)
        else:
            await self._turn_away(scope, receive, send)

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path == "/":
            await answer(send, 303, "", self._leading("/login"))
        elif not path.startswith(FOR_PROGRAMS):
            await answer(send, 401, "Sign in first.")
        elif seconds := self._users.wait():
            await refusal(ApiError(429, "Too many wrong passwords; wait.", seconds))(scope, receive, send)
        else:
            message = "Sign in with NAME:PASSWORD, as HTTP Basic or as the bearer key."
            await refusal(ApiError(401, message))(scope, receive, send)

    async def _login(self, scope: Scope, receive: Receive, send: Send, language: str) -> None:
        if scope["method"] != "POST":
            await answer(send, 200, login_html(language, ""))
            return
        form = parse_qs((await _body(receive)).decode("utf-8", "replace"))
        if seconds := self._users.wait():
            await answer(send, 429, login_html(language, strings.text(language, "sign_in_wait", n=seconds)))
            return
        name, password = form.get("user", [""])[0], form.get("password", [""])[0]
        if not await asyncio.to_thread(self._users.check, name, password):
            await answer(send, 401, login_html(language, strings.text(language, "sign_in_wrong")))
            return
        await answer(send, 303, "", self._leading("/"), *self._cookies(name))

    async def _owner(self, header: str) -> str:
        """Return the user whose `NAME:PASSWORD` a program brought, by HTTP Basic or as a bearer key, or `""`."""
        scheme, _, key = header.partition(" ")
        name, colon, password = (_basic(key) if scheme.lower() == "basic" else key).partition(":")
        # Others' wrong guesses must not lock out a program, nor each of its requests pay for a slow hash.
        known = hmac.digest(self._secret, f"{name}:{password}".encode("utf-8", "surrogatepass"), "sha256").hex()
        if self._user(known) == name and colon:
            return name
        if not colon or self._users.wait() or not await self._checked(known, name, password):
            return ""
        return name

    async def _checked(self, known: str, name: str, password: str) -> bool:
        """Check a password once for all requests that bring it at the same time: together they are one attempt."""
        if known not in self._checks:
            self._checks[known] = asyncio.ensure_future(self._check(known, name, password))
        return await asyncio.shield(self._checks[known])

    async def _check(self, known: str, name: str, password: str) -> bool:
        """Check a password and keep who it signs in.

        Both end in one step of the event loop: a request that comes between them would find neither the check nor the
        session, and begin a second attempt.
        """
        try:
            if right := await asyncio.to_thread(self._users.check, name, password):
                self._keep(known, name)
            return right
        finally:
            del self._checks[known]


def _basic(key: str) -> str:
    try:
        return base64.b64decode(key, validate=True).decode("utf-8")
    except ValueError:
        return ""


async def _body(receive: Receive) -> bytes:
    body = b""
    while len(body) <= _FORM_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            break
    return body[:_FORM_BYTES]

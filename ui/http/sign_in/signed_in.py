"""Who is signed in: random tokens in a cookie, kept in memory, whatever the way to get one."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie

from ui.http.bodies import Send
from ui.http.public import PublicAddress

__all__ = ["CLEARED", "SignedIn", "answer", "cookie_in"]

COOKIE = "babelquote_session"
# The page's script reads it, to keep the conversations of two people who share a browser apart.
_WHOSE = "babelquote_whose"
_SESSION_SECONDS = 12 * 3600
_MOST_SESSIONS, _MOST_SESSIONS_EACH = 10_000, 50
CLEARED = (b"clear-site-data", b'"cache", "cookies", "storage"')
"""Header of a sign-out: the browser keeps conversations, and who signs in next on this machine is not to read them."""


class SignedIn:
    """The sessions of people.

    Args:
        public: how the world calls the server, when a proxy passes its requests on.
    """

    def __init__(self, public: PublicAddress | None) -> None:
        self._prefix = public.prefix if public else ""
        self._secure = "; Secure" if public and public.scheme == "https" else ""
        self._cookie = f"Path={self._prefix or '/'}; SameSite=Strict; Max-Age={_SESSION_SECONDS}{self._secure}"
        self._sessions: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def _leading(self, path: str) -> tuple[bytes, bytes]:
        return (b"location", f"{self._prefix}{path}".encode())

    def _cookies(self, name: str) -> list[tuple[bytes, bytes]]:
        """Open a session for somebody; returns the headers that tell it to the browser."""
        cookie = f"{COOKIE}={self._opened(name)}; HttpOnly; {self._cookie}"
        who = hmac.digest(b"whose conversations", name.encode("utf-8", "surrogatepass"), "sha256").hex()[:16]
        return [(b"set-cookie", each.encode()) for each in (cookie, f"{_WHOSE}={who}; {self._cookie}")]

    def _opened(self, name: str) -> str:
        token = secrets.token_urlsafe(32)
        self._keep(token, name)
        return token

    def _keep(self, token: str, name: str) -> None:
        self._sessions[token] = (time.monotonic() + _SESSION_SECONDS, name)
        own = [each for each, (_, whose) in self._sessions.items() if whose == name]
        for oldest in own[:-_MOST_SESSIONS_EACH]:  # of one's own: nobody can sign others out by signing in often
            del self._sessions[oldest]
        while len(self._sessions) > _MOST_SESSIONS:
            self._sessions.popitem(last=False)

    def _user(self, token: str) -> str:
        until, name = self._sessions.get(token, (0.0, ""))
        return name if until > time.monotonic() else ""


def cookie_in(cookies: str, name: str = COOKIE) -> str:
    """Return the value of one of our cookies, `""` for none."""
    try:
        found = SimpleCookie(cookies).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


async def answer(send: Send, status: int, page: str, *headers: tuple[bytes, bytes]) -> None:
    """Send a page that nobody keeps."""
    body = page.encode()
    ours = ((b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode()))
    await send(
        {"type": "http.response.start", "status": status, "headers": [*ours, (b"cache-control", b"no-store"), *headers]}
    )
    await send({"type": "http.response.body", "body": body})

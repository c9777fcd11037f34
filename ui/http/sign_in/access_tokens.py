"""Programs that bring an access token of the provider that signs people in (RFC 6750), and whom it names.

Tokens that are JWTs are checked here, as RFC 9068 wants it: signature, issuer, audience, times, and that they are no
token of another kind. Others are shown to the provider (RFC 7662). What userinfo says of a token proves nobody here: it
answers for tokens that were given to any other client.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from typing import Any

from ui.http.sign_in.provider import Provider
from ui.http.sign_in.provider_calls import ProviderError

__all__ = ["AccessTokens", "Caller", "TooManyError", "audiences_of"]

_MOST_BYTES = 16_000
_MOST_KEPT = 10_000
_KEPT = 60.0  # seconds for which the provider's word on a token is believed
_KINDS = frozenset({"bearer", "access_token"})  # of tokens, as introspection names them
_LONGEST = 86_400.0
_AT_ONCE = 2
_MOST_ASKED = 30  # tokens nobody knows that the provider is shown in a minute
_TYPES = frozenset({"", "jwt", "at+jwt", "application/at+jwt"})
# An ID token or one for signing out is signed by the same key; one that is bound to a key proves nothing without it.
_OF_OTHERS = frozenset({"nonce", "at_hash", "c_hash", "s_hash", "events", "cnf"})
_ACCESS = frozenset({"Bearer", "bearer", "at+jwt"})  # what Keycloak writes into the claims of an access token


class TooManyError(Exception):
    """So many unknown tokens came that the provider is not asked of more for a while."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a token names.

    Attributes:
        name: what the person or program is called here.
        groups: the groups; `None` where the provider says nothing of them.
        at: when the provider said so, seconds since 1970.
        until: until when it holds.
    """

    name: str
    groups: frozenset[str] | None
    at: float
    until: float


@dataclass(slots=True)
class AccessTokens:
    """Finds whom tokens name.

    Attributes:
        provider: signed or gave them out.
        audiences: whom they may be for.
    """

    provider: Provider
    audiences: tuple[str, ...]
    _known: OrderedDict[bytes, tuple[float, Caller]] = field(default_factory=OrderedDict, init=False)
    _good: OrderedDict[bytes, float] = field(default_factory=OrderedDict, init=False)
    _asked: list[float] = field(default_factory=list, init=False)
    _room: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(_AT_ONCE), init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def caller(self, token: str) -> Caller:
        """Return whom a token names.

        Raises:
            ProviderError: it is not to be believed, or the provider can't be reached.
            TooManyError: nobody knows it, and too many such came before.
        """
        if not token or len(token) > _MOST_BYTES or not token.isascii():
            raise ProviderError("no token")
        key, now = hashlib.sha256(token.encode("ascii")).digest(), time.time()
        with self._lock:
            until, found = self._known.get(key, (0.0, None))
        if found is None or now >= min(until, found.until):
            found = self._signed(token) if token.count(".") == 2 else self._introspected(token, key)
            with self._lock:
                _keep(self._known, key, (now + _KEPT, found))
        return found

    def _signed(self, token: str) -> Caller:
        header, claims = self.provider.verified(token, self.audiences)
        if str(header.get("typ", "")).lower() not in _TYPES or claims.get("typ", "Bearer") not in _ACCESS:
            raise ProviderError("a token, but none for access (typ)")
        if found := _OF_OTHERS & claims.keys():
            raise ProviderError(f"a token, but none for access ({', '.join(sorted(found))})")
        return self._named(claims, token)

    def _introspected(self, token: str, key: bytes) -> Caller:
        """Ask the provider of a token that says nothing by itself."""
        address = self.provider.described().get("introspection_endpoint")
        if not address:
            raise ProviderError("a token that can't be read, and the provider tells nothing of tokens")
        self._count(key)
        if not self._room.acquire(blocking=False):  # a slow provider is not to hold the server's threads
            raise TooManyError
        try:
            claims = dict(self.provider.post(address, {"token": token, "token_type_hint": "access_token"}))
        finally:
            self._room.release()
        until = self._checked(claims)
        found = self._named({**claims, "exp": until, "iat": time.time()}, token)  # its word is of this moment
        with self._lock:
            _keep(self._good, key, found.until)
        return found

    def _checked(self, claims: Mapping[str, Any]) -> float:
        """Return until when a token holds of which the provider says this.

        Raises:
            ProviderError: it holds no longer, or for others only.
        """
        audience = claims.get("aud", claims.get("client_id"))
        audiences = audience if isinstance(audience, list) else [audience]
        until = claims.get("exp", time.time() + _KEPT)
        if claims.get("active") is not True or type(until) not in (int, float) or not until > time.time():
            raise ProviderError("the provider does not know the token, or no longer")
        if not any(one in self.audiences for one in audiences):
            raise ProviderError("the token is for somebody else")
        if claims.get("iss", self.provider.issuer) != self.provider.issuer or _OF_OTHERS & claims.keys():
            raise ProviderError("the token is another provider's, or none for access")
        if str(claims.get("token_type", "Bearer")).lower() not in _KINDS or not isinstance(claims.get("sub"), str):
            raise ProviderError("a token, but none for access, or it names nobody")
        return float(until)

    def _count(self, key: bytes) -> None:
        """Count a question to the provider; who guesses is not to have it asked without end."""
        with self._lock:
            now = time.time()
            if self._good.get(key, 0.0) > now:  # others' guesses lock out nobody whose token was good
                return
            self._asked = [moment for moment in self._asked if now - moment < _KEPT]
            if len(self._asked) >= _MOST_ASKED:
                raise TooManyError
            self._asked.append(now)

    def _named(self, claims: dict[str, Any], token: str) -> Caller:
        name = self.provider.name_in(claims)
        with suppress(ProviderError):  # userinfo takes tokens with the scope openid only
            claims = self.provider.with_groups(claims, token)
        now = time.time()
        at, until = max(0, min(claims["iat"], now)), min(claims["exp"], now + _LONGEST)
        return Caller(name, self.provider.groups_in(claims), at, until)


def _keep(kept: OrderedDict[bytes, Any], key: bytes, value: object) -> None:
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > _MOST_KEPT:
        kept.popitem(last=False)


def audiences_of(provider: Provider, address: str) -> tuple[str, ...]:
    """Return whom tokens may be for: what the operator named, else what the provider and the world call us.

    Args:
        provider: knows the first two.
        address: how the world calls the server, `""` where nobody said.
    """
    if provider.audience:
        return (provider.audience,)
    return (provider.client_id, *((address, f"{address}/mcp") if address else ()))

"""A provider of OpenID Connect: where it sends people, and what it says of who came back (OpenID Connect Core 1.0).

The flow is that of codes, with PKCE (RFC 7636). What comes back is believed only after the signature, issuer, audience,
times and nonce of the token were checked; algorithms that need no key, or only a shared one, are not taken.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlsplit

import httpx

from index.errors import ConfigError
from index.language.hygiene import clean_line
from ui.http.guard import is_loopback
from ui.http.sign_in.provider_calls import ProviderError, asked, check_address

if TYPE_CHECKING:
    from joserfc.jwt import ClaimsOption

__all__ = ["Person", "Provider", "provider_of"]

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
_LEEWAY = 30  # seconds by which clocks may differ
_FRESH = 3600.0  # for so long what the provider says of itself is kept
_AGAIN = 30.0  # keys are not asked for more often, whatever tokens name
_MOST_GROUPS = 1000
_NAME_BYTES = 200
_MORE = {"userinfo_endpoint", "end_session_endpoint", "introspection_endpoint"}
_WANTED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Person:
    """Who came back from the provider."""

    name: str
    groups: frozenset[str]


@dataclass(slots=True)
class Provider:
    """A provider, as its discovery document describes it.

    Attributes:
        issuer: its address.
        client_id: what it calls us.
        secret: what proves to it that we are we; `""` for a public client.
        name_claim: which claim is a person's name here.
        groups_claim: which one lists their groups; dots lead into nested ones.
        audience: whom tokens of programs must be for; `""`: us by the names that are known here.
    """

    issuer: str
    client_id: str
    secret: str = field(default="", repr=False)
    name_claim: str = "sub"
    groups_claim: str = "groups"
    audience: str = ""
    _about: dict[str, Any] = field(default_factory=dict, init=False)
    _about_at: float = field(default=0.0, init=False)
    _keys: Any = field(default=None, init=False)
    _keys_at: float = field(default=0.0, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def leave(self, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """Return the address at which somebody signs in.

        Raises:
            ProviderError: the provider can't be reached.
        """
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).decode("ascii")
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect,
            "scope": self._scope(),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge.rstrip("="),
            "code_challenge_method": "S256",
        }
        return str(httpx.URL(self.described()["authorization_endpoint"]).copy_merge_params(query))

    def _scope(self) -> str:
        """Return what is asked for; some providers say nothing of groups unless a scope of their name is."""
        offered = self.described().get("scopes_supported")
        named = (self.groups_claim, self.groups_claim.partition(".")[0])
        more = [scope for scope in named if isinstance(offered, list) and scope in offered]
        return " ".join(dict.fromkeys(["openid", "profile", "email", *more]))

    def sign_out(self, back: str) -> str:
        """Return the address at which somebody signs out there as well, `""` where there is none known."""
        end = self._about.get("end_session_endpoint", "")
        if not end:
            return ""
        query = {"client_id": self.client_id, "post_logout_redirect_uri": back}
        return str(httpx.URL(end).copy_merge_params(query))

    def arrive(self, redirect: str, code: str, nonce: str, verifier: str) -> Person:
        """Change a code for a token and return whom it names.

        Raises:
            ProviderError: the provider refuses, or the token is not to be believed.
        """
        tokens = self._exchange(redirect, code, verifier)
        claims = self._claims(str(tokens.get("id_token") or ""), nonce)
        claims = self.with_groups(claims, str(tokens.get("access_token") or ""))
        return Person(self.name_in(claims), self.groups_in(claims) or frozenset())

    def with_groups(self, claims: dict[str, Any], token: str) -> dict[str, Any]:
        """Return the claims, with those of the provider's userinfo where they say nothing of groups.

        Raises:
            ProviderError: the provider does not answer, or speaks of somebody else.
        """
        if self._within(claims, self.groups_claim) is not None or not self.described().get("userinfo_endpoint"):
            return claims
        return {**self._more(token, str(claims["sub"])), **claims}

    def post(self, address: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        """Send a form to the provider with what proves that we are we, and return the object that it answers.

        Raises:
            ProviderError: it does not answer, or refuses.
        """
        headers, ours = self._proof()
        return asked(address, headers, {**form, **ours})

    def _exchange(self, redirect: str, code: str, verifier: str) -> Mapping[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        return self.post(self.described()["token_endpoint"], form)

    def _proof(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the headers and fields of a form that prove to the provider who we are."""
        about, headers = self.described(), {"Accept": "application/json"}
        if not self.secret:
            return headers, {"client_id": self.client_id}
        if "client_secret_basic" in about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret)}"  # RFC 6749, 2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode('ascii')).decode('ascii')}"
            return headers, {}
        return headers, {"client_id": self.client_id, "client_secret": self.secret}

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        _, claims = self.verified(token, [self.client_id], nonce)
        others = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if (len(others) > 1 or "azp" in claims) and claims.get("azp") != self.client_id:
            raise ProviderError("the token is for somebody else (azp)")
        return claims

    def verified(
        self, token: str, audiences: Sequence[str], nonce: str | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return header and claims of a token that the provider signed for one of these, and that is good now.

        Args:
            token: what was brought.
            audiences: whom it may be for.
            nonce: what its claim of that name must be; `None`: nothing is said of it.

        Raises:
            ProviderError: it is not to be believed, or the provider's keys can't be had.
        """
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError, JoseError

        required: ClaimsOption = {"essential": True}
        ours: ClaimsOption = {"essential": True, "value": self.issuer}
        for_us: ClaimsOption = {"essential": True, "values": list(audiences)}
        once: ClaimsOption = {} if nonce is None else {"essential": True, "value": nonce}
        rules = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY, iss=ours, aud=for_us, sub=required, exp=required, iat=required, nonce=once
        )
        try:
            try:
                read = jwt.decode(token, self._key_set(), algorithms=ALGORITHMS)
            except InvalidKeyIdError:
                read = jwt.decode(token, self._key_set(anew=True), algorithms=ALGORITHMS)
            rules.validate(read.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise ProviderError(f"the token is not believed ({type(error).__name__}: {error})") from error
        return dict(read.header), dict(read.claims)

    def _more(self, token: str, subject: str) -> dict[str, Any]:
        found = asked(self.described()["userinfo_endpoint"], {"Authorization": f"Bearer {token}"})
        if found.get("sub") != subject:
            raise ProviderError("what the provider tells of the person is of another one")
        return found

    def name_in(self, claims: Mapping[str, Any]) -> str:
        """Return what the person is called here.

        Raises:
            ProviderError: the claims name nobody.
        """
        name = claims.get(self.name_claim)
        if self.name_claim == "email" and claims.get("email_verified") is not True:
            raise ProviderError("the address of the person is not verified")
        if not isinstance(name, str) or not name or clean_line(name) != name or len(name.encode()) > _NAME_BYTES:
            raise ProviderError(f"the token names nobody ({self.name_claim})")
        return name

    def groups_in(self, claims: Mapping[str, Any]) -> frozenset[str] | None:
        """Return the groups of the person; `None` where nothing is said of them."""
        found = self._within(claims, self.groups_claim)
        if found is None:
            return None
        listed = found if isinstance(found, list) else [found] if isinstance(found, str) else []
        return frozenset(each for each in listed[:_MOST_GROUPS] if isinstance(each, str) and each)

    @staticmethod
    def _within(claims: Mapping[str, Any], name: str) -> object:
        if name in claims:
            return claims[name]
        inner: object = claims
        for part in name.split("."):
            inner = inner.get(part) if isinstance(inner, Mapping) else None
        return inner

    def described(self) -> dict[str, Any]:
        """Return what the provider says of itself, asked for anew now and then.

        Raises:
            ProviderError: it does not answer, or calls itself by another name.
        """
        with self._lock:
            if not self._about or time.monotonic() - self._about_at > _FRESH:
                found = asked(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                if found.get("issuer") != self.issuer:
                    raise ProviderError("the provider calls itself by another name")
                used = [*_WANTED, *(_MORE & found.keys())]
                for each in used:
                    check_address(str(found.get(each, "")), self.issuer)
                self._about, self._about_at = found, time.monotonic()
            return self._about

    def _key_set(self, *, anew: bool = False) -> Any:  # noqa: ANN401 - joserfc's
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        address = self.described()["jwks_uri"]
        with self._lock:
            age = time.monotonic() - self._keys_at
            if self._keys is None or age > (_AGAIN if anew else _FRESH):
                try:
                    self._keys = KeySet.import_key_set(_usable(asked(address)))
                except (JoseError, ValueError, KeyError, TypeError) as error:
                    raise ProviderError(f"the provider's keys can't be read ({type(error).__name__})") from error
                self._keys_at = time.monotonic()
            return self._keys


def _usable(keys: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as joserfc takes it
    """Return the keys that sign; a shared one, which would let whoever knows it sign, is none of them."""
    return {"keys": [key for key in keys["keys"] if key.get("kty") != "oct" and key.get("use", "sig") == "sig"]}


def provider_of(
    issuer: str, client_id: str, secret: str = "", name: str = "sub", groups: str = "groups", audience: str = ""
) -> Provider:
    """Return a provider by what the operator says of it; nothing is asked of it yet.

    Raises:
        ConfigError: the issuer is no address of one, the client is missing, or the packages are.
    """
    from importlib.util import find_spec

    parts = urlsplit(issuer)
    plain = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if (
        not parts.hostname
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
        or not (parts.scheme == "https" or plain)
    ):
        raise ConfigError("--oidc: the issuer is no https:// address", "give it as the provider writes it")
    if not client_id:
        raise ConfigError("--oidc needs to know what the provider calls this server", "give it with --oidc-client")
    if not re.fullmatch(r"[\w.:/-]{1,200}", name) or not re.fullmatch(r"[\w.:/-]{1,200}", groups):
        raise ConfigError("--oidc-name and --oidc-groups are names of claims", "such as preferred_username")
    if find_spec("joserfc") is None:
        raise ConfigError("--oidc needs the package joserfc", 'pip install "babelquote[oidc]"')
    if not audience.isprintable() or " " in audience:
        raise ConfigError("--oidc-audience is what the provider writes into tokens as their audience", "give one word")
    return Provider(issuer, client_id, secret, name, groups, audience)

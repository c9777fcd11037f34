"""A provider of OpenID Connect for tests, which lets everybody in and lies in whatever way a test asks for."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey
from joserfc.jws import JWSRegistry

CLIENT, SECRET = "babelquote-test", "shared secret of the test/ä"


def segment(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@dataclass
class Issuer:
    """The provider.

    Attributes:
        url: its issuer.
        person: claims of whoever signs in next.
        lies: claims that replace the right ones; `None` leaves one out.
        forged: how the token is signed wrongly: `"none"`, `"HS256"` (by the client's secret), `"other"` (by a key that
            is nobody's), `"public"` (HS256 by the public key's text), `"cut"`.
        answer: parameters that replace those of the way back.
        userinfo: what it says of the person beside the token.
        opaque: what it says of tokens that say nothing by themselves.
        agents: programs that registered themselves (RFC 7591), by their ids.
        asked: paths that were asked for.
    """

    url: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "groups": ["staff"]})
    lies: dict[str, Any] = field(default_factory=dict)
    forged: str = ""
    answer: dict[str, str] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    opaque: dict[str, dict[str, Any]] = field(default_factory=dict)
    agents: dict[str, dict[str, Any]] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    down: bool = False
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one", "use": "sig"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        paths = {"authorization": "authorize", "token": "token", "userinfo": "userinfo", "end_session": "end"}
        ends: dict[str, Any] = {f"{name}_endpoint": f"{self.url}/{path}" for name, path in paths.items()}
        ends |= {"registration_endpoint": f"{self.url}/register", "code_challenge_methods_supported": ["S256"]}
        ends |= {"response_types_supported": ["code"]}
        if self.opaque:
            ends["introspection_endpoint"] = f"{self.url}/introspect"
        return {"issuer": self.url, "jwks_uri": f"{self.url}/jwks", **ends, **self.about}

    def authorize(self, query: dict[str, str]) -> str:
        assert query["response_type"] == "code" and "openid" in query["scope"].split()
        assert query["client_id"] in (CLIENT, *self.agents) and query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        back = {"code": code, "state": query["state"], "iss": self.url, **self.answer}
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str], header: str) -> dict[str, Any] | None:
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        key = base64.b64decode(header.removeprefix("Basic ")).decode() if header else ""
        if asked is None or proof != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        if asked["client_id"] in self.agents:  # without a secret, for the resource that it named
            assert form["resource"] == asked["resource"]
            return {"access_token": self.access(self.person), "token_type": "Bearer", "expires_in": 300}
        if key != f"{CLIENT}:{quote_plus(SECRET)}":
            return None
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]} | self.person
        claims = {name: value for name, value in {**claims, **self.lies}.items() if value is not None}
        return {"access_token": "access", "token_type": "Bearer", "id_token": self.signed(claims)}

    def access(self, claims: dict[str, Any] | None = None, **header: Any) -> str:
        """Return an access token for us, with these claims in place of the right ones; `None` leaves one out."""
        now = int(time.time())
        right = {"iss": self.url, "aud": CLIENT, "sub": "u-1", "iat": now, "exp": now + 300, "groups": ["staff"]}
        payload = {name: value for name, value in {**right, **(claims or {})}.items() if value is not None}
        return self.signed(payload, **{"typ": "at+jwt", **header})

    def introspect(self, form: dict[str, str], header: str) -> dict[str, Any] | None:
        key = base64.b64decode(header.removeprefix("Basic ")).decode() if header else ""
        return self.opaque.get(form["token"], {"active": False}) if key == f"{CLIENT}:{quote_plus(SECRET)}" else None

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        if self.forged == "none":
            return f"{segment({'alg': 'none', 'kid': 'one'})}.{segment(claims)}."
        if self.forged in ("HS256", "public"):
            text = SECRET if self.forged == "HS256" else json.dumps(self.key.as_dict(private=False))
            key = OctKey.import_key(text)
            return jwt.encode({"alg": "HS256", "kid": "one"}, claims, key, algorithms=["HS256"])
        key = ECKey.generate_key("P-256", {"kid": "one"}) if self.forged == "other" else self.key
        head = {"alg": "ES256", "kid": key.kid, **header}
        if "crit" in head:  # joserfc makes none that it would not read
            words = f"{segment(head)}.{segment(claims)}"
            mark = JWSRegistry.algorithms["ES256"].sign(words.encode(), key)
            return f"{words}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"
        token = jwt.encode(head, claims, key)
        return token[:-6] if self.forged == "cut" else token

    def jwks(self) -> dict[str, Any]:
        shared = OctKey.import_key("anybody knows this one, for it stands here", {"kid": "shared", "use": "sig"})
        return {"keys": [KeySet([self.key]).as_dict(private=False)["keys"][0], shared.as_dict()]}


@contextmanager
def issuing(issuer: Issuer) -> Iterator[Issuer]:
    """Serve a provider."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            issuer.asked.append(parts.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if issuer.down:
                self.connection.close()
            elif parts.path == "/authorize":
                self._say(302, b"", {"Location": issuer.authorize(query)})
            else:
                pages = {
                    "/.well-known/openid-configuration": issuer.described,
                    "/jwks": issuer.jwks,
                    "/userinfo": lambda: issuer.userinfo,
                    "/end": lambda: {"goodbye": query},
                }
                found = pages.get(parts.path)
                body = json.dumps(found() if found else {"error": "not found"}).encode()
                self._say(200 if found else 404, body, {"Content-Type": "application/json"})

        def do_POST(self) -> None:
            issuer.asked.append(self.path)
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path == "/register":
                registration = {**json.loads(text), "client_id": f"agent-{len(issuer.agents)}"}
                issuer.agents[registration["client_id"]] = registration
                self._say(201, json.dumps(registration).encode(), {"Content-Type": "application/json"})
                return
            form = {name: values[0] for name, values in parse_qs(text).items()}
            answers = {"/token": issuer.token, "/introspect": issuer.introspect}
            found = answers[self.path](form, self.headers.get("Authorization", ""))
            body = json.dumps(found or {"error": "invalid_grant"}).encode()
            self._say(200 if found else 400, body, {"Content-Type": "application/json"})

        def _say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()

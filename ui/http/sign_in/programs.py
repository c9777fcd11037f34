"""The answers to programs that must bring an access token: where to get one (RFC 9728), and that theirs is none."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.responses import JSONResponse

from ui.http.admission import ApiError, refusal

__all__ = ["METADATA", "bearer_of", "metadata", "unknown"]

_WELL_KNOWN = "/.well-known/oauth-protected-resource"
_MCP = "/mcp"
METADATA = frozenset({_WELL_KNOWN, _WELL_KNOWN + _MCP})
"""Paths at which the server says who gives out tokens for it: as a whole, and for clients of MCP."""


def bearer_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the token that a request brings; `None` for none, `""` for what can't be one."""
    values = [value for name, value in headers if name.lower() == b"authorization"]
    if not values:
        return None
    scheme, _, token = values[0].decode("latin-1").partition(" ")
    return token.strip() if len(values) == 1 and scheme.lower() == "bearer" else ""


def metadata(path: str, address: str, issuer: str) -> JSONResponse:
    """Return what a client must know to get a token.

    Args:
        path: one of `METADATA`.
        address: how the world calls the server.
        issuer: who gives tokens out.
    """
    about = {
        "resource": address + path.removeprefix(_WELL_KNOWN),
        "resource_name": "Babelquote",
        "authorization_servers": [issuer],
        "scopes_supported": ["openid"],
        "bearer_methods_supported": ["header"],
    }
    return JSONResponse(about, headers={"cache-control": "no-store"})


def unknown(path: str, address: str, *, brought: bool) -> JSONResponse:
    """Return the refusal of a program that nobody knows.

    Args:
        path: what it asked for.
        address: how the world calls the server.
        brought: it brought a token, which was not believed.
    """
    message = "The access token is not valid here." if brought else "Sign in on the page, or bring an access token."
    where = f"{address}{_WELL_KNOWN}{_MCP if path.startswith(_MCP) else ''}"
    response = refusal(ApiError(401, message))
    error = 'error="invalid_token", ' if brought else ""
    response.headers["www-authenticate"] = f'Bearer {error}resource_metadata="{where}"'
    return response

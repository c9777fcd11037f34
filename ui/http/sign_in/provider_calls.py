"""What is asked of a provider of OpenID Connect, over HTTP: briefly, without redirects, for an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

__all__ = ["ProviderError", "asked", "check_address"]

_TIMEOUT = 10.0
_MOST_BYTES = 1_000_000


class ProviderError(Exception):
    """A sign-in that is not believed, or a provider that does not answer; its text is for the log."""


def asked(
    address: str, headers: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Ask the provider, with a form where there is one, and return the object that it answers.

    Raises:
        ProviderError: it does not answer, or not with an object.
    """
    try:
        with httpx.Client(timeout=_TIMEOUT, trust_env=False, follow_redirects=False) as client:
            found = client.request("POST" if form else "GET", address, headers=dict(headers or {}), data=form)
        if found.status_code != 200 or len(found.content) > _MOST_BYTES:
            raise ProviderError(f"the provider answered {found.status_code}")
        read = found.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ProviderError(f"the provider does not answer ({type(error).__name__})") from error
    if not isinstance(read, dict):
        raise ProviderError("the provider does not say what was asked")
    return read


def check_address(address: str, issuer: str) -> None:
    """Refuse an address without encryption, unless the issuer itself has none.

    Raises:
        ProviderError: it is one.
    """
    scheme, own = urlsplit(address).scheme, urlsplit(issuer).scheme
    if scheme != "https" and not (scheme == own == "http"):
        raise ProviderError("the provider names an address without https")

"""Who may change what is indexed."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request

from ui.http.admission import ApiError
from ui.http.sign_in.login import ADMIN_NAME, USER

__all__ = ["ADMIN", "Rights"]

ADMIN = ADMIN_NAME
"""Who signs in under this name changes what is indexed and sees all of it."""
_TOKEN_HEADER = "x-babelquote-token"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may change what is indexed.

    Attributes:
        local: only this machine's own user reaches the page; that user may also name folders and addresses.
        admin: `None` lets the local user and the signed-in `admin`; `True` all who may see the page; `False` nobody.
        admins: says who of those that sign in is an administrator.
        token: random, made for this process; every change must bring it.
    """

    local: bool
    admin: bool | None = None
    admins: Callable[[object], bool] = lambda user: user == ADMIN
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def may(self, user: object) -> bool:
        """Tell whether a person may make changes."""
        if self.admin is not None:
            return self.admin
        return self.local or self.admins(user)

    def may_watch(self, user: object) -> bool:
        """Tell whether a person may see the server's figures."""
        return self.local or self.admins(user)

    def check(self, request: Request) -> None:
        """Refuse a change by someone who may not, or without the token.

        Raises:
            ApiError: 403.
        """
        sent = request.headers.get(_TOKEN_HEADER, "").encode("utf-8", "replace")
        if not (self.may(request.scope.get(USER)) and hmac.compare_digest(sent, self.token.encode())):
            raise ApiError(403, "not_allowed")

"""Who looks at the index: noted for each request, and asked for by whatever opens the index for it.

A request without a note is nobody's, who sees only what is everyone's: code that forgets to say who asks shows too
little, never too much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from index.stores.collections import SEES_ALL, Viewer
from ui.http.bodies import App, Receive, Scope, Send
from ui.http.fair_queue import SIGNED_IN
from ui.http.sign_in.login import Users

__all__ = ["NOBODY", "Viewing", "look_as", "viewer", "viewer_of", "viewers"]

NOBODY = Viewer()
"""Who did not sign in."""
_SCOPE = "babelquote.viewer"
_VIEWER: ContextVar[Viewer] = ContextVar("viewer", default=NOBODY)


def viewer() -> Viewer:
    """Return who asks now."""
    return _VIEWER.get()


def look_as(person: Viewer) -> None:
    """Work for a person from now on, in a context (`contextvars`) that serves nobody else."""
    _VIEWER.set(person)


def viewer_of(scope: Mapping[str, Any]) -> Viewer:
    """Return whose a request is."""
    found = scope.get(_SCOPE)
    return found if isinstance(found, Viewer) else NOBODY


def viewers(users: Users | None, *, local: bool, admin: str, named_by_proxy: bool = False) -> Callable[[str], Viewer]:
    """Return what says who a name is.

    Args:
        users: who may sign in, and their groups; `None` where nobody signs in.
        local: only this machine's own user reaches the server: the files of the index are theirs anyway.
        admin: the name of who sees everything, `""` for nobody; of `users`, those that they say are administrators.
        named_by_proxy: a proxy signs people in and names them; of groups it says nothing.
    """

    def known(name: str) -> Viewer:
        if users is None and not named_by_proxy:
            return SEES_ALL if local else NOBODY
        groups = users.groups.get(name, frozenset()) if users is not None else frozenset()
        return Viewer(name, groups, all=bool(admin) and (name in users.admins if users is not None else name == admin))

    return known


@dataclass(frozen=True, slots=True)
class Viewing:
    """Notes whose each request is.

    Attributes:
        app: answers it.
        known: says who a name is.
    """

    app: App
    known: Callable[[str], Viewer]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope[_SCOPE] = self.known(str(scope.get(SIGNED_IN) or ""))
        token = _VIEWER.set(scope[_SCOPE])
        try:
            await self.app(scope, receive, send)
        finally:
            _VIEWER.reset(token)

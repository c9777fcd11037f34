"""The sub-path behind which a proxy shows the server: taken off where the proxy has left it.

Some proxies pass the sub-path on, others take it away, and a sub-path may be called like a route of ours. With
`https://docs.example.org/chat`, the document of a proxy that took it away is `/chat/document`, and that of one that did
not `/chat/chat/document`. Which is meant is decided by what there is: our routes and the places of the chat framework.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ui.http.public import PublicAddress

__all__ = ["Prefix"]

# Places that no route of ours answers: the page itself, those of the login and of the chat framework.
_ELSEWHERE = re.compile(
    r"/|/(config|theme\.css|favicon\.ico|robots\.txt|manifest\.json|login|logout)|/(assets|static|svelte|gradio_api)/.*",
    re.DOTALL,
)


@dataclass(slots=True)
class Prefix:
    """Takes the sub-path of a public address off requests.

    Attributes:
        public: the address.
        own: says whether a route of ours answers a path.
    """

    public: PublicAddress
    own: Callable[[str], bool]
    _taken: bool = field(default=False, init=False)  # the proxy was last seen to take the sub-path away

    def inner(self, path: str, method: str) -> str | None:
        """Return a request's path without the sub-path; `None` when the slash behind the sub-path is missing.

        A path that is the sub-path and a route of ours as well (`/login`) is the route where the proxy was seen to take
        the sub-path away, or where something is sent to it.
        """
        prefix = self.public.path
        if not prefix:
            return path
        if path == prefix:
            return path if self._known(path) and (self._taken or method not in ("GET", "HEAD")) else None
        rest = path.removeprefix(prefix)
        if rest == path or not rest.startswith("/"):
            self._taken = self._taken or self._known(path)
            return path
        if self._known(path) and not self._known(rest):
            self._taken = True
            return path
        self._taken = False
        return rest

    def _known(self, path: str) -> bool:
        return self.own(path) or _ELSEWHERE.fullmatch(path) is not None

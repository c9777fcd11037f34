"""Whether a backend would answer now: looked at from outside, without asking it anything, while nobody waits."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from index.errors import ConfigError
from rag.llms.kinds import kind_of
from ui.http.guard import is_loopback
from ui.service.asking.backends import address_of

__all__ = ["Health", "State", "state_of"]

State: TypeAlias = Literal["ready", "weak", "checking", "no_package", "no_key", "no_file", "no_model", "unreachable"]
_TIMEOUT_SECONDS = 2.0
_FRESH_SECONDS = 15.0
_MOST_BYTES = 1_000_000


class Health:
    """Keeps the last look at each backend and looks again in the background; nobody ever waits for it.

    Args:
        look: returns the state of one spec; may take its time.
        fresh_seconds: how long a look counts.
    """

    def __init__(self, look: Callable[[str], State] | None = None, fresh_seconds: float = _FRESH_SECONDS) -> None:
        self._look = look or state_of
        self._fresh_seconds = fresh_seconds
        self._seen: dict[str, tuple[State, float]] = {}
        self._looking: set[str] = set()
        self._lock = threading.Lock()

    def state(self, spec: str) -> State:
        """Return what is known of a backend; `"checking"` before the first look is done."""
        with self._lock:
            seen = self._seen.get(spec)
            stale = seen is None or time.monotonic() - seen[1] > self._fresh_seconds
            if stale and spec not in self._looking:
                self._looking.add(spec)
                threading.Thread(target=self._work, args=(spec,), name="health", daemon=True).start()
        return "checking" if seen is None else seen[0]

    def _work(self, spec: str) -> None:
        state: State = "unreachable"
        try:
            state = self._look(spec)
        finally:
            with self._lock:
                self._seen[spec] = (state, time.monotonic())
                self._looking.discard(spec)


def state_of(spec: str) -> State:
    """Look at a backend; of several in turn, one that is ready is enough. No key and no text is sent anywhere."""
    states = [_state(part.strip()) for part in spec.split(",")]
    return "ready" if "ready" in states else states[0]


def _state(spec: str) -> State:
    kind = kind_of(spec)
    missing = kind.needs() if kind is not None else []
    if missing:
        return "no_package" if missing[0].startswith("pip") else "no_key"
    try:
        address = address_of(spec)
    except ConfigError:
        return "no_package"
    check, model = "connection" if kind is None else kind.check, spec.partition(":")[2].strip()
    if check == "file":
        return _file(model)
    if not address:
        return "ready"
    if check == "models":
        return _listed(address, model)
    return "ready" if _answers(address) else "unreachable"


def _file(named: str) -> State:
    """Look at a model file: whether it is there, and large enough to keep to its instructions."""
    from rag.errors import LLMError
    from rag.llms.llamacpp.gguf import bundled_model, read_header
    from rag.llms.local import SMALL

    path = Path(named).expanduser() if named else bundled_model()
    if path is None or not path.is_file():
        return "no_file"
    try:
        return "weak" if read_header(path).parameters < SMALL else "ready"
    except LLMError:
        return "ready"  # what is wrong with the file is reported when it is asked


def _answers(address: str) -> bool:
    """Tell whether a connection can be made to the server, or to the proxy that stands before it."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    proxy = getproxies().get(parts.scheme) if not is_loopback(host) and not proxy_bypass(host) else None
    target = urlsplit(proxy) if proxy and "://" in proxy else parts
    port = target.port or (443 if target.scheme == "https" else 80)
    try:
        socket.create_connection((target.hostname or host, port), timeout=_TIMEOUT_SECONDS).close()
    except (OSError, UnicodeError):
        return False
    return True


def _listed(address: str, model: str) -> State:
    """Ask a server which models it has; one that does not say counts as ready."""
    parts = urlsplit(address)
    secure = parts.scheme == "https"
    make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    try:
        with closing(make(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)) as connection:
            connection.request("GET", f"{parts.path}/models")
            listed = json.loads(connection.getresponse().read(_MOST_BYTES))
    except (OSError, http.client.HTTPException):
        return "unreachable"
    except ValueError:
        return "ready"
    rows = listed.get("data") if isinstance(listed, dict) else None
    names = {str(row.get("id")) for row in rows if isinstance(row, dict)} if isinstance(rows, list) else None
    return "ready" if names is None or {model, f"{model}:latest"} & names else "no_model"

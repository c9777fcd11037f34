"""What the backends that speak HTTP share: keys from the environment, errors in plain words.

The SDKs of OpenAI and Anthropic come from one generator and name their errors alike, so that one place translates
both. What a server says about an error is shown in one short line, unless a part of the key stands in it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType

from rag.errors import LLMError
from rag.llms.guard import TransientError
from rag.llms.wire import Foreign

__all__ = ["read_key", "require_event_stream", "translate"]

# Statuses that often pass by themselves: timeout, conflict, rate limit, and every failure of the server.
_PASSING = frozenset({408, 409, 425, 429})
# A run of a key this long in a server's message is taken for a leak, and the message is dropped.
_KEY_PART = 6
_MENDS: Mapping[int, str] = {
    400: "the request was not understood: check the model's name and that the question fits its context",
    401: "the key was refused: check {variable}",
    402: "the account has no credit left",
    403: "access was denied: check what the key in {variable} may use",
    404: "no such model or address: check the spec",
    408: "it took the server too long: try again later",
    413: "the question and its passages are too long for this model: ask with a smaller --k",
    429: "too many requests, or the quota is used up: try again later",
}


def read_key(name: str, variable: str, *, required: bool = True) -> str:
    """Return the key from the environment, read anew at each call and kept nowhere.

    Raises:
        LLMError: the variable is not set, or holds what no header can carry.
    """
    key = os.environ.get(variable, "").strip()
    if not key and required:
        raise LLMError(f"{name} needs a key: set the environment variable {variable}")
    if not key.isascii() or not key.isprintable():
        raise LLMError(f"{name}: the key in {variable} holds characters that no key has; copy it again")
    return key


def require_event_stream(name: str, response: Foreign) -> None:
    """Refuse a reply that is no stream of server-sent events: a login page, or an error in plain JSON.

    Raises:
        LLMError: names the kind of content that came instead.
    """
    kind = str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()
    if kind != "text/event-stream":
        shown = _line(kind) or "nothing that says what it is"
        raise LLMError(f"{name} did not answer with a stream but with {shown}; check the address and the model's name")


def translate(name: str, sdk: ModuleType, variable: str, attempt: Callable[[], Iterator[str]]) -> Iterator[str]:
    """Yield an attempt's pieces; every error of the SDK, of HTTP and of decoding becomes an `LLMError`.

    Args:
        name: the backend's spec.
        sdk: `openai` or `anthropic`.
        variable: where the key comes from, named when it is refused.
        attempt: sends the request and yields its pieces.

    Raises:
        TransientError: a failure that may pass.
        LLMError: any other.
    """
    spoken = False
    try:
        for piece in attempt():
            spoken = spoken or bool(piece)
            yield piece
    except sdk.APIStatusError as error:
        raise _status_error(name, variable, error) from None
    except sdk.APITimeoutError:
        raise TransientError(f"{name} did not answer in time; is it running and reachable?") from None
    except sdk.APIConnectionError:
        raise _broken(name, spoken) from None
    except sdk.APIError as error:
        said = _said(error, os.environ.get(variable, ""))
        raise LLMError(f"{name} reported an error while it answered{said}") from None
    except LLMError as error:
        raise error if name in str(error) else LLMError(f"{name}: {error}") from None
    except ValueError:  # bad JSON, bad UTF-8
        raise LLMError(f"{name} sent an answer that can't be read; the answer is incomplete") from None
    except Exception as error:
        if not _is_transport_error(error):
            raise
        raise _broken(name, spoken) from None


def _is_transport_error(error: Exception) -> bool:
    """Tell whether an error is one of httpx (whichever generation the SDK brings): some pass through the SDK bare."""
    return isinstance(error, OSError) or any(kind.__name__ == "TransportError" for kind in type(error).__mro__)


def _broken(name: str, spoken: bool) -> LLMError:
    if spoken:
        return LLMError(f"{name} broke off in the middle; the answer is incomplete")
    return TransientError(f"{name} can't be reached, or broke off at once; is it running, and is the address right?")


def _status_error(name: str, variable: str, error: Foreign) -> LLMError:
    """Return what a status of HTTP means for the user, with the server's own words when they are harmless."""
    status = int(error.status_code)
    if status < 300:  # an error inside a stream that began well
        return LLMError(f"{name} reported an error while it answered{_said(error, os.environ.get(variable, ''))}")
    mend = _MENDS.get(
        status, "the service has a fault: try again later" if status >= 500 else "the request was refused"
    )
    if 300 <= status < 400:
        mend = "it redirects elsewhere, which is not followed because the key would go along: correct the address"
    message = f"{name}: HTTP {status}: {mend.format(variable=variable)}{_said(error, os.environ.get(variable, ''))}"
    if status in _PASSING or status >= 500:
        return TransientError(message, _retry_after(error.response.headers))
    return LLMError(message)


def _said(error: Foreign, key: str) -> str:
    """Return the server's message in brackets, one line of printable text; nothing if a part of the key is in it."""
    body = error.body
    body = body.get("error", body) if isinstance(body, dict) else body
    text = body.get("message") if isinstance(body, dict) else None
    if not isinstance(text, str):
        return ""
    if any(key[i : i + _KEY_PART] in text for i in range(max(len(key) - _KEY_PART + 1, 0))):
        return ""
    line = _line(text)
    return f" (it says: {line})" if line else ""


def _line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:200]


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header; its form as a date is rare and left to the usual pause."""
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None

"""What the backends that speak HTTP share: keys from the environment, errors in plain words.

The SDKs of OpenAI and Anthropic come from one generator and name their errors alike, so that one place translates
both. What a server says about an error is shown in one short line, unless a part of the key stands in it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType

from rag.errors import LLMError
from rag.llms.calls.guard import TransientError
from rag.llms.calls.wire import Foreign
from rag.llms.events import Piece

__all__ = ["HEADERS", "read_headers", "read_key", "require_event_stream", "translate"]

HEADERS = "RAG_LLM_HEADERS"
"""The environment variable with further headers for gateways, `Name: value`, one a line."""
_HEADER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]{1,100})[ \t]*:[ \t]*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)")
# Their values would break the request.
_OWN = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding"})

# Statuses that often pass by themselves: timeout, conflict, rate limit, and every failure of the server.
_PASSING = frozenset({408, 409, 425, 429})
# A run of a key this long in a server's message is taken for a leak, and the message is dropped.
_KEY_PART = 6
# Errors behind an error that are looked at.
_CAUSES = 8
_FIXES: Mapping[int, str] = {
    400: "the request was not understood: check the model's name and that the question fits its context",
    401: "the key was refused: check {variable}",
    402: "the account has no credit left",
    403: "access was denied: check what the key in {variable} may use",
    404: "no such model or address: check the model's name, and whether the address ends with /v1",
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
        raise LLMError(f"{name} needs a key", f"set the environment variable {variable}")
    if not key.isascii() or not key.isprintable():
        raise LLMError(f"{name}: the key in {variable} holds characters that no key has", "copy it again")
    return key


def read_headers() -> dict[str, str]:
    """Return the further headers from the environment, read anew at each call.

    Raises:
        LLMError: a line is none; it is not repeated, since it may hold a key.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(os.environ.get(HEADERS, "").splitlines(), start=1):
        match = _HEADER.fullmatch(line.strip())
        if match and match[1].lower() not in _OWN:
            found[match[1]] = match[2]
        elif line.strip():
            raise LLMError(f"header {number} of --llm-header or {HEADERS} can't be sent", 'write it as "Name: value"')
    return found


def require_event_stream(name: str, response: Foreign) -> None:
    """Refuse a reply that is no stream of server-sent events: a login page, or an error in plain JSON.

    Raises:
        LLMError: names the kind of content that came instead.
    """
    kind = str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()
    if kind != "text/event-stream":
        shown = _line(kind) or "nothing that says what it is"
        raise LLMError(
            f"{name} did not answer with a stream but with {shown}", "check the address and the model's name"
        )


def translate(name: str, sdk: ModuleType, variable: str, attempt: Callable[[], Iterator[Piece]]) -> Iterator[Piece]:
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
    secrets = [os.environ.get(variable, ""), *_values(os.environ.get(HEADERS, ""))]
    try:
        for piece in attempt():
            spoken = spoken or bool(piece)
            yield piece
    except sdk.APIStatusError as error:
        raise _status_error(name, variable, error, secrets) from None
    except sdk.APITimeoutError:
        raise TransientError(f"{name} did not answer in time", "is it running and reachable?") from None
    except sdk.APIConnectionError as error:
        raise _untrusted(name, error) or _broken(name, spoken) from None
    except sdk.APIError as error:
        said = _said(error, secrets)
        raise LLMError(f"{name} reported an error while it answered{said}") from None
    except LLMError as error:
        raise error if name in str(error) else LLMError(f"{name}: {error}") from None
    except ValueError:  # bad JSON, bad UTF-8
        raise LLMError(f"{name} sent an answer that can't be read; the answer is incomplete") from None
    except Exception as error:
        if not _is_transport_error(error):
            raise
        raise _untrusted(name, error) or _broken(name, spoken) from None


def _values(headers: str) -> list[str]:
    return [line.partition(":")[2].strip() for line in headers.splitlines()]


def _untrusted(name: str, error: BaseException) -> LLMError | None:
    """Return what to do about a certificate that nobody here vouches for, `None` when that is not what happened."""
    import ssl  # a hundredth of a second, which a question without a server need not pay

    seen: BaseException | None = error
    for _ in range(_CAUSES):
        if seen is None:
            return None
        if isinstance(seen, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(seen):
            reason = _line(str(getattr(seen, "verify_message", "") or "")) or "not trusted"
            return LLMError(
                f"{name}: the server's certificate is refused ({reason})",
                "if it is your own or your company's, set SSL_CERT_FILE to the file of the authority that signed it",
            )
        seen = seen.__cause__ or seen.__context__
    return None


def _is_transport_error(error: Exception) -> bool:
    """Tell whether an error is one of httpx (whichever generation the SDK brings): some pass through the SDK bare."""
    return isinstance(error, OSError) or any(kind.__name__ == "TransportError" for kind in type(error).__mro__)


def _broken(name: str, spoken: bool) -> LLMError:
    if spoken:
        return LLMError(f"{name} broke off in the middle; the answer is incomplete")
    return TransientError(f"{name} can't be reached, or broke off at once", "check that it is running, and its address")


def _status_error(name: str, variable: str, error: Foreign, secrets: Sequence[str]) -> LLMError:
    """Return what a status of HTTP means for the user, with the server's own words when they are harmless."""
    status = int(error.status_code)
    if status < 300:  # an error inside a stream that began well
        return LLMError(f"{name} reported an error while it answered{_said(error, secrets)}")
    fix = _FIXES.get(status, "the service has a fault: try again later" if status >= 500 else "the request was refused")
    if 300 <= status < 400:
        fix = "it redirects elsewhere, which is not followed because the key would go along: correct the address"
    message = f"{name}: HTTP {status}: {fix.format(variable=variable)}{_said(error, secrets)}"
    if status in _PASSING or status >= 500:
        return TransientError(message, retry_after=_retry_after(error.response.headers))
    return LLMError(message)


def _said(error: Foreign, secrets: Sequence[str]) -> str:
    """Return the server's message in brackets, one line of printable text; nothing if a part of a secret is in it."""
    body = error.body
    body = body.get("error", body) if isinstance(body, dict) else body
    text = body.get("message") if isinstance(body, dict) else body
    if not isinstance(text, str) or "<" in text[:200]:
        return ""
    if any(key[i : i + _KEY_PART] in text for key in secrets for i in range(max(len(key) - _KEY_PART + 1, 0))):
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

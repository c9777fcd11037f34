"""The settings that a file or the environment can hold: one table for the file, `rag config` and the documentation.

A key is an option's long name without its dashes. Each has an environment variable, so that one rule of precedence is
enough: what is written on the command line, then the environment, then the file, then the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

__all__ = ["KEYS", "SETTINGS", "Kind", "Setting"]

Kind: TypeAlias = Literal["text", "place", "integer", "seconds", "switch", "list", "lines", "size"]
"""What a value is. `place`: a file, folder or address, looked for from the file's own folder; `lines`: a list whose
entries may hold blanks."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        key: as it stands in the file.
        variable: its environment variable.
        kind: what a value is.
        default: what counts when nobody says anything, for people.
        concerns: what it decides, for people.
        least: smallest number that is taken.
        most: largest number that is taken.
        choices: the only texts that are taken; none: any.
        secret: its value may hold a password or a key.
    """

    key: str
    variable: str
    kind: Kind
    default: str
    concerns: str
    least: float = 0
    most: float = float("inf")
    choices: tuple[str, ...] = ()
    secret: bool = False


_STYLES = ("short", "normal", "detailed")
SETTINGS: tuple[Setting, ...] = (
    Setting("index", "RAG_INDEX", "place", "var/index or the user's data folder", "where the index is", secret=True),
    Setting("embedder", "RAG_EMBEDDER", "text", "bundled", "the model that embeds"),
    Setting("workers", "RAG_WORKERS", "text", "this process", "who embeds in a build"),
    Setting("max-file-size", "RAG_MAX_FILE_SIZE", "size", "100MiB", "the largest file that is read"),
    Setting("ocr", "RAG_OCR", "text", "auto", "how scans are read"),
    Setting("cache", "RAG_CACHE", "place", "the user's cache folder", "where models are kept that can be made again"),
    Setting("languages", "RAG_LANGUAGES", "place", "none", "a folder with more files of languages"),
    Setting("vector-index", "RAG_VECTOR_INDEX", "text", "hnsw", "how a database searches vectors"),
    Setting("llm", "RAG_LLM", "text", "extractive", "who writes answers"),
    Setting("llm-timeout", "RAG_LLM_TIMEOUT", "seconds", "by backend", "how long a reply may take", 1, 86_400),
    Setting("llm-header", "RAG_LLM_HEADERS", "lines", "none", "headers for the model's server", secret=True),
    Setting("style", "RAG_STYLE", "text", "normal", "how long a language model writes", choices=_STYLES),
    Setting("k", "RAG_K", "integer", "5", "how many passages are retrieved", 1, 100),
    Setting("reader", "RAG_READER", "text", "bundled", "the model that reads question and passage together"),
    Setting("reranker", "RAG_RERANKER", "text", "none", "the model that orders passages anew"),
    Setting("nli", "RAG_NLI", "text", "none", "the model that judges claims"),
    Setting("offer", "RAG_OFFER", "list", "none", "further backends to choose from on the page"),
    Setting("host", "RAG_HOST", "text", "127.0.0.1", "the address that the server listens at"),
    Setting("port", "RAG_PORT", "integer", "7860", "its port", 0, 65_535),
    Setting("auth", "RAG_AUTH", "place", "none", "the users' file"),
    Setting("admin", "RAG_ADMIN", "switch", "yes without --auth", "whether the page may change the index"),
    Setting("public-url", "RAG_PUBLIC_URL", "text", "none", "how the world calls the server behind a proxy"),
    Setting("host-name", "RAG_HOST_NAME", "list", "none", "further names of the server"),
    Setting(
        "allow-private-addresses",
        "RAG_ALLOW_PRIVATE_ADDRESSES",
        "switch",
        "no",
        "whether pages of this machine's own network are fetched",
    ),
    Setting("allow-places", "RAG_ALLOW_PLACES", "switch", "no", "whether the page may name places such as s3://bucket"),
    Setting("auth-header", "RAG_AUTH_HEADER", "text", "none", "in which header a proxy names who asks"),
    Setting("trusted-proxy", "RAG_TRUSTED_PROXY", "list", "none", "which proxies may"),
    Setting("oidc", "RAG_OIDC", "text", "none", "the issuer that signs people in"),
    Setting("oidc-client", "RAG_OIDC_CLIENT", "text", "none", "what it calls this server"),
    Setting("oidc-secret", "RAG_OIDC_SECRET", "text", "none", "what proves this server to it", secret=True),
    Setting("oidc-name", "RAG_OIDC_NAME", "text", "sub", "the claim that is somebody's name"),
    Setting("oidc-groups", "RAG_OIDC_GROUPS", "text", "groups", "the claim that lists somebody's groups"),
    Setting("oidc-audience", "RAG_OIDC_AUDIENCE", "text", "none", "the audience of programs' access tokens"),
    Setting("oidc-admin", "RAG_OIDC_ADMIN", "text", "none", "the group that may change the index"),
    Setting("metrics", "RAG_METRICS", "switch", "no", "whether /metrics gives figures for Prometheus"),
    Setting("spans", "RAG_SPANS", "switch", "no", "whether spans are sent by OpenTelemetry"),
    Setting("log-format", "RAG_LOG_FORMAT", "text", "text", "how the server logs", choices=("text", "json")),
    Setting("log-questions", "RAG_LOG_QUESTIONS", "switch", "no", "whether what is asked is logged"),
)
KEYS: Mapping[str, Setting] = MappingProxyType({one.key: one for one in SETTINGS})

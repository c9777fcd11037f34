"""The kinds of backends: one record each, which the loader, the page, its health checks and the admission read.

A package brings another kind by the entry-point group `babelquote.llms`: a factory. Nothing else is
known of such a kind.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from types import MappingProxyType
from typing import Literal, TypeAlias

__all__ = ["KINDS", "BackendKind", "Check", "kind_of"]

Check: TypeAlias = Literal["nothing", "file", "models", "connection"]
"""How to see from outside whether a backend would answer: it always does; its file is there; its server lists the
model; its server takes connections."""


@dataclass(frozen=True, slots=True)
class BackendKind:
    """What there is to know of one kind of backend.

    Attributes:
        form: how its spec is written, `[…]` around what may be left out.
        factory: `module:function` that makes a backend of what stands behind the colon of a spec.
        own_machine: it works on this machine, and asking it more than its processors can do makes it slower.
        check: how its health is looked at.
        package: the package that it imports, or `""`.
        extra: the extra of this project that brings the package.
        key: the environment variable without which it says nothing, or `""`.
        address: where it is asked when nothing else is said, or `""`.
        address_variable: the environment variable that names another address, or `""`.
    """

    form: str
    factory: str
    own_machine: bool = False
    check: Check = "connection"
    package: str = ""
    extra: str = ""
    key: str = ""
    address: str = ""
    address_variable: str = ""

    @property
    def shortest(self) -> str:
        """Its spec without what may be left out."""
        return re.sub(r"\[.*?\]", "", self.form)

    def needs(self) -> list[str]:
        """Return what is missing on this machine, each as it is typed: a command or a variable."""
        missing = []
        if self.package and find_spec(self.package) is None:
            missing.append(f'pip install "babelquote[{self.extra}]"')
        if self.key and not os.environ.get(self.key, "").strip():
            missing.append(f"{self.key}=…")
        return missing


_OPENAI = "rag.llms.openai_compatible"
KINDS: Mapping[str, BackendKind] = MappingProxyType(
    {
        "extractive": BackendKind("extractive", "rag.llms.extractive:create", own_machine=True, check="nothing"),
        "local": BackendKind(
            "local[:PATH.gguf]",
            "rag.llms.brief:create",
            own_machine=True,
            check="file",
            package="xllamacpp",
            extra="local",
        ),
        "ollama": BackendKind(
            "ollama:MODEL",
            f"{_OPENAI}:create_ollama",
            own_machine=True,
            check="models",
            package="openai",
            extra="openai",
        ),
        "llama-server": BackendKind(
            "llama-server:MODEL@URL",
            f"{_OPENAI}:create_llama_server",
            own_machine=True,
            package="openai",
            extra="openai",
        ),
        "openai": BackendKind(
            "openai:MODEL",
            f"{_OPENAI}:create_openai",
            package="openai",
            extra="openai",
            key="OPENAI_API_KEY",
            address="https://api.openai.com/v1",
            address_variable="OPENAI_BASE_URL",
        ),
        "openai-compatible": BackendKind(
            "openai-compatible:MODEL@URL", f"{_OPENAI}:create_compatible", package="openai", extra="openai"
        ),
        "anthropic": BackendKind(
            "anthropic:MODEL",
            "rag.llms.anthropic:create",
            package="anthropic",
            extra="anthropic",
            key="ANTHROPIC_API_KEY",
            address="https://api.anthropic.com",
            address_variable="ANTHROPIC_BASE_URL",
        ),
    }
)
"""The built-in kinds in the order in which they are shown."""


def kind_of(spec: str) -> BackendKind | None:
    """Return the built-in kind that a spec names, `None` for what another package brings or nobody knows."""
    return KINDS.get(spec.partition(":")[0])

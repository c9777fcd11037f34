"""The backends that the page offers: what visitors call each, and who gets the words of a question."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from index.errors import ConfigError
from index.sources.web.addresses import shown_address
from rag.llms.base import load_llm
from rag.llms.kinds import KINDS, kind_of
from rag.types import Answer
from ui.http.guard import is_loopback

__all__ = ["Backend", "address_of", "describe", "offered", "public"]

_WITH_ADDRESS = re.compile(r"(?P<model>.*?@?)(?P<url>[A-Za-z][A-Za-z0-9+.-]*://.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Backend:
    """One backend, or several that are asked in turn.

    Attributes:
        spec: as it was chosen on the command line; may hold paths and addresses of the operator's own network.
        name: the same as visitors may see it: file names without their folders, servers without their paths.
        kind: its kind, `"chain"` for several in turn.
        model: the name without the kind.
        places: hosts that get the question and the passages; empty when nothing leaves this machine.
    """

    spec: str
    name: str
    kind: str
    model: str
    places: tuple[str, ...]

    def needs(self) -> list[str]:
        """Return what must be there before it can answer; nothing for a kind of another package, or a chain."""
        return KINDS[self.kind].needs() if self.kind in KINDS else []


def describe(spec: str) -> Backend:
    """Return what there is to say about a spec.

    Raises:
        ConfigError: no such kind, or an argument that its backend refuses.
    """
    parts = [part.strip() for part in spec.split(",") if part.strip()] or [spec]
    names = [_name(part) for part in parts]
    places = tuple(dict.fromkeys(place for part in parts if (place := _place(part))))
    if len(parts) > 1:
        return Backend(spec, ",".join(names), "chain", ", ".join(names), places)
    kind, _, model = names[0].partition(":")
    return Backend(spec, names[0], kind, model, places)


def offered(llm: str, more: Iterable[str] = ()) -> tuple[Backend, ...]:
    """Return what visitors may choose from: what `--llm` names first, then the others, then what costs nothing.

    Args:
        llm: spec of the backend that answers unless another one is chosen.
        more: further specs; one entry may hold several with commas between.

    Raises:
        ConfigError: a spec is wrong, or two of them look the same to visitors.
    """
    specs = [llm, *(part.strip() for entry in more for part in entry.split(",") if part.strip()), "extractive"]
    if not KINDS["local"].needs() and not any(spec.partition(":")[0] == "local" for spec in specs):
        specs.append("local")
    found: dict[str, Backend] = {}
    for one in map(describe, dict.fromkeys(specs)):
        if one.name in found:
            raise ConfigError(f"{found[one.name].spec} and {one.spec} look the same to visitors", "offer one of them")
        found[one.name] = one
    return tuple(found.values())


def public(answer: Answer, spec: str) -> Answer:
    """Return the answer as visitors may see it: without the folders of model files that its backend names."""
    paths = [part.strip().partition(":")[2] for part in spec.split(",") if part.strip().startswith("local:")]
    warnings = answer.warnings
    for path in paths:
        for shown_path in (str(Path(path).expanduser()), path):
            warnings = tuple(text.replace(shown_path, Path(path).name) for text in warnings)
    names = ",".join(_name(part) for part in answer.llm.split(","))
    return replace(answer, llm=names, warnings=warnings)


def address_of(spec: str) -> str:
    """Return the address that one backend is asked at, or `""` when it has none."""
    kind = kind_of(spec)
    own = getattr(load_llm(spec), "base_url", None)
    if own or kind is None:
        return str(own or "")
    return os.environ.get(kind.address_variable, "") or kind.address


def _name(spec: str) -> str:
    kind, colon, argument = spec.partition(":")
    if kind == "local" and argument:
        return f"local:{Path(argument).name}"
    found = _WITH_ADDRESS.fullmatch(argument)
    if found:
        return f"{kind}:{found['model']}{urlsplit(shown_address(found['url'])).netloc}"
    return f"{kind}{colon}{argument}"


def _place(spec: str) -> str:
    """Return the host that gets the words, or `""`; of another package's kind nothing is known but its name."""
    kind = spec.partition(":")[0]
    address = address_of(spec)
    host = urlsplit(address).hostname or ""
    if not address and kind not in KINDS:
        return kind
    return "" if not host or is_loopback(host) else host

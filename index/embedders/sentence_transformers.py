"""Any model that sentence-transformers loads, from a folder or from the Hugging Face hub.

Only safetensors are read, never pickles, and no code that comes with a model is run.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.embedders.base import Progress, tokenizable, unit_rows
from index.errors import EmbedderError

__all__ = ["SentenceTransformersEmbedder", "model_folder", "require_safetensors"]

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_VERSION = 1
_PACKAGE = "this embedder needs 'pip install sentence-transformers'"
_BATCH = 32
_STEP = 512
"""Texts between two reports of progress; sorted by length inside, by sentence-transformers."""
_SPECIALS = 2
_UNLIMITED = 8192
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_WANTED = ["*.json", "*.safetensors", "*.txt", "*.model"]
_HASHED = (".json", ".safetensors", ".txt", ".model")
_E5 = re.compile(r"(?<![a-z0-9])e5(?![a-z0-9])", re.IGNORECASE)


class SentenceTransformersEmbedder:
    """A sentence-transformers model on the CPU.

    Questions and passages get the prompts that the model names ("query"; "passage" or "document"), or those of
    E5 when it names none and is called so.

    Args:
        model: A folder, or a name on the hub; a name is downloaded once, without pickles, and then kept.

    Raises:
        EmbedderError: There is no such model, it holds no safetensors, or the package that runs it is missing.
    """

    def __init__(self, model: str) -> None:
        if find_spec("sentence_transformers") is None:  # said before a model is looked for, or fetched in vain
            raise EmbedderError(_PACKAGE)
        self._name = model
        self._folder = model_folder(model)
        self._lock, self._loading = threading.Lock(), threading.Lock()
        self._loaded: SentenceTransformer | None = None
        require_safetensors(self._folder)

    @property
    def spec(self) -> str:
        """See `index.embedders.base.Embedder.spec`."""
        return f"sentence-transformers:{self._name}"

    @cached_property
    def fingerprint(self) -> str:
        """See `index.embedders.base.Embedder.fingerprint`: from the bytes of the model, wherever they lie."""
        return f"sentence-transformers/{_digest(self._folder)[:32]}/{'e5' if self._looks_like_e5 else 'own'}/{_VERSION}"

    @cached_property
    def dimension(self) -> int:
        """See `index.embedders.base.Embedder.dimension`."""
        return int(self.embed_query("dimension").shape[0])

    @cached_property
    def max_tokens(self) -> int:
        """See `index.embedders.base.Embedder.max_tokens`."""
        longest = min(self._model.max_seq_length or _UNLIMITED, _UNLIMITED)
        prompts = max(self.count_tokens(prompt) for prompt in self._prompts.values())
        return max(int(longest) - _SPECIALS - prompts, 1)

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """See `index.embedders.base.Embedder.embed_passages`."""
        return self._embed(texts, "passage", progress)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """See `index.embedders.base.Embedder.embed_query`."""
        vector: NDArray[np.float32] = self._embed([text], "query", None)[0]
        return vector

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `index.embedders.base.Embedder.embed_queries`."""
        return self._embed(texts, "query", None) if texts else np.zeros((0, self.dimension), np.float32)

    def count_tokens(self, text: str) -> int:
        """See `index.embedders.base.Embedder.count_tokens`."""
        tokenizer = self._model.tokenizer
        with self._lock:  # fast tokenizers refuse to be used by two threads at once
            if callable(tokenizer):
                return len(tokenizer(tokenizable(text), add_special_tokens=False, truncation=False)["input_ids"])
            return len(tokenizer.encode(tokenizable(text), add_special_tokens=False).ids)

    def _embed(self, texts: Sequence[str], kind: str, progress: Progress | None) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        parts = []
        for start in range(0, len(texts), _STEP):
            part = [tokenizable(text) for text in texts[start : start + _STEP]]
            with self._lock:
                parts.append(self._encode(part, self._prompts[kind]))
            if progress:
                progress(start + len(part))
        return unit_rows(np.concatenate(parts))

    def _encode(self, texts: list[str], prompt: str) -> NDArray[np.floating]:
        vectors = self._model.encode(
            texts, prompt=prompt, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True
        )
        return np.asarray(vectors)

    @property
    def _model(self) -> SentenceTransformer:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> SentenceTransformer:
        try:
            from sentence_transformers import SentenceTransformer

            return SentenceTransformer(
                str(self._folder),
                device="cpu",
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )
        except ImportError as error:
            raise EmbedderError(_PACKAGE) from error
        except Exception as error:  # the loaders name no error class: tokenizers, for one, raises Exception itself
            reason = " ".join(str(error).split())[:300]
            raise EmbedderError(f"{self._name} cannot be loaded as a sentence-transformers model: {reason}") from error

    @property
    def _looks_like_e5(self) -> bool:
        name = Path(self._name).name if self._folder == Path(self._name) else self._name
        return bool(_E5.search(name)) and "instruct" not in name.lower()

    @cached_property
    def _prompts(self) -> dict[str, str]:
        named: dict[str, Any] = dict(self._model.prompts or {})
        query = named.get("query") or ""
        passage = named.get("passage") or named.get("document") or ""
        if not query and not passage and self._looks_like_e5:
            query, passage = "query: ", "passage: "
        return {"query": query, "passage": passage}


def model_folder(model: str) -> Path:
    """The folder of a model; a name on the hub is looked up in the local cache first."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if folder.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1:
        raise EmbedderError(
            f"there is no folder {model}", "name a folder of a model, or a model on the hub (owner/name)"
        )
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    name = model if "/" in model else f"sentence-transformers/{model}"
    try:
        try:
            return Path(snapshot_download(name, allow_patterns=_WANTED, local_files_only=True))
        except LocalEntryNotFoundError:
            return Path(snapshot_download(name, allow_patterns=_WANTED))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise EmbedderError(
            f"the model {name} is neither a folder nor on this machine, and cannot be downloaded: {reason}",
            "name a folder, or download it where there is a network",
        ) from error


def require_safetensors(folder: Path) -> None:
    """Refuse a folder that would make the loader fall back to pickles."""
    parts = [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]
    if not any(any(part.glob("*.safetensors")) for part in parts):
        raise EmbedderError(
            f"{folder} holds no weights as *.safetensors, and other formats can run code when loaded",
            "convert it with SentenceTransformer(...).save_pretrained(..., safe_serialization=True)",
        )
    for part in parts:
        pickles = sorted(file for pattern in _PICKLES for file in part.glob(pattern))
        if pickles and not any(part.glob("*.safetensors")):
            raise EmbedderError(f"{pickles[0]} can run code when loaded", "save that part of the model as safetensors")


def _digest(folder: Path) -> str:
    """SHA-256 over the names and bytes of the files that decide the vectors."""
    total = hashlib.sha256()
    files = (path for path in folder.rglob("*") if path.suffix in _HASHED and path.is_file())
    for path in sorted(files, key=lambda path: path.relative_to(folder).as_posix()):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return total.hexdigest()

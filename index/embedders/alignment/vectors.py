"""Takes the language out of the vectors, so that a question finds its answer in any language.

Multilingual models put texts of one language close together, whatever they say. The mean embedding of a language, its
language vector, is most of that effect; subtracting it leaves what is said (Libovický, Rosa & Fraser 2020,
https://aclanthology.org/2020.findings-emnlp.150; Yang et al. 2021, https://aclanthology.org/2021.emnlp-main.470).

For a known model the language vectors come with the package, for questions and passages apart, and the means of the
corpus refine them. For any other model the corpus alone says how its languages differ. A shift that all languages of
the corpus have in common moves every language. A shift of one language alone counts n / (n + n0) for n passages, so
that a language with few passages, or with passages on one topic only, stays close to what is known otherwise.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from index.embedders.alignment.language_means import Means, means_of, table_of_corpus
from index.embedders.alignment.language_table import LanguageTable, bundled_table
from index.embedders.alignment.shrinkage import for_questions, shifts_of
from index.embedders.base import unit_rows
from index.embedders.profile import AlignmentProfile, profile_of
from index.errors import StoreError
from index.language.codes import UNKNOWN, canonical, is_named
from index.language.identification import detect, scripts_of_language
from index.language.scripts import script_counts
from index.types import FloatArray

__all__ = ["Alignment"]

_FORMAT = 1
_ARRAYS = ("queries", "passages", "sentences", "agreement", "weights", "bias")


@dataclass(frozen=True)
class Alignment:
    """What is subtracted from the vectors of each language, and how a question's language is found.

    Attributes:
        languages: BCP 47 codes of the rows; `und-Latn` and the like stand for further languages of a script, `und`
            for all others.
        queries: float16, shape (languages, dimension), subtracted from questions.
        passages: the same for passages.
        sentences: the same for single sentences of passages.
        agreement: float16, shape (languages, languages): how close, after alignment, a question (row) comes to a
            passage (column) that says the same; see `attenuation`.
        weights: float16, shape (languages, dimension): with `bias`, a linear classifier of a question's language.
        bias: float32, shape (languages,).
        profile: what was fitted to the model.
    """

    languages: tuple[str, ...]
    queries: NDArray[np.float16]
    passages: NDArray[np.float16]
    sentences: NDArray[np.float16]
    agreement: NDArray[np.float16]
    weights: NDArray[np.float16]
    bias: FloatArray
    profile: AlignmentProfile

    @classmethod
    def identity(cls, dimension: int) -> Alignment:
        """Return the alignment that changes nothing."""
        nothing, one = np.zeros((1, dimension), np.float16), np.ones((1, 1), np.float16)
        never = np.full(1, -np.inf, np.float32)
        return cls((UNKNOWN,), nothing, nothing, nothing, one, nothing, never, profile_of("").alignment)

    @classmethod
    def fit(
        cls,
        embedder_fingerprint: str,
        vectors: FloatArray,
        languages: Sequence[str],
        sentences: FloatArray | None = None,
        sentence_languages: Sequence[str] = (),
    ) -> Alignment:
        """Return the alignment for a corpus.

        Args:
            embedder_fingerprint: of the model; a known one brings its language vectors.
            vectors: of the passages, before any alignment, shape (n, dimension), unit rows.
            languages: BCP 47 code of each passage.
            sentences: of single sentences, if they are embedded too: their means differ from those of passages.
            sentence_languages: BCP 47 code of each sentence.
        """
        rows = np.asarray(vectors, dtype=np.float32)
        means = means_of(rows, languages)
        table = _table(embedder_fingerprint, means, rows.shape[1])
        profile = profile_of(embedder_fingerprint).alignment
        shifts = of_sentences = shifts_of(table, means, profile)
        if sentences is not None and len(sentences):
            found = means_of(np.asarray(sentences, dtype=np.float32), sentence_languages)
            count = {language: passages for language, (_, passages) in means.items()}
            by_passages = {code: (mean, count[code]) for code, (mean, _) in found.items() if code in count}
            of_sentences = shifts_of(table, by_passages, profile)
        return cls._moved(table, shifts, of_sentences, profile)

    @classmethod
    def of_means(cls, embedder_fingerprint: str, means: Means, dimension: int) -> Alignment:
        """Return what `fit` gives for passages with these means."""
        table = _table(embedder_fingerprint, means, dimension)
        profile = profile_of(embedder_fingerprint).alignment
        shifts = shifts_of(table, means, profile)
        return cls._moved(table, shifts, shifts, profile)

    @classmethod
    def _moved(
        cls, table: LanguageTable, shifts: FloatArray, of_sentences: FloatArray, profile: AlignmentProfile
    ) -> Alignment:
        """Move the vectors of the table by what the corpus adds; rounded as they are stored."""

        def half(array: FloatArray) -> NDArray[np.float16]:
            return array.astype(np.float16)

        return cls(
            table.languages,
            half(profile.factor * (table.queries + for_questions(table, shifts, profile.reach))),
            half(profile.factor * (table.passages + shifts)),
            half(profile.factor * (table.passages + of_sentences)),
            half(table.agreement),
            half(table.weights),
            table.bias,
            profile,
        )

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.queries.shape[1])

    @cached_property
    def digest(self) -> str:
        """SHA-256, hexadecimal, of all that decides what the alignment does."""
        sha = hashlib.sha256(json.dumps([_FORMAT, self.languages]).encode())
        for array in (getattr(self, name) for name in _ARRAYS):
            sha.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes())
        return sha.hexdigest()

    def align_passages(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Return the vectors of passages without their languages.

        Args:
            vectors: shape (n, dimension), unit rows as the embedder gave them.
            languages: BCP 47 code of each row; `"und"` takes what languages have in common.

        Returns:
            Shape (n, dimension), float32, unit rows.
        """
        return unit_rows(np.asarray(vectors, np.float32) - self.passages[self._rows_of(languages)])

    def subtracted(self, languages: Sequence[str]) -> FloatArray:
        """Return what `align_passages` subtracts from vectors of these languages, shape (n, dimension)."""
        return self.passages[self._rows_of(languages)].astype(np.float32)

    def align_sentences(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Return the vectors of single sentences without their languages; as `align_passages` otherwise."""
        return unit_rows(np.asarray(vectors, np.float32) - self.sentences[self._rows_of(languages)])

    def attenuation(self, asked: str, languages: Sequence[str]) -> FloatArray:
        """Return what to multiply the similarities of a question to passages with, shape (n,), about 1.

        Some pairs of languages stay closer than others whatever is said, a language to itself above all. The factor
        is sqrt(0.64 / c), with c the mean similarity of translations in the two languages, and 0.64 its usual value.

        Args:
            asked: BCP 47 code of the question's language.
            languages: of each passage.
        """
        kinds = {language: place for place, language in enumerate(dict.fromkeys(languages))}
        factors = self._factors(asked, list(kinds))  # of a few languages, though there may be hundreds of passages
        return factors[np.fromiter((kinds[language] for language in languages), np.intp, len(languages))]

    def _factors(self, asked: str, languages: Sequence[str]) -> FloatArray:
        row, rows = self._row(asked), self._rows_of(languages)
        close = self.agreement[row, rows].astype(np.float32)
        own = np.array([canonical(language) == canonical(asked) for language in languages], dtype=bool)
        other = np.isin(rows, row) & ~own  # two languages without rows of their own that share a stand-in
        close[other] = np.minimum(close[other], self.profile.cross)
        if not self._knows_pairs:
            return np.ones_like(close)
        return np.asarray(np.sqrt(self.profile.reference / close), dtype=np.float32)

    @cached_property
    def _knows_pairs(self) -> bool:
        return bool((self.agreement != 1).any())

    def align_query(self, vector: FloatArray, language: str | None = None) -> tuple[FloatArray, str]:
        """Return the vector of a question without its language, and that language.

        Args:
            vector: shape (dimension,), as the embedder gave it.
            language: BCP 47 code, `None` to go by the vector alone.
        """
        known = canonical(language) if language else self._nearest(np.asarray(vector, np.float32), frozenset())
        moved = np.asarray(vector, np.float32) - self.queries[self._row(known)]
        return unit_rows(moved[None])[0], known

    def language_of(self, question: str, vector: FloatArray) -> str:
        """Return the language of a question by its letters and its vector; `"und"` where neither shows one.

        Letters decide unless the vector speaks much more clearly for another language, and not just because the
        question names it ("Which are in German?"): each errs where the other does not. Only languages written in a
        script of the question come into question.
        """
        scripts = frozenset(script_counts(question))
        by_letters, by_vector = detect(question), self._nearest(np.asarray(vector, np.float32), scripts)
        if by_vector == UNKNOWN or by_letters in self._by_letters_only:
            return by_letters
        if by_letters not in self._rows or by_letters == UNKNOWN:
            return by_vector
        rows = [self._rows[by_vector], self._rows[by_letters]]
        best, other = self._single[rows] @ vector + self.bias[rows]
        clear = best - other > self.profile.clearly and not is_named(by_vector, question, by_letters)
        return by_vector if clear else by_letters

    def _nearest(self, vector: FloatArray, scripts: frozenset[str]) -> str:
        """Return the language that scores best, of those written in one of the scripts, if any are given."""
        scores = self._single @ vector + self.bias
        choice = [row for row, written in self._written if not scripts or not scripts.isdisjoint(written)]
        return self.languages[choice[int(np.argmax(scores[choice]))]] if choice else UNKNOWN

    @cached_property
    def _written(self) -> tuple[tuple[int, frozenset[str]], ...]:
        """The languages that a vector can tell, by their rows, and the scripts of each."""
        rows = np.flatnonzero(np.isfinite(self.bias)).tolist()
        return tuple((row, frozenset(scripts_of_language(self.languages[row]))) for row in rows)

    @cached_property
    def _single(self) -> FloatArray:
        return self.weights.astype(np.float32)

    @cached_property
    def _by_letters_only(self) -> frozenset[str]:
        """Languages of the corpus that the vector can't tell."""
        named = zip(self.languages, np.isfinite(self.bias).tolist(), strict=True)
        return frozenset(
            language for language, identified in named if not identified and not language.startswith(UNKNOWN)
        )

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {language: row for row, language in enumerate(self.languages)}

    def _rows_of(self, languages: Sequence[str]) -> NDArray[np.intp]:
        return np.fromiter((self._row(language) for language in languages), np.intp, len(languages))

    def _row(self, language: str) -> int:
        code = canonical(language)
        if code in self._rows:
            return self._rows[code]
        by_script = f"{UNKNOWN}-{scripts_of_language(code)[0]}"
        return self._rows.get(by_script, self._rows[UNKNOWN])

    def save(self, target: Path | BinaryIO) -> None:
        """Write the alignment as a NumPy archive."""
        if isinstance(target, Path):
            with target.open("wb") as file:
                self.save(file)
            return
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        np.savez(target, format=np.array(_FORMAT), languages=np.array(self.languages), **arrays)

    @classmethod
    def load(cls, path: Path | BinaryIO, embedder_fingerprint: str) -> Alignment:
        """Read what `save` wrote for the embedder with a fingerprint.

        Raises:
            StoreError: the file is missing, damaged or of another format.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                if int(stored["format"]) != _FORMAT:
                    raise StoreError(f"{path}: the alignment has another format", "build the index again")
                names = tuple(str(language) for language in stored["languages"])
                arrays = {name: stored[name] for name in _ARRAYS}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise StoreError(f"{path}: the alignment can't be read ({error})", "build the index again") from error
        found = cls(names, **arrays, profile=profile_of(embedder_fingerprint).alignment)
        if UNKNOWN not in names or any(len(array) != len(names) for array in arrays.values()):
            raise StoreError(f"{path}: the alignment is damaged", "build the index again")
        return found


def _table(embedder_fingerprint: str, means: Means, dimension: int) -> LanguageTable:
    """Return what is known of the languages of a corpus before it is looked at."""
    table = bundled_table(embedder_fingerprint)
    if table is None or table.queries.shape[1] != dimension:
        table = table_of_corpus(means, dimension)
    return table.with_languages([language for language in means if language not in table.row_of])

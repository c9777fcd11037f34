"""By which rules of this program an index was made: what an update has to write again when they have changed.

Chunking, terms and alignment each have a version in the manifest. Documents cut by earlier rules can still be asked;
terms and an alignment in another form can't, and opening says so.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from index.building.passages.chunking import CHUNKING_VERSION
from index.disk.manifest import FORMAT, Manifest
from index.embedders.alignment import language_table
from index.embedders.alignment import vectors as alignment
from index.embedders.profile import profile_of
from index.errors import IndexIncompatibleError
from index.stores.terms import KEYWORDS_VERSION

__all__ = ["alignment_version", "check_readable", "cut_by_other_rules", "holds_vectors", "written_by_other_rules"]

_FIT_VERSION = 1  # raised when the rules of fitting change, not only their numbers
_INVERTED_FORMAT = 2  # of the layout, from which on many vectors are stored as they are now
_KEPT_ONCE = 5  # from which on sentence vectors lie in the generation as the embedder gave them, and nowhere else
_HOLDS_ALL = 6  # from which on those of passages do, too
_FIX = "run `rag index` to write it again (nothing is embedded again)"


def alignment_version(fingerprint: str) -> str:
    """Return what names the form of the alignment, the numbers it is fitted by and the language vectors shipped.

    Args:
        fingerprint: of the embedder.
    """
    shipped = sha256(Path(language_table.__file__).with_name("languages.npz").read_bytes()).hexdigest()[:12]
    of = profile_of(fingerprint).alignment
    numbers = (of.factor, of.n0, of.n0_unlisted, of.reach, of.clearly, of.cross, of.reference)
    fitted = sha256(repr((_FIT_VERSION, *numbers)).encode())
    return f"{_form()}-{fitted.hexdigest()[:8]}-{shipped}"


def _form() -> str:
    """Return what names the form in which an alignment is stored; only this decides whether it can be read."""
    return alignment.Alignment.identity(1).digest[:8]


def cut_by_other_rules(manifest: Manifest) -> bool:
    """Say whether documents were cut by other rules than this program's."""
    return manifest.chunking_version != str(CHUNKING_VERSION)


def written_by_other_rules(manifest: Manifest) -> tuple[str, ...]:
    """Return, in sentences, why the files of a generation are to be written again although no text changed."""
    reasons = []
    if manifest.keywords_version != KEYWORDS_VERSION:
        reasons.append("keywords written again: this version of the program makes other terms of a text")
    if manifest.alignment_version != alignment_version(manifest.embedder.fingerprint):
        reasons.append("vectors aligned again: this version of the program has another language alignment")
    if _stored_otherwise(manifest):
        reasons.append("vectors written again: this version of the program stores many of them in another way")
    if _kept_twice(manifest):
        reasons.append("sentence vectors written again: this version of the program keeps them once")
    if not holds_vectors(manifest) and any(name.startswith("passages.") for name in manifest.files):
        reasons.append("passage vectors written again: this version of the program keeps them once")
    return tuple(reasons)


def _stored_otherwise(manifest: Manifest) -> bool:
    """Tell whether the vectors lie in an inverted file of an earlier layout."""
    return manifest.format < _INVERTED_FORMAT and manifest.vectors.startswith("IVF")


def _kept_twice(manifest: Manifest) -> bool:
    """Tell whether sentence vectors lie in the files of an earlier layout, and in the cache once more."""
    return manifest.format < _KEPT_ONCE and any(name.startswith("sentences/") for name in manifest.files)


def holds_vectors(manifest: Manifest) -> bool:
    """Tell whether the files of a generation hold vectors as the embedder gave them, so that no other copy is kept."""
    return _HOLDS_ALL <= manifest.format <= FORMAT


def check_readable(folder: object, manifest: Manifest) -> None:
    """Refuse a generation that this program would read wrongly.

    Raises:
        IndexIncompatibleError: its terms, its alignment or its vectors have another form.
    """
    if manifest.keywords_version != KEYWORDS_VERSION:
        raise IndexIncompatibleError(f"{folder}: its keywords were made by another version of the program", _FIX)
    if manifest.alignment_version and manifest.alignment_version.partition("-")[0] != _form():
        raise IndexIncompatibleError(f"{folder}: its language alignment has another form", _FIX)
    if _stored_otherwise(manifest):
        raise IndexIncompatibleError(f"{folder}: its vectors were stored by another version of the program", _FIX)

"""The tables of an index.

One row of `babelquote_index` says which generation is current and which tables hold it. Tables whose names end in a
number belong to one writing of the whole index: an update changes them in place, a build that writes everything anew
makes new ones beside them. All texts are `bytea`: PostgreSQL's own `text` refuses U+0000, and bytes of UTF-8 sort by
code point, as COLLATE "C" does.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FORMAT", "SHARED", "SHARED_NAMES", "Tables", "indexes_of", "tables_of"]

FORMAT = 1
"""Version of these tables; any change that older code can't read raises it."""

SHARED = """
CREATE TABLE IF NOT EXISTS babelquote_index (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), format integer NOT NULL, generation integer NOT NULL,
    epoch integer NOT NULL, dimension integer NOT NULL, documents integer NOT NULL, passages integer NOT NULL,
    sentences integer NOT NULL, terms bigint NOT NULL, last_document integer NOT NULL, last_passage integer NOT NULL,
    languages text NOT NULL, search text NOT NULL, manifest bytea NOT NULL, started_ns bigint NOT NULL,
    left_out bytea NOT NULL
);
CREATE TABLE IF NOT EXISTS babelquote_parts (name text PRIMARY KEY, content bytea NOT NULL);
CREATE TABLE IF NOT EXISTS babelquote_sources (digest bytea PRIMARY KEY, record bytea NOT NULL);
CREATE TABLE IF NOT EXISTS babelquote_vectors (
    space bytea NOT NULL, digest bytea NOT NULL, vector bytea NOT NULL, PRIMARY KEY (space, digest)
);
ALTER TABLE babelquote_vectors ALTER COLUMN vector SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS babelquote_builder (one boolean PRIMARY KEY DEFAULT true CHECK (one), told text NOT NULL);
"""

_EPOCH = """
CREATE TABLE {documents} (
    key integer NOT NULL, id bytea NOT NULL, title bytea NOT NULL, source bytea NOT NULL, language bytea NOT NULL,
    text bytea NOT NULL, metadata bytea NOT NULL, digest bytea NOT NULL, date bytea, spans bytea NOT NULL,
    sentence_digests bytea NOT NULL
);
ALTER TABLE {documents} ALTER COLUMN spans SET STORAGE EXTERNAL,
    ALTER COLUMN sentence_digests SET STORAGE EXTERNAL;
CREATE TABLE {facts} (document integer NOT NULL, name bytea NOT NULL, value bytea NOT NULL);
CREATE TABLE {passages} (
    key integer NOT NULL, document integer NOT NULL, number integer NOT NULL, id bytea NOT NULL,
    start integer NOT NULL, "end" integer NOT NULL, language bytea NOT NULL, heading bytea NOT NULL,
    text bytea NOT NULL, digest bytea NOT NULL, first integer NOT NULL, count integer NOT NULL,
    terms integer NOT NULL
);
CREATE TABLE {embeddings} (key integer NOT NULL, embedding halfvec({dimension}) NOT NULL);
CREATE TABLE {sentences} (document integer NOT NULL, vectors bytea NOT NULL, scales bytea NOT NULL);
ALTER TABLE {sentences} ALTER COLUMN vectors SET STORAGE EXTERNAL, ALTER COLUMN scales SET STORAGE EXTERNAL;
CREATE TABLE {postings} (term bigint NOT NULL, segment integer NOT NULL, packed bytea NOT NULL);
ALTER TABLE {postings} ALTER COLUMN packed SET STORAGE EXTERNAL;
CREATE TABLE {dead} (key integer NOT NULL);
"""

SHARED_NAMES = tuple(f"babelquote_{name}" for name in ("index", "parts", "sources", "vectors", "builder"))
"""Tables that every index has once."""

# Hashes stand for texts of any length: a btree takes no more than 2,700 bytes.
_INDEXES = """
CREATE UNIQUE INDEX ON {documents} (key);
CREATE UNIQUE INDEX ON {documents} (sha256(id));
CREATE INDEX ON {facts} (document);
CREATE UNIQUE INDEX ON {passages} (key);
CREATE UNIQUE INDEX ON {passages} (document, number);
CREATE INDEX ON {passages} USING hash (language);
CREATE UNIQUE INDEX ON {embeddings} (key);
CREATE UNIQUE INDEX ON {sentences} (document);
CREATE INDEX ON {postings} (term);
"""

_INLINE = 3900  # dimensions of a vector that fits a page of the server; longer ones lie outside their row
_KINDS = ("documents", "facts", "passages", "embeddings", "sentences", "postings", "dead")


@dataclass(frozen=True, slots=True)
class Tables:
    """Names of the tables of one writing of an index.

    Attributes:
        epoch: its number.
    """

    epoch: int

    def __getitem__(self, kind: str) -> str:
        """Return the name of one of its tables."""
        assert kind in _KINDS
        return f"babelquote_{kind}_{self.epoch}"

    def names(self) -> list[str]:
        """Return the names of all."""
        return [self[kind] for kind in _KINDS]

    def fill(self, statement: str, **more: object) -> str:
        """Put the names of tables into a statement, whose other braces are values of ours and never texts."""
        return statement.format(**{kind: self[kind] for kind in _KINDS}, **more)


def tables_of(epoch: int, dimension: int) -> str:
    """Return the statements that make the tables of one writing, without their indexes."""
    made = Tables(epoch).fill(_EPOCH, dimension=int(dimension))
    inline = Tables(epoch).fill("ALTER TABLE {embeddings} ALTER COLUMN embedding SET STORAGE PLAIN;")
    return made + inline if dimension <= _INLINE else made


def indexes_of(epoch: int) -> str:
    """Return the statements that index them; the vectors have an index of their own (`methods`)."""
    return Tables(epoch).fill(_INDEXES)

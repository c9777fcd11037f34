"""Make the language vectors of the default model: `python tools/language_vectors.py --data DIR`.

A language vector is the mean embedding of sentences of one language, once as questions and once as passages. The
sentences are parallel, so what differs between the means is the language and not what is said. From NTREX-128
(Federmann, Kocmi & Xin 2022, https://aclanthology.org/2022.sumeval-1.4), one file of sentences a language.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from index.embedders import load
from index.embedders.base import Embedder
from index.language.codes import canonical
from index.types import FloatArray

OUT = Path(__file__).resolve().parent.parent / "index" / "embedders" / "alignment" / "languages.npz"
RIDGE = 0.3  # share of the mean variance that is added to the covariance before it is inverted
LEFT_OUT = ("mey", "shi")  # Arabic in fact, or close to it: they would only take questions from Arabic
LEAST = 200  # sentences that a mean needs

# ISO 639-3 names of the files whose languages have a shorter BCP 47 code, or are written with another one.
CODES = """
afr=af amh=am arb=ar aze=az bak=ba bel=be ben=bn bod=bo bos=bs bul=bg cat=ca ces=cs cym=cy dan=da deu=de
div=dv dzo=dz ell=el eng=en est=et eus=eu ewe=ee fao=fo fas=fa fij=fj fin=fi fra=fr fuc=ff gle=ga glg=gl
guj=gu hau=ha heb=he hin=hi hrv=hr hun=hu hye=hy ibo=ig ind=id isl=is ita=it jpn=ja kan=kn kat=ka kaz=kk
khm=km kin=rw kir=ky kmr=ku kor=ko lao=lo lav=lv lit=lt ltz=lb mal=ml mar=mr mkd=mk mlg=mg mlt=mt mon=mn
mri=mi msa=ms mya=my nde=nd nep=ne nld=nl nno=nn nob=no nya=ny orm=om pan=pa pol=pl por=pt prs=fa pus=ps
ron=ro rus=ru sin=si slk=sk slv=sl smo=sm sna=sn snd=sd som=so spa=es sqi=sq srp=sr ssw=ss swa=sw swe=sv
tah=ty tam=ta tat=tt tel=te tgk=tg tha=th tir=ti ton=to tsn=tn tuk=tk tur=tr uig=ug ukr=uk urd=ur uzb=uz
ven=ve vie=vi wol=wo xho=xh yor=yo zho=zh zul=zu
"""


def main() -> None:
    """Read the sentences, embed them, write the means."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="folder with ntrex/*.txt, one sentence a line")
    options.add_argument("--out", type=Path, default=OUT)
    options.add_argument("--keep", type=Path, help="folder to keep the sentence vectors in, and to take them from")
    chosen = options.parse_args()
    embedder = load()
    vectors: dict[str, defaultdict[str, list[FloatArray]]] = {side: defaultdict(list) for side in ("query", "passage")}
    for name, language, sentences in files(chosen.data / "ntrex"):
        for side, found in vectors.items():
            found[language].append(embedded(embedder, side, name, sentences, chosen.keep))
        print(name, language, len(sentences), flush=True)
    write(chosen.out, embedder.fingerprint, {side: dict(found) for side, found in vectors.items()})
    print(f"{chosen.out}: {len(vectors['query'])} languages, {chosen.out.stat().st_size} bytes")


def files(folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Yield name, BCP 47 code and sentences of each file; variants of a language share its code."""
    codes = dict(pair.split("=") for pair in CODES.split())
    for path in sorted(folder.glob("*.txt")):
        code = path.stem.split("-")[0]
        sentences = [line.strip() for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
        if len(sentences) >= LEAST and code not in LEFT_OUT:
            yield path.stem, canonical(codes.get(code, code)), sentences


def embedded(embedder: Embedder, side: str, name: str, sentences: Sequence[str], keep: Path | None) -> FloatArray:
    """Return the vectors of the sentences, shape (n, dimension), embedded or taken from the folder of kept ones."""
    kept = keep / f"{side}-{name}.npy" if keep else None
    if kept and kept.is_file():
        return np.asarray(np.load(kept, allow_pickle=False), dtype=np.float32)
    found = embedder.embed_queries(sentences) if side == "query" else embedder.embed_passages(sentences)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, found.astype(np.float16))
    return found


def write(out: Path, fingerprint: str, vectors: dict[str, dict[str, list[FloatArray]]]) -> None:
    """Write one mean a language and side, float16, with where it comes from."""
    languages = sorted(vectors["query"])
    means = {
        side: np.stack([np.concatenate(found[language]).mean(axis=0) for language in languages]).astype(np.float16)
        for side, found in vectors.items()
    }
    provenance = {
        "fingerprint": fingerprint,
        "data": "NTREX-128, the first sentences of each file, parallel",
        "data_licence": "CC BY-SA 4.0 (the sentences; only their mean vectors are kept here)",
        "sentences": {language: sum(map(len, vectors["query"][language])) for language in languages},
        "made_by": "tools/language_vectors.py",
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
    }
    weights, bias = classifier([np.concatenate(vectors["query"][language]) for language in languages])
    np.savez_compressed(
        out,
        languages=np.array(languages),
        provenance=np.array(json.dumps(provenance, sort_keys=True)),
        agreement=agreement(vectors, languages).astype(np.float16),
        weights=weights.astype(np.float16),
        bias=bias,
        allow_pickle=False,
        **means,
    )


def agreement(vectors: dict[str, dict[str, list[FloatArray]]], languages: Sequence[str]) -> FloatArray:
    """Return how close a question (row) comes to the passage (column) that says the same, both aligned, on average.

    Of a language with several files the first one counts.
    """
    lines = min(len(found[0]) for found in vectors["query"].values())
    sides = []
    for found in (vectors["query"], vectors["passage"]):
        apart = [found[code][0][:lines] - np.concatenate(found[code]).mean(axis=0) for code in languages]
        sides.append(np.stack([rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in apart]))
    mean: FloatArray = np.einsum("aid,bid->ab", *sides, optimize=True) / lines
    return mean


def classifier(groups: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Return weights (languages, dimension) and bias (languages,) that tell the language of a question's vector.

    Fisher's linear discriminant: the covariance within languages, with a ridge, is taken as the same for all.
    """
    means = np.stack([group.mean(axis=0) for group in groups]).astype(np.float64)
    apart = np.concatenate([group - mean for group, mean in zip(groups, means, strict=True)])
    within = apart.T @ apart / len(apart)
    within += RIDGE * np.trace(within) / len(within) * np.eye(len(within))
    weights = np.linalg.solve(within, means.T).T
    return weights.astype(np.float32), (-0.5 * (weights * means).sum(axis=1)).astype(np.float32)


if __name__ == "__main__":
    main()

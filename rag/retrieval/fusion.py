"""How the retrievers' scores become one, by the constants of the embedder's profile (`index.embedders.profile`).

Dense similarity is compared across languages, keywords only among passages of one language. A question in another
language shares no words with the passage that answers it: its keyword list is noise there, and a plain fusion by ranks
gives that noise a full vote. Within a language, a passage loses the more, the fewer of the question's words it holds
compared with the best passage of that language.
"""

from __future__ import annotations

from collections.abc import Sequence

from index.embedders.profile import RankingProfile

__all__ = ["keyword_penalties"]


def keyword_penalties(shares: Sequence[float], languages: Sequence[str], config: RankingProfile) -> list[float]:
    """Return what keywords take from each candidate's score, 0 or less.

    Args:
        shares: keyword score of each candidate divided by that of a passage with all words of the question.
        languages: language of each candidate.
        config: the constants of ranking.
    """
    best: dict[str, float] = {}
    for share, language in zip(shares, languages, strict=True):
        best[language] = max(best.get(language, 0.0), share)
    return [config.keyword_weight * (share - best[lang]) for share, lang in zip(shares, languages, strict=True)]

"""The numbers that were fitted to one embedder: a file for each in `profiles/`, found by its fingerprint; none in code.

Cosines of different models are on different scales, so nothing that was fitted to one holds for another. A model
without a file of its own takes `generic.toml`, whose numbers are those of the bundled model, and is said to be not
calibrated wherever that matters to people.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from index.embedders.answer_profiles import (
    FollowUpProfile,
    KindsProfile,
    QuotesProfile,
    SupportProfile,
    TextsProfile,
)
from index.embedders.profile_file import read_profile_file

__all__ = ["AlignmentProfile", "ConfidenceProfile", "ModelProfile", "RankingProfile", "profile_of", "read_profile"]

_FOLDER = Path(__file__).with_name("profiles")
_GENERIC = "generic.toml"


@dataclass(frozen=True, slots=True)
class AlignmentProfile:
    """How the languages of an index are brought together (`index.embedders.alignment.vectors`).

    Attributes:
        factor: share of a language vector that is subtracted.
        n0: passages of a language at which its own mean and the prior count alike.
        n0_unlisted: the same where the prior is only the mean of a script, or of nothing.
        reach: how far the corpus moves the vector of questions in a measured language, at most.
        clearly: by how much (nats) the classifier must prefer another language than the letters do.
        reference: agreement of two languages at which similarities stay as they are.
        cross: agreement of a language that was not measured with others.
        same: its agreement with itself.
    """

    factor: float
    n0: float
    n0_unlisted: float
    reach: float
    clearly: float
    reference: float
    cross: float
    same: float


@dataclass(frozen=True, slots=True)
class RankingProfile:
    """The constants of ranking; scores are cosines, so all weights are on that scale.

    Attributes:
        candidates: how many passages dense search proposes.
        keyword_candidates: how many more the keywords propose.
        keyword_depth: how far down the keyword list scores are known; further down they count as none.
        sentence_weight: share of the best sentence in the semantic score, the rest is the passage's own.
        keyword_weight: what a passage loses that holds none of the question's words while another of its
            language holds all, each of them once.
        expected_weight: what a sentence loses as a quote that holds no number or date where one is asked for.
        same: cosine from which two passages say the same, whatever stands between.
        translated: cosine from which passages of two languages do, if none of their languages is nearer to either.
        lift: how far below a foreign passage one in the question's language may score that comes first for it.
        same_share: share of the results that may say the same (but two always may).
        first_places: behind these, languages share the places by the similarity of their passages alone.
        attenuation_behind: exponent of the attenuation there: it presses down what is close in language, and there is
            no answer to be found there that would need it.
    """

    candidates: int
    keyword_candidates: int
    keyword_depth: int
    sentence_weight: float
    keyword_weight: float
    expected_weight: float
    same: float
    translated: float
    lift: float
    same_share: float
    first_places: int
    attenuation_behind: float


@dataclass(frozen=True, slots=True)
class ConfidenceProfile:
    """Weights of the features of `rag.retrieval.confidence.Evidence` in the log-odds that a passage answers.

    Attributes:
        bias: where nothing speaks for or against.
        similarity: of a unit of cosine.
        same_language: where question and passage are in one language.
        coverage: of the share of the question that stands in the passage, within a language.
        best_coverage: of the share that stands in its best sentences, within a language.
        shared_numbers: of each number that question and passage share.
        missing_numbers: of each number of the question that the passage lacks.
        background: of the question's similarity to sentences that have nothing to do with it.
        attenuation: of the factor that makes pairs of languages comparable.
        contrast: of how far the best sentence stands out from its passage.
        mismatch: what is lost where the best sentence lacks the kind of answer that is asked for; set by judgement.
        unfit: the same where the words of the question tell so, and none of the quotes holds it; set by judgement.
        attenuation_from: below it the attenuation counts as this: such pairs were not in the fit.
        attenuation_to: above it likewise.
        most_numbers: more shared or missing numbers count as so many.
        typical_background: stands in for the background where it isn't known.
        typical_coverage: what coverage usually is where a passage of the question's language answers or nearly does.
        typical_best_coverage: the same of `best_coverage`.
        typical_contrast: what the contrast usually is; counts for a passage of one sentence, which has none.
        threshold: probability below which the answer is a refusal.
        far: probability below which every passage is far from the question.
    """

    bias: float
    similarity: float
    same_language: float
    coverage: float
    best_coverage: float
    shared_numbers: float
    missing_numbers: float
    background: float
    attenuation: float
    contrast: float
    mismatch: float
    unfit: float
    attenuation_from: float
    attenuation_to: float
    most_numbers: int
    typical_background: float
    typical_coverage: float
    typical_best_coverage: float
    typical_contrast: float
    threshold: float
    far: float


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """All that was fitted to an embedder.

    Attributes:
        name: of the model, for people.
        fingerprint: of the embedder (`Embedder.fingerprint`); empty in the generic profile.
        calibrated: whether the numbers were fitted to this model.
        alignment: how languages are brought together.
        ranking: how passages are ordered.
        confidence: when an answer is a refusal.
        kinds: what a question asks for.
        quotes: which sentences are quoted where nothing was read.
        follow_ups: what is quoted for a question that goes on.
        support: when a quote carries a claim.
        texts: how texts are summed up and compared.
    """

    name: str
    fingerprint: str
    calibrated: bool
    alignment: AlignmentProfile
    ranking: RankingProfile
    confidence: ConfidenceProfile
    kinds: KindsProfile
    quotes: QuotesProfile
    follow_ups: FollowUpProfile
    support: SupportProfile
    texts: TextsProfile


@lru_cache(maxsize=8)
def profile_of(fingerprint: str) -> ModelProfile:
    """Return the profile of the embedder with a fingerprint, or the generic one."""
    return _known().get(fingerprint) or read_profile(_FOLDER / _GENERIC)


@lru_cache(maxsize=1)
def _known() -> dict[str, ModelProfile]:
    """Return the profiles that come with the package, by fingerprint."""
    found = (read_profile(path) for path in sorted(_FOLDER.glob("*.toml")) if path.name != _GENERIC)
    return {profile.fingerprint: profile for profile in found}


def read_profile(path: Path) -> ModelProfile:
    """Return the profile in a file.

    Raises:
        RagError: a number is missing, unknown or of another type.
    """
    return read_profile_file(path, ModelProfile)

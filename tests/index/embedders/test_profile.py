"""Numbers that were fitted to an embedder are found by its fingerprint, whole, or declared to be of another."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from index.embedders import load, profile
from index.embedders.profile import profile_of, read_profile
from index.errors import RagError
from index.types import Document
from rag import Answer, Assistant
from rag.testing.doubles import document, tiny_index

FOLDER = Path(profile.__file__).with_name("profiles")


def test_the_bundled_embedder_has_numbers_of_its_own() -> None:
    found = profile_of(load("bundled").fingerprint)
    assert found.calibrated
    assert found.fingerprint == load("bundled").fingerprint


def test_another_embedder_takes_generic_numbers_and_is_said_to_be_not_calibrated() -> None:
    found = profile_of("sentence-transformers/some model/384")
    assert not found.calibrated
    assert found == read_profile(FOLDER / "generic.toml")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_a_profile_that_lacks_a_number_or_has_one_too_many_is_refused_by_name(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert read_profile(path).name == tomllib.loads(text)["name"]
    for name, broken in (("lacks", text.replace("bias = ", "bios = ")), ("more", text + "surprise = 1\n")):
        (tmp_path / f"{name}.toml").write_text(broken, encoding="utf-8")
        with pytest.raises(RagError, match=f"{name}.toml"):
            read_profile(tmp_path / f"{name}.toml")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("similarity = 26.79", "similarity = 'much'", r"confidence.similarity is 'much'; it must be a number"),
        ("similarity = 26.79", "similarity = inf", "confidence.similarity is inf"),
        ("most_numbers = 2", "most_numbers = 2.5", "confidence.most_numbers is 2.5"),
        ("calibrated = false", "calibrated = 'no'", "calibrated is 'no'"),
        ("[texts]\n", "[text]\n", "lacks texts"),
        ("early = 0.15\n", "", r"\[texts\] lacks early"),
        ("early = 0.15", "early = 0.15\nearlier = 1", r"\[texts\] has earlier, which nothing reads"),
        ("name = ", "name = [", "can't be read"),
    ],
)
def test_what_is_wrong_with_a_profile_is_said(before: str, after: str, said: str, tmp_path: Path) -> None:
    text = (FOLDER / "generic.toml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "mine.toml").write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(RagError, match=f"mine.toml.*{said}"):
        read_profile(tmp_path / "mine.toml")


def test_a_whole_number_may_stand_where_any_number_may(tmp_path: Path) -> None:
    text = (FOLDER / "generic.toml").read_text(encoding="utf-8").replace("n0 = 100.0", "n0 = 100")
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    assert read_profile(tmp_path / "mine.toml").alignment.n0 == 100.0


def test_answers_over_a_model_without_numbers_of_its_own_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer_over(texts: list[Document]) -> Answer:
        return Assistant(index=tiny_index(texts)).answer("Where does Factory 200 stand?")

    texts = [document("d", "Factory 200 stands in Helwan.", "en")]
    assert not answer_over(texts).warnings
    monkeypatch.setattr("rag.retrieval.retrieve.profile_of", lambda _: profile_of("unknown"))
    assert "not calibrated" in " ".join(answer_over(texts).warnings)

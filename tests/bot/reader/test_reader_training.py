"""Training on fifty made-up questions: groups are sound, the loss falls, a run goes on where it stopped."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from bot.reader.average import main as average_readers
from bot.reader.corpus import Corpus, Ragged, build_corpus
from bot.reader.export import export
from bot.reader.folder import SERVED, TOKENIZER, WEIGHTS, description
from bot.reader.groups import LENGTH_STEP, MAX_PIECES, GroupMaker, collate, windows
from bot.reader.model import encoder_description, from_encoder, load_network, save_reader
from bot.reader.runtime import Network, float_network, served_network
from bot.reader.schedule import Plan, Progress, learning_rate_factor
from bot.reader.score import Reader
from bot.reader.train import Trainer, denormals_flushed, main, progress_of
from index.embed import bundled_model_folder
from index.errors import ModelUnavailable

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def corpus(made_up_squad: Path, tokenizer: Tokenizer) -> Corpus:
    return build_corpus({"squad": [made_up_squad]}, tokenizer, bundled_model_folder(), seed=1)


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory, made_up_squad: Path) -> Path:
    """The folder of a reader from a smoke run."""
    out = tmp_path_factory.mktemp("smoke")
    main(["--squad", str(made_up_squad), "--out", str(out), "--smoke", "--threads", str(torch.get_num_threads())])
    export(out / "weights")
    return out / "weights"


def test_questions_come_as_written_in_other_words_and_as_key_words(corpus: Corpus) -> None:
    forms = {"plain": [[1, 2, 3]], "reworded": [[4, 5, 6]], "keywords": [[7]]}
    known = {name: Ragged.of(lists * len(corpus.plain), np.uint16) for name, lists in forms.items()}
    maker = GroupMaker(replace(corpus, **known), seed=1, crop_share=0.5)
    drawn = [maker.question(0, np.random.default_rng(seed)) for seed in range(600)]
    counts = {name: sum(pieces.tolist() == lists[0] for pieces, _ in drawn) for name, lists in forms.items()}
    assert sum(counts.values()) == 600
    assert counts["plain"] > counts["reworded"] > counts["keywords"] > 0
    assert all(bare == (pieces.tolist() == [7]) for pieces, bare in drawn)


def test_no_altered_question_stands_beside_key_words(corpus: Corpus) -> None:
    forms = {"plain": [1, 2, 3], "reworded": [4, 5, 6], "keywords": [7], "altered": [8, 9]}
    known = {name: Ragged.of([pieces] * len(corpus.plain), np.uint16) for name, pieces in forms.items()}
    maker = GroupMaker(replace(corpus, **known), seed=1, crop_share=0.5)
    groups = [maker.group(row, epoch) for row in range(len(corpus.plain)) for epoch in range(8)]
    asked = [[pair.ids[1 : pair.segment_start - 1].tolist() for pair in group] for group in groups]
    assert any([8, 9] in group for group in asked)
    assert any(group[0] == [7] for group in asked)
    assert not any(group[0] == [7] and [8, 9] in group for group in asked)


def test_groups_hold_one_answer_and_wrong_passages(corpus: Corpus, tokenizer: Tokenizer) -> None:
    maker = GroupMaker(corpus, seed=1, crop_share=0.5)
    negatives = 0
    for row in range(len(corpus.plain)):
        group = maker.group(row, epoch=0)
        again = maker.group(row, epoch=0)
        assert [pair.ids.tolist() for pair in group] == [pair.ids.tolist() for pair in again]
        assert [pair.answerable for pair in group] == [True] + [False] * (len(group) - 1)
        assert all(len(pair.ids) <= MAX_PIECES for pair in group)
        first, last = corpus.spans[row][:2]
        answer = corpus.pieces[int(corpus.paragraph[row])][first : last + 1].tolist()
        assert all(group[0].ids[start : end + 1].tolist() == answer for start, end in group[0].spans)
        assert group[0].spans
        negatives += len(group) - 1
    assert negatives > 0


def test_a_question_without_an_answer_stands_alone_unless_only_its_place_is_unknown(corpus: Corpus) -> None:
    bounds = corpus.spans.bounds.copy()
    removed = bounds[1] - bounds[0]
    bounds[1:] -= removed
    spans = Ragged(corpus.spans.flat[removed:], bounds)
    answerable = corpus.answerable.copy()
    answerable[0] = False
    unanswered = replace(corpus, spans=spans, answerable=answerable)
    maker = GroupMaker(unanswered, seed=1, crop_share=0.5)
    assert all(len(maker.group(0, epoch)) == 1 for epoch in range(20))  # it is a negative itself
    unknown = replace(unanswered, spans_known=np.zeros_like(corpus.spans_known))
    maker = GroupMaker(unknown, seed=1, crop_share=0.5)
    groups = [maker.group(0, epoch) for epoch in range(60)]
    assert not any(pair.answerable or pair.spans for group in groups for pair in group)
    assert max(len(group) for group in groups) > 1


def test_held_out_article_is_one_of_ten(corpus: Corpus) -> None:
    assert corpus.held_out.sum() == 5


def test_training_leaves_the_numbers_of_this_process_as_they_were(smoke: Path) -> None:
    assert sys.float_info.min / 2 > 0, smoke


@denormals_flushed()
def test_loss_falls(corpus: Corpus, encoder: Path, tmp_path: Path) -> None:
    trainer = Trainer(from_encoder(encoder, seed=1), tmp_path)
    totals = []
    for epoch in range(3):
        for _, batches in windows(GroupMaker(corpus, 1, 0.0), np.arange(len(corpus.plain)), epoch, 0):
            totals.append(np.mean([trainer.step(batch, 0.5).total.item() for batch in batches]))
    assert totals[-1] < 0.8 * totals[0]


def test_bfloat16_goes_the_way_of_float32_and_what_it_updates_stays_float32(corpus: Corpus, smoke: Path) -> None:
    maker = GroupMaker(corpus, 1, 0.0)
    few = collate([maker.group(row, epoch=0) for row in range(4)])  # many processors take long over bfloat16
    steps, losses = [], []
    for bfloat16 in (False, True):
        trainer = Trainer(load_network(smoke), smoke, bfloat16=bfloat16)
        losses.append(trainer.step(few, 1.0).total.item())
        trained = [parameter for parameter in trainer.network.parameters() if parameter.requires_grad]
        assert all(parameter.dtype == torch.float32 for parameter in trained)
        steps.append(torch.cat([parameter.grad.flatten() for parameter in trained if parameter.grad is not None]))
    assert losses[0] == pytest.approx(losses[1], rel=0.02)
    assert steps[0].shape == steps[1].shape
    assert torch.nn.functional.cosine_similarity(steps[0], steps[1], dim=0) > 0.98


def test_batches_have_few_lengths_and_their_padding_is_masked(corpus: Corpus) -> None:
    _, batches = next(windows(GroupMaker(corpus, 1, 0.5), np.arange(len(corpus.plain)), 0, 0))
    for batch in batches:
        assert batch.ids.shape[1] % LENGTH_STEP == 0
        assert np.array_equal(batch.mask == 0, batch.ids == 0)
        assert not (batch.passage & (batch.mask == 0)).any()


def test_a_run_goes_on_where_it_stopped(encoder: Path, tmp_path: Path) -> None:
    first = Trainer(from_encoder(encoder, seed=1), tmp_path)
    first.progress = Progress(pairs=320, steps=20, window=3)
    first.save("constant.pt")
    second = Trainer(from_encoder(encoder, seed=2), tmp_path)
    second.restore("constant.pt")
    assert second.progress == first.progress
    assert torch.equal(first.network.span.weight, second.network.span.weight)


@pytest.mark.parametrize("network", [served_network, float_network])
def test_smoke_run_writes_a_reader_whose_spans_are_exact(smoke: Path, network: Callable[[Path], Network]) -> None:
    reader = Reader.open(smoke, network)
    text = "Arlow was founded by two monks."
    passages = [("", text), ("A title · 2020-01-01", "Rain."), ("", "")]
    readings = reader.score("Who founded Arlow?", passages)
    assert len(readings) == 3
    assert readings[2].spans == ()
    assert readings[0].spans
    for span in readings[0].spans:
        assert text[span.start : span.end].strip() == text[span.start : span.end] != ""
    assert [reader.score("Who founded Arlow?", [passage]) for passage in passages] == [[each] for each in readings]


def test_eight_bits_say_nearly_what_float32_says(smoke: Path, made_up_squad: Path) -> None:
    pairs = [
        (qa["question"], "", paragraph["context"])
        for article in json.loads(made_up_squad.read_text(encoding="utf-8"))["data"]
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    ]
    served = Reader.open(smoke).score_pairs(pairs)
    exact = Reader.open(smoke, float_network).score_pairs(pairs)
    for signal in (lambda r: r.relevance, lambda r: r.answerable, lambda r: r.spans[0].score - r.no_answer):
        ours, theirs = (np.array([signal(reading) for reading in readings]) for readings in (served, exact))
        assert np.abs(ours - theirs).max() < 0.25 * max(1.0, float(np.abs(theirs).max()))


def test_a_long_passage_is_read_to_its_end(smoke: Path) -> None:
    reader = Reader.open(smoke)
    windows_of_it = reader.windows([("Who founded Arlow?", "", "Rain fell on the hill. " * 150 + "Two monks did.")])
    assert len(windows_of_it) > 1
    assert max(len(window.ids) for window in windows_of_it) <= MAX_PIECES
    assert windows_of_it[-1].offsets[-1, 1] == len("Rain fell on the hill. " * 150 + "Two monks did.")


@pytest.mark.parametrize("name", [WEIGHTS, SERVED])
def test_damaged_or_missing_weights_are_refused(smoke: Path, tmp_path: Path, name: str) -> None:
    open_folder = {WEIGHTS: load_network, SERVED: Reader.open}[name]
    folder = tmp_path / "damaged"
    shutil.copytree(smoke, folder)
    with (folder / name).open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\x01\x02\x03")
    with pytest.raises(ModelUnavailable, match="SHA-256"):
        open_folder(folder)
    (folder / name).unlink()
    with pytest.raises(ModelUnavailable, match=f"no {name}"):
        open_folder(folder)


def test_a_description_of_another_format_or_none_is_refused(smoke: Path, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    shutil.copytree(smoke, folder)
    for text, reason in (('{"format": 1}', "format 1"), ("{", "damaged")):
        (folder / "reader.json").write_text(text, encoding="utf-8")
        with pytest.raises(ModelUnavailable, match=reason):
            Reader.open(folder)
    (folder / "reader.json").unlink()
    with pytest.raises(ModelUnavailable, match=r"no reader\.json"):
        Reader.open(folder)


def test_rate_warms_up_stays_and_falls_by_pairs_or_clock() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    plan = Plan(pairs=50_000, decay_pairs=1_000, deadline=now + timedelta(minutes=10))
    assert learning_rate_factor(Progress(pairs=1_499), plan, None, now) == 0.5
    assert learning_rate_factor(Progress(pairs=40_000), plan, None, now) == 1.0
    falling = Progress(pairs=50_250, decay_from=50_000)
    assert learning_rate_factor(falling, plan, now, now) == 0.75
    assert learning_rate_factor(falling, plan, now, now + timedelta(minutes=5)) == 0.5
    assert learning_rate_factor(falling, plan, now, now + timedelta(minutes=11)) == 0.0


def test_an_average_lies_between_two_readers_and_goes_on_where_the_second_had_come_to(
    smoke: Path, tmp_path: Path
) -> None:
    other, out = tmp_path / "other", tmp_path / "average"
    shutil.copytree(smoke, other)
    network = load_network(smoke)
    with torch.no_grad():
        network.span.weight += 1.0
    notes = {**description(smoke)["notes"], "pairs": 1_000}
    save_reader(network, encoder_description(network), smoke / TOKENIZER, other, **notes)
    average_readers([str(smoke), str(other), "--share", "0.25", "--out", str(out)])
    first, second, between = (load_network(each).span.weight for each in (smoke, other, out))
    assert torch.allclose(between, 0.75 * first + 0.25 * second, atol=2e-3)
    assert progress_of(out).pairs == 1_000
    with pytest.raises(SystemExit):
        average_readers([str(smoke), str(other), "--share", "2", "--out", str(out)])

"""Train the encoder: `python -m tools.train_encoder --data DIR --out FILE.safetensors [--minutes N]`.

It learns that the sentence that answers is nearest. With `--bundle DIR --out DIR` it only trains and needs torch and
NumPy alone. A run that was killed goes on when it is called again.

A sentence's vector is the mean of its tokens' states in the whole passage, so one pass gives a passage's vector and
those of its sentences ("late chunking", Günther et al. 2024, https://arxiv.org/abs/2409.04701). The loss is contrastive
over all sentences and passages of a batch (van den Oord et al. 2018, https://arxiv.org/abs/1807.03748).
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from tools.train_encoder.batches import Contrast, Maker, Stream
from tools.training.arrays import Questions, from_rows, load
from tools.training.encoder import HIDDEN, Encoder, device, pooled
from tools.training.negatives import kept_negatives
from tools.training.runs import Clock, Log, load_state, save_state, save_weights
from tools.training.shipping import add_places, bundle_and_run, ship_encoder

FROZEN = 6  # lower layers that stay as carried
_SENTENCES, _PASSAGES = 0.04, 0.02  # temperatures
_WITHIN, _PASSAGE = 0.5, 0.5  # shares of the losses
_SHUT = -1e4
_LOG_SECONDS = 15.0  # seconds between two lines
_JUDGED = 1_200  # questions held back that are looked at
_JUDGED_TOGETHER = 200


@dataclass(frozen=True)
class Losses:
    """What a batch costs, and what is right of it (shares of 1)."""

    total: Tensor
    passage_first: Tensor
    sentence_first: Tensor
    within: Tensor
    several: Tensor

    def __str__(self) -> str:
        first = f"passage first {float(self.passage_first):.1%}, sentence first {float(self.sentence_first):.1%}"
        return f"loss {self.total.item():.3f}, {first}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the bundle if need be, train, and write the joined file if the data was given."""
    parser = _parser()
    options = parser.parse_args(arguments)
    options.bundle, run = bundle_and_run(parser, options)
    train(options, run)
    if options.data is not None:
        ship_encoder(run, options.out)


def train(options: argparse.Namespace, folder: Path) -> None:
    """Train from a bundle, judge at both ends, write the weights into the folder."""
    log = Log(folder)
    torch.manual_seed(options.seed)
    torch.backends.cuda.matmul.allow_tf32 = True
    questions = Questions(options.bundle)
    maker = Maker(questions, kept_negatives(options.bundle, questions, options.negatives))
    training, held = (maker.usable(numbers) for numbers in questions.held_back())
    model = Encoder(options.bundle, FROZEN).to(device())
    carried = {name: value.detach().clone() for name, value in model.named_parameters() if value.requires_grad}
    _begin(model, options, log)
    weights = [parameter for parameter in model.parameters() if parameter.requires_grad]
    fused = device().type == "cuda"
    optimizer = torch.optim.AdamW(weights, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0, fused=fused)
    clock, state = Clock(60 * options.minutes, options.warm_up), folder / "state.pt"
    if load_state(state, model, optimizer, clock):
        log(f"goes on at step {clock.step}")
    log(f"{len(training)} questions to train on, {len(held)} held back, {device()}")
    log(_judged(model, maker, held[:_JUDGED]))
    stream = Stream(maker, questions, training, options.questions, options.seed + clock.step)
    _steps((model, optimizer, clock), stream, carried, options, (log, state))
    save_state(state, model, optimizer, clock)
    log(f"trained: {clock.step} steps of {options.questions} questions")
    log(_judged(model, maker, held[:_JUDGED]))
    about = {"tool": "tools.train_encoder", "steps": clock.step, "minutes": options.minutes, "rate": options.rate}
    save_weights(folder, model.trained(), {**about, "seed": options.seed, "keep": options.keep})


def _begin(model: Encoder, options: argparse.Namespace, log: Log) -> None:
    begin = options.bundle / "begin-encoder.npz"
    if not options.afresh and begin.exists():
        model.load_state_dict({k: torch.from_numpy(v) for k, v in from_rows(load(begin)).items()}, strict=False)
        log(f"begins from {begin.name}")


def _steps(
    run: tuple[Encoder, torch.optim.Optimizer, Clock],
    stream: Stream,
    carried: dict[str, Tensor],
    options: argparse.Namespace,
    log_and_state: tuple[Log, Path],
) -> None:
    """Take steps until the time is over."""
    (model, optimizer, clock), (log, state) = run, log_and_state
    ahead, pinned = (3 if options.workers else None), device().type == "cuda"
    batches = DataLoader(stream, batch_size=None, num_workers=options.workers, prefetch_factor=ahead, pin_memory=pinned)
    model.train()
    logged = saved = time.monotonic()
    for factor, batch in zip(clock.ticks(), batches, strict=False):
        # Here, because the clock counts a step when the next one is asked for.
        if clock.step and time.monotonic() - saved >= options.save_every:
            save_state(state, model, optimizer, clock)
            saved = time.monotonic()
        losses = _step(model, optimizer, batch, options.rate * factor, (options.keep, carried))
        if time.monotonic() - logged > _LOG_SECONDS:
            logged = time.monotonic()
            log(f"step {clock.step}, {losses}, {clock.spent / clock.seconds:.0%} done")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tools.train_encoder", description=(__doc__ or "").partition("\n")[0])
    add_places(parser)
    parser.add_argument("--minutes", type=float, default=3.0, help="how long to train (3 suit a large GPU)")
    parser.add_argument("--negatives", type=Path, help="keep the hard negatives in this file (default: in the bundle)")
    parser.add_argument("--afresh", action="store_true", help="begin from the carried encoder")
    parser.add_argument("--rate", type=float, default=2e-4, help="highest learning rate")
    parser.add_argument("--warm-up", type=int, default=50, help="steps in which the learning rate rises")
    parser.add_argument(
        "--keep", type=float, default=5e-3, help="weight of the squared distance to the carried weights"
    )
    parser.add_argument("--questions", type=int, default=384, help="questions of a batch")
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 2), help="processes for batches")
    parser.add_argument("--seed", type=int, default=0)
    return parser


def _step(
    model: Encoder,
    optimizer: torch.optim.Optimizer,
    batch: Contrast,
    rate: float,
    kept: tuple[float, dict[str, Tensor]],
) -> Losses:
    for group in optimizer.param_groups:
        group["lr"] = rate
    losses = contrast(model, batch.to(device()), 0.1)
    weight, carried = kept
    named = {name: value for name, value in model.named_parameters() if value.requires_grad}
    total = losses.total + weight * sum(((named[name] - value) ** 2).sum() for name, value in carried.items())
    optimizer.zero_grad(set_to_none=True)
    total.backward()
    nn.utils.clip_grad_norm_(list(named.values()), 1.0)
    optimizer.step()
    return losses


def contrast(model: Encoder, batch: Contrast, dropout: float = 0.0) -> Losses:
    """Return the losses of a batch: the answering sentence among all, and in its passage; the passage among all."""
    states = model.states(batch.passage, batch.passage_mask, None, dropout)
    question = pooled(model.states(batch.question, batch.question_mask, None, dropout), batch.question_mask)
    passage, sentence = pooled(states, batch.passage_mask), sentence_means(states, batch.sentence, len(batch.owner))
    rows = torch.arange(len(question), device=question.device)
    scores = (question @ sentence.T / _SENTENCES).masked_fill(batch.doubtful, _SHUT)
    answered = batch.right.any(1)
    good = torch.logsumexp(scores.masked_fill(~batch.right, _SHUT), 1)
    everywhere = (torch.logsumexp(scores, 1) - good)[answered].mean()
    own = batch.owner[None, :] == rows[:, None]
    inside = scores.masked_fill(~own, _SHUT)
    within = (torch.logsumexp(inside, 1) - good)[answered].mean()
    passages = (question @ passage.T / _PASSAGES).masked_fill(batch.holds_too, _SHUT)
    nearest = functional.cross_entropy(passages, rows)
    several = answered & ((own & ~batch.doubtful).sum(1) > 1)
    return Losses(
        everywhere + _WITHIN * within + _PASSAGE * nearest,
        (passages.argmax(1) == rows).float().mean(),
        _hits(batch.right, scores)[answered].float().mean(),
        (_hits(batch.right, inside) & several).sum(),
        several.sum(),
    )


def _hits(right: Tensor, scores: Tensor) -> Tensor:
    return right.gather(1, scores.argmax(1)[:, None])[:, 0]


def sentence_means(states: Tensor, sentence: Tensor, count: int) -> Tensor:
    """Return the unit-length means of the states of each of `count` sentences, shape (count, HIDDEN)."""
    inside = sentence >= 0
    sums = torch.zeros(count, HIDDEN, device=states.device).index_add_(0, sentence[inside], states[inside])
    return functional.normalize(sums, dim=1)


def _judged(model: Encoder, maker: Maker, held: np.ndarray) -> str:
    model.eval()
    dice, starts = random.Random(5), range(0, len(held), _JUDGED_TOGETHER)
    with torch.no_grad():
        found = [contrast(model, maker(held[at : at + _JUDGED_TOGETHER], dice).to(device())) for at in starts]
    within = sum(float(one.within) for one in found) / max(1.0, sum(float(one.several) for one in found))
    passage = np.mean([float(one.passage_first) for one in found])
    sentence = np.mean([float(one.sentence_first) for one in found])
    first = f"passage of all {passage:.2%}, sentence of all {sentence:.2%}"
    return f"held back: sentence within its passage {within:.2%}, {first}"


if __name__ == "__main__":
    main()

"""Train the reader: `python -m tools.train_reader --data DIR --out FILE.safetensors [--minutes N]`.

Makes the bundle, finds the hard negatives, trains, and packs the shipped file. With `--bundle DIR --out DIR` it only
trains and needs torch and NumPy alone. Minutes on a GPU, hours on two cores. A run that was killed goes on when it is
called again.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from tools.train_reader.batches import Batch, Claims, Stream
from tools.train_reader.judging import judged
from tools.train_reader.model import FROZEN, Read, Reader
from tools.train_reader.pairs import Pairs
from tools.training.arrays import Questions, from_rows, load
from tools.training.encoder import device
from tools.training.negatives import kept_negatives
from tools.training.runs import Clock, Log, load_state, save_state, save_weights
from tools.training.shipping import add_places, bundle_and_run, ship_reader

_HEADS_FASTER = 5  # times the learning rate of the layers
_POSITIVE = 1.5  # weight of passages that answer: there are fewer of them
_VERSUS, _SENTENCE, _SPAN, _VERDICT = 0.5, 0.6, 0.4, 0.7  # shares of the losses
_DOUBT = 3.0  # log-odds above which a passage that is called wrong may well answer
_LAST = -1e3  # behind all log-odds
_UNSURE = 1e-5
_LOGGED = 20.0  # seconds between lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the bundle if need be, train, and pack what was trained if the data was given."""
    parser = _parser()
    options = parser.parse_args(arguments)
    options.bundle, run = bundle_and_run(parser, options)
    train(options, run)
    if options.data is not None:
        ship_reader(run, options.out)


def train(options: argparse.Namespace, folder: Path) -> None:
    """Train from a bundle, judge now and then, write the weights into the folder."""
    log = Log(folder)
    torch.manual_seed(options.seed)
    torch.backends.cuda.matmul.allow_tf32 = True
    questions = Questions(options.bundle)
    pairs = Pairs(questions, kept_negatives(options.bundle, questions, options.negatives), options.rivals)
    training, held = questions.held_back()
    more = dict(options.more)
    claims = Claims(options.bundle, questions, more)
    model = _model(options, log)
    optimizer = _optimizer(model, options.rate)
    clock = Clock(60 * options.minutes, options.warm_up)
    state = folder / "state.pt"
    if load_state(state, model, optimizer, clock):
        log(f"goes on at step {clock.step}")
    log(f"{len(training)} questions to train on, {len(held)} held back, {len(claims.training)} claims, {device()}")
    sizes, seed = (options.questions, options.claims), options.seed + clock.step
    stream = Stream(pairs, questions, training, claims, sizes, seed, more)
    run = _Run(model, optimizer, clock, log, (state, options.save_every, options.judge_every))
    judging = options.judge_every > 0
    if judging and not clock.step:
        log(judged(model, pairs, questions, held, claims))
    for _ in run.steps(_batches(stream, options.workers)):
        log(judged(model, pairs, questions, held, claims))
    save_state(state, model, optimizer, clock)
    log(f"trained: {clock.step} steps, {run.seen} pairs since the start of this command")
    if judging:
        log(judged(model, pairs, questions, held, claims))
    began = options.begin.name if options.begin else "carried" if options.afresh else "bundle"
    about = {"tool": "tools.train_reader", "steps": clock.step, "minutes": options.minutes, "rate": options.rate}
    save_weights(folder, model.public(), {**about, "seed": options.seed, "began with": began})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tools.train_reader", description=(__doc__ or "").partition("\n")[0])
    add_places(parser)
    parser.add_argument("--minutes", type=float, default=8.0, help="how long to train (8 suit a large GPU)")
    parser.add_argument("--negatives", type=Path, help="keep the hard negatives in this file (default: in the bundle)")
    parser.add_argument(
        "--begin",
        type=Path,
        help="trained weights to begin from, a file or the folder of a run (default: the bundle's)",
    )
    parser.add_argument("--afresh", action="store_true", help="begin from the carried encoder")
    parser.add_argument("--rate", type=float, default=2e-4, help="highest learning rate")
    parser.add_argument("--warm-up", type=int, default=60, help="steps in which the learning rate rises")
    parser.add_argument("--questions", type=int, default=160, help="questions of a batch")
    parser.add_argument("--claims", type=int, default=176, help="claims of a batch")
    parser.add_argument("--keep", type=int, default=FROZEN, help="lower layers that stay as they are (at least 2)")
    parser.add_argument(
        "--more", type=_factor, action="append", default=[], metavar="SET=N", help="draw a set N times more often"
    )
    parser.add_argument("--rivals", type=int, default=2, help="wrong passages of which the hardest trains (1: any)")
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 2), help="processes for batches")
    parser.add_argument(
        "--judge-every", type=float, default=120.0, help="seconds between looks at what is held back (0: none)"
    )
    parser.add_argument("--seed", type=int, default=0)
    return parser


def _factor(given: str) -> tuple[str, float]:
    name, _, factor = given.partition("=")
    return name, float(factor)


def _model(options: argparse.Namespace, log: Log) -> Reader:
    model = Reader(options.bundle)
    begin = options.begin or options.bundle / "begin-reader.npz"
    if not options.afresh and begin.exists():
        files = sorted(begin.glob("weights-*.npz")) if begin.is_dir() else [begin]
        tensors = {name: torch.from_numpy(value) for file in files for name, value in from_rows(load(file)).items()}
        if differing := set(model.public()) ^ set(tensors):
            raise SystemExit(f"{begin} isn't a reader's: it lacks or adds {sorted(differing)[:3]}")
        model.load_state_dict(tensors, strict=False)
        log(f"begins from {begin.name}")
    model.keep(options.keep)
    model.to(device())
    return model


def _optimizer(model: Reader, rate: float) -> torch.optim.Optimizer:
    """Return AdamW (Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101), heads at a higher rate."""
    layers = [p for layer in model.layers[FROZEN:] for p in layer.parameters() if p.requires_grad]
    known = {id(parameter) for parameter in layers}
    heads = [p for p in model.parameters() if p.requires_grad and id(p) not in known]
    groups = [{"params": layers, "most": rate}, {"params": heads, "most": _HEADS_FASTER * rate}]
    fused = device().type == "cuda"
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), weight_decay=0.01, fused=fused)


def _batches(stream: Stream, workers: int) -> Iterator[tuple[Batch, tuple[Tensor, Tensor, Tensor, Tensor]]]:
    pinned = device().type == "cuda"
    ahead = 4 if workers else None
    yield from DataLoader(stream, batch_size=None, num_workers=workers, prefetch_factor=ahead, pin_memory=pinned)


class _Run:
    """Takes steps until the time is over."""

    def __init__(
        self, model: Reader, optimizer: torch.optim.Optimizer, clock: Clock, log: Log, state: tuple[Path, float, float]
    ) -> None:
        self._model, self._optimizer, self._clock, self._log = model, optimizer, clock, log
        self._state, self._save_every, self._judge_every = state
        self._logged = self._saved = self._judged = time.monotonic()
        self.seen = 0

    def steps(self, batches: Iterator[tuple[Batch, tuple[Tensor, Tensor, Tensor, Tensor]]]) -> Iterator[None]:
        """Train; yields when it is time to judge."""
        self._model.train()
        for factor, (batch, claims) in zip(self._clock.ticks(), batches, strict=False):
            # Here, because the clock counts a step when the next one is asked for.
            if self._clock.step and time.monotonic() - self._saved >= self._save_every:
                save_state(self._state, self._model, self._optimizer, self._clock)
                self._saved = time.monotonic()
            losses = self._step(batch, claims, factor)
            now = time.monotonic()
            if now - self._logged > _LOGGED:
                self._logged = now
                self._log_losses(losses)
            if 0 < self._judge_every < now - self._judged:
                yield
                self._model.train()
                self._judged = time.monotonic()

    def _step(
        self, batch: Batch, claims: tuple[Tensor, Tensor, Tensor, Tensor], factor: float
    ) -> tuple[Tensor, Tensor]:
        for group in self._optimizer.param_groups:
            group["lr"] = group["most"] * factor
        self._optimizer.zero_grad(set_to_none=True)
        batch = hardest(self._model, batch.to(device()))
        read = pair_loss(self._model, batch)
        read.backward()
        verdict = _VERDICT * claim_loss(self._model, claims)
        verdict.backward()
        nn.utils.clip_grad_norm_([p for p in self._model.parameters() if p.requires_grad], 1.0)
        self._optimizer.step()
        self.seen += len(batch.answers)
        return read, verdict

    def _log_losses(self, losses: tuple[Tensor, Tensor]) -> None:
        memory = torch.cuda.max_memory_allocated() / 2**30 if torch.cuda.is_available() else 0.0
        values = " ".join(f"{loss.item():.3f}" for loss in losses)
        done = self._clock.spent / self._clock.seconds
        self._log(f"step {self._clock.step}, {self.seen} pairs, losses {values}, {done:.0%} done, {memory:.1f} GiB")


def hardest(model: Reader, batch: Batch) -> Batch:
    """Return the batch with one wrong passage of each choice: the one that the model takes for an answer most.

    What it is sure of may really answer, though nobody marked it, and is passed over.
    """
    if not batch.choices.numel():
        return batch
    rows = batch.choices[batch.choices >= 0]
    with torch.no_grad():
        found = model.read(batch.ids[rows], batch.mask[rows], batch.segments[rows], batch.sentences[rows]).answers
    scores = torch.full(batch.answers.shape, -torch.inf, device=found.device)
    scores[rows] = torch.where(found > _DOUBT, _LAST - found, found)
    lines = scores[batch.choices].masked_fill(batch.choices < 0, -torch.inf)
    chosen = batch.choices.gather(1, lines.argmax(1, keepdim=True)).squeeze(1)
    return batch.without(rows[~torch.isin(rows, chosen)])


def pair_loss(model: Reader, batch: Batch, dropout: float = 0.1) -> Tensor:
    """Return the loss of pairs: does it answer, more than its rival does, in which sentence, in which words."""
    read: Read = model.read(batch.ids, batch.mask, batch.segments, batch.sentences, dropout)
    weight = torch.tensor(_POSITIVE, device=read.answers.device)
    loss = functional.binary_cross_entropy_with_logits(read.answers, batch.answers, pos_weight=weight)
    if len(batch.versus):
        ahead = read.answers[batch.versus[:, 0]] - read.answers[batch.versus[:, 1]]
        loss = loss + _VERSUS * functional.softplus(-ahead).mean()
    right = batch.answers > 0
    if right.any():
        loss = loss + _SENTENCE * functional.cross_entropy(read.sentences[right], batch.sentence[right])
        starts = functional.cross_entropy(read.starts[right], batch.start[right])
        ends = functional.cross_entropy(read.ends[right], batch.end[right])
        loss = loss + _SPAN * (starts + ends)
    return loss


def claim_loss(model: Reader, claims: tuple[Tensor, Tensor, Tensor, Tensor], dropout: float = 0.1) -> Tensor:
    """Return the loss of claims: the cross-entropy, or of those that are only known to lack support, its absence."""
    ids, mask, segments, labels = (tensor.to(device(), non_blocking=True) for tensor in claims)
    shares = functional.log_softmax(model.judge(ids, mask, segments, dropout), 1)
    known = labels < shares.shape[1]
    loss = -shares[known].gather(1, labels[known][:, None]).sum()
    unsupported = 1 - shares[~known, 0].exp()
    return (loss - torch.log(unsupported.clamp(min=_UNSURE)).sum()) / len(labels)


if __name__ == "__main__":
    main()

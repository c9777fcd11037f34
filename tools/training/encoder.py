"""The carried encoder in torch, made from a bundle, with its upper layers to be trained.

BERT's encoder (Devlin et al. 2019, https://arxiv.org/abs/1810.04805). Needs torch and NumPy alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tools.training.arrays import PADDING, Ints, load

__all__ = ["HIDDEN", "LAYERS", "Encoder", "device", "padded", "pooled"]

HIDDEN, HEADS, WIDE, LAYERS = 384, 12, 1536, 12
_SHUT = -1e4  # added to the scores of padding
_STEP = 16  # lengths of batches are multiples of it, so that few shapes come


def device() -> torch.device:
    """Return the GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Carried:
    """The tensors of the carried encoder, decoded from a bundle."""

    def __init__(self, bundle: Path) -> None:
        self._stored = load(bundle / "weights.npz")
        self.epsilon = float(self._stored["epsilon"][0])

    def __call__(self, name: str, columns: int = HIDDEN) -> Tensor:
        """Return a tensor in float32, a matrix with that many columns."""
        if f"b:{name}" not in self._stored:
            return torch.from_numpy(self._stored[f"v:{name}"].astype(np.float32))
        return torch.from_numpy(_decoded(self._stored[f"b:{name}"]).reshape(-1, columns))


def _decoded(stored: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Decode blocks of 4 bits: a float16 scale, then 16 bytes with weight j in the low and j + 16 in the high half."""
    blocks = stored.reshape(-1, 18)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    halves = blocks[:, 2:]
    steps = np.concatenate([halves & 0x0F, halves >> 4], axis=1).astype(np.float32) - 8
    return np.asarray(steps * scale, dtype=np.float32)


class Layer(nn.Module):
    """One layer: attention, then the feed-forward part, each added and normalised."""

    def __init__(self, number: int, carried: Carried) -> None:
        super().__init__()
        self.qkv, self.ao = nn.Linear(HIDDEN, 3 * HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.fi, self.fo = nn.Linear(HIDDEN, WIDE), nn.Linear(WIDE, HIDDEN)
        self.aln = nn.LayerNorm(HIDDEN, carried.epsilon)
        self.oln = nn.LayerNorm(HIDDEN, carried.epsilon)
        name = f"l{number}"
        with torch.no_grad():
            for part in ("w", "b"):
                joined = torch.cat([carried(f"{name}.{one}.{part}") for one in "qkv"])
                (self.qkv.weight if part == "w" else self.qkv.bias).copy_(joined)
            for one in ("ao", "aln", "fi", "fo", "oln"):
                module = getattr(self, one)
                module.weight.copy_(carried(f"{name}.{one}.w", WIDE if one == "fo" else HIDDEN).view_as(module.weight))
                module.bias.copy_(carried(f"{name}.{one}.b"))

    def forward(self, states: Tensor, shut: Tensor, dropout: float) -> Tensor:
        """Map states of shape (batch, length, HIDDEN) to the next ones; `shut` is added to the attention's scores."""
        batch, length, _ = states.shape
        query, key, value = self.qkv(states).view(batch, length, 3, HEADS, HIDDEN // HEADS).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=shut)
        mixed = self.ao(mixed.transpose(1, 2).reshape(batch, length, HIDDEN))
        states = self._normalised(self.aln, states + functional.dropout(mixed, dropout, self.training))
        wide = self.fo(functional.gelu(self.fi(states)))
        return self._normalised(self.oln, states + functional.dropout(wide, dropout, self.training))

    @staticmethod
    def _normalised(norm: nn.LayerNorm, states: Tensor) -> Tensor:
        with torch.autocast(states.device.type, enabled=False):  # it would widen to float32 and keep that for backward
            kind = states.dtype
            return functional.layer_norm(states, (HIDDEN,), norm.weight.to(kind), norm.bias.to(kind), norm.eps)


class Encoder(nn.Module):
    """Token ids to last hidden states.

    Args:
        bundle: folder of the bundle.
        frozen: so many lower layers keep the carried weights.
    """

    def __init__(self, bundle: Path, frozen: int) -> None:
        super().__init__()
        carried = Carried(bundle)
        self.frozen = frozen
        self.layers = nn.ModuleList([Layer(number, carried) for number in range(LAYERS)])
        places = carried("emb.pos").view(-1, HIDDEN) + carried("emb.type").view(-1, HIDDEN)[0]
        self.register_buffer("words", carried("emb.word").to(torch.bfloat16), persistent=False)
        self.register_buffer("places", places, persistent=False)
        self.first = nn.LayerNorm(HIDDEN, carried.epsilon)
        with torch.no_grad():
            self.first.weight.copy_(carried("emb.ln.w"))
            self.first.bias.copy_(carried("emb.ln.b"))
        for parameter in self.parameters():
            parameter.requires_grad_(False)
        for layer in self.layers[frozen:]:
            for parameter in layer.parameters():
                parameter.requires_grad_(True)

    def states(self, ids: Tensor, mask: Tensor, added: Tensor | None = None, dropout: float = 0.0) -> Tensor:
        """Return the last hidden states, shape (batch, length, HIDDEN), float32; `added` goes to the frozen states."""
        shut = torch.zeros(mask.shape, device=mask.device, dtype=torch.bfloat16).masked_fill_(~mask, _SHUT)[
            :, None, None
        ]
        with torch.autocast(mask.device.type, torch.bfloat16):
            with torch.no_grad():
                words, places = self.get_buffer("words"), self.get_buffer("places")
                states = self.first((words[ids] + places[: ids.shape[1]]).float()).to(torch.bfloat16)
                for layer in self.layers[: self.frozen]:
                    states = layer(states, shut, dropout)
            if added is not None:
                states = states + added.to(states.dtype)
            for layer in self.layers[self.frozen :]:
                states = layer(states, shut, dropout)
        return states.float()

    def trained(self) -> dict[str, Tensor]:
        """Return the trained layers' parameters by their public names (`layers.N.…`)."""
        wanted = tuple(f"layers.{number}." for number in range(self.frozen, LAYERS))
        return {name: value for name, value in self.state_dict().items() if name.startswith(wanted)}


def padded(rows: Sequence[Sequence[int] | Ints]) -> tuple[Tensor, Tensor]:
    """Return token ids and mask of shape (len(rows), length); the length is a multiple of `_STEP`."""
    length = -(-max(map(len, rows)) // _STEP) * _STEP
    ids, mask = np.full((len(rows), length), PADDING, np.int64), np.zeros((len(rows), length), bool)
    for place, row in enumerate(rows):
        ids[place, : len(row)], mask[place, : len(row)] = row, True
    return torch.from_numpy(ids), torch.from_numpy(mask)


def pooled(states: Tensor, mask: Tensor) -> Tensor:
    """Return the unit-length mean of the unmasked states, shape (batch, HIDDEN)."""
    weight = mask[:, :, None].float()
    return functional.normalize((states * weight).sum(1) / weight.sum(1), dim=1)

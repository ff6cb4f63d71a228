"""Whether two samples have the same mean: ours and a peer's, each with its own spread.

Every test is made at level ALPHA, so that none of the hundreds here is lost by chance once in a thousand runs:

    real      |x - y| < z se,                 se^2 = var(x)/n + var(y)/m,   P(|normal| > z) = ALPHA
    complex   d^T C^-1 d < -2 ln ALPHA,       d = (Re, Im) of x - y, C = the sum of both means' covariances

`allowed` is the largest difference that passes (of a complex mean: in the direction of the one found), and `sees` the
difference that is missed once in a thousand times, in the direction where the mean is known worst.
"""

import json
import math
import os
from statistics import NormalDist

import numpy as np

ALPHA = 1e-6
MISSED = 1e-3
REAL_REACH = NormalDist().inv_cdf(1 - ALPHA / 2)
COMPLEX_REACH = math.sqrt(-2 * math.log(ALPHA))
POWER_REACH = NormalDist().inv_cdf(1 - MISSED)


class Mean:
    """The mean of independent draws, one a link, and what its error is."""

    def __init__(self, draws):
        draws = np.asarray(draws)
        self.count = len(draws)
        self.value = draws.mean()
        if np.iscomplexobj(draws):
            self.error = np.cov(draws.real, draws.imag) / self.count
        else:
            self.error = np.atleast_2d(draws.var(ddof=1) / self.count)

    @classmethod
    def exact(cls, value):
        """A number that a formula gives."""
        exact = cls.__new__(cls)
        size = 2 if isinstance(value, complex) else 1
        exact.count, exact.value, exact.error = 0, value, np.zeros((size, size))
        return exact

    @classmethod
    def ratio(cls, above, below):
        """mean(above)/mean(below), its error by the linear part of the ratio in both means."""
        above, below = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
        ratio = above.mean() / below.mean()
        mean = cls(ratio + (above - ratio * below) / below.mean())
        mean.value = ratio
        return mean

    @classmethod
    def fourth_moment_ratio(cls, powers, squares):
        """mean(squares)/mean(powers)^2 of each column, averaged over columns: 2 for Rayleigh fading."""
        first, second = powers.mean(axis=0), squares.mean(axis=0)
        ratio = second / first**2
        draws = ratio + (squares - second) / first**2 - 2 * second * (powers - first) / first**3
        return cls(draws.mean(axis=1))


class Difference:
    """Ours against a peer's."""

    def __init__(self, ours, peer):
        difference, error = ours.value - peer.value, ours.error + peer.error
        worst = math.sqrt(max(0.0, *np.linalg.eigvalsh(error)))
        self.found = abs(difference)
        reach = REAL_REACH if len(error) == 1 else COMPLEX_REACH
        self.allowed = reach * worst
        # Equal means have no direction: of all, the one in which most passes.
        if len(error) == 2 and self.found > 0:
            vector = np.array([difference.real, difference.imag])
            distance = math.sqrt(vector @ np.linalg.solve(error, vector))
            self.allowed = COMPLEX_REACH * self.found / distance
        self.sees = (reach + POWER_REACH) * worst
        # Exact numbers allow no difference at all.
        self.share = self.found / self.allowed if self.allowed > 0 else math.inf if self.found > 0 else 0.0

    @property
    def agrees(self):
        return self.share <= 1


def shown(value):
    if isinstance(value, complex):
        return f"{abs(value):.4f} {math.degrees(math.atan2(value.imag, value.real)):+7.1f} deg"
    return f"{value:.4f}"


class Comparison:
    """The rows of one configuration and one peer, and whether they hold."""

    def __init__(self, peer, title):
        self.peer, self.title = peer, title
        self.rows, self.worst, self.broken = 0, 0.0, []
        self.controls, self.unseen = 0, []
        print(f"\n{peer}: {title}")
        print(f"  {'':<60} {'airloop':>20} {'peer':>20} {'apart':>8} {'allowed':>8} {'sees':>8}")

    def _print(self, name, ours, peer, difference, verdict):
        print(
            f"  {name:<60} {shown(ours.value):>20} {shown(peer.value):>20} {difference.found:>8.4f} "
            f"{difference.allowed:>8.4f} {difference.sees:>8.4f}  {verdict}"
        )

    def same(self, name, ours, peer):
        """Both sides must agree."""
        difference = Difference(ours, peer)
        self.rows += 1
        self.worst = max(self.worst, difference.share)
        if not difference.agrees:
            self.broken.append(name)
        self._print(name, ours, peer, difference, "agrees" if difference.agrees else "DISAGREES")

    def differ(self, name, ours, peer):
        """A control: one side is wrong on purpose, or known to be, and the test must say so."""
        difference = Difference(ours, peer)
        self.controls += 1
        if difference.agrees:
            self.unseen.append(name)
        self._print(name, ours, peer, difference, "NOT SEEN" if difference.agrees else "seen to differ")

    def finish(self):
        """Leaves one line for the table at the end."""
        broken = self.broken + [f"control not seen: {name}" for name in self.unseen]
        line = {
            "peer": self.peer,
            "what": self.title,
            "rows": self.rows,
            "worst": self.worst,
            "controls": f"{self.controls - len(self.unseen)} of {self.controls}",
            "broken": broken,
        }
        with open(os.environ["AIRLOOP_PEERS_RESULTS"], "a", encoding="utf-8") as results:
            results.write(json.dumps(line) + "\n")

"""Experiments: what a file says, run from Python."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Union

from . import _airloop, sweep
from ._airloop import Report
from .errors import ConfigError
from .sweep import Sweep

#: What describes an experiment: a path to a TOML file, TOML itself (text of several lines, or with a table), a dictionary
#: with the tables of such a file, or an experiment.
Config = Union[str, "os.PathLike[str]", Mapping[str, Any], "Experiment"]


class Ladder:
    """The laws between the rungs, and what the physics of each costs; `str()` gives the lines of `airloop ladder`."""

    def __init__(self, label: str, words: str, holds: bool) -> None:
        #: Name of the curve; empty where the experiment has one.
        self.label = label
        self._words = words
        #: Whether every law that applies holds, and its control fails.
        self.holds = holds

    def __str__(self) -> str:
        return self._words

    def __repr__(self) -> str:
        return f"Ladder({self.label!r}, holds={self.holds})\n{self._words}"


class Experiment:
    """An experiment as it is written; it is checked when it runs."""

    def __init__(self, config: Config) -> None:
        self._experiment = _read(config)

    @classmethod
    def load(cls, path: str | os.PathLike[str], set: Iterable[str] = ()) -> Experiment:
        """Read a TOML file; `set` changes values as `--set` does, for example `["link.snr_db=10"]`.

        Raises:
            ConfigError: the file cannot be read, is no TOML, or a change is malformed.
        """
        return cls(os.fspath(path)).with_changes(*set)

    @classmethod
    def from_dict(cls, tables: Mapping[str, Any]) -> Experiment:
        """Make an experiment of the tables that a file would have; `None` leaves a key out."""
        return cls(tables)

    @classmethod
    def from_toml(cls, text: str) -> Experiment:
        """Make an experiment of TOML."""
        made = cls.__new__(cls)
        made._experiment = _airloop.Experiment.of_text(text)
        return made

    def with_changes(self, *changes: str) -> Experiment:
        """Return the experiment with values changed as `--set` does, for example `"link.snr_db=10"`."""
        made = Experiment.__new__(Experiment)
        made._experiment = self._experiment.with_changes(list(changes))
        return made

    def run(self, fidelity: str = "symbol") -> Report:
        """Run at "theory", "symbol", "waveform" or "radio" fidelity, as `airloop run` does: sweep and curves are left aside.

        `report.to_json()` gives the bytes of `airloop run --json` for the same file and seed. Ctrl-C ends the run.

        Raises:
            ConfigError: the experiment is wrong.
            UnsupportedError: this fidelity cannot run it.
        """
        return self._experiment.run(fidelity)

    def sweep(
        self,
        over: Mapping[str, Sequence[Any]] | None = None,
        fidelity: str | Sequence[str] = (),
        out: str | os.PathLike[str] | None = None,
    ) -> Sweep:
        """Run all points of the experiment's sweep and curves, as `airloop sweep` does.

        Args:
            over: axes that are added or replaced, as `--over` does: `{"link.snr_db": [0, 10, 20]}`.
            fidelity: rungs, in place of those of `[sweep]`.
            out: the result folder, where an interrupted sweep is resumed; without one results live as long as what is returned.

        Raises:
            ConfigError: a point is wrong, or the folder holds another sweep.
            UnsupportedError: a fidelity cannot run a point.
        """
        rungs = [fidelity] if isinstance(fidelity, str) else list(fidelity)
        return sweep.run(self._experiment, over or {}, rungs, out)

    def ladder(self) -> list[Ladder]:
        """Hold each rung against the one below, for every curve of the experiment, as `airloop ladder` does."""
        return [Ladder(*found) for found in self._experiment.ladder()]


def _read(config: Config) -> _airloop.Experiment:
    if isinstance(config, Experiment):
        return config._experiment
    if isinstance(config, Mapping):
        return _airloop.Experiment.of_dict(dict(config))
    if isinstance(config, str) and ("\n" in config or "=" in config):
        return _airloop.Experiment.of_text(config)
    if isinstance(config, (str, os.PathLike)):
        return _airloop.Experiment.of_file(os.fspath(config))
    raise ConfigError(
        f"a {type(config).__name__} is no experiment; a path, TOML, a dictionary or an airloop.Experiment is expected"
    )

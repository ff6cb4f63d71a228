"""Link traces: what each device's link gave in each round, as columns of arrays."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import _airloop
from .errors import ConfigError
from .experiment import Config, Experiment
from .trace_tables import arrow_table, imported, of_arrow_table, pandas_frame

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

#: The name of ns-3's 5G-LENA for the format `rx-packet-trace`.
_OTHER_NAMES = {"5g-lena": "rx-packet-trace"}


class Trace:
    """A link trace: one row for each round, device, direction and stage.

    `Trace.record` runs one as `airloop trace` does, `Trace.load` and `Trace.from_parquet` read one. `trace["rate_bps"]` is a
    column, `trace.rates_bps("ul")` the rates by rounds and devices, `trace.row(...)` one link of one round.
    """

    #: Units of the columns, in their order; empty where a column has none.
    units: Mapping[str, str] = dict(_airloop.Trace.schema())

    def __init__(self, rows: _airloop.Trace) -> None:
        self._rows = rows

    @classmethod
    def record(cls, config: Config) -> Trace:
        """Run the rounds of an experiment with `[trace]` and legs, and keep their rows in memory.

        `save` then writes the bytes of `airloop trace`, which is the one for traces larger than memory. Ctrl-C ends the run.

        Raises:
            ConfigError: the experiment, or a table or trace that it names, is wrong.
        """
        return cls(_airloop.Trace.record(Experiment(config)._experiment))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Trace:
        """Read a `.csv` or `.jsonl` file.

        Raises:
            ConfigError: it cannot be read, or is no trace; the message has file, line and column.
        """
        return cls(_airloop.Trace.load(os.fspath(path)))

    @classmethod
    def from_parquet(cls, path: str | os.PathLike[str]) -> Trace:
        """Read a Parquet file with the columns of a trace, in any order.

        Raises:
            ConfigError: it cannot be read, or is no trace; the message has file, row and column.
            MissingDependencyError: pyarrow is not installed.
        """
        parquet = imported("pyarrow.parquet", "Trace.from_parquet")
        try:
            table = parquet.read_table(os.fspath(path))
        except (OSError, ValueError) as error:
            raise ConfigError(f"{os.fspath(path)}: cannot read the trace: {error}") from None
        return cls(of_arrow_table(table, os.fspath(path)))

    @property
    def warnings(self) -> list[tuple[str, str]]:
        """Doubts about the experiment that was recorded: pairs of code and message."""
        return self._rows.warnings

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column as an array of its own.

        Numbers are float64, uint64, uint32 or uint8 (`outage` is 0 or 1). Columns that may hold what is not known are float64
        with NaN; words are strings, empty where they are not known.

        Raises:
            ConfigError: there is no such column.
        """
        kind, values, known, words = self._rows.column(name)
        if kind == "word":
            return np.take(np.array([*words, ""]), values)
        if known is not None:
            return np.where(known, values, np.nan)
        return np.asarray(values, dtype=kind)

    @property
    def columns(self) -> dict[str, NDArray[Any]]:
        """All columns by their names, in the order of a file, as `trace[name]` gives them."""
        return {name: self[name] for name in self.units}

    @property
    def rounds(self) -> NDArray[np.uint64]:
        """The numbers of the rounds, ascending.

        Raises:
            ConfigError: the trace has no rows, or two of the same link in one round. So do all that look links up.
        """
        return self._rows.rounds()

    def round(self, number: int) -> Trace:
        """Return the rows of one round, in their order; no rows for a round that the trace does not have."""
        return Trace(self._rows.round(number))

    def replay(self) -> Iterator[tuple[int, Trace]]:
        """Go through the rounds: the number of each, and its rows."""
        return ((int(number), self.round(int(number))) for number in self.rounds)

    def row(self, round: int, device: int, direction: str, stage: str) -> dict[str, Any] | None:
        """Return a link's row of a round by its columns, `None` for what is not known; `None` where there is no such row."""
        cells = self._rows.row((round, device, direction, stage))
        return None if cells is None else dict(cells)

    def grid(self, name: str, direction: str, stage: str) -> NDArray[np.float64]:
        """Return a column of numbers as (rounds, devices), of one direction and stage; NaN where there is no row, or no value.

        Row `i` is round `rounds[i]`.

        Raises:
            ConfigError: no such column, direction or stage, or no row of them.
        """
        return self._rows.grid(name, direction, stage)

    def rates_bps(self, direction: str = "ul", stage: str | None = None) -> NDArray[np.float64]:
        """Return `rate_bps` as (rounds, devices); the stage is `act` up and `grad` otherwise, unless it is given."""
        return self.grid("rate_bps", direction, stage or ("act" if direction == "ul" else "grad"))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a `.csv` or `.jsonl` file, which reads back as the very same rows.

        Raises:
            ConfigError: the file cannot be written, or has another ending.
        """
        self._rows.save(os.fspath(path))

    def export(self, format: str, path: str | os.PathLike[str]) -> None:
        """Write the trace for another program: "mahimahi" (a folder), "rx-packet-trace" or "5g-lena", "round-link".

        The bytes are those of `airloop trace --export`.

        Raises:
            ConfigError: another format, a file that cannot be written, or a trace that the format has no file for.
        """
        self._rows.export(_OTHER_NAMES.get(format, format), os.fspath(path))

    def to_pandas(self) -> pandas.DataFrame:
        """Return a pandas data frame: words are categories, NaN is what is not known.

        Raises:
            MissingDependencyError: pandas is not installed.
        """
        return pandas_frame(self._rows, list(self.units))

    def to_arrow(self) -> pyarrow.Table:
        """Return an Arrow table: nulls are what is not known, words a dictionary; fields have their `unit` as metadata.

        Raises:
            MissingDependencyError: pyarrow is not installed.
        """
        return arrow_table(self._rows, self.units)

    def to_polars(self) -> polars.DataFrame:
        """Return a polars data frame: words are categories, null is what is not known.

        Raises:
            MissingDependencyError: polars or pyarrow is not installed.
        """
        frame: polars.DataFrame = imported("polars", "Trace.to_polars").from_arrow(self.to_arrow())
        return frame

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """Write a Parquet file, which `from_parquet` reads back as the very same rows.

        Raises:
            ConfigError: the file cannot be written.
            MissingDependencyError: pyarrow is not installed.
        """
        parquet = imported("pyarrow.parquet", "Trace.to_parquet")
        try:
            parquet.write_table(self.to_arrow(), os.fspath(path))
        except OSError as error:
            raise ConfigError(f"{os.fspath(path)}: cannot write the trace: {error}") from None

    def __repr__(self) -> str:
        return f"Trace({len(self)} rows)"

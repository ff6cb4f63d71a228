"""Sweeps: the table of many points, as data frames and figures."""

from __future__ import annotations

import csv
import json
import os
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import _airloop
from .errors import ConfigError, MissingDependencyError


class Sweep:
    """A finished sweep: a table with a row a point, the very bytes that `airloop sweep` leaves in its folder.

    In a notebook a sweep shows itself as its first figure.
    """

    def __init__(self, table: Path, passing: Path | None = None) -> None:
        #: The table, a CSV file (columns: docs/table.md).
        self.table = table
        if passing is not None:
            # The folder goes when the sweep does.
            weakref.finalize(self, shutil.rmtree, passing, ignore_errors=True)

    @property
    def csv(self) -> str:
        """The table as text."""
        return self.table.read_text(encoding="utf-8")

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as dictionaries: numbers where the table has numbers, `None` where it has nothing."""
        return [{key: _value(cell) for key, cell in row.items()} for row in csv.DictReader(self.csv.splitlines())]

    def to_pandas(self) -> Any:
        """Return the table as a `pandas.DataFrame`.

        Raises:
            MissingDependencyError: pandas is not installed.
        """
        return _package("pandas").read_csv(self.table)

    def to_polars(self) -> Any:
        """Return the table as a `polars.DataFrame`.

        Raises:
            MissingDependencyError: polars is not installed.
        """
        return _package("polars").read_csv(self.table, infer_schema_length=None)

    def figure(self, x: str | None = None, y: str | Sequence[str] | None = None, **keys: Any) -> Figure:
        """Return a figure of the table, which a notebook shows.

        Without `x` and `y` it is the first figure that `airloop sweep` draws. Other keys are those of a figure file: `series`,
        `filter`, `x_scale` and `y_scale` ("linear", "log", "db"), `x_label`, `y_label`, `title`, `width` ("ieee-1", "ieee-2"), ...

        Raises:
            ConfigError: a column or key that is not there.
        """
        if x is None and y is None and not keys:
            return Figure(self)
        if x is None or y is None:
            raise ConfigError("x and y are expected: columns of the table, for example x=\"snr_db\", y=\"nmse\"")
        return Figure(self, {"x": x, "y": y, **keys})

    def _repr_svg_(self) -> str:
        return self.figure()._repr_svg_()

    def __repr__(self) -> str:
        return f"Sweep({str(self.table)!r}, {len(self.rows)} points)"


class Figure:
    """A figure of a table, as `airloop plot` draws it."""

    def __init__(self, sweep: Sweep, keys: Mapping[str, Any] | None = None) -> None:
        self._sweep = sweep
        self._keys = keys
        #: What the figure leaves out or replaces; known when it has been drawn.
        self.remarks: list[str] = []

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Draw the figure into a file: .svg, .png (300 dpi) or .tex by its ending."""
        with tempfile.TemporaryDirectory() as folder:
            description = None
            if self._keys is not None:
                description = Path(folder, "figure.toml")
                description.write_text("".join(_lines(self._keys)), encoding="utf-8")
            self.remarks = _airloop.draw(self._sweep.table, Path(path), description)
        return Path(path)

    def _repr_svg_(self) -> str:
        with tempfile.TemporaryDirectory() as folder:
            return self.save(Path(folder, "figure.svg")).read_text(encoding="utf-8")

    def _repr_png_(self) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            return self.save(Path(folder, "figure.png")).read_bytes()


def run(
    experiment: _airloop.Experiment,
    over: Mapping[str, Sequence[Any]],
    fidelity: Sequence[str],
    out: str | os.PathLike[str] | None,
) -> Sweep:
    """Run a sweep into a folder, or into one that goes when the sweep does."""
    passing = Path(tempfile.mkdtemp(prefix="airloop-sweep-")) if out is None else None
    axes = [(path, list(values)) for path, values in over.items()]
    try:
        table, _ = _airloop.sweep(experiment, axes, list(fidelity), passing or Path(os.fspath(out or ".")))
    except BaseException:
        if passing is not None:
            shutil.rmtree(passing, ignore_errors=True)
        raise
    return Sweep(Path(table), passing)


def _lines(keys: Mapping[str, Any]) -> list[str]:
    """Write the keys of a figure file; strings, numbers, booleans and their lists are the same in TOML and JSON."""
    tables = [key for key, value in keys.items() if isinstance(value, Mapping)]
    plain = [f"{key} = {_toml(value)}\n" for key, value in keys.items() if key not in tables]
    for table in tables:
        plain.append(f"[{table}]\n")
        plain.extend(f"{json.dumps(key)} = {_toml(value)}\n" for key, value in keys[table].items())
    return plain


def _toml(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, (tuple, set)) else value, ensure_ascii=False)


def _value(cell: str) -> Any:
    if cell == "":
        return None
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell


def _package(name: str) -> Any:
    try:
        return __import__(name)
    except ImportError as absent:
        raise MissingDependencyError(f"{name} is not installed: pip install {name}") from absent

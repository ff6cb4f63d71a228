"""Traces as tables of other packages, column by column: what is converted is arrays, never rows."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _airloop
from .errors import ConfigError, MissingDependencyError

if TYPE_CHECKING:
    import pandas
    import pyarrow

#: A column as the extension takes it: "real", "whole" or "word"; numbers or codes; which are known; words.
_Given = tuple[str, np.ndarray, "np.ndarray | None", list[str]]

#: Types of text in Arrow.
_TEXTS = ("string", "large_string", "string_view")


def imported(module: str, what: str) -> Any:
    """Import an optional package.

    Raises:
        MissingDependencyError: it is not installed; the message says what needs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise MissingDependencyError(f"{what} needs {package}, which cannot be imported ({error}): pip install {package}") from error


def pandas_frame(rows: _airloop.Trace, names: Iterable[str]) -> pandas.DataFrame:
    """Return a data frame of these columns."""
    pd = imported("pandas", "Trace.to_pandas")

    def series(name: str) -> Any:
        kind, values, known, words = rows.column(name)
        if kind == "word":
            return pd.Categorical.from_codes(values, words)
        return values.astype(kind, copy=False) if known is None else np.where(known, values, np.nan)

    frame: pandas.DataFrame = pd.DataFrame({name: series(name) for name in names})
    return frame


def arrow_table(rows: _airloop.Trace, units: Mapping[str, str]) -> pyarrow.Table:
    """Return an Arrow table of these columns."""
    pa = imported("pyarrow", "Trace.to_arrow")

    def array(name: str) -> Any:
        kind, values, known, words = rows.column(name)
        if kind == "word":
            return pa.DictionaryArray.from_arrays(pa.array(values, mask=values < 0), pa.array(words, pa.string()))
        if kind == "float64":
            return pa.array(values, from_pandas=True)
        return pa.array(values.astype(kind, copy=False), mask=None if known is None else ~known)

    arrays = {name: array(name) for name in units}
    metadata = {name: {"unit": unit} if unit else None for name, unit in units.items()}
    fields = [pa.field(name, found.type, metadata=metadata[name]) for name, found in arrays.items()]
    return pa.table(list(arrays.values()), schema=pa.schema(fields, metadata={"airloop.trace": "1"}))


def of_arrow_table(table: pyarrow.Table, place: str) -> _airloop.Trace:
    """Return the rows of an Arrow table; `place` is what errors call it.

    Raises:
        ConfigError: columns are missing, unknown or of another type, or a cell is wrong.
    """
    columns = [(name, _given(column, f"{place}: {name}")) for name, column in zip(table.column_names, table.columns)]
    return _airloop.Trace.of_columns(place, columns)


def _given(column: pyarrow.ChunkedArray, place: str) -> _Given:
    pa = imported("pyarrow", "Trace.from_parquet")
    types, kind = pa.types, column.type
    if types.is_dictionary(kind) or str(kind) in _TEXTS:
        encoded = column if types.is_dictionary(kind) else column.cast(pa.string()).dictionary_encode()
        array = encoded.unify_dictionaries().combine_chunks()
        codes = array.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False)
        return "word", np.ascontiguousarray(codes), None, [str(word) for word in array.dictionary.to_pylist()]
    known = column.is_valid().to_numpy()
    if types.is_integer(kind) or types.is_boolean(kind):
        try:
            return "whole", column.cast(pa.uint64()).fill_null(0).to_numpy(), known, []
        except pa.ArrowInvalid:
            pass  # Negative numbers are real ones.
    elif not (types.is_floating(kind) or types.is_null(kind)):
        raise ConfigError(f"{place} holds {kind}; numbers or words are expected")
    return "real", column.cast(pa.float64()).fill_null(np.nan).to_numpy(), None, []

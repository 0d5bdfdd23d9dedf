"""Whether a column's value is one of a list: the one door for lists in queries.

Piccolo raises for an empty list, and either database for a very long one (SQLite takes
32,766 parameters in a statement, PostgreSQL 32,767). Here an empty list is what
it means, and a long one is a single parameter.
"""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from piccolo.columns import Column
from piccolo.columns.combination import Where, WhereRaw
from piccolo.columns.operators.comparison import ComparisonOperator

Condition = Where | WhereRaw

# Above it the list travels as one parameter.
FEW = 100


class _AmongJSON(ComparisonOperator):
    template = "{name} IN (SELECT value FROM json_each({value}))"


class _NotAmongJSON(ComparisonOperator):
    template = "{name} NOT IN (SELECT value FROM json_each({value}))"


class _AmongArray(ComparisonOperator):
    template = "{name} = ANY({value})"


class _NotAmongArray(ComparisonOperator):
    template = "{name} != ALL({value})"


def one_of(column: Column, values: Iterable[int] | Iterable[str]) -> Condition:
    """True where the column has one of these values; of none, never."""
    listed = list(dict.fromkeys(values))
    if not listed:
        return WhereRaw("1 = 0")
    if len(listed) <= FEW:
        return column.is_in(listed)
    return _long(column, listed, json=_AmongJSON, array=_AmongArray)


def none_of(column: Column, values: Iterable[int] | Iterable[str]) -> Condition:
    """True where the column has none of these values; of none, always."""
    listed = list(dict.fromkeys(values))
    if not listed:
        return WhereRaw("1 = 1")
    if len(listed) <= FEW:
        return column.not_in(listed)
    return _long(column, listed, json=_NotAmongJSON, array=_NotAmongArray)


def _long(
    column: Column,
    values: Collection[Any],
    *,
    json: type[ComparisonOperator],
    array: type[ComparisonOperator],
) -> Where:
    if column._meta.engine_type == "sqlite":
        return Where(column, value=msgspec.json.encode(values).decode(), operator=json)
    # A tuple: Piccolo would convert a list value by value.
    return Where(column, value=tuple(values), operator=array)

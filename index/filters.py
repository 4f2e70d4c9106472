"""LlamaIndex's `MetadataFilters`, compiled into the store's SQL. No literal reaches it except through `quoted`.

What each operator means is taken from LlamaIndex's own `build_metadata_filter_fn`: a missing key satisfies NE, NIN
and IS_EMPTY only; NOT holds when none of its filters does. Nested filters work here as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
)

COLUMNS: Mapping[str, str] = {
    "title": "title",
    "source": "source",
    "date": "day",
    "language": "language",
    "article_id": "doc_id",
    "doc_id": "doc_id",
    "ref_doc_id": "doc_id",
}
"""Metadata keys that have a column of text of their own; every other key lives in `entries`."""

Entries = Callable[[str], Iterable[str]]
"""Gives all values, as JSON, that a metadata key has anywhere in the table."""

_NEVER = "false"
_COMPARISONS = {
    FilterOperator.EQ: "=",
    FilterOperator.GT: ">",
    FilterOperator.GTE: ">=",
    FilterOperator.LT: "<",
    FilterOperator.LTE: "<=",
}


def date_and_source_filters(
    date_from: str | None = None,
    date_to: str | None = None,
    sources: Sequence[str] = (),
    articles: Sequence[str] = (),
) -> MetadataFilters | None:
    """Filters for articles of the days from `date_from` to `date_to` (ISO, both included), these outlets, these ids."""
    filters: list[MetadataFilter | MetadataFilters] = []
    if date_from:
        filters.append(MetadataFilter(key="date", operator=FilterOperator.GTE, value=date_from[:10]))
    if date_to:
        filters.append(MetadataFilter(key="date", operator=FilterOperator.LTE, value=date_to[:10]))
    if sources:
        filters.append(MetadataFilter(key="source", operator=FilterOperator.IN, value=list(sources)))
    if articles:
        filters.append(MetadataFilter(key="article_id", operator=FilterOperator.IN, value=list(articles)))
    return MetadataFilters(filters=filters) if filters else None


def since_or_undated_filters(date_from: str) -> MetadataFilters:
    """Filters for articles of that day (ISO) or later, and for those whose day is not known."""
    return MetadataFilters(
        filters=[
            MetadataFilter(key="date", operator=FilterOperator.GTE, value=date_from[:10]),
            MetadataFilter(key="date", operator=FilterOperator.IS_EMPTY, value=None),
        ],
        condition=FilterCondition.OR,
    )


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def in_list(column: str, values: Iterable[str]) -> str:
    """SQL for "the column is one of these"; false for none."""
    literals = ", ".join(quoted(value) for value in values)
    return f"{column} IN ({literals})" if literals else _NEVER


def entry(key: str, value: Any) -> str:
    """How a metadata value stands in the column `entries`."""
    return f"{key}={json.dumps(value, ensure_ascii=False, sort_keys=True)}"


def presence(key: str) -> str:
    """The entry that says "this key is there"."""
    return f"?{key}"


def where(filters: MetadataFilters | None, entries: Entries) -> str | None:
    """SQL that is true for the passages which satisfy the filters; None when there is nothing to filter."""
    if filters is None or not filters.filters:
        return None
    parts = []
    for item in filters.filters:
        nested = where(item, entries) if isinstance(item, MetadataFilters) else _single(item, entries)
        parts.append(f"({nested or 'true'})")
    if filters.condition == FilterCondition.OR:
        return " OR ".join(parts)
    if filters.condition == FilterCondition.NOT:
        return f"NOT coalesce({' OR '.join(parts)}, false)"  # a missing key is no match, not an unknown
    return " AND ".join(parts)


def _single(item: MetadataFilter, entries: Entries) -> str:
    if item.key in COLUMNS:
        return _on_column(COLUMNS[item.key], item.operator, item.value)
    return _on_entries(item.key, item.operator, item.value, entries)


def _on_column(column: str, operator: FilterOperator, value: Any) -> str:
    texts = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]
    if operator is FilterOperator.IS_EMPTY:
        return f"{column} IS NULL OR {column} = ''"
    if operator is FilterOperator.NE:
        return f"{column} IS NULL OR {column} != {quoted(texts[0])}" if texts else "true"
    if operator is FilterOperator.NIN:
        return f"{column} IS NULL OR NOT ({in_list(column, texts)})"
    if operator is FilterOperator.IN:
        return in_list(column, texts)
    if operator in (FilterOperator.ANY, FilterOperator.ALL):
        joint = " OR " if operator is FilterOperator.ANY else " AND "
        return joint.join(f"contains({column}, {quoted(text)})" for text in texts) or _NEVER
    if not texts or isinstance(value, list):
        return _NEVER
    if operator in _COMPARISONS:
        return f"{column} {_COMPARISONS[operator]} {quoted(texts[0])}"
    if operator is FilterOperator.TEXT_MATCH_INSENSITIVE:
        return f"contains(lower({column}), lower({quoted(texts[0])}))"
    return f"contains({column}, {quoted(texts[0])})"  # TEXT_MATCH, CONTAINS


def _on_entries(key: str, operator: FilterOperator, value: Any, entries: Entries) -> str:
    missing = f"NOT array_has(entries, {quoted(presence(key))})"
    if operator is FilterOperator.EQ:
        return f"array_has(entries, {quoted(entry(key, value))})"
    matching = [text for text in entries(key) if _matches(operator, json.loads(text), value)]
    listed = ", ".join(quoted(f"{key}={text}") for text in sorted(matching))
    present = f"array_has_any(entries, [{listed}])" if listed else _NEVER
    if operator in (FilterOperator.NE, FilterOperator.NIN, FilterOperator.IS_EMPTY):
        return f"{missing} OR {present}"
    return present


def _matches(operator: FilterOperator, stored: Any, value: Any) -> bool:
    """One operator on one stored value; values of kinds that can't be compared don't match."""
    tests: dict[FilterOperator, Callable[[], bool]] = {
        FilterOperator.NE: lambda: stored != value,
        FilterOperator.GT: lambda: stored > value,
        FilterOperator.GTE: lambda: stored >= value,
        FilterOperator.LT: lambda: stored < value,
        FilterOperator.LTE: lambda: stored <= value,
        FilterOperator.IN: lambda: stored in value,
        FilterOperator.NIN: lambda: stored not in value,
        FilterOperator.CONTAINS: lambda: value in stored,
        FilterOperator.TEXT_MATCH: lambda: value in stored,
        FilterOperator.TEXT_MATCH_INSENSITIVE: lambda: value.lower() in stored.lower(),
        FilterOperator.ALL: lambda: all(each in stored for each in value),
        FilterOperator.ANY: lambda: any(each in stored for each in value),
        FilterOperator.IS_EMPTY: lambda: stored in ("", [], None),
    }
    try:
        return tests[operator]()
    except (TypeError, AttributeError):
        return False

"""Dates: ISO 8601 or nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from index.dates import iso_date, visible_date


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2025-03-16", "2025-03-16"),
        ("2025-03-16T10:00:00+00:00", "2025-03-16T10:00:00+00:00"),
        ("2022/06/16", "2022-06-16"),
        ("March 16, 2025", "2025-03-16"),
        ("16 March 2025", "2025-03-16"),
        ("13/02/2024", "2024-02-13"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29, 8, 30), "2024-02-29T08:30:00"),
    ],
)
def test_dates_that_are_clear(written: object, iso: str) -> None:
    assert iso_date(written) == iso


@pytest.mark.parametrize(
    "written",
    [
        None, "", "yesterday", "March 2025", "2024-02-31", "31/02/2024", "0001-01-01", "9999-99-99", "03/04/2023",
        "12", 20240229, ["2024-01-01"], "x" * 1000, (date.today() + timedelta(days=400)).isoformat(),
    ],
)  # fmt: skip
def test_doubtful_dates_are_no_dates(written: object) -> None:
    assert iso_date(written) is None


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Published 4 April 2023", "2023-04-04"),
        ("By Ann Lee, March 12, 2024", "2024-03-12"),
        ("2024-03-12", "2024-03-12"),
        ("Updated on 1st May 2022, 10:30", "2022-05-01"),
        ("The bridge opened on 4 April 1911.", None),
        ("It was said in a meeting of the council on the morning of 4 April 2023", None),
        ("Published 31 February 2023", None),
        ("Room 2023, 4 chairs", None),
        ("", None),
    ],
)
def test_the_day_in_a_line_of_its_own(line: str, day: str | None) -> None:
    assert visible_date([line]) == day
    assert visible_date(["The ferry crosses the bay.", line]) == day

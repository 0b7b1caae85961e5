"""Looking at the year's figures, at coded forms and their half-yearly report, at special categories. Nothing personal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from kernel.http.reader import Reader
from kernel.store.tables import journal
from kernel.workdays import add_months
from services.recruitment.commands.figures import taken_below
from services.recruitment.commands.rectifications import COUNTY_RANK
from services.recruitment.queries.candidates import within
from services.recruitment.tables import figure, form_code, organisation, special_category

Item = dict[str, Any]
_FIGURE = ("organisation", "year", "path", "county", "figure", "approved_on", "document", "version")
_CODE = ("code", "year", "holder", "state", "candidate_id", "changed_on", "note", "replaces", "version")
_COUNTED = ("issued", "handed_down", "used", "void", "lost", "lapsed", "replaced")
_MONTHS = "form.report_in_months"


def list_figures(reader: Reader) -> Item:
    """Approved figures of the caller's subtrees with the places taken, the latest year first."""
    taken = taken_below(figure.c.path, figure.c.year).label("taken")
    query = select(*[figure.c[name] for name in _FIGURE], taken).where(within(reader, figure.c.path))
    for name in ("year", "organisation"):
        if reader.params.get(name):
            query = query.where(figure.c[name] == reader.params[name])
    return reader.page(query, (figure.c.year, figure.c.organisation), descending=True)


def list_codes(reader: Reader) -> Item:
    query = select(*[form_code.c[name] for name in _CODE]).where(within(reader, form_code.c.path))
    for name in ("year", "holder", "state"):
        if reader.params.get(name):
            query = query.where(form_code.c[name] == reader.params[name])
    return reader.page(query, (form_code.c.code,))


def report_codes(reader: Reader) -> Item:
    """What became of the forms of a year in one half of it, holder by holder, counted from the record. Reported in June and December."""
    year, half = reader.params["year"], reader.params["half"]
    planned = organisation.c.approval_power | organisation.c.kind.in_(COUNTY_RANK)
    holders = reader.connection.execute(
        select(organisation.c.code, organisation.c.city, organisation.c.county)
        .where(within(reader, organisation.c.path), planned)
        .order_by(organisation.c.code)
    ).all()
    since, until = _half(reader, holders[0].city if holders else None, year, half)
    found = reader.connection.execute(
        select(journal.c.type, journal.c.payload).where(
            journal.c.home_county.in_({row.county for row in holders}),
            journal.c.stream.in_([f"form_codes/{row.code}/{year}" for row in holders]),
            journal.c.day.between(since, until),
        )
    )
    counts: dict[str, dict[str, int]] = {}
    for entry in found:
        for holder, name, number in _told(entry.type, json.loads(entry.payload)):
            counts.setdefault(holder, dict.fromkeys(_COUNTED, 0))[name] += number
    shown = {row.code for row in holders}
    lines = [{"holder": holder, **counts[holder]} for holder in sorted(counts) if holder in shown]
    return {"year": year, "half": half, "since": since, "until": until, "holders": lines}


def _half(reader: Reader, city: str | None, year: int, half: int) -> tuple[date, date]:
    """The first and the last day of the report's time, by the months in which the packs want it."""
    policy = reader.policy(city, date(year, 12, 31)) if city else None
    months = sorted(policy.value(_MONTHS)) if policy and policy.has(_MONTHS) else [6, 12]
    ends = [add_months(date(year, month, 1), 1) - timedelta(days=1) for month in months]
    return (date(year, 1, 1) if half == 1 else ends[0] + timedelta(days=1)), ends[half - 1]


def _told(what: str, data: Item) -> Iterable[tuple[str, str, int]]:
    """What one entry of the record adds to whose line: to its holder's, and to that of whom the forms came from."""
    holder = data["holder"]
    if what == "form_codes_issued":
        yield holder, "issued", len(data["codes"])
        if data["from"]:
            yield data["from"], "handed_down", len(data["codes"])
    elif what == "form_codes_lapsed":
        yield holder, "lapsed", len(data["codes"])
    elif what == "form_code_used":
        yield holder, "used", 1
    elif what == "form_code_ended":
        yield holder, data["kind"], 1
        if data["replacement"]:
            yield holder, "replaced", 1


def list_categories(reader: Reader) -> Item:
    """The counties' lists of special categories, of the caller's subtrees and of the county above him."""
    paths = reader.paths()
    codes = {code for path in paths for code in path.strip("/").split("/")}
    below = select(organisation.c.code).where(within(reader, organisation.c.path))
    names = ("county", "category", "since")
    query = select(*[special_category.c[name] for name in names]).where(
        special_category.c.county.in_(codes) | special_category.c.county.in_(below)
    )
    return reader.page(query, (special_category.c.county, special_category.c.category))

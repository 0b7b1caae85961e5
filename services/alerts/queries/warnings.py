"""Warnings: lists, one with its explanation, its notice, what is due, numbers by county, what they mean for honours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from contracts.alerts import LEVELS
from kernel import printing
from kernel.errors import NotFound
from kernel.http import waiting
from kernel.http.reader import Reader
from kernel.http.timeline import timeline
from kernel.policy import county_of
from kernel.store.scope import under
from services.alerts.domain import life, states
from services.alerts.domain.life import Sign
from services.alerts.domain.notices import NoticeFacts, notice_text
from services.alerts.domain.triggers import SATISFACTION, TRIGGERS
from services.alerts.queries.findings import counted_findings, explained
from services.alerts.tables import circumstance, finding, organisation, warned, warning

Item = dict[str, Any]
_LISTED = (
    "warning_id",
    "version",
    "state",
    "organisation",
    "path",
    "city",
    "county",
    "issuer",
    "level",
    "severity",
    "addressee",
    "first_issued_on",
    "issued_on",
    "due",
    "ended_on",
)
_SHOWN = (
    "heard_on",
    "yellow_on",
    "circulation",
    "received_on",
    "self_criticism_due",
    "self_criticism_on",
    "self_criticism_late",
    "planned_on",
    "reported_on",
    "checked_on",
    "waived_on",
)
_ENTRY = ("version", "type", "title", "day", "actor", "post", "packs", "data", "articles", "departures")
_TITLES = {
    "warning_issued": "发出预警",
    "warning_received": "签收",
    "rectification_planned": "报送整改方案",
    "self_criticism_written": "报送书面检讨",
    "rectification_reported": "报送整改结果",
    "rectification_checked": "核查",
    "triggers_waived": "上级同意解除",
    "warning_lifted": "解除预警",
    "warning_withdrawn": "撤回预警",
}


# -- many


def list_warnings(reader: Reader) -> Item:
    """Warnings of the caller's subtrees, the latest first."""
    return _page(reader, _filtered(reader, select(warning)))


def list_escalations(reader: Reader) -> Item:
    """Running warnings whose level the system proposes to raise: not mended in time, or found to be worse than when they were issued."""
    worse = exists().where(
        warned.c.home_county == warning.c.home_county,
        warned.c.warning_id == warning.c.warning_id,
        finding.c.organisation == warned.c.organisation,
        finding.c.trigger == warned.c.trigger,
        finding.c.period == warned.c.period,
        _rank(finding.c.level) > _rank(warning.c.level),
    )
    query = select(warning).where(warning.c.state.in_(states.LIVING), warning.c.level != LEVELS[-1], or_(_overdue(reader), worse))
    return _page(reader, _filtered(reader, query))


def _filtered(reader: Reader, query: Select[Any]) -> Select[Any]:
    query = query.where(under(warning.c.path, reader.paths()))
    for name in ("county", "organisation", "state", "level"):
        if reader.params.get(name):
            query = query.where(warning.c[name] == reader.params[name])
    if reader.params.get("overdue"):
        query = query.where(_overdue(reader))
    return query


def _overdue(reader: Reader) -> ColumnElement[bool]:
    """As `states.is_overdue` says it."""
    w = warning.c
    return or_(
        and_(w.state.in_(states.WITH_ORGANISATION), w.due < reader.today),
        and_(w.state.in_((states.REPORTED, states.CHECKED)), w.due < w.reported_on),
    )


def _rank(level: ColumnElement[str]) -> ColumnElement[int]:
    return case(*[(level == name, number) for number, name in enumerate(LEVELS)])


def _page(reader: Reader, query: Select[Any]) -> Item:
    page = reader.page(query, (warning.c.issued_on, warning.c.warning_id), descending=True)
    found = _findings(reader, [item["warning_id"] for item in page["items"]])
    return {**page, "items": [_listed(reader, item, found.get(item["warning_id"], [])) for item in page["items"]]}


def _findings(reader: Reader, ids: Sequence[str]) -> dict[str, list[Item]]:
    """What warnings rest on, with what is found of it now (`now_…`)."""
    same = (
        (finding.c.organisation == warned.c.organisation)
        & (finding.c.trigger == warned.c.trigger)
        & (finding.c.period == warned.c.period)
    )
    now = [finding.c[name].label(f"now_{name}") for name in ("state", "severity", "fixed")]
    query = select(warned, *now).outerjoin(finding, same).where(warned.c.warning_id.in_(ids))
    found: dict[str, list[Item]] = {}
    for row in reader.connection.execute(query.order_by(warned.c.trigger, warned.c.period)).mappings():
        found.setdefault(row["warning_id"], []).append(dict(row))
    return found


def _listed(reader: Reader, item: Item, found: Sequence[Item]) -> Item:
    policy = reader.policy(item["city"], reader.today, county_of(item["county"]))
    overdue = states.is_overdue(item["state"], item["due"], item["reported_on"], reader.today)
    proposed = None
    if item["state"] in states.LIVING:
        signs = [Sign(each["now_state"], each["now_severity"]) for each in found if each["now_state"]]
        signs += [Sign(each["state"], each["severity"]) for each in found if not each["now_state"] and each["fixed"]]
        proposed = life.proposed_level(signs, item["level"], overdue, policy)
    return {
        **{name: item[name] for name in _LISTED},
        "state_name": states.WARNING.names[item["state"]],
        "level_name": policy.label("warning_level", item["level"]),
        "triggers": sorted({each["trigger"] for each in found}),
        "overdue": overdue,
        "proposed_level": proposed,
    }


# -- one


def _row_of(reader: Reader, warning_id: str) -> Any:
    row = reader.connection.execute(select(warning).where(warning.c.warning_id == warning_id)).mappings().first()
    if row is None:
        raise NotFound("没有这条记录")
    reader.authorise(row["path"])
    return row


def show_warning(reader: Reader, warning_id: str) -> Item:
    """One warning: what it rests on, what of it holds now, every step. The texts of the steps only with `reveal`, which is noted."""
    row = _row_of(reader, warning_id)
    found = _findings(reader, [warning_id]).get(warning_id, [])
    policy = reader.policy(row["city"], row["issued_on"], county_of(row["county"]))
    yellow_years = [row["yellow_on"].year] if row["yellow_on"] and row["state"] != states.WITHDRAWN else []
    return {
        **_listed(reader, dict(row), found),
        **{name: row[name] for name in _SHOWN},
        "honours_cancelled": yellow_years if policy.asks("warning.honours_cancelled") else [],
        "actions": list(states.WARNING.actions(row["state"])),
        "findings": [
            {
                **explained(each, policy),
                "now": each["now_state"],
                "holds": bool(each["now_state"]) and life.holds(each["now_state"], each["now_fixed"]),
            }
            for each in found
        ],
        "entries": _entries(reader, row),
    }


def _entries(reader: Reader, row: Any) -> list[Item]:
    entries = timeline(reader, row["home_county"], f"warning/{row['warning_id']}", _TITLES, "warning.show")
    return [{**{name: entry[name] for name in _ENTRY}, "texts": entry["personal"]} for entry in entries]


def show_notice(reader: Reader, warning_id: str) -> Item:
    """The notice to print, as text and as a small page. Source: NN 2(2) 2."""
    row = _row_of(reader, warning_id)
    policy = reader.policy(row["city"], row["issued_on"], county_of(row["county"]))
    found = [explained(each, policy) for each in _findings(reader, [warning_id]).get(warning_id, [])]
    called = select(organisation.c.code, organisation.c.name).where(organisation.c.code.in_((row["organisation"], row["issuer"])))
    names = {each.code: each.name for each in reader.connection.execute(called)}
    reason = reader.context.keys.open_fields(warning_id, {"reason": row["reason_sealed"]})["reason"]
    reader.log_access("warning.notice", f"warning/{warning_id}", ["reason"])
    facts = NoticeFacts(
        level=row["level"],
        organisation=names[row["organisation"]],
        addressee=row["addressee"],
        issuer=names[row["issuer"]],
        issued_on=row["issued_on"],
        due=row["due"],
        lines=[each["text"] for each in found],
        articles=list(dict.fromkeys(each["article"] for one in found for each in one["thresholds"])),
        reason=reason,
        circulation=row["circulation"] or "",
    )
    text = notice_text(facts, policy)
    html = printing.page(text.partition("\n")[0], text)
    return {"warning_id": warning_id, "level": row["level"], "text": text, "html": html}


# -- what is due


def to_do(reader: Reader) -> Item:
    """What waits in the caller's subtrees, the earliest due first."""
    paths = reader.paths()
    return waiting.to_do(reader, _waiting(), "warning_id", lambda shown: under(shown.path, paths))


def _waiting() -> list[Select[Any]]:
    w = warning.c
    return [
        _by_organisation("receive", w.due).where(w.state == states.ISSUED),
        _by_organisation("plan", w.due).where(w.state == states.RECEIVED),
        _by_organisation("report", w.due).where(w.state == states.PLANNED),
        _by_organisation("self_criticism", w.self_criticism_due).where(
            w.state.in_(states.LIVING), w.self_criticism_due.is_not(None), w.self_criticism_on.is_(None)
        ),
        _by_issuer("check", w.reported_on).where(w.state == states.REPORTED),
        _by_issuer("lift", w.checked_on).where(w.state == states.CHECKED),
    ]


def _by_organisation(step: str, due: Any) -> Select[Any]:
    w = warning.c
    return waiting.waits(step, due, dated=True, warning_id=w.warning_id, organisation=w.organisation, path=w.path, level=w.level)


def _by_issuer(step: str, since: Any) -> Select[Any]:
    w = warning.c
    return waiting.waits(
        step, since, dated=False, warning_id=w.warning_id, organisation=w.issuer, path=w.issuer_path, level=w.level
    )


# -- numbers, and what follows


def summary(reader: Reader) -> Item:
    """Running warnings by level, how many of them are overdue, and findings by trigger; per county. Numbers only."""
    paths = reader.paths()
    triggers = counted_findings(reader.connection, under(finding.c.path, paths))
    late = func.sum(case((_overdue(reader), 1), else_=0)).label("late")
    query = (
        select(warning.c.county, warning.c.level, func.count().label("number"), late)
        .where(under(warning.c.path, paths), warning.c.state.in_(states.LIVING))
        .group_by(warning.c.county, warning.c.level)
    )
    levels: dict[str, dict[str, int]] = {}
    overdue: dict[str, int] = {}
    for row in reader.connection.execute(query):
        levels.setdefault(row.county, dict.fromkeys(LEVELS, 0))[row.level] = row.number
        overdue[row.county] = overdue.get(row.county, 0) + row.late
    nothing = {trigger: {"near": 0, "triggered": 0} for trigger in TRIGGERS}
    return {
        "counties": [
            {
                "county": county,
                "levels": levels.get(county, dict.fromkeys(LEVELS, 0)),
                "overdue": overdue.get(county, 0),
                "triggers": triggers.get(county, nothing),
            }
            for county in sorted({*levels, *triggers})
        ]
    }


def show_standing(reader: Reader, code: str) -> Item:
    """Years with a yellow card, and what they mean for honours. Source: NN 2(4), 3(2)."""
    place = reader.connection.execute(select(organisation).where(organisation.c.code == code)).first()
    if place is None:
        raise NotFound("没有这个组织")
    reader.authorise(place.path)
    year = reader.params.get("year") or reader.today.year
    policy = reader.policy(place.city, reader.today, county_of(place.county))
    query = select(warning).where(warning.c.organisation == code, warning.c.state != states.WITHDRAWN)
    rows = list(reader.connection.execute(query.order_by(warning.c.warning_id)))
    years = sorted({row.yellow_on.year for row in rows if row.yellow_on})
    key = select(finding.c.period).where(finding.c.organisation == code, finding.c.trigger == SATISFACTION)
    return {
        "organisation": code,
        "year": year,
        "yellow_carded_years": years,
        "honours_cancelled": year in years and policy.asks("warning.honours_cancelled"),
        "pioneer_excluded": year in years and policy.asks("warning.pioneer_excluded"),
        "key_object": reader.connection.execute(key).first() is not None,
        "running": [row.warning_id for row in rows if row.state in states.LIVING],
    }


def list_circumstances(reader: Reader) -> Item:
    """Recorded special circumstances of the caller's subtrees, without their reasons."""
    names = (
        "circumstance_id",
        "organisation",
        "path",
        "committee",
        "state",
        "years",
        "document",
        "recorded_on",
        "ended_on",
        "version",
    )
    query = select(*[circumstance.c[name] for name in names]).where(under(circumstance.c.path, reader.paths()))
    page = reader.page(query, (circumstance.c.circumstance_id,))
    for item in page["items"]:
        item["years"] = json.loads(item["years"])
    return page

"""What has been found and nobody has been warned of: the system's proposals, each with its explanation. Catalogue A2, A3, A6."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select

from kernel.errors import NotFound
from kernel.http.reader import Reader
from kernel.policy import Policy, county_of
from kernel.store.scope import under
from services.alerts.domain import issuers, life, states
from services.alerts.domain.findings import finding_id, split_finding_id
from services.alerts.domain.notices import addressee, describe
from services.alerts.domain.triggers import NO_ADMISSION, TRIGGERS
from services.alerts.domain.warning import NEAR, TRIGGERED
from services.alerts.tables import finding, organisation, warned, warning

Item = dict[str, Any]
_PLACE = ("organisation", "path", "city", "county", "level")


def list_proposals(reader: Reader) -> Item:
    """Findings of the caller's subtrees without a warning, with the level, the issuers and the reasons that the system proposes."""
    query = _unwarned().where(under(finding.c.path, reader.paths()))
    for name in ("county", "organisation", "trigger", "state", "level"):
        if reader.params.get(name):
            query = query.where(finding.c[name] == reader.params[name])
    page = reader.page(query, (finding.c.organisation, finding.c.trigger, finding.c.period))
    return {**page, "items": _proposals(reader, page["items"])}


def show_proposal(reader: Reader, id: str) -> Item:
    organisation_code, trigger, period = split_finding_id(id)
    query = _unwarned().where(
        finding.c.organisation == organisation_code, finding.c.trigger == trigger, finding.c.period == period
    )
    row = reader.connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("没有这项情形，或已就此预警")
    reader.authorise(row["path"])
    return _proposals(reader, [dict(row)])[0]


def _unwarned() -> Select[Any]:
    """Not those that somebody is being warned of, nor those that a lifted warning was about and that have not begun anew since."""
    ended_since = (warning.c.state == states.LIFTED) & (warning.c.ended_on >= finding.c.since)
    same = (
        (warned.c.organisation == finding.c.organisation)
        & (warned.c.trigger == finding.c.trigger)
        & (warned.c.period == finding.c.period)
    )
    about = exists().where(
        same,
        warning.c.home_county == warned.c.home_county,
        warning.c.warning_id == warned.c.warning_id,
        or_(warning.c.state.in_(states.LIVING), ended_since),
    )
    return select(finding).where(~about)


def _proposals(reader: Reader, items: Sequence[Item]) -> list[Item]:
    tree = _tree(reader.connection, (item["path"] for item in items))
    droughts = _droughts(reader.connection, {item["organisation"] for item in items})
    return [_proposal(reader, item, tree, droughts) for item in items]


def _proposal(reader: Reader, item: Item, tree: Mapping[str, Any], droughts: Mapping[str, int]) -> Item:
    policy = reader.policy(item["city"], reader.today, county_of(item["county"]))
    own = tree[item["organisation"]]
    managed = issuers.is_key_managed(own.domain, own.key_managed, droughts.get(own.code, 0), policy)
    codes = [code for code in item["path"].strip("/").split("/") if code in tree]
    line = [issuers.Node(code, tree[code].kind, tree[code].approval_power) for code in codes]
    return {
        **explained(item, policy),
        **{name: item[name] for name in _PLACE},
        "name": own.name,
        "level_name": policy.label("warning_level", item["level"]),
        "addressee": addressee(item["level"], policy),
        "key_managed": managed,
        "issuers": [node.code for node in issuers.issuers(line, managed, policy)],
    }


def explained(item: Mapping[str, Any], policy: Policy) -> Item:
    """A finding with facts, thresholds and events, as tables hold them, and in words."""
    facts = json.loads(item["facts"])
    return {
        "finding_id": finding_id(item["organisation"], item["trigger"], item["period"]),
        **{name: item[name] for name in ("trigger", "period", "state", "severity", "fixed", "since")},
        "trigger_name": policy.label("warning_trigger", item["trigger"]),
        "text": describe(item["trigger"], item["state"], facts),
        "facts": facts,
        "thresholds": json.loads(item["thresholds"]),
        "events": json.loads(item["events"]),
    }


def _tree(connection: Connection, paths: Iterable[str]) -> dict[str, Any]:
    codes = {code for path in paths for code in path.strip("/").split("/")}
    return {row.code: row for row in connection.execute(select(organisation).where(organisation.c.code.in_(codes)))}


def _droughts(connection: Connection, codes: Iterable[str]) -> dict[str, int]:
    """Years without an admission, by branch."""
    query = select(finding.c.organisation, finding.c.facts).where(
        finding.c.organisation.in_(set(codes)), finding.c.trigger == NO_ADMISSION
    )
    return {row.organisation: life.years_without(row.facts) for row in connection.execute(query)}


# -- numbers only


def counted_findings(connection: Connection, within: ColumnElement[bool]) -> dict[str, dict[str, dict[str, int]]]:
    """How many, by county, trigger and state."""
    columns = (finding.c.county, finding.c.trigger, finding.c.state)
    query = select(*columns, func.count().label("number")).where(within).group_by(*columns)
    found: dict[str, dict[str, dict[str, int]]] = {}
    for row in connection.execute(query):
        empty = {trigger: {NEAR: 0, TRIGGERED: 0} for trigger in TRIGGERS}
        found.setdefault(row.county, empty)[row.trigger][row.state] = row.number
    return found

"""Counting an evaluation: two tellers enter the totals of each subject and group of voters. Source: NN 3(2), catalogue R18.

Neither sees the other's figures; nothing here holds a single choice. Of a person the totals are sealed under the person's key.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, delete, select

from kernel.commands import Answer, Body, add, articles, change, policy_at
from kernel.encoding import canonical
from kernel.errors import NotFound, Stale
from kernel.policy import combine
from kernel.policy.tellers import AGREED, WAITING, decide_teller, result_of
from kernel.unit import Unit
from services.scoring.commands.common import EVALUATIONS, guard, newcomers_of
from services.scoring.domain.evaluation import MEMBERS, WORK
from services.scoring.domain.tally import Figures, decide_entry
from services.scoring.tables import count, entry, evaluation

_KEY = ("home_county", "evaluation_id", "subject", "voters")
_FIGURES = "figures"


def enter_tally(unit: Unit, body: Body, evaluation_id: str) -> Answer:
    """One teller's totals of one count. Answer: `result` is `waiting`, `agreed` or `disputed`, never the other's figures.

    After a dispute both enter again, in the next round.
    """
    held = EVALUATIONS.hold(unit, evaluation_id)
    step = guard(unit, EVALUATIONS, held, "count", body)
    counted = _count(unit, held, body["subject"], body["voters"])
    if counted.agreed:
        raise Stale("此项计票已经由两名计票人录入一致")
    policy = policy_at(unit, held, held.held_on)
    subject = subject_of(unit, counted.subject)
    figures, entries = Figures.of(body), _entries(unit, counted, subject)
    present = held.members_present if counted.voters == MEMBERS else held.mass_present
    teller = unit.actor.account
    combine(decide_teller(teller, entries, policy), decide_entry(figures, present, policy)).require()
    entries[teller] = figures
    result = result_of(entries, policy)
    _keep(unit, counted, figures, subject, result)
    what = {"subject": counted.subject, "voters": counted.voters, "round": counted.round, "result": result}
    # Figures stand in the record only when both agree: until then one teller could read the other's there.
    shown = {"tellers": sorted(entries)} if result == AGREED else {}
    public, personal = _split(figures, subject) if result == AGREED else ({}, None)
    version = unit.record(
        "tally_entered",
        stream=f"evaluation/{evaluation_id}",
        expected=None,
        home_county=held.home_county,
        day=held.held_on,
        data={**what, **shown, **public},
        private={"articles": articles(policy, step.rules)},
        subject=subject if personal else None,
        personal=personal,
    )
    change(unit, evaluation, held, version=version)
    return {"evaluation_id": evaluation_id, "version": version, **what}


def _split(figures: Figures, subject: str | None) -> tuple[dict[str, Any], dict[str, str] | None]:
    """The totals as an entry of the record takes them: of the work open, of a person sealed."""
    if subject is None:
        return {_FIGURES: figures.as_dict()}, None
    return {}, {_FIGURES: canonical(figures.as_dict())}


def subject_of(unit: Unit, subject: str) -> str | None:
    """Under whose key the totals of a count stand; None for the branch's work."""
    return None if subject == WORK else str(newcomers_of(unit, [subject])[subject].subject)


def _count(unit: Unit, held: Any, subject: str, voters: str) -> Row[Any]:
    query = select(count).where(
        count.c.home_county == held.home_county,
        count.c.evaluation_id == held.evaluation_id,
        count.c.subject == subject,
        count.c.voters == voters,
    )
    row = unit.connection.execute(query).first()
    if row is None:
        raise NotFound("本次评议没有这一项计票")
    return row


def figures_of(unit: Unit, row: Any, subject: str | None) -> Figures:
    """The totals of a count or an entry. Raises `Erased`."""
    text = row.figures if subject is None else unit.context.keys.open_fields(subject, {_FIGURES: row.figures_sealed})[_FIGURES]
    return Figures.of(json.loads(text))


def _entries(unit: Unit, counted: Any, subject: str | None) -> dict[str, Figures]:
    """What has been entered in the running round, by teller."""
    mine = [entry.c[name] == getattr(counted, name) for name in _KEY]
    rows = unit.connection.execute(select(entry).where(*mine, entry.c.round == counted.round))
    return {row.teller: figures_of(unit, row, subject) for row in rows}


def _keep(unit: Unit, counted: Any, figures: Figures, subject: str | None, result: str) -> None:
    """Keeps the entry; at the last of a round, the agreed totals or a new round, and the entries themselves go."""
    key = {name: getattr(counted, name) for name in _KEY}
    if result == WAITING:
        add(unit, entry, **key, round=counted.round, teller=unit.actor.account, **_columns(unit, figures, subject))
        return
    unit.connection.execute(delete(entry).where(*[entry.c[name] == value for name, value in key.items()]))
    if result == AGREED:
        change(unit, count, counted, agreed=True, **_columns(unit, figures, subject))
    else:
        change(unit, count, counted, round=counted.round + 1)


def _columns(unit: Unit, figures: Figures, subject: str | None) -> dict[str, str]:
    text = canonical(figures.as_dict())
    if subject is None:
        return {"figures": text}
    return {"figures_sealed": unit.seal(subject, {_FIGURES: text})[_FIGURES]}

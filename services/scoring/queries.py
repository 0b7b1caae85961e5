"""Reads. How a branch's work was judged is for all concerned; what was said of a person, for that branch's secretary and its committee
alone, and each look is logged. No list here is ordered by a score.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select

from kernel.actor import Post
from kernel.errors import Forbidden
from kernel.http import waiting
from kernel.http.reader import Reader
from kernel.store.scope import under
from services.scoring.domain import states
from services.scoring.domain.evaluation import WORK
from services.scoring.tables import count, entry, evaluation, judged, newcomer, organisation, self_check, talk

Item = dict[str, Any]

_LISTED = (
    "evaluation_id",
    "version",
    "state",
    "branch",
    "committee",
    "path",
    "county",
    "year",
    "held_on",
    "concluded_on",
    "score",
    "threshold",
    "below",
)
_NUMBERS = ("meeting_id", "members_entitled", "members_present", "mass_entitled", "mass_present")
_TALK_TEXTS = ("talker", "record", "statement", "measures")


def _own_posts(reader: Reader) -> list[Post]:
    """The caller's posts in which results of persons may be read, at the organisation itself."""
    return [post for post in reader.actor.posts if post.role in states.PERSON_READERS and post.covers(post.path, reader.today)]


def _own(post: Post, row: Any) -> bool:
    return post.organisation == (row.branch if post.role in states.SECRETARY else row.committee)


def _authorise_for_persons(reader: Reader, row: Any) -> None:
    """The branch's own secretary or the committee's own organiser, and nobody above or beside. Raises `Forbidden`."""
    reader.authorise(row.path)
    reader.post = next((post for post in _own_posts(reader) if _own(post, row) and post.covers(row.path, reader.today)), None)
    if reader.post is None:
        raise Forbidden("对个人的评议结果只供本支部书记和所属党（工）委查阅")


# -- evaluations


def list_evaluations(reader: Reader) -> Item:
    """The evaluations of the caller's subtrees, the latest first."""
    query = select(*[evaluation.c[name] for name in _LISTED]).where(under(evaluation.c.path, reader.paths()))
    for name in ("branch", "year", "state"):
        if (value := reader.params.get(name)) is not None:
            query = query.where(evaluation.c[name] == value)
    return reader.page(query, (evaluation.c.held_on, evaluation.c.evaluation_id), _listed, descending=True)


def _listed(row: Mapping[str, Any]) -> Item:
    return {**row, **{name: None if row[name] is None else str(row[name]) for name in ("score", "threshold")}}


def show_evaluation(reader: Reader, evaluation_id: str) -> Item:
    """Who came, who guided, how far the counting is. Totals are those of the work, when both tellers agree."""
    row = reader.find(evaluation, "evaluation_id", evaluation_id)
    reader.authorise(row.path)
    check = reader.connection.execute(select(self_check.c.self_check_id).where(_mine(self_check, row))).scalar()
    return {
        **_listed({name: getattr(row, name) for name in _LISTED}),
        **{name: getattr(row, name) for name in _NUMBERS},
        "guide": json.loads(row.guide),
        "counts": _counts(reader, row),
        "self_check_id": check,
        "actions": list(states.EVALUATION.actions(row.state)),
    }


def _mine(table: Any, row: Any) -> ColumnElement[bool]:
    return and_(table.c.home_county == row.home_county, table.c.evaluation_id == row.evaluation_id)


def _counts(reader: Reader, row: Any) -> list[Item]:
    waiting = select(entry.c.subject, entry.c.voters, func.count().label("entries")).where(_mine(entry, row))
    found = reader.connection.execute(waiting.group_by(entry.c.subject, entry.c.voters))
    entered = {(e.subject, e.voters): e.entries for e in found}
    names = _names(reader, row)
    counts = reader.connection.execute(select(count).where(_mine(count, row)).order_by(count.c.subject, count.c.voters))
    return [
        {
            "subject": c.subject,
            "name": names.get(c.subject),
            "voters": c.voters,
            "round": c.round,
            "agreed": c.agreed,
            "entries": entered.get((c.subject, c.voters), 0),
            "totals": json.loads(c.figures) if c.agreed and c.subject == WORK else None,
        }
        for c in counts
    ]


def _names(reader: Reader, row: Any) -> dict[str, str | None]:
    """Who is judged, by name, for those who count; the look is logged."""
    if reader.post is None or reader.post.role not in states.TELLERS:
        return {}
    people = _people(reader, row)
    names = reader.context.keys.open_column((person.subject, person.name_sealed) for person in people)
    if people:
        reader.log_access("evaluation.show", f"evaluation/{row.evaluation_id}", ["name"])
    return {person.candidate_id: name for person, name in zip(people, names, strict=True)}


def _people(reader: Reader, row: Any) -> Sequence[Any]:
    query = (
        select(judged.c.candidate_id, judged.c.outcome, judged.c.result_sealed, newcomer.c.subject, newcomer.c.name_sealed)
        .join(newcomer, newcomer.c.candidate_id == judged.c.candidate_id)
        .where(_mine(judged, row))
        .order_by(judged.c.candidate_id)
    )
    return reader.connection.execute(query).all()


def list_subjects(reader: Reader, evaluation_id: str) -> Item:
    """What was said of each person, in the order of the ids, which says nothing. The look is logged."""
    row = reader.find(evaluation, "evaluation_id", evaluation_id)
    _authorise_for_persons(reader, row)
    people = _people(reader, row)
    talks = {t.candidate_id: t for t in reader.connection.execute(select(talk).where(_mine(talk, row)))}
    names = reader.context.keys.open_column((person.subject, person.name_sealed) for person in people)
    results = reader.context.keys.open_column((person.subject, person.result_sealed) for person in people)
    reader.log_access("evaluation.subjects", f"evaluation/{evaluation_id}", ["name", "result"])
    return {
        "evaluation_id": evaluation_id,
        "subjects": [
            _subject(person, name, json.loads(result) if result else {}, talks.get(person.candidate_id))
            for person, name, result in zip(people, names, results, strict=True)
        ],
    }


def _subject(person: Any, name: str | None, result: Item, due: Any) -> Item:
    grades = {grade: result[grade] for grade in ("very", "satisfied", "basically", "dissatisfied")} if result else None
    return {
        "candidate_id": person.candidate_id,
        "name": name,
        "outcome": person.outcome,
        "grades": grades,
        "score": result.get("score"),
        "below": result.get("below"),
        "talk_id": due.talk_id if due else None,
        "talk_state": due.state if due else None,
        "talk_due": due.due if due else None,
    }


# -- what follows


def show_self_check(reader: Reader, self_check_id: str) -> Item:
    row = reader.find(self_check, "self_check_id", self_check_id)
    reader.authorise(row.path)
    names = [column.name for column in self_check.c if column.name not in ("home_county", "path", "city", "county")]
    return {
        **{name: getattr(row, name) for name in names},
        "overdue": row.state in (states.DUE, states.RETURNED) and row.due < reader.today,
        "actions": list(states.SELF_CHECK.actions(row.state)),
    }


def show_talk(reader: Reader, talk_id: str) -> Item:
    """A reminder talk with its texts. The look is logged."""
    row = reader.find(talk, "talk_id", talk_id)
    _authorise_for_persons(reader, row)
    known = select(newcomer.c.name_sealed).where(newcomer.c.candidate_id == row.candidate_id)
    boxes = (reader.connection.execute(known).scalar_one(), row.texts_sealed)
    name, texts = reader.context.keys.open_column((row.subject, box) for box in boxes)
    reader.log_access("talk.show", f"talk/{talk_id}", ["name", *_TALK_TEXTS])
    opened = json.loads(texts) if texts else dict.fromkeys(_TALK_TEXTS)
    names = ("talk_id", "version", "state", "evaluation_id", "candidate_id", "ordered_on", "due", "held_on", "late")
    return {
        **{column: getattr(row, column) for column in names},
        "name": name,
        **opened,
        "overdue": row.state == states.DUE and row.due < reader.today,
        "actions": list(states.TALK.actions(row.state)),
    }


# -- what is to be done


def to_do(reader: Reader) -> Item:
    """What waits in the caller's subtrees, the earliest due first; talks only for those who may read of them."""
    paths = reader.paths()
    return waiting.to_do(reader, _waiting(reader), "id", lambda shown: under(shown.path, paths))


def _waiting(reader: Reader) -> list[Select[Any]]:
    e, c, t = evaluation.c, self_check.c, talk.c
    return [
        _waits("evaluation", e, e.evaluation_id, e.held_on, dated=False).where(e.state == states.HELD),
        _waits("self_check_report", c, c.self_check_id, c.due, dated=True).where(c.state.in_((states.DUE, states.RETURNED))),
        _waits("self_check_answer", c, c.self_check_id, c.reported_on, dated=False).where(c.state == states.REPORTED),
        _waits("reminder_talk", t, t.talk_id, t.due, dated=True).where(_own_talks(reader), t.state == states.DUE),
    ]


def _waits(step: str, columns: Any, id: Any, due: Any, *, dated: bool) -> Select[Any]:
    return waiting.waits(step, due, dated=dated, id=id, evaluation_id=columns.evaluation_id, path=columns.path)


def _own_talks(reader: Reader) -> ColumnElement[bool]:
    """The same as `_authorise_for_persons`, as a condition."""
    mine = [
        and_(
            (talk.c.branch if post.role in states.SECRETARY else talk.c.committee) == post.organisation,
            under(talk.c.path, [post.path]),
        )
        for post in _own_posts(reader)
    ]
    return or_(*mine) if mine else false()


def list_branches_without_evaluation(reader: Reader) -> Item:
    """Branches whose work of a year has not been judged, where the packs of the year after want it. Source: NN 3(2)."""
    year = reader.params.get("year") or reader.today.year - 1
    last_day = date(year + 1, 12, 31)
    asking = [city for city in reader.context.policies.cities if reader.policy(city, last_day).has("satisfaction.per_year")]
    done = exists().where(
        evaluation.c.branch == organisation.c.code, evaluation.c.year == year, evaluation.c.state == states.CONCLUDED
    )
    admitted = (
        select(func.count())
        .where(newcomer.c.branch == organisation.c.code, newcomer.c.approved_on.between(date(year, 1, 1), date(year, 12, 31)))
        .scalar_subquery()
    )
    query = select(organisation.c.code, organisation.c.name, organisation.c.path, organisation.c.county).add_columns(
        admitted.label("admitted")
    )
    query = query.where(
        under(organisation.c.path, reader.paths()), organisation.c.kind == "branch", organisation.c.city.in_(asking), ~done
    )
    return reader.page(query, (organisation.c.code,))

"""Whatever was lost, a refill makes it good: the roll and the posts are then as if all had been heard in order."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts import organizers, recruitment
from kernel.context import Context
from kernel.encoding import canonical
from services.registry import tables
from services.registry.commands import members
from services.registry.reactions import REACTIONS
from services.registry.tests.registry_builders import BRANCH, BRANCH_PATH, COMMITTEE, COMMITTEE_PATH, COUNTY, a_number, a_registry
from tests.late import Journal, Rehearsal, rows

TODAY = date(2020, 2, 3)
WHERE = {"branch": BRANCH, "committee": COMMITTEE, "path": BRANCH_PATH, "city": "jinhua", "county": COUNTY}


def _of(journal: Journal, candidate: str, type: Any, day: date = date(2016, 11, 2), person: Any = None, **data: Any) -> None:
    said = {**WHERE, "candidate_id": candidate, **data}
    journal.tell(type, f"candidate/{candidate}", said, day, candidate if person else None, **(person or {}))


def _admit(journal: Journal, candidate: str, number: str) -> dict[str, str]:
    """Returns name and number."""
    person = {"name": "王小明", "id_number": number}
    _of(journal, candidate, recruitment.ADMITTED, person={**person, "particulars": canonical({"education": "大专"})})
    return person


def members_told(context: Context) -> Journal:
    journal = Journal(context, COUNTY)
    _admit(journal, "c1", a_number(sequence=101))
    right = _admit(journal, "c2", a_number(sequence=102))
    _admit(journal, "c3", a_number(sequence=103))
    _of(journal, "c1", recruitment.PROBATION_EXTENDED, date(2017, 10, 20), probation_ends="2018-04-12")
    # A correction that was wrong, and is itself put right.
    wrong = {**right, "id_number": a_number(sequence=104)}
    for day, person in ((date(2017, 1, 9), wrong), (date(2017, 1, 12), right)):
        _of(journal, "c2", recruitment.CANDIDATE_CORRECTED, day, person, stage="probationary")
    _of(journal, "c4", recruitment.CANDIDATE_LEFT, stage="activist")
    _of(journal, "c3", recruitment.CANDIDATE_LEFT, date(2017, 2, 1), end="disqualified", stage="probationary")
    _of(journal, "c2", recruitment.CONVERTED, date(2017, 11, 15))
    _of(journal, "c1", recruitment.CONVERTED, date(2018, 5, 8), full_since="2018-04-12", approved_on="2018-05-08")
    return journal


@pytest.mark.catalogue("G2", "X1")
def test_the_roll_is_made_whole(tmp_path: Path) -> None:
    context = a_registry(tmp_path)
    context.clock.set(TODAY)

    def state(context: Context) -> Any:
        found = rows(context, tables.member)
        persons = {row["member_id"]: members.opened(context.keys, _Row(row)) for row in found}
        standing = rows(context, tables.member, but=("version", "name_sealed", "id_number_sealed", "particulars_sealed"))
        return standing, persons, rows(context, tables.member_index)

    standing, persons, _ = Rehearsal(context, REACTIONS, members_told(context).messages, state).check()
    assert [(row["member_id"], row["status"]) for row in standing] == [("c1", "full"), ("c2", "full"), ("c3", "ended")]
    assert persons["c2"]["id_number"] == a_number(sequence=102)


class _Row:
    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)


@pytest.mark.catalogue("O2", "G3", "X1")
def test_posts_are_made_whole_though_a_term_was_told_after_the_end(tmp_path: Path) -> None:
    """Of o1 the renewal was early, and the end came in the first term; of o2 it came in the second."""
    context = a_registry(tmp_path)
    context.clock.set(TODAY)
    journal = Journal(context, COUNTY)

    def of(organizer: str, type: Any, day: date, **data: Any) -> None:
        place = {"organizer_id": organizer, "committee": COMMITTEE, "path": COMMITTEE_PATH, "city": "jinhua", "county": COUNTY}
        journal.tell(type, f"organizer/{organizer}", {**place, **data}, day)

    for organizer in ("o1", "o2", "o3"):
        of(organizer, organizers.ORGANIZER_APPOINTED, date(2016, 1, 5))
    for organizer in ("o1", "o2"):
        term = {"since": "2018-01-05", "until": "2020-01-04", "renewed": True}
        of(organizer, organizers.ORGANIZER_APPOINTED, date(2017, 12, 1), **term)
    of("o1", organizers.ORGANIZER_ENDED, date(2017, 12, 20), end="dismissed", ended_on="2017-12-20")
    of("o2", organizers.ORGANIZER_ENDED, date(2019, 3, 1), end="resigned", ended_on="2019-03-01")

    def state(context: Context) -> Any:
        return rows(context, tables.post, but=("post_id",)), rows(context, tables.appointment_end)

    posts, _ = Rehearsal(context, REACTIONS, journal.messages, state).check()
    found = {(row["organizer_id"], row["since"].year): (row["until"], row["ended"]) for row in posts}
    assert found == {
        ("o1", 2016): (date(2017, 12, 20), True),
        ("o1", 2018): (date(2017, 12, 20), True),
        ("o2", 2016): (date(2018, 1, 4), False),
        ("o2", 2018): (date(2019, 3, 1), True),
        ("o3", 2016): (date(2018, 1, 4), False),
    }

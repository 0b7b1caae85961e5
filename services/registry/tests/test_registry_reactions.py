"""What the registry does when it hears of admissions, conversions, ends and organizers."""

import json
from datetime import date

import pytest
from sqlalchemy import delete, select

from contracts import organizers, recruitment
from contracts.registry import MEMBER_CHANGED, MEMBER_REGISTERED, POST_ASSIGNED, POST_ENDED
from kernel.bus.consumer import Consumer
from kernel.bus.event import body_of, headers_of, message_of
from kernel.bus.refill import Refill
from kernel.encoding import canonical
from kernel.errors import Stale
from kernel.ids import new_id
from kernel.journal import dossier
from kernel.store.tables import inbox, inbox_head, journal, parked, pending
from kernel.unit import command
from services.registry import queries, tables
from services.registry.commands import members
from services.registry.domain import states
from services.registry.reactions import REACTIONS
from services.registry.tests.registry_builders import (
    BRANCH,
    BRANCH_PATH,
    COMMITTEE,
    COMMITTEE_PATH,
    COUNTY,
    a_number,
    a_registered_member,
    a_registry,
    acting,
    organiser,
)

DAY = date(2016, 11, 2)
MEETING = date(2016, 10, 12)


class Town:
    """A registry that hears; each stream counts its own versions."""

    def __init__(self, directory, context=None):
        self.context = context or a_registry(directory)
        self.context.clock.set(DAY)
        self.consumer = Consumer(self.context, REACTIONS)
        self.versions = {}

    def message(self, type, stream, data, subject=None, sealed=None, day=DAY):
        type.check(data)
        self.versions[stream] = self.versions.get(stream, 0) + 1
        headers = headers_of(
            event_id=new_id(),
            source=type.source,
            type=type.type,
            schema_version=1,
            stream=stream,
            version=self.versions[stream],
            home_county=COUNTY,
            time="2016-11-02T01:00:00Z",
            correlation_id=new_id(),
        )
        return message_of(headers, body_of(canonical(data), day, subject, sealed or {}))

    def of(self, id, type, **data):
        place = {"branch": BRANCH, "committee": COMMITTEE, "path": BRANCH_PATH, "city": "jinhua", "county": COUNTY}
        place |= {"candidate_id": id, "domain": "rural"}
        return self.message(type, f"candidate/{id}", {**place, **data})

    def admission(self, id=None, number=None, **data):
        id = id or new_id()
        person = {
            "name": "王小明",
            "id_number": number or a_number(),
            "particulars": canonical({"education": "大专", "occupation": "x"}),
        }
        with command(self.context) as unit:
            sealed = unit.seal(id, person)
        said = {"branch": BRANCH, "committee": COMMITTEE, "path": BRANCH_PATH, "city": "jinhua", "county": COUNTY}
        said |= {"candidate_id": id, "domain": "rural", "young": None, "meeting_on": MEETING.isoformat()}
        said |= {"approved_on": "2016-11-02", "probation_ends": "2017-10-12"}
        return self.message(recruitment.ADMITTED, f"candidate/{id}", {**said, **data}, id, sealed)

    def admitted(self, **changed):
        id = new_id()
        self.consumer.apply([self.admission(id, **changed)])
        return id

    def converted(self, id):
        return self.of(id, recruitment.CONVERTED, full_since="2017-10-12", approved_on="2017-11-15")

    def left(self, id, end="disqualified", stage="probationary"):
        return self.of(id, recruitment.CANDIDATE_LEFT, end=end, stage=stage)

    def organizer(self, id, since="2016-01-05", until="2018-01-04", **end):
        data = {"organizer_id": id, "account": "organizer.one", "member_id": "m1", "committee": COMMITTEE}
        data |= {"path": COMMITTEE_PATH, "city": "jinhua", "county": COUNTY}
        if end:
            return self.message(organizers.ORGANIZER_ENDED, f"organizer/{id}", {**data, **end})
        data |= {"since": since, "until": until, "renewed": since != "2016-01-05"}
        return self.message(organizers.ORGANIZER_APPOINTED, f"organizer/{id}", data)

    def rows(self, table, **where):
        with self.context.database.read() as connection:
            query = select(table).where(*[table.c[name] == value for name, value in where.items()])
            return list(connection.execute(query))

    def member(self, id):
        (row,) = self.rows(tables.member, member_id=id)
        return row

    def told(self, type):
        return [json.loads(row.body) for row in self.rows(pending, type=type.type)]

    def forget_inbox(self):
        """As a store that was refilled: nobody knows what has been handled."""
        with self.context.database.write() as connection:
            connection.execute(delete(inbox))
            connection.execute(delete(inbox_head))


@pytest.fixture
def town(tmp_path):
    return Town(tmp_path)


@pytest.mark.catalogue("G2")
def test_who_is_admitted_stands_on_the_roll_under_the_candidates_own_id_and_key(town):
    id = town.admitted()
    row = town.member(id)
    assert (row.status, row.joined, row.full_since, row.branch, row.subject) == ("probationary", MEETING, None, BRANCH, id)
    clear = members.opened(town.context.keys, row)
    assert (clear["name"], clear["id_number"], clear["birth_date"]) == ("王小明", a_number(), "1980-02-29")
    assert (clear["education"], clear["occupation"]) == ("college", None)
    (event,) = town.told(MEMBER_REGISTERED)
    assert event["data"] == {
        "member_id": id, "branch": BRANCH, "path": BRANCH_PATH, "status": "probationary", "joined": "2016-10-12", "full_since": None,
    }  # fmt: skip
    assert set(event["personal"]["sealed"]) == {"name"}
    with town.context.database.read() as connection:
        assert dossier.verify(dossier.export(connection, town.context.keys, COUNTY, f"member/{id}")).sound


@pytest.mark.catalogue("G2")
def test_a_member_from_an_admission_is_changed_like_any_other(town):
    id = town.admitted()
    with acting(town.context, organiser()) as unit:
        assert members.change_member(unit, {"name": "王晓明"}, id)["version"] == 2


@pytest.mark.catalogue("G2")
def test_a_conversion_makes_a_full_member_of_the_day_on_which_probation_ended(town):
    id = new_id()
    town.consumer.apply([town.admission(id), town.converted(id)])  # in one batch, in order
    assert (town.member(id).status, town.member(id).full_since) == ("full", date(2017, 10, 12))
    (event,) = town.told(MEMBER_CHANGED)
    assert (event["data"]["status"], event["data"]["full_since"]) == ("full", "2017-10-12")
    assert town.context.keys.open_fields(id, event["personal"]["sealed"]) == {"name": "王小明"}


def test_an_extension_goes_into_the_record_and_changes_no_standing(town):
    id = town.admitted()
    town.consumer.apply([town.of(id, recruitment.PROBATION_EXTENDED, probation_ends="2018-04-12")])
    row = town.member(id)
    assert (row.status, row.version) == ("probationary", 2)
    assert town.told(MEMBER_CHANGED) == []
    (entry,) = town.rows(journal, type="probation_extended")
    assert json.loads(entry.payload) == {"probation_ends": "2018-04-12"}


@pytest.mark.catalogue("G2")
@pytest.mark.parametrize(("end", "reason"), [("disqualified", "disqualified"), ("withdrawn", "left")])
def test_who_leaves_in_probation_is_off_the_roll_with_a_reason_that_nobody_can_give_by_hand(town, end, reason):
    id = town.admitted()
    town.consumer.apply([town.left(id, end)])
    row = town.member(id)
    assert (row.status, row.ended_on) == ("ended", DAY)
    (entry,) = town.rows(journal, type=MEMBER_CHANGED.type)
    assert json.loads(entry.private)["reason"] == reason
    assert reason in states.TOLD_END_REASONS and reason not in states.END_REASONS


def test_who_leaves_before_admission_was_never_on_the_roll(town):
    town.consumer.apply([town.left("c1", "removed", "activist")])
    assert town.rows(tables.member) == town.rows(parked) == []


@pytest.mark.catalogue("G2")
def test_one_person_stands_on_the_roll_once(town):
    there = a_registered_member(town.context)
    id = town.admitted()
    (row,) = town.rows(parked)
    assert there in row.reason and a_number() not in row.reason
    town.consumer.apply([town.converted(id)])
    assert len(town.rows(parked)) == 2  # what follows waits behind it
    assert [m.member_id for m in town.rows(tables.member)] == [there]


@pytest.mark.catalogue("G2")
def test_two_admissions_of_one_person_in_one_batch_leave_one_member(town):
    town.consumer.apply([town.admission(), town.admission(number=a_number(sequence=200)), town.admission()])
    assert len(town.rows(tables.member)) == 2
    assert len(town.rows(parked)) == 1


@pytest.mark.catalogue("G2")
def test_who_left_the_roll_and_is_admitted_again_stands_there_by_the_new_entry_alone(town):
    first = town.admitted()
    town.consumer.apply([town.left(first)])
    second = town.admitted()
    assert (town.member(first).status, town.member(second).status) == ("ended", "probationary")
    with pytest.raises(Stale), acting(town.context, organiser()) as unit:
        members.reinstate_member(unit, {"status": "probationary"}, first)


@pytest.mark.catalogue("X1")
def test_an_admission_to_an_unknown_branch_waits_and_others_go_on(town):
    waiting = town.admission(number=a_number(sequence=300), branch="330702001777")
    town.consumer.apply([waiting, town.admission()])
    (row,) = town.rows(parked)
    assert row.reason == "waiting for organisation/330702001777"
    assert len(town.rows(tables.member)) == 1


def test_a_conversion_of_somebody_off_the_roll_is_put_before_people(town):
    id = town.admitted()
    with acting(town.context, organiser()) as unit:
        members.end_member(unit, {"reason": "moved_out"}, id)
    town.consumer.apply([town.converted(id)])
    (row,) = town.rows(parked)
    assert "off the roll" in row.reason
    with acting(town.context, organiser()) as unit:
        members.reinstate_member(unit, {"status": "probationary"}, id)
    assert town.consumer.replay("recruitment", f"candidate/{id}") == 1
    assert town.member(id).status == "full"


@pytest.mark.catalogue("X5")
def test_an_erased_person_is_admitted_and_converted_by_standing_alone(town):
    admission = town.admission("c9")
    town.context.keys.erase("c9")
    town.consumer.apply([admission, town.converted("c9")])
    assert town.rows(parked) == [] == town.rows(tables.member_index)
    assert town.member("c9").status == "full"
    assert [event["personal"] for event in town.told(MEMBER_REGISTERED) + town.told(MEMBER_CHANGED)] == [None, None]


@pytest.mark.catalogue("X1")
def test_what_is_told_again_changes_nothing_with_or_without_the_memory_of_it(town):
    id = new_id()
    extended = (town.admission(id), town.of(id, recruitment.PROBATION_EXTENDED, probation_ends="2018-04-12"))
    messages = [*extended, town.converted(id)]
    messages += [town.organizer("o1"), town.organizer("o1", "2018-01-05", "2020-01-04")]
    gone = town.admission("gone", a_number(sequence=400))
    messages += [gone, town.left("gone")]
    town.consumer.apply(messages)
    before = town.rows(journal)
    town.consumer.apply(messages, redelivered=True)
    town.forget_inbox()
    town.consumer.apply(messages)
    assert town.rows(parked) == []
    assert town.rows(journal) == before
    assert (town.member(id).status, town.member("gone").status) == ("full", "ended")
    assert len(town.rows(tables.post)) == 2


# -- organizers


@pytest.mark.catalogue("O1", "O2", "G3")
def test_an_organizer_acts_for_the_committee_in_term_and_only_then(town):
    town.consumer.apply([town.organizer("o1"), town.organizer("o1", "2018-01-05", "2020-01-04")])
    assert [(post.role, post.path) for post in queries.actor_for(town.context, "organizer.one").posts] == [
        ("special_organizer", COMMITTEE_PATH)
    ]
    told = [event["data"] for event in town.told(POST_ASSIGNED)]
    assert [(post["since"], post["until"], post["member_id"]) for post in told] == [
        ("2016-01-05", "2018-01-04", "m1"),
        ("2018-01-05", "2020-01-04", "m1"),
    ]
    town.context.clock.set(date(2020, 1, 5))
    assert queries.actor_for(town.context, "organizer.one").posts == ()


@pytest.mark.catalogue("O2", "G3")
def test_a_dismissed_organizers_post_ends_on_the_last_day_a_renewed_terms_too(town):
    town.consumer.apply([town.organizer("o1"), town.organizer("o1", "2018-01-05", "2020-01-04")])
    town.consumer.apply([town.organizer("o1", end="dismissed", ended_on="2016-11-01")])
    assert queries.actor_for(town.context, "organizer.one").posts == ()
    ended = town.rows(tables.post, organizer_id="o1")
    assert {post.until for post in ended} == {date(2016, 11, 1)} and all(post.ended for post in ended)
    assert len(town.told(POST_ENDED)) == 2


def test_an_appointment_at_an_unknown_committee_waits(town):
    town.consumer.apply(
        [town.message(organizers.ORGANIZER_APPOINTED, "organizer/o2", dict(organizers.ORGANIZER_APPOINTED.example))]
    )
    (row,) = town.rows(parked)
    assert row.reason == "waiting for organisation/450102001"


def test_the_end_of_an_appointment_that_was_lost_waits_for_a_refill(town):
    """Told after its end, the appointment would give a post that nobody ends."""
    lost, end = town.organizer("o3"), town.organizer("o3", end="dismissed", ended_on="2016-11-01")
    town.consumer.apply([end])
    assert [row.reason for row in town.rows(parked)] == ["waiting for organizer/o3"]
    Refill(town.context, REACTIONS).fill([[lost, end]])
    assert [(post.until, post.ended) for post in town.rows(tables.post)] == [(date(2016, 11, 1), True)]
    assert town.rows(parked) == []

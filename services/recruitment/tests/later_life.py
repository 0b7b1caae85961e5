"""Attempts from the activist to full membership, for the stateful test of a candidate's life; and what always holds there."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from kernel.errors import Invalid, Refused, Stale
from services.recruitment.domain import states
from services.recruitment.tests import admitting, prospecting
from services.recruitment.tests.lives import Lives, some

STEPS = (*prospecting.STEPS, *admitting.STEPS)


class LaterLife(Lives):
    """From the list of prospects to full membership."""

    @precondition(lambda self: len(self.candidates) < 2)
    @rule(state=st.sampled_from(STEPS[1:-1]))
    def somebody_has_come_so_far(self, state: str) -> None:
        self.candidates.append(self.world.a_candidate().at(state))

    def _settled(self) -> bool:
        return bool(getattr(self, "candidates", None))

    def _heard(self, **values: Any) -> dict[str, Any]:
        return {"reason": "考察不够", "heard_on": self.world.today, "statement": "接受", **values}

    @precondition(lambda self: self.candidates)
    @rule(number=some)
    def somebody_is_led_on(self, number: int) -> None:
        """As the builder does it, if what has happened since lets it."""
        candidate = self.one(number)
        if candidate.state not in ("activist", *STEPS[:-1]):
            return
        done = "voted" if candidate.state == "examined" and candidate.row.vote_passed else candidate.state
        following = ("activist", *STEPS)[("activist", *STEPS).index(done) + 1]
        try:
            candidate.at(following)
        except (Refused, Stale, Invalid):
            assert candidate.state not in states.ENDS

    def the_members_meet(self, number: int, kind: str, in_favour: int, written: bool) -> None:
        candidate, world = self.one(number), self.world
        room = {"present": 2, "written": 1} if written else {}
        held = self.attempt("members_meeting", world.assembly([candidate.id], kind=kind, **room))
        if held is None:
            return
        absent = min(in_favour, 1) if written else 0
        cast = 2 if written else 3
        totals = world.totals(in_favour - absent, cast, absent_in_favour=absent, absent_against=int(written) - absent)
        candidate.count(held["meeting_id"], "body", totals)
        self.attempt("sign", {"opinion": "属实"}, held["meeting_id"])
        if self.attempt("conclude", {"tally_shown": True}, held["meeting_id"]):
            assert candidate.row.vote_passed is (in_favour >= 2)

    def a_later_notice_goes_up(self, number: int, stage: str) -> None:
        candidate = self.one(number)
        content = {"cultivation": "按期", "record": "积极"}
        announced = None if stage == "residence" else self.world.today
        self.attempt("post", {"stage": stage, "announced_on": announced, "places": ["公开栏"], "content": content}, candidate.id)

    @precondition(lambda self: self.candidates)
    @rule(number=some)
    def later_notices_come_down(self, number: int) -> None:
        for notice in self.world.rows("publicity", candidate_id=self.one(number).id, state="posted"):
            self.attempt("take_down", {}, notice.publicity_id)

    def the_branch_reports(self, number: int, action: str) -> None:
        self.attempt(action, {"document": "请示"}, self.one(number).id)

    def the_branch_takes_a_later_step_back(self, number: int, action: str) -> None:
        self.attempt(action, self._heard(), self.one(number).id)

    def the_superior_committee_votes(self, number: int, kind: str, in_favour: int, talk: bool) -> None:
        candidate, world = self.one(number), self.world
        if talk:
            body = {"talker": "赵", "topics": ["knowledge", "understanding", "motive"], "record": "谈话"}
            with contextlib.suppress(Refused, Stale):
                world.do("committee_talk", body, candidate.id, as_=world.account("county_organiser"))
        held = self.attempt("committee_meeting", world.session([candidate.id], kind=kind))
        if held is None:
            return
        body = {"candidate_id": candidate.id, "voters": "body", **world.totals(in_favour, 9)}
        for teller in ("organiser-1", "organiser-2"):
            world.do("tally", body, held["meeting_id"], as_=world.account("committee_organiser", teller))
        world.do("conclude", {}, held["meeting_id"], as_=world.account("committee_organiser"))
        assert candidate.row.committee_vote_passed is (in_favour > 4)

    def the_committee_approves(self, number: int, action: str) -> None:
        self.attempt(action, {"document": "批复"}, self.one(number).id)

    def the_committee_does_not(self, number: int, action: str, heard: bool) -> None:
        body = {"reason": "核实情况"} if action == "extend_decision" else self._heard(**({} if heard else {"heard_on": None}))
        self.attempt(action, body, self.one(number).id)

    def probation_goes_on(self, number: int) -> None:
        id = self.one(number).id
        self.attempt("oath", {"occasion": "宣誓"}, id)
        self.attempt("review_probation", {"findings": "好", "conclusion": "continue"}, id)
        self.attempt("apply_for_conversion", {"document": "转正申请书"}, id)

    def probation_is_extended(self, number: int, months: int) -> None:
        self.attempt("extend_probation", self._heard(months=months, minutes="记录"), self.one(number).id)

    @precondition(lambda self: self.candidates)
    @rule(number=some, choice=st.integers(0, 99), amount=st.integers(0, 9))
    def something_that_may_be_done(self, number: int, choice: int, amount: int) -> None:
        """What the table allows in the candidate's state, so that the later states are lived in and not only passed."""
        state = self.one(number).state
        possible = [action for action in _ACTS if states.CANDIDATE.row(state, action)]
        if possible:
            _ACTS[possible[choice % len(possible)]](self, number, amount)

    @precondition(lambda self: self.candidates)
    @rule(number=some, choice=st.integers(0, 99), amount=st.integers(0, 9))
    def anything_is_tried(self, number: int, choice: int, amount: int) -> None:
        list(_ACTS.values())[choice % len(_ACTS)](self, number, amount)

    # -- what always holds

    @invariant()
    def nobody_became_a_member_without_what_it_takes(self) -> None:
        if not self._settled():
            return
        for row in self.world.rows("candidate"):
            if row.state in (*states.PROBATION_STATES, states.FULL):
                assert row.listed_on <= row.examined_on <= row.probation_since <= row.committee_talked_on <= row.admitted_on
                assert row.probation_since < row.probation_ends and row.extensions in (0, 1)
            if row.state == states.REPORTED:
                assert row.vote_passed and row.reported_on < row.decision_due
            if row.state == states.FULL:
                assert row.full_since == row.probation_ends <= row.converted_on and row.oath_on and row.committee_vote_passed

    @invariant()
    def a_place_is_taken_for_each_form_and_no_more(self) -> None:
        if not self._settled():
            return
        places = [row for row in self.world.rows("candidate") if row.place_year is not None]
        assert sum(row.taken for row in self.world.rows("figure", organisation=self.world.committee)) == len(places)

    @invariant()
    def the_roll_was_told_of_every_admission_and_conversion_once(self) -> None:
        if not self._settled():
            return
        rows = self.world.rows("candidate")
        for type, column in (("admitted", "admitted_on"), ("converted", "converted_on")):
            told = [json.loads(row.body)["data"]["candidate_id"] for row in self.world.rows("pending", type=type)]
            assert sorted(told) == sorted(row.candidate_id for row in rows if getattr(row, column))


#: action -> how it is attempted: (life, candidate's number, an amount).
_ACTS: Mapping[str, Callable[[LaterLife, int, int], None]] = {
    "admission_meeting": lambda life, n, a: life.the_members_meet(n, "admission", a % 4, a > 4),
    "conversion_meeting": lambda life, n, a: life.the_members_meet(n, "conversion", a % 4, a > 4),
    "post_probationary": lambda life, n, a: life.a_later_notice_goes_up(n, "probationary"),
    "post_residence": lambda life, n, a: life.a_later_notice_goes_up(n, "residence"),
    "post_conversion": lambda life, n, a: life.a_later_notice_goes_up(n, "conversion"),
    "report": lambda life, n, a: life.the_branch_reports(n, "report"),
    "report_conversion": lambda life, n, a: life.the_branch_reports(n, "report_conversion"),
    "annul_vote": lambda life, n, a: life.the_branch_takes_a_later_step_back(n, "annul_vote"),
    "annul_conversion_vote": lambda life, n, a: life.the_branch_takes_a_later_step_back(n, "annul_conversion_vote"),
    "committee_meeting": lambda life, n, a: life.the_superior_committee_votes(
        n, ("admission", "conversion")[a % 2], 3 + a % 7, a > 1
    ),
    "approve_admission": lambda life, n, a: life.the_committee_approves(n, "admit"),
    "approve_conversion": lambda life, n, a: life.the_committee_approves(n, "convert"),
    "reject_admission": lambda life, n, a: life.the_committee_does_not(n, "reject_admission", a > 1),
    "reject_conversion": lambda life, n, a: life.the_committee_does_not(n, "reject_conversion", a > 1),
    "extend_decision": lambda life, n, a: life.the_committee_does_not(n, "extend_decision", True),
    "annul_proposal": lambda life, n, a: life.the_branch_takes_a_later_step_back(n, "annul_proposal"),
    "take_oath": lambda life, n, a: life.probation_goes_on(n),
    "extend_probation": lambda life, n, a: life.probation_is_extended(n, 4 + a),
}

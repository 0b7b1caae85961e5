"""A candidate's life under arbitrary attempts: what is done follows the table of states, what is refused changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from services.recruitment.domain import states
from services.recruitment.tests.later_life import STEPS, LaterLife
from services.recruitment.tests.lives import DAY, SETTINGS, Lives, some
from services.recruitment.tests.world import World


class Life(Lives):
    """From the application to the activist."""

    @precondition(lambda self: len(self.candidates) < 3)
    @rule(state=st.sampled_from(["received", "talked", "recommended", "approved", "determined", "activist"]))
    def somebody_has_come_so_far(self, state: str) -> None:
        candidate = self.world.a_candidate().at(state)
        self.candidates.append(candidate)
        if state == "determined":
            self.open["publicity"].append(candidate.post("activist")["publicity_id"])

    @precondition(lambda self: self.candidates)
    @rule(number=some)
    def the_talk_is_held(self, number: int) -> None:
        topics = ["study_and_work", "knowledge", "motive", "law_abidance", "family"]
        self.attempt("talk", {"talker": "李", "topics": topics, "record": "谈话"}, self.one(number).id)

    @precondition(lambda self: self.candidates)
    @rule(number=some, stage=st.sampled_from(["application", "activist"]))
    def a_notice_goes_up(self, number: int, stage: str) -> None:
        body = {
            "stage": stage,
            "announced_on": self.world.today,
            "places": ["公开栏"],
            "content": {"cultivation": "按期", "record": "积极"},
        }
        posted = self.attempt("post", body, self.one(number).id)
        if posted:
            self.open["publicity"].append(posted["publicity_id"])

    @precondition(lambda self: self.open["publicity"])
    @rule()
    def a_notice_comes_down(self) -> None:
        id = self.open["publicity"][0]
        self.open["publicity"].rotate()
        self.attempt("take_down", {}, id)

    @precondition(lambda self: self.open["publicity"])
    @rule()
    def somebody_objects(self) -> None:
        objected = self.attempt("object", {"anonymous": True, "text": "有异议"}, self.open["publicity"][0])
        if objected:
            self.open["objection"].append(objected["objection_id"])

    @precondition(lambda self: self.open["objection"])
    @rule(heard=st.booleans(), outcome=st.sampled_from(["unfounded", "upheld"]))
    def an_objection_is_concluded(self, heard: bool, outcome: str) -> None:
        id = self.open["objection"].popleft()
        self.attempt("investigate", {"findings": "已查"}, id)
        if heard:
            self.attempt("hear_objection", {"statement": "说明"}, id)
        if self.attempt("conclude_objection", {"outcome": outcome, "reason": "见报告"}, id) is None:
            self.open["objection"].append(id)

    @precondition(lambda self: self.candidates)
    @rule(number=some, in_favour=st.integers(0, 20), agree=st.booleans())
    def a_recommendation_meeting_is_held(self, number: int, in_favour: int, agree: bool) -> None:
        candidate, world = self.one(number), self.world
        held = self.attempt("recommendation", world.meeting([candidate.id]))
        if held is None:
            return
        voters = {"masses": world.totals(in_favour, 30)}
        if world.city == "nanning":
            voters["members"] = world.totals(in_favour, 20, absent_in_favour=2)
        for group, totals in voters.items():
            for teller in ("teller-1", "teller-2"):
                other = {**totals, "in_favour": 0, "against": totals["cast"]} if teller == "teller-2" and not agree else totals
                body = {"candidate_id": candidate.id, "voters": group, **other}
                world.do("tally", body, held["meeting_id"], as_=world.account("branch_clerk", teller))
        self.attempt("sign", {"opinion": "属实"}, held["meeting_id"])
        recommended = [candidate.id] if world.city == "jinhua" and in_favour else []
        if self.attempt("conclude", {"recommended": recommended}, held["meeting_id"]) is None:
            self.attempt("cancel", {"reason": "重新召开"}, held["meeting_id"])

    @precondition(lambda self: self.candidates)
    @rule(number=some, in_favour=st.integers(0, 5))
    def the_committee_votes(self, number: int, in_favour: int) -> None:
        candidate, world = self.one(number), self.world
        body = {"branch": world.branch, "candidates": [candidate.id], "body": "branch_committee"}
        numbers = {"entitled": 5, "present": 5, "secret": True, "minutes": "记录"}
        held = self.attempt("determination", {**body, **numbers})
        if held:
            candidate.count(held["meeting_id"], "body", world.totals(in_favour, 5))
            world.do("conclude", {"tally_shown": True}, held["meeting_id"])

    @precondition(lambda self: self.candidates)
    @rule(number=some, agrees=st.booleans())
    def the_superior_answers(self, number: int, agrees: bool) -> None:
        if agrees:
            self.attempt("approve", {"document": "批复"}, self.one(number).id)
        else:
            heard = {"reason": "考察不够", "heard_on": self.world.today, "statement": "接受"}
            self.attempt("decline", heard, self.one(number).id)

    @precondition(lambda self: self.candidates)
    @rule(number=some)
    def the_branch_determines(self, number: int) -> None:
        candidate = self.one(number)
        self.attempt("determine", candidate.determination(), candidate.id)

    @precondition(lambda self: self.candidates)
    @rule(number=some)
    def the_branch_takes_it_back(self, number: int) -> None:
        heard = {"reason": "有误", "heard_on": self.world.today, "statement": "接受"}
        self.attempt("annul", heard, self.one(number).id)

    @precondition(lambda self: self.candidates)
    @rule(number=some)
    def an_activist_is_filed_and_reviewed(self, number: int) -> None:
        self.attempt("file", {"document": "备案"}, self.one(number).id)
        self.attempt("review", {"findings": "好", "conclusion": "continue"}, self.one(number).id)

    @precondition(lambda self: self.candidates)
    @rule(number=some)
    def an_end_is_proposed(self, number: int) -> None:
        proposed = self.attempt("propose", {"reason": "不参加活动"}, self.one(number).id)
        if proposed:
            self.open["proceeding"].append(proposed["proceeding_id"])

    @precondition(lambda self: self.open["proceeding"])
    @rule(heard=st.booleans(), outcome=st.sampled_from(["leave", "stay"]))
    def the_committee_decides(self, heard: bool, outcome: str) -> None:
        id = self.open["proceeding"][0]
        if heard:
            self.attempt("notify", {"way": "书面"}, id)
            self.attempt("hear", {"appeared": True, "statement": "意见"}, id)
        if self.attempt("decide", {"outcome": outcome, "reason": "见材料"}, id):
            self.open["proceeding"].popleft()

    @precondition(lambda self: self.candidates)
    @rule(number=st.integers(0, 60))
    def the_person_withdraws(self, number: int) -> None:
        if number < 3:
            self.attempt("withdraw", {"document": "撤回书"}, self.one(number).id)

    # -- what always holds

    @invariant()
    def nobody_got_anywhere_without_what_it_takes(self) -> None:
        if not hasattr(self, "world"):
            return
        for row in self.world.rows("candidate"):
            days = [row.applied_on, row.recommended_on, row.approved_on or row.balloted_on, row.determined_on]
            given = [day for day in days if day]
            assert given == sorted(given)
            if row.state in ("determined", "activist"):
                assert row.recommended_on and row.talked_on and row.since
                assert row.approved_on if self.city == "jinhua" else row.ballot_passed
            if row.state in states.ACTIVIST_STATES:
                shown = self.world.rows("publicity", candidate_id=row.candidate_id, stage="activist", outcome="clear")
                assert shown and row.review_due
                assert any(c.until is None for c in self.world.rows("contact", candidate_id=row.candidate_id))
            if row.state in states.ENDS:
                assert row.ended_on and row.review_due is None

    @invariant()
    def the_pool_was_told_of_every_activist(self) -> None:
        if not hasattr(self, "world"):
            return
        told = [json.loads(row.body)["data"]["candidate_id"] for row in self.world.rows("pending", type="activist_determined")]
        assert len(told) == len(set(told))
        assert {row.candidate_id for row in self.world.rows("candidate") if row.state == "activist"} <= set(told)


class LifeInJinhua(Life):
    city = "jinhua"


class LifeInNanning(Life):
    city = "nanning"


TestLifeInJinhua = pytest.mark.catalogue("R1", "R3", "R4", "R11")(LifeInJinhua.TestCase)
TestLifeInJinhua.settings = SETTINGS
TestLifeInNanning = pytest.mark.catalogue("R1", "R3", "R4", "R11")(LifeInNanning.TestCase)
TestLifeInNanning.settings = SETTINGS


class LaterInJinhua(LaterLife):
    city = "jinhua"


class LaterInNanning(LaterLife):
    city = "nanning"


TestLaterLifeInJinhua = pytest.mark.catalogue("R6", "R8", "R10", "R11", "R12", "R13")(LaterInJinhua.TestCase)
TestLaterLifeInJinhua.settings = SETTINGS
TestLaterLifeInNanning = pytest.mark.catalogue("R6", "R8", "R10", "R11", "R12", "R13")(LaterInNanning.TestCase)
TestLaterLifeInNanning.settings = SETTINGS


def test_from_every_state_that_can_be_reached_somebody_can_reach_an_end() -> None:
    reached, edge = {""}, [""]
    while edge:
        here = edge.pop()
        fresh = {row.next for row in states.CANDIDATE if row.state == here} - reached
        reached |= fresh
        edge += fresh
    assert reached - {""} == set(states.ALL)
    for state in states.LIVING:
        ends = [row for row in states.CANDIDATE if row.state == state and row.next in states.ENDS]
        assert ends and all(row.roles for row in ends)


LIVING_STEPS = ("received", "recommended", "approved", "determined", "activist", *STEPS[:-1])


@pytest.mark.catalogue("R5", "R13")
@pytest.mark.parametrize("step", LIVING_STEPS)
def test_in_every_state_that_can_be_reached_the_person_may_go_and_others_may_end_it(tmp_path: Path, step: str) -> None:
    world = World(tmp_path, ("jinhua", "nanning")[LIVING_STEPS.index(step) % 2], DAY)
    gone, ended = world.a_candidate().at(step), world.a_candidate().at(step)
    world.do("withdraw", {"document": "撤回书"}, gone.id)
    proposed = world.do("propose", {"reason": "不符合条件"}, ended.id)["proceeding_id"]
    world.do("notify", {"way": "书面"}, proposed)
    world.do("hear", {"appeared": True, "statement": "说明"}, proposed)
    world.do("decide", {"outcome": "leave", "reason": "属实"}, proposed)
    assert gone.state == "withdrawn" and ended.state in states.ENDS
    assert world.rows("living") == []


def test_every_living_state_is_among_those_tried() -> None:
    """`voted` is a step of the state `examined`."""
    assert set(LIVING_STEPS) - {"voted"} == set(states.LIVING)


def test_an_end_is_an_end() -> None:
    assert all(row.next == row.state for row in states.CANDIDATE if row.state in states.ENDS)

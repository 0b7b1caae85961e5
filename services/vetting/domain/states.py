"""The states of a case, of a request and of what goes on in the home village, and what may be done in each."""

from __future__ import annotations

from typing import Final

from kernel.states import DEPARTMENT, NEW, StateTable, rows

# a case
OPEN: Final = "open"
CONCLUDED: Final = "concluded"
CLOSED: Final = "closed"  # ended without a conclusion

# a request
ASKED: Final = "asked"
ANSWERED: Final = "answered"
DISPUTED: Final = "disputed"  # replies contradict one another: a person decides which one stands
SUPERSEDED: Final = "superseded"  # asked again under a new number
WITHDRAWN: Final = "withdrawn"

CASE_STATES: Final = (OPEN, CONCLUDED, CLOSED)
#: Requests that count for the conclusion.
LIVE: Final = (ASKED, ANSWERED, DISPUTED)

# what goes on in the home village; "asked" is the first
POSTED: Final = "posted"  # the notice stands
ENDED: Final = "ended"  # it has come down
GIVEN: Final = "given"  # the opinion is with the township committee
RETURNED: Final = "returned"

VILLAGE_STATES: Final = (ASKED, POSTED, ENDED, GIVEN, RETURNED)

COMMITTEE: Final = ("committee_organiser",)
BRANCH: Final = ("branch_secretary", "branch_clerk")
SECRETARY: Final = ("branch_secretary",)
SUPERIOR: Final = ("county_department", "city_department")
#: Who may see that a case exists, and how far it is; never what was answered.
READERS: Final = (
    "branch_secretary",
    "branch_clerk",
    "committee_organiser",
    "county_organiser",
    "county_department",
    "city_department",
    "auditor",
)
#: Who may look at a question to the home village, there.
VILLAGE_READERS: Final = (*BRANCH, *COMMITTEE)
#: Who may read the written conclusion.
CONCLUSION_READERS: Final = ("branch_secretary", "branch_clerk", "committee_organiser", "county_department")


CASE: Final = StateTable(
    "案件",
    {OPEN: "正在征询", CONCLUDED: "已作结论", CLOSED: "已终止"},
    rows(
        (NEW,),
        "open",
        COMMITTEE,
        "review.order vetting.renewal_early vetting.departments_required order.future order.sequence",
        OPEN,
    ),
    rows((OPEN,), "ask_further", COMMITTEE, "vetting.departments_required order.future order.sequence"),
    rows((OPEN,), "ask_home_village", COMMITTEE, "order.future order.sequence"),
    rows((OPEN,), "adjudicate", COMMITTEE, "vetting.adjudication_reason order.future order.sequence"),
    rows((OPEN,), "inform", COMMITTEE, "order.future order.sequence"),
    rows((OPEN,), "ask_bar", COMMITTEE, "order.future order.sequence"),
    rows((OPEN,), "confirm_bar", SUPERIOR, "order.future order.sequence"),
    rows((OPEN,), "hear", COMMITTEE, "order.future order.sequence"),
    rows((OPEN,), "recheck", COMMITTEE, "vetting.recheck_again order.future order.sequence"),
    rows(
        (OPEN,),
        "conclude",
        COMMITTEE,
        "vetting.all_answers_in vetting.dispute_open vetting.adjudication_reason vetting.outcome_grounds "
        "vetting.person_informed vetting.person_heard vetting.recheck_open vetting.conclusion_after_replies "
        "vetting.departments_required vetting.home_village order.future order.sequence",
        CONCLUDED,
    ),
    rows((OPEN,), "take_back", COMMITTEE, "order.future order.sequence", CLOSED),
    rows((OPEN,), "candidate_left", (), "", CLOSED),
    # A renewal that was still open: the admission rests on the conclusion before it.
    rows((OPEN,), "admitted", (), "", CLOSED),
    # The new case is opened beside the old one, whose conclusion stays in the record.
    rows(
        (CONCLUDED,),
        "renew",
        COMMITTEE,
        "vetting.renewal_early review.order vetting.departments_required order.future order.sequence",
    ),
    rows((CONCLUDED,), "note_lapse", ()),
)

REQUEST: Final = StateTable(
    "征询函",
    {
        ASKED: "待答复",
        ANSWERED: "已答复",
        DISPUTED: "答复前后不一",
        SUPERSEDED: "已重新征询",
        WITHDRAWN: "已撤回",
    },
    rows((ASKED,), "reply", (DEPARTMENT, *COMMITTEE), "vetting.concern_grounds", ANSWERED),
    rows((ANSWERED,), "reply_same", (DEPARTMENT, *COMMITTEE), "vetting.concern_grounds"),
    rows((ASKED, ANSWERED, DISPUTED), "reply_other", (DEPARTMENT, *COMMITTEE), "vetting.concern_grounds", DISPUTED),
    rows((SUPERSEDED, WITHDRAWN), "reply_past", (DEPARTMENT, *COMMITTEE), "vetting.concern_grounds"),
    rows((ASKED, DISPUTED), "settle", COMMITTEE, "order.future order.sequence", ANSWERED),
    rows((ASKED, ANSWERED, DISPUTED), "reask", COMMITTEE, "order.future order.sequence", SUPERSEDED),
    rows((ASKED, ANSWERED, DISPUTED), "correct", COMMITTEE, "order.future order.sequence", SUPERSEDED),
    rows(
        (ASKED, ANSWERED, DISPUTED),
        "withdraw",
        COMMITTEE,
        "vetting.departments_required vetting.adjudication_reason order.future order.sequence",
        WITHDRAWN,
    ),
    rows((ASKED,), "remind", ()),
    rows((ASKED,), "tell_overdue", (), "vetting.reply_overdue"),
)

#: What the village, its township committee, and for a village outside the suite the deciding committee do about one question.
VILLAGE: Final = StateTable(
    "原籍意见征询",
    {
        ASKED: "待办理",
        POSTED: "正在公示",
        ENDED: "公示已结束",
        GIVEN: "已出具意见，待反馈",
        RETURNED: "已反馈",
    },
    rows(
        (ASKED,),
        "post_notice",
        BRANCH,
        "publicity.content_forbidden publicity.content_required publicity.announced_and_posted order.future order.sequence",
        POSTED,
    ),
    rows((POSTED,), "end_notice", BRANCH, "publicity.period publicity.objection_open order.future order.sequence", ENDED),
    # Where the home place asks for no notice, the opinion is the first step.
    rows(
        (ASKED, ENDED), "give_opinion", SECRETARY, "publicity.period vetting.concern_grounds order.future order.sequence", GIVEN
    ),
    rows((GIVEN,), "return_opinion", COMMITTEE, "order.future order.sequence", RETURNED),
    rows(
        (ASKED,),
        "enter_village_letter",
        COMMITTEE,
        "vetting.home_village_publicity vetting.concern_grounds order.future order.sequence",
        RETURNED,
    ),
)


def roles(action: str) -> tuple[str, ...]:
    """Who may take the action by a post, whatever it is about: no action stands in two of the tables."""
    return next(table for table in (CASE, REQUEST, VILLAGE) if any(row.action == action for row in table)).roles(action)

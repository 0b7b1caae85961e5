"""The states of an evaluation and of what follows from it, and what may be done in each: tables that everything else reads."""

from __future__ import annotations

from typing import Final

from kernel.states import NEW, StateTable, rows

# an evaluation
HELD: Final = "held"  # the meeting has judged; the counts are entered
CONCLUDED: Final = "concluded"
CANCELLED: Final = "cancelled"

# a branch's self-check
DUE: Final = "due"
REPORTED: Final = "reported"  # the written explanation is with the committee
RETURNED: Final = "returned"
ACCEPTED: Final = "accepted"

# a reminder talk: due, then
TALKED: Final = "talked"
DROPPED: Final = "dropped"  # the person has left before

#: How a probation ends well; every other end is a leaving.
FULL_MEMBER: Final = "full"

EVALUATION_STATES: Final = (HELD, CONCLUDED, CANCELLED)

BRANCH: Final = ("branch_secretary", "branch_clerk")
SECRETARY: Final = ("branch_secretary",)
COMMITTEE: Final = ("committee_organiser",)
TELLERS: Final = ("branch_secretary", "branch_clerk", "committee_organiser", "special_organizer")
#: Who may see how a branch's work was judged. What was said of a person is for `PERSON_READERS` of that branch and committee alone.
READERS: Final = (
    "branch_secretary",
    "branch_clerk",
    "committee_organiser",
    "county_organiser",
    "county_department",
    "city_department",
    "auditor",
)
PERSON_READERS: Final = (*SECRETARY, *COMMITTEE)


EVALUATION: Final = StateTable(
    "满意度评议",
    {HELD: "待计票", CONCLUDED: "已办结", CANCELLED: "已作废"},
    rows(
        (NEW,),
        "hold",
        BRANCH,
        "satisfaction.yearly satisfaction.guided satisfaction.voters satisfaction.secret_ballot satisfaction.repeated order.future",
        HELD,
    ),
    rows((HELD,), "count", TELLERS, "tally.sums tally.two_tellers tally.tellers_agree satisfaction.empty"),
    rows(
        (HELD,),
        "conclude",
        SECRETARY,
        "tally.two_tellers tally.tellers_agree satisfaction.empty satisfaction.below order.future order.sequence",
        CONCLUDED,
    ),
    # Not by the branch: it would void a judgement that it does not like.
    rows((HELD,), "cancel", COMMITTEE, "order.future order.sequence", CANCELLED),
)

SELF_CHECK: Final = StateTable(
    "自查自纠",
    {DUE: "待办", REPORTED: "待党（工）委答复", RETURNED: "已退回", ACCEPTED: "已认可"},
    rows((NEW,), "order", (), "satisfaction.below", DUE),
    rows((DUE, RETURNED), "report", SECRETARY, "satisfaction.self_check_overdue order.future order.sequence", REPORTED),
    rows((REPORTED,), "accept", COMMITTEE, "order.future order.sequence", ACCEPTED),
    rows((REPORTED,), "send_back", COMMITTEE, "order.future order.sequence", RETURNED),
)

TALK: Final = StateTable(
    "提醒谈话",
    {DUE: "待办", TALKED: "已谈话", DROPPED: "已终止"},
    rows((NEW,), "order", (), "satisfaction.below", DUE),
    rows((DUE,), "talk", SECRETARY, "satisfaction.person_present satisfaction.talk_overdue order.future order.sequence", TALKED),
    rows((DUE,), "candidate_left", (), "", DROPPED),
)

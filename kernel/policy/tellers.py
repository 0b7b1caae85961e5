"""Two people count, neither seeing the other's figures: what is counted stands when both have entered the same.

The rules of every count: `tally.two_tellers`, `tally.tellers_agree`. Sources: NN 3(1)(2)(3), catalogue R18.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kernel.policy.decision import Decision, judge
from kernel.policy.policy import Policy
from kernel.policy.steps import unless

#: What the entries of a round come to. After a dispute both enter again, in the next round.
WAITING: Final = "waiting"
AGREED: Final = "agreed"
DISPUTED: Final = "disputed"


def decide_teller(teller: str, entered: Mapping[str, Any], policy: Policy) -> Decision:
    """`tally.two_tellers`: a teller enters a count once in a round; the second entry is another teller's."""
    text = "您已经录入过这一计票，须由另一名计票人录入"
    return judge(unless(teller not in entered, policy, "tally.two_tellers", text, {"tellers": len(entered)}))


def result_of(entered: Mapping[str, Any], policy: Policy) -> str:
    """Of the figures by teller: waiting for another, agreed or disputed."""
    if len(entered) < policy.value("tally.tellers"):
        return WAITING
    return AGREED if len(set(entered.values())) == 1 else DISPUTED


def decide_counted(missing: int, disputed: int, policy: Policy) -> Decision:
    """`tally.two_tellers`, `tally.tellers_agree`: before anything is concluded from counts, every one is agreed.

    `missing`: counts without two entries; `disputed`: counts on which the last two entries differed.
    """
    differing = f"有 {disputed} 项计票两名计票人录入不一致，尚未重新录入"
    lacking = f"有 {missing} 项计票尚未由两名计票人录入"
    return judge(
        unless(disputed == 0, policy, "tally.tellers_agree", differing, {"disputed": disputed}),
        unless(missing == 0, policy, "tally.two_tellers", lacking, {"missing": missing}),
    )

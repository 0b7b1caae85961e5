"""What the receiving branch adds to the rules of `application.py`: the paper, the county's consent, the rectification case.

Sources: NT 5, JH 1.
"""

from __future__ import annotations

from collections.abc import Collection

from kernel.policy import Decision, Policy, judge, unless

#: Departures that need the county's written consent. Source: catalogue R1 (+).
EXCEPTIONS = frozenset({"application.two_new_loose", "application.two_new_village_committee"})


def decide_paper(document: str, policy: Policy) -> Decision:
    """`application.written`: `document` is the reference of the written application. Source: NT 5."""
    return judge(unless(bool(document.strip()), policy, "application.written", "没有书面入党申请", {"document": ""}))


def decide_consent(departures: Collection[str], consented: Collection[str], policy: Policy) -> Decision:
    """`application.exception_consent`: an exception is made with the county's written consent to that very rule."""
    lacking = sorted((EXCEPTIONS & set(departures)) - set(consented))
    return judge(
        unless(
            not lacking,
            policy,
            "application.exception_consent",
            "没有县（市、区）委组织部对此项例外的书面同意",
            {"rules": lacking},
        )
    )


def decide_rectification(under: bool, case_open: bool, delegate: bool, policy: Policy) -> Decision:
    """`application.rectification_delegate`: a branch under rectification decides in its case, a delegate of the county present.

    Source: JH 1, catalogue R1 (+).
    """
    lacking = [text for holds, text in ((case_open, "县级尚未立整顿案"), (delegate, "没有县级派员在场")) if under and not holds]
    return judge(
        unless(
            not lacking,
            policy,
            "application.rectification_delegate",
            f"该支部正在整顿：{'；'.join(lacking)}",
            {"case_open": case_open, "delegate": delegate},
        )
    )

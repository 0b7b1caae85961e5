"""The year's approved figure: sums down the tree, places that pre-examinations take. Source: JH 7 11, catalogue R15."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.errors import Invalid
from kernel.policy import Decision, Policy, judge, unless


@dataclass(frozen=True, slots=True)
class FigureFacts:
    """`superior`: the superior's own figure, None where it has none; `others`: those of its other subordinates together.

    `subordinates`: the figures below this organisation together; `taken`: places that its pre-examinations have taken.
    """

    figure: int
    superior: int | None
    others: int
    subordinates: int
    taken: int


def check_figure(facts: FigureFacts) -> None:
    """Raises `Invalid` for a figure that does not fit between what is above and what is below."""
    found = [
        text
        for holds, text in (
            (
                facts.superior is None or facts.others + facts.figure <= facts.superior,
                f"下级年度数合计 {facts.others + facts.figure}，多于上级的年度数 {facts.superior}",
            ),
            (facts.subordinates <= facts.figure, f"少于已批准给下级的年度数合计 {facts.subordinates}"),
            (facts.taken <= facts.figure, f"少于已通过预审的人数 {facts.taken}"),
        )
        if not holds
    ]
    if found:
        raise Invalid({"figure": found})


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """`figure` is None where nothing has been approved for the year: there is no place then."""

    year: int
    figure: int | None
    taken: int


def decide_place(facts: PlaceFacts, policy: Policy) -> Decision:
    """`plan.figure`: one more place is left. Source: JH 7."""
    left = facts.figure is not None and facts.taken < facts.figure
    shown = "尚未批准" if facts.figure is None else f"为 {facts.figure} 人，已通过预审 {facts.taken} 人"
    fact = {"year": facts.year, "figure": facts.figure, "taken": facts.taken}
    return judge(unless(left, policy, "plan.figure", f"{facts.year} 年度数{shown}，没有名额", fact))


def decide_codes_within(codes: int, facts: PlaceFacts, policy: Policy) -> Decision:
    """`plan.figure`: a committee never holds more forms of a year than its figure. Source: JH 11."""
    figure = facts.figure or 0
    return judge(
        unless(
            codes <= figure,
            policy,
            "plan.figure",
            f"该党委 {facts.year} 年的志愿书编码将达 {codes} 个，多于年度数 {figure}",
            {"year": facts.year, "figure": facts.figure, "codes": codes},
        )
    )

"""Pre-examination: the county's consent to start, the whole dossier first, the form. Source: JH 7, NT 19, NT' 18."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kernel.policy import Decision, Policy, judge, unless

TWO_NEW = "two_new"
_CASES = {"cross_township": "县域内异地发展", "two_new": "两新组织发展"}


@dataclass(frozen=True, slots=True)
class StartFacts:
    """`elsewhere`: joins at another place than that of the household registration."""

    elsewhere: bool
    domain: str | None
    dossier_sent_on: date | None


def decide_dossier_first(facts: StartFacts, policy: Policy) -> Decision:
    """`pre_examination.dossier_first`: in these cases the county has the whole dossier before it looks. Source: JH 7."""
    asked = policy.value("pre_examination.dossier_first") if policy.has("pre_examination.dossier_first") else ()
    holding = {"cross_township": facts.elsewhere, "two_new": facts.domain == TWO_NEW}
    cases = [case for case in asked if holding.get(case)]
    return judge(
        unless(
            not cases or facts.dossier_sent_on is not None,
            policy,
            "pre_examination.dossier_first",
            f"属于{'、'.join(_CASES[case] for case in cases)}，全程记实档案尚未报送",
            {"cases": cases},
        )
    )


def decide_consented(consented_on: date | None, policy: Policy) -> Decision:
    """`pre_examination.county_consent`. Source: JH 7."""
    return judge(
        unless(
            consented_on is not None,
            policy,
            "pre_examination.county_consent",
            "县（市、区）委组织部尚未同意启动",
            {"consented": False},
        )
    )


def decide_papers(form_code: str | None, missing: Sequence[str], policy: Policy) -> Decision:
    """`pre_examination.form`: who passes is given a form; `dossier.complete`. Source: NT 19, NT' 18."""
    return judge(
        unless(form_code is not None, policy, "pre_examination.form", "没有发给入党志愿书", {"form": None}),
        unless(
            not missing,
            policy,
            "dossier.complete",
            f"档案缺少：{'、'.join(missing)}",
            {"missing": list(missing)},
        ),
    )

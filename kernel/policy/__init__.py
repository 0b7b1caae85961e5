"""Policy packs, and the shape of every decision: `decide(facts, policy) -> Decision`.

book = PolicyBook.load(extra=[...])           packs of the package plus overlay files; PackError if one is too loose
policy = book.at("jinhua", day, "330702")     what is in force there on that day
policy["probation.months"].value              with source, pack, direction, mode, unconfirmed
policy.reason("application.age", "…", {...})  the reason of a refusal, its text and source from the packs
"""

from kernel.policy.book import PolicyBook, shipped_book
from kernel.policy.decision import Decision, Departure, Reason, allow, combine, judge, refuse
from kernel.policy.exact import PER_CENT, exceeds, half_up, reaches
from kernel.policy.facts import Faults
from kernel.policy.packs import Pack, PackError
from kernel.policy.policy import Contribution, Department, NotInForce, Parameter, Policy, Rule
from kernel.policy.steps import county_of, decide_dates, unless

__all__ = [
    "PER_CENT",
    "Contribution",
    "Decision",
    "Department",
    "Departure",
    "Faults",
    "NotInForce",
    "Pack",
    "PackError",
    "Parameter",
    "Policy",
    "PolicyBook",
    "Reason",
    "Rule",
    "allow",
    "combine",
    "county_of",
    "decide_dates",
    "exceeds",
    "half_up",
    "judge",
    "reaches",
    "refuse",
    "shipped_book",
    "unless",
]

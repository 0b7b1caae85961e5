"""Who acts for a branch: from its clerk up to the county's department, each on an account with the posts that the registry gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from suite.client import Acting

#: role -> how the account is named, by the code of the organisation at which the post is held
ACCOUNTS = {
    "branch_secretary": "secretary.{}",
    "branch_clerk": "clerk.{}",
    "committee_organiser": "organiser.{}",
    "county_organiser": "stationed.{}",
    "county_department": "county.{}",
}


def account(role: str, organisation: str) -> str:
    return ACCOUNTS[role].format(organisation)


@dataclass
class Desk:
    """One branch and the people who act for it. `members`: ids of full members of the branch."""

    branch: Mapping[str, Any]
    secretary: Acting
    clerk: Acting
    organiser: Acting
    county: Acting
    members: list[str] = field(default_factory=list)

    @property
    def code(self) -> str:
        return str(self.branch["code"])

    @property
    def city(self) -> str:
        return str(self.branch["city"])

    @property
    def county_code(self) -> str:
        return str(self.branch["home_county"])

    @property
    def committee(self) -> str:
        """The code of the committee directly above."""
        return str(self.branch["parent"])

    @property
    def body(self) -> str:
        """Who decides in this branch."""
        return "branch_committee" if self.branch["has_committee"] else "members_meeting"

    @property
    def tellers(self) -> tuple[Acting, Acting]:
        return self.clerk, self.secretary

"""The id of a finding: what it is, so that it is the same after every computation."""

from __future__ import annotations

_BETWEEN = ":"


def finding_id(organisation: str, trigger: str, period: str) -> str:
    return _BETWEEN.join((organisation, trigger, period))


def split_finding_id(id: str) -> tuple[str, str, str]:
    """Organisation, trigger, period; empty where the text has no such parts."""
    organisation, _, rest = id.partition(_BETWEEN)
    trigger, _, period = rest.partition(_BETWEEN)
    return organisation, trigger, period

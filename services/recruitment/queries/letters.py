"""The committee's written notices to the branch, to print: of an admission, of a conversion. Source: NT 26 33."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from kernel import printing
from kernel.errors import NotFound
from kernel.http.reader import Reader
from services.recruitment.domain.admission import admission_notice, conversion_notice
from services.recruitment.queries.candidates import row_of
from services.recruitment.tables import organisation


def show_admission_notice(reader: Reader, candidate_id: str) -> dict[str, Any]:
    """The notice as text and as a small page; there is none before the committee has approved."""
    row = row_of(reader, candidate_id)
    if row.admitted_on is None:
        raise NotFound("党委尚未批准接收")
    branch, committee, name = _names(reader, row, "candidate.admission_notice")
    return _letter(row, admission_notice(branch, committee, name, row.probation_since, row.admitted_on, row.probation_ends))


def show_conversion_notice(reader: Reader, candidate_id: str) -> dict[str, Any]:
    """The same of a conversion."""
    row = row_of(reader, candidate_id)
    if row.converted_on is None:
        raise NotFound("党委尚未批准转正")
    branch, committee, name = _names(reader, row, "candidate.conversion_notice")
    return _letter(row, conversion_notice(branch, committee, name, row.converted_on, row.full_since))


def _names(reader: Reader, row: Any, action: str) -> tuple[str, str, str]:
    """The names of branch, committee and person; the look is noted."""
    query = select(organisation.c.code, organisation.c.name).where(organisation.c.code.in_((row.branch, row.committee)))
    names = {found.code: found.name for found in reader.connection.execute(query)}
    name = reader.context.keys.open_fields(row.candidate_id, {"name": row.name_sealed})["name"]
    reader.log_access(action, f"candidate/{row.candidate_id}", ["name"])
    return names[row.branch], names[row.committee], name


def _letter(row: Any, text: str) -> dict[str, Any]:
    return {"candidate_id": row.candidate_id, "text": text, "html": printing.page("批复通知", text)}

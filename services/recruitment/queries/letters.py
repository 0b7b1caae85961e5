"""The committee's written notice of an admission, to print. Source: NT 26."""

from __future__ import annotations

from html import escape
from typing import Any

from sqlalchemy import select

from kernel.errors import NotFound
from kernel.http.reader import Reader
from services.recruitment.domain.admission import notice_text
from services.recruitment.queries.candidates import row_of
from services.recruitment.tables import organisation


def show_admission_notice(reader: Reader, candidate_id: str) -> dict[str, Any]:
    """The notice as text and as a small page; there is none before the committee has approved."""
    row = row_of(reader, candidate_id)
    if row.admitted_on is None:
        raise NotFound("党委尚未批准接收")
    query = select(organisation.c.code, organisation.c.name).where(organisation.c.code.in_((row.branch, row.committee)))
    names = {found.code: found.name for found in reader.connection.execute(query)}
    name = reader.context.keys.open_fields(candidate_id, {"name": row.name_sealed})["name"]
    reader.log_access("candidate.admission_notice", f"candidate/{candidate_id}", ["name"])
    branch, committee = names[row.branch], names[row.committee]
    text = notice_text(branch, committee, name, row.probation_since, row.admitted_on, row.probation_ends)
    lines = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line)
    html = f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>批复通知</title><body>{lines}</body></html>'
    return {"candidate_id": candidate_id, "text": text, "html": html}

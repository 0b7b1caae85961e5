"""Reads. Who sees that a case exists does not see what was answered: that is the deciding committee's alone, and each look is logged."""

from services.vetting.queries.answer_views import answers
from services.vetting.queries.case_views import case, cases, conclusion_text, offered, person
from services.vetting.queries.to_do import overdue, overdue_by_department, todo
from services.vetting.queries.village_views import inquiries, inquiry

__all__ = [
    "answers",
    "case",
    "cases",
    "conclusion_text",
    "inquiries",
    "inquiry",
    "offered",
    "overdue",
    "overdue_by_department",
    "person",
    "todo",
]

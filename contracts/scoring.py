"""What scoring tells: how a branch's admission work was judged. What was said of a single person never leaves the service."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.bus.event import EventType

#: Decimals travel as text: no reader may round them.
_DECIMAL = validate.Regexp(r"\d+(\.\d+)?\Z")


class EvaluationConcluded(Schema):
    """The double evaluation of a branch's admission work of the year before. Source: NN 3(2).

    The four grades are counts of ballots, members and mass representatives together; `score` has two decimals, `below` compares the
    exact value with the threshold of the packs in force on `held_on`.
    """

    evaluation_id = fields.String(required=True)
    branch = fields.String(required=True)
    path = fields.String(required=True)
    city = fields.String(required=True)
    county = fields.String(required=True)
    year = fields.Integer(required=True)
    held_on = fields.Date(required=True)
    very = fields.Integer(required=True)
    satisfied = fields.Integer(required=True)
    basically = fields.Integer(required=True)
    dissatisfied = fields.Integer(required=True)
    score = fields.String(required=True, validate=_DECIMAL)
    threshold = fields.String(required=True, validate=_DECIMAL)
    below = fields.Boolean(required=True)


EVALUATION_CONCLUDED = EventType(
    "scoring",
    "evaluation_concluded",
    1,
    EvaluationConcluded,
    "A branch's admission work of last year was evaluated by members and masses.",
    {
        "evaluation_id": "01890a5d-ac96-774b-bcce-b302099a8080",
        "branch": "450102001001",
        "path": "/4501/450102/450102001/450102001001/",
        "city": "nanning",
        "county": "450102",
        "year": 2016,
        "held_on": "2017-03-10",
        "very": 12,
        "satisfied": 14,
        "basically": 8,
        "dissatisfied": 6,
        "score": "70.00",
        "threshold": "80",
        "below": True,
    },
)

ALL = (EVALUATION_CONCLUDED,)

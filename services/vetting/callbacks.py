"""The signed callback of a department's system: raw bytes in, a kept reply out."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, ValidationError
from werkzeug.wrappers import Request

from kernel.actor import Actor
from kernel.errors import Invalid, Unauthenticated, XinhuoError
from kernel.http.call import read_json
from kernel.unit import Unit
from kernel.wording import faults_by_field
from services.vetting import metrics, signing
from services.vetting.commands import answering
from services.vetting.connections import Connections
from services.vetting.schemas.bodies import DepartmentAnswer

_SCHEMA = DepartmentAnswer(unknown=RAISE)


def hear(unit: Unit, request: Request, department: str, connections: Connections) -> dict[str, Any]:
    """Verifies over the bytes as they came, reads them, keeps the reply.

    Raises `Unauthenticated` (also for a department without a connection: nobody learns which there are), `Invalid`, `NotFound`,
    `Refused`.
    """
    known = connections.get(department)
    label = department if known else "unknown"
    try:
        answer = _hear(unit, request, department, known.callback_secrets if known else ())
    except XinhuoError as error:
        metrics.callbacks.labels(label, error.code).inc()
        raise
    metrics.callbacks.labels(label, "kept").inc()
    return answer


def _hear(unit: Unit, request: Request, department: str, secrets: tuple[str, ...]) -> dict[str, Any]:
    if not secrets:
        raise Unauthenticated("签名无效或已过时效")
    content = request.get_data()
    given = {name: request.headers.get(name, "") for name in (signing.ID, signing.TIMESTAMP, signing.SIGNATURE)}
    webhook_id = signing.verify(secrets, given, content, unit.context.clock.wall())
    body = read_json(content)
    if not isinstance(body, dict):
        raise Invalid({"body": ["应为对象"]})
    try:
        answer = _SCHEMA.load(body)
    except ValidationError as error:
        raise Invalid(faults_by_field(error.messages)) from None
    unit.actor = Actor(account=f"department:{department}", department=department)
    return answering.take_callback(unit, department, webhook_id, content, answer)

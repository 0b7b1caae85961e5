"""Goes the way of docs/tour.md, embedded and in one thread, and prints every call on it: a JSON list of [station, file, function]."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from types import FrameType
from typing import Any

from suite.cli import make_green

make_green()

from kernel.actor import Actor, Post  # noqa: E402
from kernel.clock import FileClock  # noqa: E402
from kernel.http.app import App  # noqa: E402
from kernel.http.endpoint import endpoints_of  # noqa: E402
from kernel.ids import new_id  # noqa: E402
from kernel.ops.settings import Settings  # noqa: E402
from kernel.runtime.runtime import Runtime  # noqa: E402
from services.alerts.service import Alerts  # noqa: E402
from services.recruitment.domain.talk import TOPICS  # noqa: E402
from services.recruitment.service import Recruitment  # noqa: E402
from suite.assembly import migrate  # noqa: E402
from suite.embedded import Embedded  # noqa: E402
from suite.services import INSTALLED  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
CITY, COUNTY, COMMITTEE, BRANCH = "4501", "450102", "450102001", "450102001001"
PATH = f"/{CITY}/{COUNTY}/{COMMITTEE}/{BRANCH}/"
TREE: list[dict[str, Any]] = [
    {"code": CITY, "kind": "city_department", "parent": None},
    {"code": COUNTY, "kind": "county_department", "parent": CITY},
    {"code": COMMITTEE, "kind": "committee", "parent": COUNTY, "domain": "rural", "approval_power": True},
    {"code": BRANCH, "kind": "branch", "parent": COMMITTEE, "domain": "rural", "has_committee": True},
]
APPLICATION = {
    "branch": BRANCH,
    "name": "李建华",
    "id_number": "450102199003072919",
    "document": "入党申请书",
    "receives_as": "residence",
    "main": "none",
    "rural_registration": True,
    "village_committee_member": False,
    "works_and_lives_at_registered_place": True,
    "unit_and_post": "本村村民",
    "education": "大专",
    "phone": "13900000000",
    "address": "本村 8 号",
}


def holder(role: str, code: str) -> Actor:
    path = PATH[: PATH.index(code) + len(code)] + "/"
    return Actor(role, (Post(role, role, code, path, date(2010, 1, 1)),))


ADMINISTRATOR = holder("administrator", CITY)
CLERK, SECRETARY = holder("branch_clerk", BRANCH), holder("branch_secretary", BRANCH)
ORGANISER = holder("committee_organiser", COMMITTEE)


class Tour:
    """The suite without threads: requests go straight to the WSGI application, relays and timers turn when they are told to."""

    def __init__(self, directory: Path) -> None:
        self.clock = FileClock(directory / "today")
        self.clock.set(date(2015, 3, 2))
        settings = Settings(data_dir=directory / "data", clock_file=directory / "today")
        migrate(settings)
        self.suite = Embedded(settings)
        self.apps = {}
        for service in INSTALLED:
            runtime = Runtime.of(self.suite.contexts[service.name], settings)
            self.apps[service.name] = App(runtime, service.service_class, endpoints_of(service.service_class))
            self.tokens = runtime.tokens
        self.calls: list[tuple[str, str, str]] = []

    def ask(self, service: str, method: str, path: str, by: Actor, body: Any = None) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        address, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": address,
            "QUERY_STRING": query,
            "wsgi.input": BytesIO(content),
            "CONTENT_LENGTH": str(len(content)),
            "CONTENT_TYPE": "application/json",
            "headers_raw": [("content-type", "application/json")],
            "HTTP_AUTHORIZATION": f"Bearer {self.tokens.mint(by)}",
            "HTTP_IDEMPOTENCY_KEY": new_id(),
        }
        status: list[str] = []
        answer = json.loads(b"".join(self.apps[service](environ, lambda line, _headers: status.append(line))))
        assert status[0].startswith("2"), (path, answer)
        return answer

    def relay(self) -> None:
        while any(relay.round() for relay in self.suite.relays):
            pass

    def note(self, station: str, act: Callable[[], Any]) -> Any:
        """What the act returns; its calls are noted under the station."""

        def profile(frame: FrameType, event: str, _argument: Any) -> None:
            code = frame.f_code
            if event == "call" and code.co_filename.startswith(f"{ROOT}/") and "/.venv/" not in code.co_filename:
                self.calls.append((station, code.co_filename[len(str(ROOT)) + 1 :], code.co_qualname))

        sys.setprofile(profile)
        try:
            return act()
        finally:
            sys.setprofile(None)

    def assess(self) -> None:
        Alerts().assess(self.suite.contexts["alerts"])

    def go(self) -> None:
        for organisation in TREE:
            self.ask(
                "registry", "POST", "/organisations", ADMINISTRATOR, {"name": f"组织 {organisation['code']}", **organisation}
            )
        self.relay()
        applied = self.note("apply", lambda: self.ask("recruitment", "POST", "/applications", CLERK, APPLICATION))
        self.relay()
        self.clock.set(date(2015, 4, 7))
        self.assess()  # everything, for the month is new
        self.note("overdue", lambda: Recruitment().publish_overdue(self.suite.contexts["recruitment"]))
        self.note("relay", self.relay)
        self.note("assess", self.assess)
        shown = self.note("propose", lambda: self.ask("alerts", "GET", f"/proposals?organisation={BRANCH}", ORGANISER))
        (finding,) = [item for item in shown["items"] if item["trigger"] == "step_late"]
        assert finding["facts"]["steps"][0]["candidate_id"] == applied["candidate_id"]
        body = {"organisation": BRANCH, "findings": [finding["finding_id"]], "level": finding["level"], "due": "2015-05-07"}
        body |= {"addressee": "党支部书记", "reason": "申请人逾期未谈话。"}
        path = f"/warnings/{self.note('warn', lambda: self.ask('alerts', 'POST', '/warnings', ORGANISER, body))['warning_id']}"
        explained = self.note("explain", lambda: self.ask("alerts", "GET", path, ORGANISER))
        assert explained["findings"][0]["events"][0]["stream"] == f"candidate/{applied['candidate_id']}"
        self.mend(path, f"/candidates/{applied['candidate_id']}/talk")

    def mend(self, path: str, talk: str) -> None:
        self.ask("alerts", "POST", f"{path}/receipt", SECRETARY, {})
        self.ask("alerts", "POST", f"{path}/plan", SECRETARY, {"plan": "补办谈话。"})
        record = {"talker": "支部书记", "topics": list(TOPICS), "record": "对党有认识。"}
        self.note("mend", lambda: self.ask("recruitment", "POST", talk, CLERK, record))
        self.note("mend", self.relay)
        self.ask("alerts", "POST", f"{path}/report", SECRETARY, {"report": "已补办。"})
        self.ask("alerts", "POST", f"{path}/check", ORGANISER, {"outcome": "accepted", "findings": "属实。"})
        self.note("mend", lambda: self.ask("alerts", "POST", f"{path}/lifting", ORGANISER, {}))


if __name__ == "__main__":
    tour = Tour(Path(sys.argv[1]))
    tour.go()
    json.dump(tour.calls, sys.stdout)

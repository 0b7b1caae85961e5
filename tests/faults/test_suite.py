"""The real suite: embedded, killed at every crash point and at any moment; on servers, its processes killed and stopped."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from kernel.ops.settings import Settings
from kernel.store.database import Database
from kernel.store.provision import role_url
from suite.assembly import migrate
from suite.services import BY_NAME, INSTALLED
from tests.faults.accounting import Result, record
from tests.faults.private import PrivateServers
from tests.faults.processes import Process, free_base
from tests.faults.town import Town

pytestmark = [pytest.mark.faults, pytest.mark.catalogue("X1")]

#: Each in a life of its own, one after the other.
POINTS = (
    "command.before_transaction=20",
    "command.before_commit=20",
    "command.after_commit=20",
    "relay.before_publish=5",
    "relay.after_publish=5",
    "relay.after_delete=5",
    "consumer.before_transaction=9",
    "consumer.mid_batch=9",
    "consumer.before_commit=9",
    "consumer.after_commit=9",
)


class Embedded(Town):
    """The suite in one process."""

    def __init__(self, case: str, directory: Path, without: str) -> None:
        self._directory, self._base = directory, free_base()
        migrate(Settings(data_dir=directory))
        stores = {service.name: Database(f"sqlite:///{directory}/{service.name}.sqlite3", service.name) for service in INSTALLED}
        super().__init__(case, self._base + 1, stores, without)

    def found_in_peace(self) -> None:
        """Registers the organisations in a life of its own: a failpoint of the first life must not strike before the load."""
        process = self.up()
        self.found()
        process.wait_for_line("已启动")
        self.end(process, cleanly=True)

    def breathe(self) -> None:
        """A life in which everybody hears something, between two that may be too short for it."""
        process = self.up()
        self.wait_heard(1)
        self.end(process, cleanly=True)

    def up(self, failpoints: str = "") -> Process:
        settings = {"profile": "embedded", "data_dir": self._directory, "base_port": self._base}
        return self.start("up", "--no-department", without=True, failpoints=failpoints, **settings)


class OnServers(Town):
    """The registry, its relay, and everybody who hears of it, each in a process of its own under its own role."""

    def __init__(self, case: str, directory: Path, database: str, broker: str, without: str) -> None:
        self._directory, self._base, self._broker = directory, free_base(), broker
        self._database = database
        migrate(Settings(profile="servers", database_url=database, amqp_url=broker))
        stores = {service.name: Database(database, service.name, pool_size=2) for service in INSTALLED}
        super().__init__(case, self._base + 1, stores, without)

    def service(self, name: str, failpoints: str = "") -> Process:
        # What may go without a safeguard is the one that hears.
        return self._start("service", name, "", without=name == "recruitment", failpoints=failpoints)

    def relay(self) -> Process:
        return self._start("relay", "registry", "relay", without=False)

    def _start(self, kind: str, name: str, part: str, *, without: bool, failpoints: str = "") -> Process:
        url = role_url(self._database, name, Settings().master_key, part)
        settings = {"database_url": url, "amqp_url": self._broker, "base_port": self._base}
        return self.start(kind, name, without=without, failpoints=failpoints, **settings)


def prove(case: str, play: Callable[[str], Result], *, without: str) -> None:
    control = play(without)
    result = play("")
    record(result, control=control, safeguard=without)
    result.require_sound()


def test_the_embedded_suite_dies_at_every_crash_point(tmp_path: Path) -> None:
    case = "embedded suite dies at every crash point"

    def play(without: str) -> Result:
        with contextlib.closing(Embedded(case, tmp_path / (without or "whole"), without)) as town:
            lives = ["relay.after_publish=5"] if without else POINTS
            town.found_in_peace()
            process = town.up(lives[0])
            with town.load():
                for following in (*lives[1:], ""):
                    town.died(process)
                    town.breathe()
                    process = town.up(following)
                town.wait_heard(20)
            town.drain()
            town.require_same()
            return town.result()

    prove(case, play, without="inbox")


def test_the_embedded_suite_is_killed_and_stopped_at_any_moment(tmp_path: Path) -> None:
    case = "embedded suite killed under load, commands sent again"

    def play(without: str) -> Result:
        with contextlib.closing(Embedded(case, tmp_path / (without or "whole"), without)) as town:
            # Without its safeguard the blow is placed: what is pending is deleted, and not yet handed over.
            town.found_in_peace()
            process = town.up("relay.before_publish=5" if without else "")
            with town.load():
                for turn in range(4):
                    if without:
                        town.died(process)
                    else:
                        town.wait_heard(town.random.randrange(1, 80))
                        town.end(process, cleanly=turn == 3)
                    process = town.up()
                    if without:
                        break
                town.wait_heard(20)
            town.drain()
            town.require_same()
            return town.result()

    prove(case, play, without="deletion after the confirm")


@pytest.mark.catalogue("X2")
def test_services_and_relay_on_servers_are_killed_and_stopped_at_any_moment(
    private_servers: PrivateServers, tmp_path: Path
) -> None:
    case = "all services and the registry's relay killed under load on servers"

    def play(without: str) -> Result:
        directory = tmp_path / (without or "whole")
        with contextlib.ExitStack() as stack:
            database = stack.enter_context(private_servers.postgres.database())
            broker = stack.enter_context(private_servers.rabbit.vhost())
            town = stack.enter_context(contextlib.closing(OnServers(case, directory, database.url, broker, without)))
            parts: dict[str, Callable[[], Process]] = {name: partial(town.service, name) for name in BY_NAME}
            parts["relay"] = town.relay
            living = {name: start() for name, start in parts.items() if name != "recruitment"}
            living["recruitment"] = town.service("recruitment", "consumer.after_commit=9" if without else "")
            town.found()
            with town.load():
                if without:
                    town.died(living["recruitment"])
                    living["recruitment"] = parts["recruitment"]()
                else:
                    turns = [(name, False) for name in parts] + [(name, True) for name in ("registry", "recruitment", "relay")]
                    town.random.shuffle(turns)
                    for name, cleanly in turns:
                        town.wait_heard(town.random.randrange(1, 60))
                        town.end(living[name], cleanly=cleanly)
                        living[name] = parts[name]()
                town.wait_heard(20)
            town.drain()
            town.require_same()
            return town.result()

    prove(case, play, without="inbox")

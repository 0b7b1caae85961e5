"""A process stops when it is told to, also while nothing happens in it, and ends when its service has."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

SCRIPT = """
import eventlet
eventlet.monkey_patch()
import signal
from kernel.runtime.signals import wait_for_stop

class Host:
    def __init__(self, seconds, error):
        self.seconds, self.error = seconds, error

    def wait(self):
        eventlet.sleep(self.seconds)
        if self.error:
            raise self.error

at_first = signal.getsignal(signal.SIGINT)

def tell_when_ready():
    while signal.getsignal(signal.SIGINT) == at_first:
        eventlet.sleep(0.01)
    print("ready", flush=True)

eventlet.spawn(tell_when_ready)
print(wait_for_stop(*HOSTS).name, flush=True)
"""


def started(hosts: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SCRIPT.replace("HOSTS", hosts)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_heard_while_nothing_happens(number: signal.Signals) -> None:
    with started("[Host(10**6, None)]") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        # From here on the hub has nothing to wake up for but the signal.
        process.send_signal(number)
        assert process.communicate()[0] == f"{number.name}\n"
    assert process.returncode == 0


def test_a_service_that_dies_takes_its_process_along() -> None:
    with started("[Host(10**6, None), Host(0.1, ValueError('the service fell over'))]") as process:
        _, errors = process.communicate()
    assert process.returncode == 1
    assert "the service fell over" in errors


def test_a_service_that_ends_by_itself_is_a_fault() -> None:
    with started("[Host(0.1, None)]") as process:
        _, errors = process.communicate()
    assert process.returncode == 1
    assert "without being told to" in errors

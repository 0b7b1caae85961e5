"""Ports on which nobody listens, for a suite that must not meet another."""

from __future__ import annotations

import socket
from random import Random

from kernel.errors import XinhuoError
from suite.services import DEPARTMENT_PORT_OFFSET, INSTALLED

#: What is counted from a base port.
OFFSETS = (*(service.port_offset for service in INSTALLED), DEPARTMENT_PORT_OFFSET)


def free_base_port(wanted: int, seed: int) -> int:
    """`wanted` if all ports counted from it are free, else another where they are."""
    random = Random(seed)
    for base in (wanted, *(random.randrange(20_000, 60_000, 100) for _ in range(200))):
        if free_ports(*(base + offset for offset in OFFSETS)):
            return base
    raise XinhuoError("找不到空闲的端口，请用 XINHUO_BASE_PORT 指定")


def free_ports(*ports: int) -> bool:
    """Whether nobody listens on any of these ports of 127.0.0.1."""
    return all(map(_free, ports))


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

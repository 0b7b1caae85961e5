"""What a running service is given: made once by the suite, handed to the extensions as `container.config["xinhuo"]`."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field

from kernel.context import Context
from kernel.http.auth import Tokens
from kernel.http.pages import Cursors
from kernel.ids import new_id
from kernel.ops.health import Health
from kernel.ops.settings import Settings

#: The key in a nameko container's config.
CONFIG_KEY = "xinhuo"


def _instance() -> str:
    # The random part tells a process from one that had its number before it.
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{new_id()[-8:]}"


@dataclass
class Runtime:
    """`instance` names this process in leases. `health.checks` is where extensions add what they depend on.

    `day_is_moved`: somebody moves the business day and ticks (`ServiceHost.tick`). Timers that follow the day do not run by
    the wall clock then: what is told, and when, is the same however long it takes.
    """

    context: Context
    settings: Settings
    tokens: Tokens
    cursors: Cursors
    health: Health
    day_is_moved: bool = False
    instance: str = field(default_factory=_instance)

    @staticmethod
    def of(context: Context, settings: Settings, *, day_is_moved: bool = False) -> Runtime:
        return Runtime(
            context=context,
            settings=settings,
            tokens=Tokens(settings.token_secret, context.clock),
            cursors=Cursors(settings.token_secret),
            health=Health(context),
            day_is_moved=day_is_moved,
        )

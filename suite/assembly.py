"""The one place where a service's context is put together from settings."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kernel.clock import Clock, FileClock
from kernel.context import Context
from kernel.errors import NotFound, XinhuoError
from kernel.ops.settings import Settings
from kernel.policy import PolicyBook
from kernel.store import keys
from kernel.store.database import Database
from kernel.store.keys import KeyStore
from kernel.store.migrate import upgrade
from kernel.store.provision import provision
from suite.services import BY_NAME, INSTALLED


def clock_of(settings: Settings) -> Clock:
    return FileClock(settings.clock_file) if settings.clock_file else Clock()


def policies_of(settings: Settings) -> PolicyBook:
    extra = sorted(settings.packs_dir.glob("*.yaml")) if settings.packs_dir else []
    return PolicyBook.load(extra)


def database_url(settings: Settings, schema: str) -> str:
    if settings.profile == "servers":
        assert settings.database_url is not None  # settings have been checked
        return settings.database_url
    return f"sqlite:///{settings.data_dir}/{schema}.sqlite3"


def database_of(settings: Settings, schema: str, pool_size: int = 10) -> Database:
    return Database(database_url(settings, schema), schema, pool_size=pool_size)


def key_store(settings: Settings, clock: Clock) -> KeyStore:
    return KeyStore(database_of(settings, keys.SCHEMA, 3), settings.master_key, clock)


def contexts(settings: Settings, names: tuple[str, ...], clock: Clock | None = None) -> dict[str, Context]:
    """The contexts of several services of one process; they share clock, policies and key store."""
    clock = clock or clock_of(settings)
    if settings.production and clock.simulated:
        raise ValueError("production runs by the real day")
    policies = policies_of(settings)
    store = key_store(settings, clock)
    return {name: Context(name, database_of(settings, name), store, clock, policies) for name in names}


def migrate(settings: Settings) -> dict[str, list[str]]:
    """Makes and migrates every service's store. On PostgreSQL the settings' URL must be the owner's."""
    migrations = {service.name: service.migrations for service in INSTALLED}
    if settings.profile == "servers":
        assert settings.database_url is not None
        return provision(settings.database_url, migrations, settings.master_key)
    Path(settings.data_dir).mkdir(parents=True, exist_ok=True)
    key_store(settings, clock_of(settings)).create_table()
    done = {}
    for name, path in migrations.items():
        database = database_of(settings, name, 1)
        done[name] = upgrade(database, path)
        database.dispose()
    return done


def known(name: str) -> str:
    """The name of an installed service, or a clear error."""
    if name not in BY_NAME:
        raise NotFound(f"没有名为 {name} 的服务；已安装：{'、'.join(BY_NAME)}")
    return name


@contextmanager
def only_process(settings: Settings) -> Iterator[None]:
    """Holds the data directory for this process. A second one gets a clear error; a dead one holds nothing."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with open(settings.data_dir / "lock", "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise XinhuoError(f"数据目录 {settings.data_dir} 正由另一个进程使用") from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield

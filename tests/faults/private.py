"""Private servers: started by the tests, from Debian's binaries, to be killed, restarted and alarmed.

Nothing here can touch a server that it did not start: there is no way to attach to one, every blow goes to a process object, and
a server counts as ready only when the one that answers at the port is the one that was started.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import amqp
import sqlalchemy as sa

from tests import servers
from tests.faults.processes import Process, free_port, wait_until
from tests.faults.undertaker import undertaker

RABBIT = Path("/usr/lib/rabbitmq/bin")


def postgres_binaries() -> Path | None:
    """The directory of the newest installed PostgreSQL server."""
    found = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max((path.parent for path in found), key=lambda path: int(path.parent.name), default=None)


def missing() -> list[str]:
    """Debian's packages that the private servers need and that are not installed."""
    packages = []
    if postgres_binaries() is None:
        packages.append("postgresql")
    if not (RABBIT / "rabbitmq-server").exists() or shutil.which("epmd") is None:
        packages.append("rabbitmq-server")
    return packages


def _directory(kind: str) -> Path:
    path = Path(tempfile.mkdtemp(prefix=f"xinhuo-{kind}-"))
    undertaker.remove(path)
    return path


class PrivatePostgres:
    """A PostgreSQL of its own: superuser `postgres`, trust on 127.0.0.1, fsync on."""

    def __init__(self) -> None:
        binaries = postgres_binaries()
        if binaries is None:
            raise RuntimeError("PostgreSQL's server binaries are not installed")
        self._binaries = binaries
        self.port = free_port()
        self.directory = _directory("postgres")
        self._process: Process | None = None
        # PostgreSQL refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self.directory, self._user, self._user)
        self._data = self.directory / "data"

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg2://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def process(self) -> Process:
        if self._process is None:
            raise RuntimeError("this PostgreSQL has not been started")
        return self._process

    def start(self) -> None:
        """Starts it without waiting; creates the cluster the first time."""
        if not self._data.exists():
            self._create()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.directory,
            "fsync": "on",
            "synchronous_commit": "on",
            "max_connections": 200,
            "shared_buffers": "64MB",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        command = [self._binaries / "postgres", "-D", self._data, *options]
        self._process = Process(command, name="private postgres", log=self._log, cwd=self.directory, user=self._user)

    def wait_ready(self) -> None:
        wait_until(self._answers, "PostgreSQL's answer", alive=[self.process])

    def stop(self, mode: str = "fast") -> None:
        """A clean stop: `smart` waits for clients, `fast` throws them out, `immediate` skips the checkpoint."""
        signals = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
        self.process.send(signals[mode])
        self.process.join()

    def kill(self) -> None:
        """As if the power failed for the server's processes: SIGKILL to all of them, no checkpoint."""
        # The children have sessions of their own; stopping the parent first keeps it from reacting to their death.
        self.process.pause()
        for child in _children(self.process.pid):
            with contextlib.suppress(ProcessLookupError):  # a backend whose client just left
                os.kill(child, signal.SIGKILL)
        self.process.kill()

    def pause_wal_writer(self) -> None:
        """From now on, until the server is killed, only transactions that wait for the disk reach it."""
        engine = sa.create_engine(self.url(), poolclass=sa.NullPool)
        with engine.connect() as connection:
            pid = connection.scalar(sa.text("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'"))
        if pid not in _children(self.process.pid):
            raise RuntimeError(f"process {pid} is not this server's")
        os.kill(pid, signal.SIGSTOP)

    def restart(self, mode: str = "fast") -> None:
        self.stop(mode)
        self.start()
        self.wait_ready()

    @contextlib.contextmanager
    def database(self) -> Iterator[servers.Database]:
        """A database of this server, dropped at the end."""
        with servers.temporary_database(self.url()) as database:
            yield database

    def close(self) -> None:
        if self._process is not None and self._process.running:
            self.stop("immediate")
        shutil.rmtree(self.directory)

    def _create(self) -> None:
        command = ["--pgdata", self._data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        # Without syncing the empty cluster: only a failing machine could tell, and it takes seconds.
        create = Process(
            [self._binaries / "initdb", *command, "--no-sync"],
            name="initdb",
            log=self._log,
            cwd=self.directory,
            user=self._user,
        )
        if create.join() != 0:
            raise RuntimeError(f"initdb failed\n{create.tail()}")

    def _answers(self) -> bool:
        engine = sa.create_engine(self.url(), poolclass=sa.NullPool)
        try:
            with engine.connect() as connection:
                data = connection.scalar(sa.text("SHOW data_directory"))
        except sa.exc.OperationalError:
            return False
        if Path(data) != self._data:
            raise RuntimeError(f"port {self.port} is answered by another PostgreSQL, in {data}")
        return True

    @property
    def _log(self) -> Path:
        return self.directory / "postgres.log"


class PrivateRabbit:
    """A RabbitMQ of its own, with its own Erlang port mapper; guest/guest on 127.0.0.1, no plugins."""

    def __init__(self) -> None:
        if not (RABBIT / "rabbitmq-server").exists():
            raise RuntimeError("RabbitMQ's server is not installed")
        self.port = free_port()
        self._epmd_port = free_port()
        self._dist_port = free_port()
        self._ctl_port = free_port()
        self.node = f"xinhuo-{secrets.token_hex(4)}@localhost"
        self.directory = _directory("rabbit")
        self._epmd: Process | None = None
        self._process: Process | None = None
        self._write_files()

    def url(self, vhost: str = "/") -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/{'' if vhost == '/' else vhost}"

    @property
    def process(self) -> Process:
        if self._process is None:
            raise RuntimeError("this RabbitMQ has not been started")
        return self._process

    def start(self) -> None:
        """Starts it without waiting."""
        if self._epmd is None or not self._epmd.running:
            # In the foreground and before the node, which would start one as a daemon that nobody owns.
            command = ["epmd", "-port", str(self._epmd_port), "-address", "127.0.0.1"]
            self._epmd = Process(command, name="private epmd", log=self.directory / "epmd.log", env=self._environment())
        command = [str(RABBIT / "rabbitmq-server")]
        # As under systemd, the script then becomes the node instead of waiting for it: signals reach the right process.
        env = self._environment() | {"RUNNING_UNDER_SYSTEMD": "true"}
        self._process = Process(command, name="private rabbit", log=self.directory / "rabbit.log", env=env, cwd=self.directory)

    def wait_ready(self) -> None:
        wait_until(self._answers, "RabbitMQ's answer", alive=[self.process])

    def stop(self) -> None:
        """A clean stop; queues and persistent messages stay."""
        self.process.terminate()

    def kill(self) -> None:
        """SIGKILL. Queues older than a second or so, and confirmed messages, stay.

        RabbitMQ writes the name of a new quorum queue to disk only up to a second after it has declared it (seen with 3.10.8);
        killed before, it comes back with a queue that has no leader and no messages, whatever the publisher did. The names are
        written out first, so that a test does not stumble over that.
        """
        if self.process.running:
            self.ctl("eval", "[dets:sync(Table) || Table <- dets:all()].")
        self.process.kill()

    def restart(self) -> None:
        self.stop()
        self.start()
        self.wait_ready()

    def ctl(self, *arguments: str) -> str:
        """`rabbitmqctl ARGUMENTS` on this node; returns what it prints, raises CalledProcessError."""
        result = subprocess.run(
            [RABBIT / "rabbitmqctl", "--quiet", *arguments],
            env=self._environment() | undertaker.mark(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if result.returncode:
            raise RuntimeError(f"rabbitmqctl {' '.join(arguments)}: {result.stdout}{result.stderr}")
        return result.stdout

    def set_memory_alarm(self, on: bool) -> None:
        """Raises or clears the memory alarm, and returns when it is so: publishers are blocked, consumers are not."""
        self.ctl("set_vm_memory_high_watermark", "0" if on else "0.6")
        wait_until(lambda: ("memory" in self.ctl("eval", "rabbit_alarm:get_alarms().")) is on, f"memory alarm {on}")

    def close_connections(self) -> None:
        """Closes every client's connection from the broker's side (320 CONNECTION_FORCED), and returns when each is told."""
        before = self._open_connections()
        self.ctl("close_all_connections", "--global", "closed by a test")
        wait_until(lambda: not before & self._open_connections(), "the closing of the connections")

    def _open_connections(self) -> set[str]:
        # A connection whose client does not answer stays on the list as `closing` for half a minute.
        lines = self.ctl("list_connections", "--no-table-headers", "pid", "state").splitlines()
        return {pid for pid, _, state in (line.partition("\t") for line in lines) if state == "running"}

    def depths(self, vhost: str = "/") -> dict[str, int]:
        """Messages per queue, ready and unacknowledged."""
        lines = self.ctl("list_queues", "-p", vhost, "--no-table-headers", "name", "messages").splitlines()
        return {name: int(count) for name, _, count in (line.partition("\t") for line in lines)}

    @contextlib.contextmanager
    def vhost(self) -> Iterator[str]:
        """A vhost of this broker, deleted at the end; yields its URL."""
        name = f"xinhuo_t_{secrets.token_hex(4)}"
        self.ctl("add_vhost", name)
        self.ctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
        try:
            yield self.url(name)
        finally:
            if self.process.running:
                self.ctl("delete_vhost", name)

    def close(self) -> None:
        for process in (self._process, self._epmd):
            if process is not None and process.running:
                process.kill()
        shutil.rmtree(self.directory, ignore_errors=True)  # port programs of the dead node may still be leaving

    def _write_files(self) -> None:
        cookie = self.directory / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)
        (self.directory / "plugins").write_text("[].\n")
        (self.directory / "rabbitmq-env.conf").touch()
        (self.directory / "advanced.config").write_text("[].\n")
        (self.directory / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            f"cluster_name = {self.node}\n"
            "disk_free_limit.absolute = 10MB\n"
            "vm_memory_high_watermark.relative = 0.6\n"
            "log.console = true\n"
            "log.console.level = warning\n"
        )

    def _environment(self) -> dict[str, str]:
        # From nothing: a RABBITMQ_ or ERL_ variable of the caller could point at the machine's own node.
        here = self.directory
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(here),
            "USER": getpass.getuser(),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_FLAGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_CTL_DIST_PORT_MIN": str(self._ctl_port),
            "RABBITMQ_CTL_DIST_PORT_MAX": str(self._ctl_port + 20),
            "RABBITMQ_MNESIA_BASE": str(here / "mnesia"),
            "RABBITMQ_LOG_BASE": str(here / "log"),
            "RABBITMQ_PID_FILE": str(here / "rabbit.pid"),
            "RABBITMQ_CONF_ENV_FILE": str(here / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(here / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(here / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(here / "plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(here / "generated"),
        }

    def _answers(self) -> bool:
        connection = amqp.Connection(host=f"127.0.0.1:{self.port}", connect_timeout=5, read_timeout=5, write_timeout=5)
        try:
            connection.connect()
        except (OSError, amqp.AMQPError):
            return False
        name = connection.server_properties.get("cluster_name")
        connection.close()
        if name != self.node:
            raise RuntimeError(f"port {self.port} is answered by another RabbitMQ, {name}")
        return True


class PrivateServers:
    """Both, started side by side; a private RabbitMQ takes the longest, up to about 20 seconds."""

    def __init__(self) -> None:
        self.rabbit = PrivateRabbit()
        self.rabbit.start()
        self.postgres = PrivatePostgres()
        self.postgres.start()
        self.postgres.wait_ready()
        self.rabbit.wait_ready()

    def heal(self) -> None:
        """Brings back what the last test left stopped, paused or alarmed."""
        for server in (self.postgres, self.rabbit):
            if server.process.running:
                server.process.resume()
            else:
                server.start()
        self.postgres.wait_ready()
        self.rabbit.wait_ready()

    def close(self) -> None:
        self.rabbit.close()
        self.postgres.close()


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in re.findall(r"\d+", text)]

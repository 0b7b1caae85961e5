"""How each department's system is reached, and the secrets shared with it.

`XINHUO_DEPARTMENTS` names a TOML file:

    [departments.police]
    url = "https://police.example/xinhuo"     # /questions, /reminders, /withdrawals follow
    ca = "/etc/xinhuo/police-ca.pem"          # authorities to trust instead of the usual; may be left out
    push_secrets = ["whsec_…"]                # what we send is signed with all of them
    callback_secrets = ["whsec_…", "whsec_…"] # what we are sent must match one

Without the file, development reaches all departments at one process on loopback, with published secrets; production reaches none, and
answers come as letters. Production takes no published secret from a file either. Secrets are not printed.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from kernel.ops.settings import Settings, SettingsError
from services.vetting import outgoing, signing

VARIABLE: Final = "XINHUO_DEPARTMENTS"
#: Where the departments' stand-in listens in development, counted from the base port.
DEVELOPMENT_OFFSET: Final = 50

_KEYS: Final = {"url", "ca", "push_secrets", "callback_secrets"}


@dataclass(frozen=True)
class Connection:
    department: str
    url: str
    ca: str | None = None
    push_secrets: tuple[str, ...] = field(default=(), repr=False)
    callback_secrets: tuple[str, ...] = field(default=(), repr=False)


class Connections:
    """By department. `development`: a URL that stands for all departments that are not named."""

    def __init__(self, named: Mapping[str, Connection], development: str | None = None) -> None:
        self._named = dict(named)
        self._development = development

    def get(self, department: str) -> Connection | None:
        """None where the department has no connection: it is asked and answers on paper."""
        found = self._named.get(department)
        if found is None and self._development and department.replace("_", "").isalnum() and department.isascii():
            return Connection(
                department,
                f"{self._development}/{department}",
                None,
                (development_secret(department, "push"),),
                (development_secret(department, "callback"),),
            )
        return found


def development_secret(department: str, direction: str) -> str:
    """Published with the source. `direction`: `push` or `callback`, so that nothing sent can be played back as an answer."""
    raw = hashlib.sha256(f"xinhuo development webhook {department} {direction}".encode()).digest()
    return signing.PREFIX + base64.b64encode(raw).decode()


def load(environ: Mapping[str, str]) -> Connections:
    """Raises `SettingsError` with everything that is wrong with the file."""
    settings = Settings.load(environ)
    named = environ.get(VARIABLE)
    if named:
        return _read(Path(named), settings.production)
    if settings.production:
        return Connections({})
    return Connections({}, f"http://127.0.0.1:{settings.base_port + DEVELOPMENT_OFFSET}")


_used: list[Connections] = []


def use(connections: Connections) -> None:
    """Says which connections this process uses, where they are not the environment's."""
    _used[:] = [connections]


def current() -> Connections:
    return _used[0] if _used else _of_environment()


@cache
def _of_environment() -> Connections:
    return load(os.environ)


def _read(path: Path, production: bool) -> Connections:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError({VARIABLE: [f"无法读取 {path}：{error}"]}) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError({VARIABLE: [f"{path} 不是合法的 TOML：{error}"]}) from None
    faults: dict[str, list[str]] = {}
    departments = content.get("departments")
    if not isinstance(departments, dict) or content.keys() != {"departments"}:
        raise SettingsError({VARIABLE: ["文件只含 [departments.代码] 各节"]})
    named = {code: _connection(code, raw, faults) for code, raw in departments.items()}
    if production:
        for connection in named.values():
            _refuse_published(connection, named, faults)
    if faults:
        raise SettingsError(faults)
    return Connections(named)


def _refuse_published(connection: Connection, codes: Iterable[str], faults: dict[str, list[str]]) -> None:
    """Whoever has the source could sign as the department, with any of the secrets in it."""
    published = {
        signing.secret_bytes(development_secret(code, direction)) for code in codes for direction in ("push", "callback")
    }
    for setting in ("push_secrets", "callback_secrets"):
        if any(signing.secret_bytes(secret) in published for secret in getattr(connection, setting)):
            fault = f"{setting} 含有随源代码公开的开发密钥，生产环境不得使用"
            faults.setdefault(f"{VARIABLE} departments.{connection.department}", []).append(fault)


def _connection(code: str, raw: Any, faults: dict[str, list[str]]) -> Connection:
    def fault(text: str) -> None:
        faults.setdefault(f"{VARIABLE} departments.{code}", []).append(text)

    if not isinstance(raw, dict):
        fault("须为一节")
        return Connection(code, "")
    for name in sorted(raw.keys() - _KEYS):
        fault(f"未知的项 {name}")
    url, ca = raw.get("url"), raw.get("ca")
    if not isinstance(url, str):
        fault("缺少 url")
    elif wrong := outgoing.address_fault(url):
        fault(f"url {wrong}")
    if ca is not None and not (isinstance(ca, str) and Path(ca).is_file()):
        fault("ca 不是可读的文件")
    secrets: dict[str, tuple[str, ...]] = {}
    for name in ("push_secrets", "callback_secrets"):
        given = raw.get(name)
        if not isinstance(given, list) or not given or not all(isinstance(secret, str) for secret in given):
            fault(f"{name} 须为至少一个密钥的列表")
            continue
        secrets[name] = tuple(given)
        for wrong in filter(None, map(signing.secret_fault, given)):
            fault(f"{name} {wrong}")
    if set(secrets.get("push_secrets", ())) & set(secrets.get("callback_secrets", ())):
        fault("push_secrets 与 callback_secrets 不得相同：发出的内容会被当作答复送回")
    return Connection(code, str(url), ca if isinstance(ca, str) else None, **secrets)

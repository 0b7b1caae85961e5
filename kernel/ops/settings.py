"""Settings from the environment (`XINHUO_*`) and a TOML file, checked together and once.

The file is named by `XINHUO_SETTINGS`; its keys are the fields below, and a variable of the environment goes before it:
`data_dir = "/srv/xinhuo"` in the file is `XINHUO_DATA_DIR=/srv/xinhuo`. Every problem is reported in one error that names the
variable and never the value. Secrets are not printed.
"""

from __future__ import annotations

import base64
import binascii
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, validate
from marshmallow import fields as types
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from kernel.errors import Invalid
from kernel.wording import faults_by_field

PREFIX = "XINHUO_"

#: What development runs with when nothing is set. Published with the source, so production refuses them.
DEVELOPMENT_MASTER_KEY = base64.b64encode(b"xinhuo development master key ..").decode()
DEVELOPMENT_TOKEN_SECRET = "xinhuo development token secret, not for production"
LEAST_SECRET = 32


class SettingsError(Invalid):
    """The settings do not hold. `fields` maps variables to what is wrong with them; the text is one line per fault."""

    code = "settings"
    status = 500

    def __init__(self, faults: Mapping[str, list[str]], message: str | None = None) -> None:
        lines = [f"  {name}：{fault}" for name, found in sorted(faults.items()) for fault in found]
        super().__init__(faults, message or "设置有误，未启动：\n" + "\n".join(lines))


@dataclass(frozen=True)
class Settings:
    """What a process of the suite runs with."""

    environment: str = "development"  # development | production
    profile: str = "embedded"  # embedded | servers
    data_dir: Path = Path("build/data")  # SQLite files and the like
    database_url: str | None = field(default=None, repr=False)  # servers: PostgreSQL
    amqp_url: str | None = field(default=None, repr=False)  # servers: RabbitMQ
    master_key: bytes = field(default=base64.b64decode(DEVELOPMENT_MASTER_KEY), repr=False)  # wraps the keys of persons
    token_secret: str = field(default=DEVELOPMENT_TOKEN_SECRET, repr=False)  # signs tokens
    http_host: str = "127.0.0.1"
    base_port: int = 8100  # each service adds a fixed number to it
    clock_file: Path | None = None  # simulated business day; not in production
    failpoints: str = ""  # where to die; not in production
    packs_dir: Path | None = None  # further policy packs
    log_level: str = "info"
    log_format: str = "json"  # json | text

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @staticmethod
    def load(environ: Mapping[str, str], file: Path | None = None, *, secrets: bool = True) -> Settings:
        """Settings from variables and file. Raises `SettingsError` with all that is wrong.

        Without `secrets` the process uses neither key nor token secret, and production need not give them to it.
        """
        named = environ.get(f"{PREFIX}SETTINGS")
        path = file or (Path(named) if named else None)
        given: dict[str, Any] = _read(path) if path else {}
        for known in fields(Settings):
            variable = environ.get(PREFIX + known.name.upper())
            if variable is not None and variable != "":
                given[known.name] = variable
        try:
            values = _Schema(unknown=RAISE).load(given)
        except ValidationError as error:
            raise SettingsError(_by_variable(faults_by_field(error.messages))) from None
        settings = Settings(**{name: value for name, value in values.items() if value is not None})
        if faults := _contradictions(settings, secrets):
            raise SettingsError(faults)
        return settings

    def shown(self) -> dict[str, str]:
        """For people: every field, secrets as `***`, passwords taken out of URLs."""
        return {known.name: _shown(known.name, getattr(self, known.name)) for known in fields(self)}


class _Url(types.String):
    def __init__(self, *schemes: str) -> None:
        super().__init__()
        self.schemes = schemes

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            scheme = make_url(text).drivername
        except ArgumentError:
            raise ValidationError("不是完整的地址") from None
        if scheme not in self.schemes:
            raise ValidationError(f"地址须以 {' 或 '.join(self.schemes)} 开头")
        return text


class _Key(types.String):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:  # type: ignore[override]
        try:
            raw = base64.b64decode(super()._deserialize(value, attr, data, **kwargs), validate=True)
        except (binascii.Error, ValueError):
            raise ValidationError("不是合法的 base64") from None
        if len(raw) != 32:
            raise ValidationError(f"须为 32 字节，实为 {len(raw)} 字节")
        return raw


class _Path(types.String):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Path:  # type: ignore[override]
        return Path(super()._deserialize(value, attr, data, **kwargs))


class _Schema(Schema):
    environment = types.String(validate=validate.OneOf(["development", "production"]))
    profile = types.String(validate=validate.OneOf(["embedded", "servers"]))
    data_dir = _Path()
    database_url = _Url("postgresql", "postgresql+psycopg2")
    amqp_url = _Url("amqp", "amqps")
    master_key = _Key()
    token_secret = types.String(validate=validate.Length(min=LEAST_SECRET))
    http_host = types.String(validate=validate.Length(min=1))
    base_port = types.Integer(validate=validate.Range(min=1024, max=65_000))
    clock_file = _Path()
    failpoints = types.String(validate=validate.Regexp(r"[a-z_.]+(=\d+)?(,[a-z_.]+(=\d+)?)*\Z|\Z"))
    packs_dir = _Path()
    log_level = types.String(validate=validate.OneOf(["debug", "info", "warning", "error"]))
    log_format = types.String(validate=validate.OneOf(["json", "text"]))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        raise SettingsError({f"{PREFIX}SETTINGS": [f"无法读取 {path}：{error.strerror}"]}) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError({f"{PREFIX}SETTINGS": [f"{path} 不是合法的 TOML：{error}"]}) from None


def _by_variable(faults: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {PREFIX + name.upper(): found for name, found in faults.items()}


def _contradictions(settings: Settings, secrets: bool) -> dict[str, list[str]]:
    """What is wrong although each field by itself is well-formed."""
    faults: dict[str, list[str]] = {}

    def fault(name: str, text: str) -> None:
        faults.setdefault(PREFIX + name.upper(), []).append(text)

    if settings.profile == "servers":
        for name in ("database_url", "amqp_url"):
            if getattr(settings, name) is None:
                fault(name, "servers 模式须设置")
    if settings.production:
        if secrets and settings.master_key == base64.b64decode(DEVELOPMENT_MASTER_KEY):
            fault("master_key", "生产环境不得使用公开的默认密钥")
        if secrets and settings.token_secret == DEVELOPMENT_TOKEN_SECRET:
            fault("token_secret", "生产环境不得使用公开的默认密钥")
        if settings.clock_file is not None:
            fault("clock_file", "生产环境不得使用模拟日期")
        if settings.failpoints:
            fault("failpoints", "生产环境不得设置故障点")
    for name in ("clock_file", "packs_dir"):
        path = getattr(settings, name)
        if path is not None and not path.exists():
            fault(name, f"{path} 不存在")
    return faults


def _shown(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in ("master_key", "token_secret"):
        return "***"
    if name.endswith("_url"):
        return make_url(value).render_as_string(hide_password=True)
    return str(value)

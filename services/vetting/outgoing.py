"""The way out to a department's system: HTTPS with verified certificates and without redirects.

Plain HTTP is for loopback alone. Proxies and other settings of the environment are not obeyed: they could send a person's data elsewhere.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from types import TracebackType
from typing import Final
from urllib.parse import urlsplit

import requests

from kernel.errors import XinhuoError

#: Seconds to connect, and to wait for an answer.
TIMEOUT: Final = (3.05, 10)


class NotDelivered(XinhuoError):
    """The department's system did not take it. The text says why, and holds nothing of what was sent."""

    code = "not delivered"
    status = 502


def address_fault(url: str) -> str | None:
    """What is wrong with an address, or None."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "不是合法的地址"
    if parts.scheme not in ("http", "https") or not host:
        return "地址须以 https:// 开头"
    if parts.username is not None or parts.password is not None or parts.fragment or parts.query:
        return "地址不得带有用户名、参数或锚点"
    if parts.scheme == "http" and not _is_loopback(host):
        return "只有本机地址可以用 http，其他须用 https"
    return None


def _is_loopback(host: str) -> bool:
    """A literal address: a name could be made to point anywhere."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Line:
    """A connection to one department's system, for several messages. `ca`: file of the authorities to trust instead of the usual."""

    def __init__(self, url: str, ca: str | None = None) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False
        self._verify: bool | str = ca or True

    def __enter__(self) -> Line:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._session.close()

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Delivers, or raises `NotDelivered`. Only 2xx is taken for delivered."""
        if fault := address_fault(self._url):
            raise NotDelivered(fault)
        try:
            answer = self._session.post(
                f"{self._url}{path}",
                data=body,
                headers={"Content-Type": "application/json", **headers},
                timeout=TIMEOUT,
                allow_redirects=False,
                verify=self._verify,
                stream=True,  # what it says is not read
            )
        except requests.exceptions.SSLError as error:
            raise NotDelivered("对方证书未通过校验") from error
        except requests.exceptions.Timeout as error:
            raise NotDelivered("对方未在时限内应答") from error
        except requests.exceptions.RequestException as error:
            raise NotDelivered("无法连接对方系统") from error
        except OSError as error:
            # The file of authorities is missing or unreadable.
            raise NotDelivered("证书文件无法读取") from error
        answer.close()
        if 300 <= answer.status_code < 400:
            raise NotDelivered(f"对方要求转到别处（{answer.status_code}），未予理会")
        if not 200 <= answer.status_code < 300:
            raise NotDelivered(f"对方未接收（{answer.status_code}）")

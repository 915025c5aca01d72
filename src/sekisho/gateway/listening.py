"""Where the gateway may listen, and from whom it takes requests (policy text, line 58: the way is encrypted)."""

import socket
import ssl
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from starlette.types import Scope

from sekisho.gateway.codes import TransportCode
from sekisho.gateway.settings import PREFIX, Settings
from sekisho.gateway.wire import BoundedHttp

BACKLOG = 2048
"""Connections that wait for a process to take them."""

_LOOPBACK_NAMES = frozenset({"localhost", "ip6-localhost"})


class ListeningRefused(Exception):  # noqa: N818 - a refusal, as the other rooms call it
    """The settings would serve personal data over an open way. The message names the settings to set."""


def check_listening(settings: Settings) -> None:
    """Refuse to listen beyond this host without TLS. Raises `ListeningRefused`."""
    if is_loopback(settings.host) or settings.tls_certfile is not None or settings.trusted_proxies:
        return
    raise ListeningRefused(
        f"listening on `{settings.host}` would take tokens and send personal data unencrypted; set "
        f"{PREFIX}TLS_CERTFILE and {PREFIX}TLS_KEYFILE, or name the TLS proxy in {PREFIX}TRUSTED_PROXIES, or listen "
        f"on 127.0.0.1"
    )


def is_loopback(host: str) -> bool:
    """Whether `host`, an address or a name, is this host only. An unknown name is not."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() in _LOOPBACK_NAMES


def untrusted_way(scope: Scope, proxies: tuple[IPv4Network | IPv6Network, ...]) -> TransportCode | None:
    """Why a request is not taken, judged by who connected and what that proxy says of the way; `None` when it is.

    Without named proxies every way is taken: then only loopback or the gateway's own TLS can be listened on.
    """
    if not proxies:
        return None
    if not _came_from(scope, proxies):
        return TransportCode.PROXY_NOT_TRUSTED
    said = [value.strip().lower() for name, value in scope["headers"] if name == b"x-forwarded-proto"]
    return None if said == [b"https"] else TransportCode.TLS_REQUIRED


def server_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments of `uvicorn.Config` that these settings imply. Raises `ListeningRefused`.

    The server neither rewrites the peer's address from headers nor logs requests (the journal does), names no
    software, offers no WebSocket, and waits for slow or endless clients within bounds only.
    """
    check_listening(settings)
    options: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "http": BoundedHttp,
        "ws": "none",
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "timeout_keep_alive": 5,
        "timeout_graceful_shutdown": 10,
    }
    if settings.tls_certfile is not None:
        options |= {
            "ssl_certfile": settings.tls_certfile,
            "ssl_keyfile": settings.tls_keyfile,
            "ssl_context_factory": _modern_tls,
        }
    return options


def listen(settings: Settings) -> list[socket.socket]:
    """A listening socket for each address of the configured host. Raises `ListeningRefused`.

    What connects before a process answers waits.
    """
    check_listening(settings)
    sockets: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(
            settings.host or None, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, address in dict.fromkeys((family, address[:2]) for family, _, _, _, address in found):
            sockets.append(socket.create_server(address, family=family, backlog=BACKLOG))
    except OSError as error:
        for each in sockets:
            each.close()
        raise ListeningRefused(
            f"`{settings.host}` port {settings.port} cannot be listened on ({error.strerror}); set {PREFIX}HOST and "
            f"{PREFIX}PORT to an address of this host that is free"
        ) from error
    return sockets


def addresses_of(sockets: Iterable[socket.socket], settings: Settings) -> list[str]:
    """How the sockets are reached, as `http://127.0.0.1:8000`."""
    scheme = "http" if settings.tls_certfile is None else "https"
    return [f"{scheme}://{_bracketed(each.getsockname()[0])}:{each.getsockname()[1]}" for each in sockets]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _modern_tls(_config: Any, default: Any) -> ssl.SSLContext:
    context: ssl.SSLContext = default()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _came_from(scope: Scope, proxies: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    client = scope.get("client")
    if client is None:
        return False
    try:
        address = ip_address(client[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in proxies)

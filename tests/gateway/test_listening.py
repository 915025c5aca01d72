"""Personal data leaves this host over TLS only."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from doubles import QUERY, gateway

from sekisho.gateway.listening import (
    ListeningRefused,
    addresses_of,
    check_listening,
    is_loopback,
    listen,
    server_options,
)
from sekisho.gateway.settings import Settings

PROXY = "10.1.2.3"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.4", "gateway.example", ""])  # noqa: S104 - is refused
def test_listening_beyond_this_host_without_tls_is_refused_with_the_settings_to_set(host: str) -> None:
    with pytest.raises(ListeningRefused, match="SEKISHO_TLS_CERTFILE") as caught:
        check_listening(Settings(host=host))

    assert "SEKISHO_TRUSTED_PROXIES" in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_tls(host: str) -> None:
    check_listening(Settings(host=host))
    assert is_loopback(host)


def test_a_certificate_or_a_named_proxy_opens_other_addresses() -> None:
    certified = server_options(
        Settings(host="0.0.0.0", tls_certfile=Path("c.pem"), tls_keyfile=Path("k.pem"))  # noqa: S104 - the case
    )
    proxied = server_options(Settings.model_validate({"host": "0.0.0.0", "trusted_proxies": PROXY}))  # noqa: S104 - too

    assert certified["ssl_certfile"] == Path("c.pem")
    assert proxied["proxy_headers"] is False


def test_an_address_is_listened_on_and_told() -> None:
    settings = Settings(port=0)
    (listening,) = listen(settings)
    with listening:
        (address,) = addresses_of([listening], settings)
        taken = Settings(port=listening.getsockname()[1])
        with pytest.raises(ListeningRefused, match="SEKISHO_PORT"):
            listen(taken)

    assert address == f"http://127.0.0.1:{taken.port}"


def test_an_address_of_another_host_is_refused_with_the_settings_to_set() -> None:
    with pytest.raises(ListeningRefused, match="SEKISHO_HOST"):
        listen(Settings.model_validate({"host": "192.0.2.1", "trusted_proxies": PROXY}))
    with pytest.raises(ListeningRefused, match="SEKISHO_TLS_CERTFILE"):
        listen(Settings(host="192.0.2.1"))


def test_tls_before_1_2_is_not_spoken() -> None:
    options = server_options(Settings(tls_certfile=Path("c.pem"), tls_keyfile=Path("k.pem")))
    context = options["ssl_context_factory"](None, lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))

    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("address", "said", "status"),
    [
        (PROXY, ["https"], 200),
        (f"::ffff:{PROXY}", ["https"], 200),
        ("10.1.2.4", ["https"], 403),
        ("no address", ["https"], 403),
        (PROXY, ["http"], 421),
        (PROXY, [], 421),
        (PROXY, ["https", "http"], 421),
        (PROXY, ["https,http"], 421),
    ],
)
async def test_behind_a_named_proxy_only_its_tls_requests_are_taken(
    tmp_path: Path, address: str, said: list[str], status: int
) -> None:
    under_test = gateway(tmp_path, trusted_proxies=PROXY)
    headers = [("authorization", f"Bearer {under_test.token()}"), *(("x-forwarded-proto", value) for value in said)]
    async with under_test.client(address) as client:
        response = await client.post("/graphql", headers=headers, json=QUERY)
        alive = await client.get("/healthz")

    assert response.status_code == status
    assert ("data" in response.json()) is (status == 200)
    assert bool(under_test.engine.asked) is (status == 200)
    assert alive.status_code == 200
    if status == 200:
        assert response.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize("settings", [{}, {"trusted_proxies": PROXY}])
async def test_the_page_stands_behind_the_same_door(tmp_path: Path, settings: dict[str, Any]) -> None:
    under_test = gateway(tmp_path, graphiql=True, **settings)
    async with under_test.client() as client:
        page = await client.get("/graphiql")
        elsewhere = await client.get("/elsewhere")

    assert page.status_code == (403 if settings else 200)
    assert elsewhere.status_code == (403 if settings else 404)


async def test_without_the_setting_there_is_no_page(tmp_path: Path) -> None:
    async with gateway(tmp_path).client() as client:
        assert (await client.get("/graphiql")).status_code == 404

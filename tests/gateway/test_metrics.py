"""Metrics count what the gateway does and name nobody."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from doubles import CLIENT, gateway
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from sekisho.gateway.metrics import Metrics, exposed, registry_of, registry_of_all


def samples(text: str) -> dict[str, float]:
    """Each sample, with the values of its labels (by their names) behind its name."""
    return {
        "/".join([sample.name, *(sample.labels[label] for label in sorted(sample.labels))]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith(("_created", "_bucket"))
    }


def told_by(registry: CollectorRegistry) -> dict[str, float]:
    return samples(generate_latest(registry).decode())


async def test_requests_are_counted_by_status_and_code(tmp_path: Path) -> None:
    under_test = gateway(tmp_path)
    for query in ("{ policy { id } }", "{ policy { id } }", "{ unknown }", "{ subjects }"):
        await under_test.post(json={"query": query})
    await under_test.post(headers={"authorization": "Bearer x"})
    told = told_by(under_test.app.state.metrics.registry)

    assert {name: count for name, count in told.items() if name.startswith("sekisho_requests")} == {
        "sekisho_requests_total/EXECUTED/200": 2,
        "sekisho_requests_total/VALIDATION/400": 1,
        "sekisho_requests_total/PURPOSE_REQUIRED/400": 1,
        "sekisho_requests_total/TOKEN_INVALID/401": 1,
    }
    assert told["sekisho_request_seconds_count"] == 5
    assert told["sekisho_request_seconds_sum"] > 0


async def test_what_comes_over_an_untrusted_way_is_counted_too(tmp_path: Path) -> None:
    under_test = gateway(tmp_path, trusted_proxies="10.1.2.3")
    await under_test.post()

    assert told_by(under_test.app.state.metrics.registry)["sekisho_requests_total/PROXY_NOT_TRUSTED/403"] == 1


async def test_nobody_is_named(tmp_path: Path) -> None:
    under_test = gateway(tmp_path)
    await under_test.post(headers={"x-reference": "case-9", "x-request-id": "r-1"})
    text = generate_latest(under_test.app.state.metrics.registry).decode()

    assert not any(word in text for word in (CLIENT, "case-9", "r-1", "policy", "127.0.0.1"))


def test_what_the_engine_tells_is_counted() -> None:
    metrics = Metrics()
    metrics.decisions(permitted=8, withheld=3)
    metrics.decisions(permitted=0, withheld=2)
    metrics.log_written(seconds=0.25)
    told = told_by(metrics.registry)

    assert told["sekisho_decisions_total/permitted"] == 8
    assert told["sekisho_decisions_total/withheld"] == 5
    assert (told["sekisho_log_seconds_count"], told["sekisho_log_seconds_sum"]) == (1, 0.25)


def test_metrics_have_an_address_of_their_own_while_they_are_wanted() -> None:
    with exposed(registry_of(Metrics()), "127.0.0.1", 0) as port:
        told = samples(httpx.get(f"http://127.0.0.1:{port}/metrics").text)

    assert told["sekisho_decisions_total/permitted"] == 0
    assert told["process_open_fds"] > 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/metrics")


def test_without_a_port_there_are_none() -> None:
    with exposed(registry_of(Metrics()), "127.0.0.1", None) as port:
        assert port is None


async def test_the_gateway_itself_has_no_such_page(tmp_path: Path) -> None:
    async with gateway(tmp_path, metrics_port=0).client() as client:
        assert (await client.get("/metrics")).status_code == 404


def test_several_processes_are_added_up(tmp_path: Path) -> None:
    program = (
        "from sekisho.gateway.metrics import Metrics\n"
        "metrics = Metrics()\n"
        "metrics.request(status=200, code='EXECUTED', seconds=0.5)\n"
        "metrics.decisions(permitted=2, withheld=1)\n"
    )
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    told = told_by(registry_of_all(str(tmp_path)))

    assert told["sekisho_requests_total/EXECUTED/200"] == 2
    assert told["sekisho_request_seconds_sum"] == 1.0
    assert told["sekisho_decisions_total/permitted"] == 4

"""Settings come from the environment, whole or not at all, and keep their secrets."""

import json
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from sekisho.gateway.settings import IssuerSettings, Settings, SettingsRefused, read_settings
from sekisho.vocabulary import ReportMode


def test_defaults_are_closed() -> None:
    settings = Settings()

    assert settings.host == "127.0.0.1"
    assert settings.admitted_countries == {"JP"}
    assert not settings.legal_claims
    assert not settings.abuse_security_safety
    assert not settings.graphiql
    assert settings.issuers == ()
    assert settings.database_url is None
    assert settings.keys == settings.data_dir / "keys"


def test_values_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = {"issuer": "https://issuer.example", "jwks_file": "keys.json", "algorithms": ["ES256"]}
    for name, value in {
        "ISSUERS": json.dumps([issuer]),
        "ADMITTED_COUNTRIES": "JP, DE",
        "TRUSTED_PROXIES": '["10.0.0.0/8", "::1"]',
        "POLICY_FILES": "a.yaml,b.yaml",
        "REPORT_MODE": "errors",
        "LEGAL_CLAIMS": "true",
        "KEY_DIR": "/keys",
        "PORT": "",
    }.items():
        monkeypatch.setenv(f"SEKISHO_{name}", value)
    settings = read_settings()

    assert settings.issuers == (IssuerSettings.model_validate(issuer),)
    assert settings.admitted_countries == {"JP", "DE"}
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1"))
    assert settings.policy_files == (Path("a.yaml"), Path("b.yaml"))
    assert settings.report_mode is ReportMode.ERRORS
    assert settings.legal_claims
    assert settings.keys == Path("/keys")
    assert settings.port == 8000


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().host = "0.0.0.0"  # type: ignore[misc]  # noqa: S104 - is refused


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_DATABASE_URL", "postgresql://gateway:hunter2@db/sekisho")
    settings = read_settings()

    assert "hunter2" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value().endswith("@db/sekisho")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "hunter2", "`SEKISHO_PORT`"),
        ("REQUEST_DEADLINE_SECONDS", "nan", "`SEKISHO_REQUEST_DEADLINE_SECONDS`"),
        ("REQUEST_DEADLINE_SECONDS", "0", "`SEKISHO_REQUEST_DEADLINE_SECONDS`"),
        ("ADMITTED_COUNTRIES", "japan", "two capital letters"),
        ("TRUSTED_PROXIES", "hunter2", "`SEKISHO_TRUSTED_PROXIES"),
        ("TRUSTED_PROXIES", "[", "`SEKISHO_TRUSTED_PROXIES"),
        ("ISSUERS", "hunter2", "`SEKISHO_ISSUERS` is not JSON"),
        ("ISSUERS", '[{"issuer": "a"}]', "JWKS_FILE"),
        ("ISSUERS", '[{"issuer": "a", "jwks_file": "k", "algorithms": ["HS256"]}]', "ALGORITHMS"),
        ("ISSUERS", '[{"issuer": "a", "jwks_file": "k", "algorithms": ["none"]}]', "ALGORITHMS"),
        ("ISSUERS", '[{"issuer": "a", "jwks_file": "k"}, {"issuer": "a", "jwks_file": "l"}]', "each issuer once"),
        ("ISSUERS", '[{"issuer": "a", "jwks_file": "k", "verify": false}]', "VERIFY"),
        ("TLS_CERTFILE", "c.pem", "SEKISHO_TLS_KEYFILE"),
        ("PAGE_SIZE_DEFAULT", "101", "SEKISHO_PAGE_SIZE_MAX"),
        ("REPORT_MODE", "loud", "`SEKISHO_REPORT_MODE`"),
        ("ADMITTED_CUONTRIES", "JP", "`SEKISHO_ADMITTED_CUONTRIES` is not a setting"),
    ],
)
def test_an_unusable_setting_is_named_and_its_value_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"SEKISHO_{name}", value)

    with pytest.raises(SettingsRefused) as caught:
        read_settings()

    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_every_setting_says_what_it_is() -> None:
    for model in (Settings, IssuerSettings):
        assert [name for name, field in model.model_fields.items() if not field.description] == []

"""The settings: read once from the environment, frozen, secrets without a repr."""

import json
import os
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pydantic_settings
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic import model_validator as whole
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from sekisho.vocabulary import ReportMode

PREFIX = "SEKISHO_"

Algorithm = Literal["Ed25519", "ES256", "RS256"]


class SettingsRefused(Exception):  # noqa: N818 - a refusal, as the other rooms call it
    """The environment does not give usable settings. One line per setting; never repeats a value."""


def _listed(value: object) -> object:
    """A list written as JSON or with commas; anything that is not text stays as it is."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


def _country_codes(codes: frozenset[str]) -> frozenset[str]:
    if any(len(code) != 2 or not code.isascii() or not code.isupper() for code in codes):  # noqa: PLR2004 - alpha-2
        raise ValueError("write countries as two capital letters (ISO 3166-1 alpha-2), such as JP")
    return codes


_List = BeforeValidator(_listed)


class Execution(StrEnum):
    """How governed operations are answered."""

    COMPILED = "compiled"
    RESOLVERS = "resolvers"


class IssuerSettings(BaseModel):
    """One issuer of access tokens that this gateway trusts."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    issuer: str = Field(min_length=1, description="The `iss` claim of its tokens, compared exactly.")
    jwks_file: Path = Field(description="Its public keys, a JWK Set in a file, read at start.")
    audience: str | None = Field(None, description="The `aud` of its tokens for this gateway; default: the setting.")
    algorithms: tuple[Algorithm, ...] = Field(
        ("Ed25519", "ES256", "RS256"), min_length=1, description="Signature algorithms accepted from it."
    )


class Settings(BaseSettings):
    """All settings of a gateway process; each is the environment variable `SEKISHO_` + its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True, env_ignore_empty=True
    )

    database_url: SecretStr | None = Field(
        None, description="PostgreSQL address of the gateway's role. Without it an embedded PostgreSQL is used."
    )
    operator_database_url: SecretStr | None = Field(
        None, description="PostgreSQL address of the operator's role, for the command line only."
    )
    database_connections: int = Field(10, ge=1, description="Connections that one process answers operations on.")
    execution: Execution = Field(
        Execution.COMPILED,
        description="How governed operations are answered: `compiled` to one statement each, or field by field by"
        " `resolvers`, which is slower and answers the same.",
    )
    data_dir: Path = Field(
        default_factory=lambda: Path.home() / ".sekisho",
        description="Folder of the embedded PostgreSQL and, unless `key_dir` says otherwise, of the keys.",
    )
    key_dir: Path | None = Field(None, description="Folder of the gateway's own keys. Default: `keys` in `data_dir`.")

    host: str = Field("127.0.0.1", description="Address to listen on. Other than loopback needs TLS or a named proxy.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    tls_certfile: Path | None = Field(None, description="Certificate chain (PEM) to serve TLS with.")
    tls_keyfile: Path | None = Field(None, description="Private key (PEM) of the certificate.")
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, _List] = Field(
        (),
        description="Addresses or networks of the TLS proxy in front. When set, requests are taken from there only, "
        "and only with `X-Forwarded-Proto: https`.",
    )

    workers: int = Field(1, ge=1, le=256, description="Processes that answer; each has its own connections.")
    metrics_port: int | None = Field(
        None, ge=0, le=65535, description="Port of the metrics for Prometheus. Without it there are none."
    )
    metrics_host: str = Field(
        "127.0.0.1", description="Address of the metrics; they are open to whoever reaches it, and hold nobody's data."
    )

    audience: str = Field("sekisho", min_length=1, description="The `aud` claim that access tokens must name.")
    issuers: tuple[IssuerSettings, ...] = Field(
        (),
        description="Trusted issuers of access tokens, as JSON: a list of objects with issuer, jwks_file and,"
        " where they differ from the defaults, audience and algorithms.",
    )
    admitted_countries: Annotated[frozenset[str], NoDecode, _List, AfterValidator(_country_codes)] = Field(
        frozenset({"JP"}), description="Countries whose recipients are admitted (ISO 3166-1 alpha-2)."
    )

    policy_files: Annotated[tuple[Path, ...], NoDecode, _List] = Field(
        (), description="Policy documents, one per version. Without any, the shipped one is used."
    )
    legal_claims: bool = Field(
        default=False, description="Whether disclosure for legal claims, with a case, is enabled."
    )
    abuse_security_safety: bool = Field(
        default=False,
        description="Whether disclosure against abuse and for security and safety, with a case, is enabled.",
    )

    report_mode: ReportMode = Field(
        ReportMode.EXTENSIONS, description="How an answer tells what it withheld, unless the request says otherwise."
    )
    graphiql: bool = Field(default=False, description="Whether the GraphiQL page is served.")

    max_body_bytes: int = Field(100_000, ge=1_000, le=10_000_000, description="Longest request body, in bytes.")
    page_size_default: int = Field(20, ge=1, description="Rows of a page when the operation does not say, at most.")
    page_size_max: int = Field(100, ge=1, le=1_000, description="Rows of a page that an operation may ask for.")
    scan_bound: int = Field(1_000, ge=1, description="Subjects one statement looks at to fill a page.")
    body_deadline_seconds: float = Field(
        5.0, gt=0, allow_inf_nan=False, description="Seconds a request body may take to arrive."
    )
    request_deadline_seconds: float = Field(
        1.9,
        gt=0,
        allow_inf_nan=False,
        description="Seconds from the complete request to the answer; then nothing is released.",
    )
    statement_deadline_seconds: float = Field(
        2.0, gt=0, allow_inf_nan=False, description="Seconds after which the database itself ends a statement."
    )

    @property
    def keys(self) -> Path:
        """The folder of the gateway's own keys."""
        return self.key_dir if self.key_dir is not None else self.data_dir / "keys"

    @whole(mode="after")
    def _parts_fit(self) -> Self:
        if (self.tls_certfile is None) != (self.tls_keyfile is None):
            raise ValueError(f"set both {PREFIX}TLS_CERTFILE and {PREFIX}TLS_KEYFILE, or neither")
        if self.page_size_default > self.page_size_max:
            raise ValueError(f"set {PREFIX}PAGE_SIZE_DEFAULT to at most {PREFIX}PAGE_SIZE_MAX")
        if len({issuer.issuer for issuer in self.issuers}) != len(self.issuers):
            raise ValueError(f"name each issuer once in {PREFIX}ISSUERS")
        return self


def read_settings() -> Settings:
    """The settings of this process's environment.

    Raises `SettingsRefused` for values that do not fit and for names with the prefix that are no setting: a misspelt
    restriction must not silently stay open.
    """
    unknown = sorted(
        name
        for name in os.environ
        if name.upper().startswith(PREFIX) and name.upper().removeprefix(PREFIX).lower() not in Settings.model_fields
    )
    if unknown:
        raise SettingsRefused("\n".join(f"`{name}` is not a setting; correct its name or unset it" for name in unknown))
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsRefused("\n".join(_line(entry) for entry in error.errors(include_input=False))) from None
    except pydantic_settings.SettingsError:
        raise SettingsRefused(f"`{PREFIX}ISSUERS` is not JSON; write a list of objects") from None


def _line(entry: Any) -> str:
    place = ".".join(str(part) for part in entry["loc"])
    reason = entry["msg"].removeprefix("Value error, ")
    return f"`{PREFIX}{place.upper()}`: {reason}" if place else reason

"""The local issuer's tokens take the ordinary way, and its key stays with its owner."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from sekisho.gateway.credentials import TokenRefused, token_verifier
from sekisho.gateway.issuer import IssuerRefused, local_issuer
from sekisho.gateway.settings import Settings

AUDIENCE = "https://gateway.example/"


async def test_its_tokens_are_verified_from_its_published_keys(tmp_path: Path) -> None:
    issuer = local_issuer(tmp_path, AUDIENCE)
    verifier = token_verifier(Settings(issuers=(issuer.settings,)))
    subject = uuid4()

    as_client = await verifier.verify(issuer.issue("research-lab"))
    as_person = await verifier.verify(issuer.issue("karado-app", subject))

    assert (as_client.client_id, as_client.subject_id) == ("research-lab", None)
    assert (as_person.client_id, as_person.subject_id) == ("karado-app", subject)
    assert as_client.token_id != as_person.token_id


async def test_an_outlived_token_is_refused(tmp_path: Path) -> None:
    issuer = local_issuer(tmp_path, AUDIENCE)

    with pytest.raises(TokenRefused, match="expired"):
        await token_verifier(Settings(issuers=(issuer.settings,))).verify(
            issuer.issue("research-lab", lifetime=timedelta(seconds=-60))
        )


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    local_issuer(folder, AUDIENCE)
    first = (folder / "local-issuer.key.json").read_bytes()
    local_issuer(folder, AUDIENCE)

    assert (folder / "local-issuer.key.json").read_bytes() == first
    assert (folder / "local-issuer.key.json").stat().st_mode & 0o777 == 0o600
    assert '"d"' not in (folder / "local-issuer.jwks.json").read_text()
    assert sorted(path.name for path in folder.iterdir()) == ["local-issuer.jwks.json", "local-issuer.key.json"]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        issuers = list(pool.map(lambda _: local_issuer(tmp_path, AUDIENCE), range(16)))

    assert len({issuer._key.thumbprint() for issuer in issuers}) == 1


def test_a_key_open_to_others_is_refused(tmp_path: Path) -> None:
    local_issuer(tmp_path, AUDIENCE)
    (tmp_path / "local-issuer.key.json").chmod(0o644)

    with pytest.raises(IssuerRefused, match="chmod 600"):
        local_issuer(tmp_path, AUDIENCE)


@pytest.mark.parametrize("content", ["{}", "no json", '{"kty": "oct", "k": "AAAA"}'])
def test_a_broken_key_is_refused_with_what_to_do(tmp_path: Path, content: str) -> None:
    key_file = tmp_path / "local-issuer.key.json"
    key_file.touch(mode=0o600)
    key_file.write_text(content)

    with pytest.raises(IssuerRefused, match="delete it"):
        local_issuer(tmp_path, AUDIENCE)

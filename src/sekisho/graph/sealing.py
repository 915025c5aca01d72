"""Pseudonyms and cursors: what a caller holds of people and pages without learning anything from it."""

import base64
import binascii
import json
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sekisho.policy.lens import Lens
from sekisho.store.questions import Position

KEY_BYTES = 32
_NONCE_BYTES = 12
_PSEUDONYM_BYTES = 16


@dataclass(frozen=True, repr=False)
class SealingKeys:
    """The two secrets, 32 random bytes each. They never rotate silently: pseudonyms hang on them."""

    pseudonyms: bytes
    cursors: bytes


class Pseudonyms:
    """A permutation of the 16-byte ids, one for each recipient and top-level purpose: AES under a derived key.

    Ids of two recipients, or of one recipient's two purposes, do not join. A forged one decodes to nobody.
    """

    def __init__(self, secret: bytes, recipient_id: str, lens: Lens) -> None:
        purpose = lens.purpose.top if lens.purpose else lens.disclosure.top if lens.disclosure else lens.recipient_type
        info = json.dumps(["sekisho pseudonym", recipient_id, purpose]).encode()
        key = HKDF(SHA256(), KEY_BYTES, None, info).derive(secret)
        # One block, so that ECB is the permutation itself: nothing is chained or repeated within an id.
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305

    def conceal(self, subject_id: UUID) -> str:
        """The pseudonym: 22 characters of unpadded base64url."""
        return _encode(self._cipher.encryptor().update(subject_id.bytes))

    def reveal(self, pseudonym: str) -> UUID | None:
        """The id behind a pseudonym; `None` for a text that is none. Any 16 bytes reveal some id, likely nobody's."""
        block = _decode(pseudonym)
        if block is None or len(block) != _PSEUDONYM_BYTES:
            return None
        return UUID(bytes=self._cipher.decryptor().update(block))


class Cursors:
    """Where a page ended, encrypted and authenticated (AES-256-GCM), bound to what it may be used for."""

    def __init__(self, secret: bytes, client_id: str, lens: Lens, question: Any) -> None:
        self._aead = AESGCM(HKDF(SHA256(), KEY_BYTES, None, b"sekisho cursor").derive(secret))
        self._bound = json.dumps([client_id, lens.key, question], sort_keys=True).encode()

    def seal(self, position: Position) -> str:
        """The cursor: unpadded base64url."""
        nonce = token_bytes(_NONCE_BYTES)
        plain = json.dumps([str(position.subject_id), position.value]).encode()
        return _encode(nonce + self._aead.encrypt(nonce, plain, self._bound))

    def open(self, cursor: str) -> Position | None:
        """The position; `None` for a cursor of anybody or anything else."""
        sealed = _decode(cursor)
        if sealed is None or len(sealed) <= _NONCE_BYTES:
            return None
        try:
            plain = self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._bound)
        except InvalidTag:
            return None
        subject_id, value = json.loads(plain)
        return Position(UUID(subject_id), value)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes | None:
    """The bytes of unpadded base64url; `None` unless `text` is their one spelling."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if _encode(data) == text else None

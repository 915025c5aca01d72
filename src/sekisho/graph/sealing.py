"""Pseudonyms and cursors: what a caller holds of people and pages without learning anything from it."""

import base64
import binascii
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sekisho.policy.lens import Lens
from sekisho.store.questions import Position

KEY_BYTES = 32
_SIV_KEY_BYTES = 64
_PSEUDONYM_BYTES = 16
_SPELLED = 24


@dataclass(frozen=True, repr=False)
class SealingKeys:
    """The two secrets, 32 random bytes each. They never rotate silently: pseudonyms hang on them."""

    pseudonyms: bytes
    cursors: bytes

    @cached_property
    def cursor_key(self) -> AESSIV:
        """The key that seals cursors, derived from the gateway's secret."""
        return AESSIV(HKDF(SHA256(), _SIV_KEY_BYTES, None, b"sekisho cursor").derive(self.cursors))


class Pseudonyms:
    """A permutation of the 16-byte ids, one for each recipient and top-level purpose: AES under a derived key.

    Ids of two recipients, or of one recipient's two purposes, do not join. A forged one decodes to nobody.
    """

    def __init__(self, secret: bytes, recipient_id: str, lens: Lens) -> None:
        purpose = lens.purpose.top if lens.purpose else lens.disclosure.top if lens.disclosure else lens.recipient_type
        info = json.dumps(["sekisho pseudonym", recipient_id, purpose]).encode()
        key = HKDF(SHA256(), KEY_BYTES, None, info).derive(secret)
        # One block, so that ECB is the permutation itself: nothing is chained or repeated within an id.
        cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305
        self._conceal, self._reveal = cipher.encryptor().update, cipher.decryptor().update

    def conceal(self, subject_id: UUID) -> str:
        """The pseudonym: 22 characters of unpadded base64url."""
        return _encode(self._conceal(subject_id.bytes))

    def conceal_all(self, subject_ids: bytes) -> list[str]:
        """The pseudonyms of ids of 16 bytes each, one after the other: a whole page is one call."""
        blocks = self._conceal(subject_ids)
        starts = range(0, len(blocks), _PSEUDONYM_BYTES)
        # Padded to whole groups of three bytes, so that one encoding spells them all, each in 22 of its 24 characters.
        padded = b"".join([blocks[start : start + _PSEUDONYM_BYTES] + b"\0\0" for start in starts])
        spelled = base64.urlsafe_b64encode(padded).decode()
        return [spelled[start : start + 22] for start in range(0, len(spelled), _SPELLED)]

    def reveal(self, pseudonym: str) -> UUID | None:
        """The id behind a pseudonym; `None` for a text that is none. Any 16 bytes reveal some id, likely nobody's."""
        block = _decode(pseudonym)
        if block is None or len(block) != _PSEUDONYM_BYTES:
            return None
        return UUID(bytes=self._reveal(block))


class Cursors:
    """Where a page ended, encrypted and authenticated (AES-SIV, RFC 5297), bound to what it may be used for.

    Deterministic: the same position of the same question has the same cursor, which tells its holder nothing new.
    """

    def __init__(self, key: AESSIV, client_id: str, lens: Lens, question: Any) -> None:
        self._aead = key
        self._bound = [json.dumps([client_id, lens.key, question], sort_keys=True).encode()]

    def seal(self, position: Position) -> str:
        """The cursor: unpadded base64url."""
        plain = json.dumps([str(position.subject_id), position.value]).encode()
        return _encode(self._aead.encrypt(plain, self._bound))

    def open(self, cursor: str) -> Position | None:
        """The position; `None` for a cursor of anybody or anything else."""
        sealed = _decode(cursor)
        if sealed is None or len(sealed) <= _PSEUDONYM_BYTES:
            return None
        try:
            plain = self._aead.decrypt(sealed, self._bound)
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

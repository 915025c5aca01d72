"""The lens: the part of a request that is the same for every person."""

from dataclasses import dataclass
from typing import Self

from sekisho.vocabulary import DisclosurePurpose, Purpose, RecipientType


@dataclass(frozen=True, slots=True)
class Lens:
    """Recipient type x purpose x disclosure purpose, normalised.

    `purpose` is `None` for SELF and under the disclosure purposes that serve no use purpose; `disclosure` is `None`
    for SELF, the first party and statistics. `serves` is the activity an INCIDENTAL purpose serves.
    """

    recipient_type: RecipientType
    purpose: Purpose | None = None
    disclosure: DisclosurePurpose | None = None
    serves: Purpose | None = None

    @property
    def key(self) -> str:
        """The lens as text: four parts joined by `|`, empty where there is none."""
        return "|".join((self.recipient_type, self.purpose or "", self.disclosure or "", self.serves or ""))

    @classmethod
    def parse(cls, key: str) -> Self:
        """The lens that `key` names. Raises `ValueError` for a word that is not in the vocabulary."""
        recipient_type, purpose, disclosure, serves = key.split("|")
        return cls(
            RecipientType(recipient_type),
            Purpose(purpose) if purpose else None,
            DisclosurePurpose(disclosure) if disclosure else None,
            Purpose(serves) if serves else None,
        )

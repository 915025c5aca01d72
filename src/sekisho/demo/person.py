"""One invented person: everything about them follows from the seed and their number."""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sekisho.demo.standings import DemoStanding
from sekisho.vocabulary import BirthPrecision, ServiceContext

JAPAN = ZoneInfo("Asia/Tokyo")
PROVIDER = "HEALTH_CHECK_CENTER"
"""The invented third party that sends some people's weight."""

BY_SUBJECT, BY_DEVICE = 1, 2  # the built-in sources SUBJECT and OMRON_CONNECT_CLOUD
ORIGIN = {"service_context": ServiceContext.KARADO_APP.value, "provenance": "invented for the demonstration"}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person. `draw` is their own stream of chance; `links` and `activities` say since when.

    `source_ids` numbers the linked services and the third party by name.
    """

    index: int
    subject_id: UUID
    standing: DemoStanding
    draw: random.Random
    name: str
    login_id: str
    email: str
    born: date | None
    precision: BirthPrecision | None
    sex: str | None
    height_cm: float | None
    weight_kg: float
    joined: datetime
    links: Mapping[str, datetime] = field(default_factory=dict)
    activities: Mapping[str, datetime] = field(default_factory=dict)
    source_ids: Mapping[str, int] = field(default_factory=dict)

    @property
    def shares_weight(self) -> bool:
        """Whether the weight came from the third party."""
        return self.standing in (DemoStanding.PROVIDER_CONSENTED, DemoStanding.PROVIDER_WITHDRAWN)

    def new_id(self) -> UUID:
        """The next id of this person's stream."""
        return UUID(int=self.draw.getrandbits(128), version=4)

    def row(self, acquired_at: datetime, source: int = BY_SUBJECT, /, **told: Any) -> Row:
        """One row about this person."""
        return {
            "subject_id": self.subject_id,
            "row_id": self.new_id(),
            "source_id": source,
            "acquired_at": acquired_at,
            **ORIGIN,
            **told,
        }


def id_of(seed: int, index: int) -> UUID:
    """The internal id of the person number `index`."""
    return UUID(bytes=hashlib.sha256(f"sekisho demo/{seed}/{index}".encode()).digest()[:16], version=4)

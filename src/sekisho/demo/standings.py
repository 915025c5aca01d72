"""What kinds of people the demonstration invents: each stands differently towards the policy."""

import random
from enum import StrEnum

from sekisho.policy.document import Label


class DemoStanding(StrEnum):
    """How one invented person stands; `label` says it in words."""

    ACCEPTED = "ACCEPTED"
    MINOR = "MINOR"
    AGE_UNVERIFIED = "AGE_UNVERIFIED"
    PROCESSING_RESTRICTED = "PROCESSING_RESTRICTED"
    THIRD_PARTY_STOPPED = "THIRD_PARTY_STOPPED"
    RESEARCH_WITHDRAWN = "RESEARCH_WITHDRAWN"
    MARKETING_OBJECTED = "MARKETING_OBJECTED"
    WITHDRAWN = "WITHDRAWN"
    REFUSED = "REFUSED"
    NEVER_ACCEPTED = "NEVER_ACCEPTED"
    GOOGLE_FIT_UNLINKED = "GOOGLE_FIT_UNLINKED"
    OLD_VERSION = "OLD_VERSION"
    PROVIDER_CONSENTED = "PROVIDER_CONSENTED"
    PROVIDER_WITHDRAWN = "PROVIDER_WITHDRAWN"

    @property
    def label(self) -> Label:
        """What this standing is, in both languages."""
        return _LABELS[self]


def standing_of(seed: int, index: int) -> DemoStanding:
    """The standing of the person number `index`: every kind among the first twenty, about 70 % accepted in all."""
    if index < _FIRST:
        return _ONE_OF_EACH[index] if index < len(_ONE_OF_EACH) else DemoStanding.ACCEPTED
    draw = random.Random(f"{seed}/{index}/standing")  # noqa: S311 - invented people need no secrecy
    return draw.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]


_FIRST = 20
_ONE_OF_EACH = tuple(DemoStanding)

_WEIGHTS = {
    DemoStanding.ACCEPTED: 71,
    DemoStanding.MINOR: 3,
    DemoStanding.AGE_UNVERIFIED: 2,
    DemoStanding.PROCESSING_RESTRICTED: 1,
    DemoStanding.THIRD_PARTY_STOPPED: 2,
    DemoStanding.RESEARCH_WITHDRAWN: 4,
    DemoStanding.MARKETING_OBJECTED: 4,
    DemoStanding.WITHDRAWN: 2,
    DemoStanding.REFUSED: 1,
    DemoStanding.NEVER_ACCEPTED: 2,
    DemoStanding.GOOGLE_FIT_UNLINKED: 2,
    DemoStanding.OLD_VERSION: 2,
    DemoStanding.PROVIDER_CONSENTED: 2,
    DemoStanding.PROVIDER_WITHDRAWN: 2,
}

_LABELS = {
    DemoStanding.ACCEPTED: Label("同意済み", "accepted the policy"),
    DemoStanding.MINOR: Label("18歳未満", "under 18"),
    DemoStanding.AGE_UNVERIFIED: Label("年齢未確認", "age not verified"),
    DemoStanding.PROCESSING_RESTRICTED: Label("処理制限中", "processing restricted"),
    DemoStanding.THIRD_PARTY_STOPPED: Label("第三者提供停止中", "provision to third parties stopped"),
    DemoStanding.RESEARCH_WITHDRAWN: Label("学術研究のみ同意撤回", "withdrew consent to research only"),
    DemoStanding.MARKETING_OBJECTED: Label("マーケティングに異議", "objected to marketing"),
    DemoStanding.WITHDRAWN: Label("同意をすべて撤回", "withdrew consent as a whole"),
    DemoStanding.REFUSED: Label("同意を拒否", "refused the policy"),
    DemoStanding.NEVER_ACCEPTED: Label("未同意", "never accepted the policy"),
    DemoStanding.GOOGLE_FIT_UNLINKED: Label("Google Fit 連携解除", "unlinked Google Fit"),
    DemoStanding.OLD_VERSION: Label("旧版の規約に同意", "accepted an old version only"),
    DemoStanding.PROVIDER_CONSENTED: Label("健診機関からの取得に同意", "consented to data from a third party"),
    DemoStanding.PROVIDER_WITHDRAWN: Label(
        "健診機関からの取得の同意を撤回", "withdrew consent to data from a third party"
    ),
}

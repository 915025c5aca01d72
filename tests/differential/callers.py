"""Who asks, and what they declare: mostly what they are entitled to, sometimes not."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from town import CASES, IDS, NEIGHBOURS, PEOPLE, STUDIES

from generated_draws import Draws
from graph.village import VILLAGE_CLIENTS
from graph.world import KEYS, POLICIES
from sekisho.decision import CASE_DISCLOSURES, AccessRequest, Override, Rules, static_refusal
from sekisho.declaration import Recipient, lenses_of
from sekisho.graph.exchange import DeclaredHeaders
from sekisho.graph.sealing import Pseudonyms
from sekisho.policy.lens import Lens
from sekisho.vocabulary import DisclosurePurpose, Purpose, RecipientType

RULES = Rules(POLICIES, POLICIES.versions[0])
ITEMS = tuple(item.id for item in RULES.policies.versions[0].items)
PASSERS_BY = ("expired", "revoked", "too-early", "abroad", "unnamed", "statistics", "stranger", "nobody")
USUAL = (
    *("analytics",) * 8,
    *("app",) * 4,
    *("university", "partner", "contractor") * 3,
    *("affiliate", "linkage", "authority") * 2,
    *("capital", "research-only", "paper-only", "desk", "sign-in", "other-authority"),
)
_REFERENCES = {D: tuple(name for name, case in CASES.items() if case[1] is D) for D in CASE_DISCLOSURES}
_EXECUTIONS = {
    Purpose.MONITOR_TRIAL_EXECUTION: STUDIES["MONITOR_TRIAL"],
    Purpose.CLINICAL_RESEARCH_EXECUTION: STUDIES["CLINICAL_RESEARCH"],
}
_PLENTY = 9
_UNHEARD = ("research_academic", "RESEARCH", "", " RESEARCH_ACADEMIC", "研究")
_BARE = frozenset({"is", "disclosure", "recipient", "serves"})
_HEADERS = {"is": "purpose", "disclosure": "disclosure", "recipient": "recipient", "reference": "reference"}


@dataclass(frozen=True)
class Caller:
    """A client, whom its token speaks for, and the words it declares: `(word, value)`, in order."""

    client: str
    person: str | None
    lens: Lens
    words: tuple[tuple[str, str], ...] = ()

    @property
    def items(self) -> frozenset[str]:
        """What this caller may see of somebody, as far as that depends on nobody."""
        return permitted(self.client, self.lens)

    def pseudonym(self, name: str) -> str:
        """What this caller calls somebody."""
        known = VILLAGE_CLIENTS.get(self.client)
        return Pseudonyms(KEYS.pseudonyms, known.recipient_id if known else "nobody", self.lens).conceal(IDS[name])


@dataclass(frozen=True)
class Declared:
    """The words of a caller, put into headers and into the operation's directives."""

    headers: DeclaredHeaders = field(default_factory=DeclaredHeaders)
    directives: str = ""


@cache
def permitted(client: str, lens: Lens) -> frozenset[str]:
    """The items that the lens of a client shows of anybody at all."""
    recipient = VILLAGE_CLIENTS.get(client)
    listed = {item for case in CASES.values() if (client, lens.disclosure) == case[:2] for item in case[3]}
    override = Override(frozenset(listed)) if lens.disclosure in CASE_DISCLOSURES else None
    own = recipient.linked_service if recipient else None
    asked = (AccessRequest(lens, item, None, None, own, override) for item in ITEMS)
    return frozenset(each.item for each in asked if static_refusal(RULES, each) is None)


@cache
def lenses(client: str, *, plenty: bool) -> tuple[Lens, ...]:
    """The lenses a client is entitled to and sees something through, or the ones that show the most."""
    found = sorted(lenses_of(VILLAGE_CLIENTS[client]), key=lambda lens: lens.key)
    showing = [each for each in found if permitted(client, each)] or found
    most = [each for each in showing if len(permitted(client, each)) >= _PLENTY]
    return tuple(most if plenty and most else showing)


def caller(draws: Draws) -> Caller:
    """Somebody who may ask, or now and then somebody who may not."""
    if draws.chance(0.07):
        return _passer_by(draws)
    client = draws.one(USUAL)
    lens = draws.one(lenses(client, plenty=draws.chance(0.6)))
    person = somebody(draws) if client == "app" else None
    return Caller(client, person, lens, tuple(_words(draws, VILLAGE_CLIENTS[client], lens)))


def declared(draws: Draws, words: tuple[tuple[str, str], ...]) -> Declared:
    """The words where they may be said: in headers, in one directive or in several, in both."""
    by_header, by_directive = {}, []
    for word, value in words:
        place = draws.one(("directive", "header", "both") if word in _HEADERS else ("directive",))
        if place != "directive":
            by_header[_HEADERS[word]] = (value,) * draws.one((1, 1, 1, 2))
        if place != "header":
            by_directive.append((word, value))
    return Declared(DeclaredHeaders(**by_header), _directives(draws, by_directive))


def in_headers(words: tuple[tuple[str, str], ...]) -> DeclaredHeaders | None:
    """The words as headers alone; `None` where that cannot be."""
    if any(word not in _HEADERS for word, _ in words):
        return None
    return DeclaredHeaders(**{_HEADERS[word]: (value,) for word, value in words})


def misdeclared(draws: Draws, said: Declared) -> Declared:
    """A declaration with something missing, unknown, superfluous or contradicted."""
    spoilt = draws.one(("purpose", "disclosure", "recipient", "reference", "directive", "nothing"))
    if spoilt == "nothing":
        return Declared()
    if spoilt == "directive":
        word, value = draws.one(
            (("study", "cuff-7"), ("serves", "SALES"), ("is", "SALES"), ("reference", "x"), ("disclosure", "D9"))
        )
        return replace(said, directives=said.directives + _directives(draws, [(word, value)]))
    words = {
        "purpose": (*Purpose, *_UNHEARD),
        "disclosure": (*DisclosurePurpose, *_UNHEARD),
        "recipient": tuple(RecipientType),
        "reference": ("order-1", "order-expired", "order-unapproved", "nothing", "a\x00b"),
    }[spoilt]
    given = getattr(said.headers, spoilt) if draws.chance(0.3) else ()
    return replace(said, headers=replace(said.headers, **{spoilt: (*given, str(draws.one(words)))}))


def _passer_by(draws: Draws) -> Caller:
    lens = Lens(RecipientType.FIRST_PARTY, Purpose.RESEARCH_ACADEMIC)
    return Caller(draws.one(PASSERS_BY), None, lens, (("is", Purpose.RESEARCH_ACADEMIC),))


def somebody(draws: Draws) -> str | None:
    """Whom a token of the app speaks for; now and then nobody."""
    if draws.chance(0.02):
        return None
    return draws.one(NEIGHBOURS) if draws.chance(0.3) else draws.one(PEOPLE)


def _words(draws: Draws, recipient: Recipient, lens: Lens) -> Iterator[tuple[str, str]]:
    if lens.purpose is not None:
        yield "is", lens.purpose.value
    if lens.disclosure is not None:
        yield "disclosure", lens.disclosure.value
    if lens.serves is not None:
        yield "serves", lens.serves.value
    if lens.purpose in _EXECUTIONS:
        yield "study", draws.one(_EXECUTIONS[lens.purpose]) if draws.chance(0.95) else "nothing"
    if lens.disclosure in CASE_DISCLOSURES:
        known = [name for name in _REFERENCES[lens.disclosure] if CASES[name][0] == recipient.client_id]
        usual = (*known, "order-1") if recipient.client_id == "authority" else known
        yield "reference", draws.one(usual) if usual and draws.chance(0.9) else "order-expired"
    if draws.chance(0.05):
        yield "recipient", recipient.recipient_type.value


def _directives(draws: Draws, said: list[tuple[str, str]]) -> str:
    spelled = [f"{word}: {value}" if word in _BARE else f'{word}: "{value}"' for word, value in said]
    if not spelled:
        return " @purpose" if draws.chance(0.02) else ""
    if len(spelled) > 1 and draws.chance(0.15):
        return "".join(f" @purpose({each})" for each in spelled)
    return f" @purpose({', '.join(spelled)})"

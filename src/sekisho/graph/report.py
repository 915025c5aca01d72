"""What a caller is told of what was withheld: three codes, and never which personal reason it was."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sekisho.decision import recipient_code
from sekisho.policy.lens import Lens
from sekisho.vocabulary import Reason, RecipientCode, RecipientType, ReportMode

MESSAGES = {
    RecipientCode.POLICY: "the policy does not allow this item for this purpose and recipient",
    RecipientCode.MINIMISATION: "this item is not needed for this purpose",
    RecipientCode.SUBJECT: "withheld for this person",
}
REMEDIES = {
    RecipientCode.POLICY: "declare another purpose you are entitled to, or leave the field out",
    RecipientCode.MINIMISATION: "leave the field out, or ask the operator whether the profile should allow it",
    RecipientCode.SUBJECT: "treat it as absent; do not ask the person why",
}
CLAUSES = {
    RecipientCode.POLICY: "policy, lines 33-55",
    RecipientCode.MINIMISATION: "minimisation profile (not in the policy text)",
}
ERROR_CODE = "UNAUTHORIZED_FIELD_OR_TYPE"

Path = tuple[str | int, ...]


@dataclass
class Report:
    """Withheld fields by schema coordinate and code, with the paths they stand at."""

    lens: Lens
    found: dict[tuple[str, RecipientCode, Reason | None], list[Path]] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        """Whether the caller is the person themself and learns exact reasons."""
        return self.lens.recipient_type is RecipientType.SELF

    def withhold(self, coordinate: str, reason: Reason, path: Path, *, sourced: bool = False) -> None:
        """A field was withheld at `path`; `sourced`: because of where this person's datum came from."""
        exact = reason if self.exact else None
        code = RecipientCode.SUBJECT if sourced else recipient_code(reason)
        self.found.setdefault((coordinate, code, exact), []).append(path)

    def extensions(self) -> list[dict[str, Any]]:
        """One entry per coordinate and code; paths only where the answer differs from person to person."""
        entries = []
        for (coordinate, code, exact), paths in sorted(self.found.items(), key=lambda each: each[0][:2]):
            entry = {**_entry(coordinate, code, exact), "remedy": REMEDIES[code]}
            if code in CLAUSES:
                entry["clause"] = CLAUSES[code]
            else:
                entry["paths"] = sorted(map(list, paths), key=_order)
            entries.append(entry)
        return entries

    def errors(self) -> list[dict[str, Any]]:
        """One error per withheld path (code `UNAUTHORIZED_FIELD_OR_TYPE`)."""
        return [
            {
                "message": MESSAGES[code],
                "path": list(path),
                "extensions": {"code": ERROR_CODE, "withheld": code.value, "coordinate": coordinate},
            }
            for (coordinate, code, _), paths in sorted(self.found.items(), key=lambda each: each[0][:2])
            for path in sorted(paths, key=_order)
        ]

    def said(self, mode: ReportMode) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Errors and extensions as `mode` says them."""
        if not self.found or mode is ReportMode.SILENT:
            return [], {}
        if mode is ReportMode.ERRORS:
            return self.errors(), {}
        return [], {"withheld": self.extensions()}


def _entry(coordinate: str, code: RecipientCode, exact: Reason | None) -> dict[str, Any]:
    entry = {"coordinate": coordinate, "code": code.value, "message": MESSAGES[code]}
    return entry if exact is None else {**entry, "reason": exact.value}


def _order(path: Iterable[str | int]) -> list[tuple[str, int]]:
    return [("", step) if isinstance(step, int) else (step, 0) for step in path]

"""How much one operation may ask for."""

from dataclasses import dataclass

from sekisho.declaration import Refused
from sekisho.vocabulary import Refusal


@dataclass(frozen=True, slots=True)
class Limits:
    """Pages of people and of rows, how far a page may scan, and the size of a document in tokens."""

    page: int = 20
    page_max: int = 100
    rows: int = 20
    rows_max: int = 200
    scan: int = 2_000
    tokens: int = 5_000


def size(asked: int | None, default: int, most: int, name: str) -> int:
    """A page size, as asked or by default. Raises `Refused` outside 1 to `most`."""
    if asked is None:
        return default
    if not 1 <= asked <= most:
        raise Refused(Refusal.PAGE_SIZE_INVALID, f"`{name}` must be from 1 to {most}; ask for fewer and page on")
    return asked

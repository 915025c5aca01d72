"""The lines of a CSV file, one at a time: where each begins, and how far the file is read."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import NamedTuple

_GUESSES = ("utf-8-sig", "cp932")
_CHUNK = 1 << 20


class FileRefused(Exception):  # noqa: N818 - a verdict on the file, with what to do
    """The file cannot be read as a CSV file; nothing of it was imported."""


class Line(NamedTuple):
    """One record: the line it begins on (the header is line 1), its fields, and the bytes read so far."""

    number: int
    fields: list[str]
    bytes_done: int


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV file of a known encoding; each reading of `lines` starts anew."""

    path: Path
    encoding: str
    delimiter: str

    @classmethod
    def at(cls, path: Path, encoding: str | None, delimiter: str) -> "CsvFile":
        """The file at `path`; without `encoding` it is UTF-8, or else cp932. Raises `FileRefused`."""
        stated = encoding and ("utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding)
        for guess in (stated,) if stated else _GUESSES:
            if _decodes(path, guess):
                return cls(path, guess, delimiter)
        tried = encoding or " nor ".join(_GUESSES)
        raise FileRefused(f"`{path.name}` is not {tried}; state its `encoding` in the mapping")

    def lines(self) -> Iterator[Line]:
        """Every record, the header first. Raises `FileRefused` where the file stops being CSV."""
        with self.path.open("rb") as raw, TextIOWrapper(raw, self.encoding, newline="") as text:
            reader = csv.reader(text, delimiter=self.delimiter, strict=True)
            begins = 1
            try:
                for fields in reader:
                    if fields:
                        yield Line(begins, fields, raw.tell())
                    begins = reader.line_num + 1
            except csv.Error as error:
                raise FileRefused(f"line {begins}: this is not CSV ({error}); check quotes and the delimiter") from None


def positions(header: list[str], wanted: set[str]) -> dict[str, int]:
    """Where each wanted column stands. Raises `FileRefused` for a column that is missing or stands twice."""
    names = [name.strip() for name in header]
    if missing := sorted(wanted - set(names)):
        raise FileRefused(f"line 1: the file has no column `{missing[0]}`, which the mapping names; check both")
    if twice := sorted(name for name in wanted if names.count(name) > 1):
        raise FileRefused(f"line 1: the column `{twice[0]}` stands twice; rename one of them")
    return {name: names.index(name) for name in wanted}


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as raw:
            while chunk := raw.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    except OSError as error:
        told = (error.strerror or str(error)).lower()
        raise FileRefused(f"`{path.name}` cannot be read ({told}); name a CSV file") from error
    return True

"""`sekisho decide`: cases in, verdicts out, for anyone who holds the decision against a model of their own."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from sekisho.cli.refusals import FAILED
from sekisho.judging import Judge
from sekisho.policy.load import load_policy, shipped_policy
from sekisho.spelling import CaseError, parse


def decide(
    file: Annotated[Path, typer.Argument(help="Cases, one JSON object on each line; `-` reads standard input.")] = Path(
        "-"
    ),
    policy: Annotated[Path | None, typer.Option(help="A policy document; the shipped one unless told.")] = None,
) -> None:
    """Judge cases: JSON lines in, one JSON line out for each, in their order. No database, no clock.

    A line that is no case is answered by an object with `error`, and the exit code is 1 then.

    Example: sekisho decide cases.jsonl > verdicts.jsonl
    """
    judge = Judge(load_policy(policy) if policy else shipped_policy())
    if str(file) == "-":
        good = _answer(judge, sys.stdin.buffer)
    else:
        with file.open("rb") as lines:
            good = _answer(judge, lines)
    if not good:
        raise typer.Exit(FAILED)


def _answer(judge: Judge, lines: Iterable[bytes]) -> bool:
    """Answer every line; whether all of them were cases. Blank lines are passed over."""
    good = True
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        answer = _judged(judge, line, number)
        good = good and "error" not in answer
        sys.stdout.write(json.dumps(answer, separators=(",", ":")) + "\n")
        sys.stdout.flush()
    return good


def _judged(judge: Judge, line: bytes, number: int) -> dict[str, Any]:
    try:
        return judge.answer(parse(line.decode("utf-8")))
    except CaseError as error:
        return {"error": str(error), "member": error.member, "line": number}
    except ValueError:  # not UTF-8, or a number of thousands of digits
        return {"error": "this line is no JSON that can be read; write it in UTF-8", "member": "case", "line": number}

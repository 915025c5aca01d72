from pathlib import Path

from sekisho.graph.schema import build, print_sdl
from sekisho.policy.document import Policies
from sekisho.policy.load import shipped_policy

GOLDEN = Path(__file__).parents[1] / "schema.graphql"


def test_the_schema_is_the_reviewed_one() -> None:
    printed = print_sdl(build(Policies((shipped_policy(),))))
    assert GOLDEN.read_text("utf-8") == printed, "review the change, then run `sekisho schema > schema.graphql`"

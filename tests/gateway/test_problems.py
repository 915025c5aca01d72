"""The table of problems holds every code, once, with something to do."""

from http import HTTPStatus

import pytest

from sekisho.gateway.codes import Code, DocumentCode, FieldCode, TransportCode
from sekisho.gateway.head import MediaType
from sekisho.gateway.problems import problem, problem_rows
from sekisho.gateway.replies import graph_reply
from sekisho.graph.exchange import GraphAnswer, Stage
from sekisho.vocabulary import Refusal

EVERY_CODE: list[Code] = [*Refusal, *TransportCode, *DocumentCode, *FieldCode]


@pytest.mark.parametrize("code", EVERY_CODE)
def test_every_code_has_a_row_with_a_sentence_and_a_remedy(code: Code) -> None:
    row = problem(code)

    assert row.code is code
    assert row.title
    assert row.remedy
    assert row.title[0].islower()
    assert row.remedy[0].islower()
    assert not row.message.endswith(".")
    assert HTTPStatus(row.status)


def test_no_two_codes_are_spelt_alike_and_no_row_is_left_over() -> None:
    assert sorted(row.code for row in problem_rows()) == sorted({str(code) for code in EVERY_CODE})


@pytest.mark.parametrize("refusal", list(Refusal))
def test_a_refusal_never_answers_with_success(refusal: Refusal) -> None:
    answer = GraphAnswer(Stage.REFUSED, errors=({"message": "", "extensions": {"code": refusal}},), refusal=refusal)

    from_graphql = graph_reply(answer, MediaType.GRAPHQL_RESPONSE)
    from_json = graph_reply(answer, MediaType.JSON)

    assert from_graphql.status == from_json.status == problem(refusal).status
    assert problem(refusal).status >= 400

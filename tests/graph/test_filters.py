"""`where` and `orderBy`: on what the lens shows, in three-valued logic, and never a way around a refusal."""

import json
from datetime import date
from typing import Any

import pytest

from databases import Database
from graph.asking import RESEARCH, SURVEY, found, page, refusal_of
from graph.world import World, an_event
from sekisho.policy.lens import Lens

PRESENT = {"aiko", "chie", "dan", "haru", "kei", "mei"}
"""Who is there for research. `kei`'s height is refused for its source; `haru` has nothing stored."""

UNIVERSITY = Lens.parse("JOINT_RESEARCH_PARTNER|RESEARCH_ACADEMIC|PROCESSING_FOR_USE_PURPOSE|")


async def test_without_a_condition_everybody_present_is_found(settled: World) -> None:
    assert set(await found(settled, "")) == PRESENT


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("{heightCm: {gt: 160}}", {"aiko", "chie", "dan"}),
        ("{heightCm: {gte: 155, lt: 160}}", {"mei"}),
        ("{heightCm: {lte: 155}}", {"mei"}),
        ("{heightCm: {eq: 160.5}}", {"aiko", "chie", "dan"}),
        ("{heightCm: {in: [155, 171.5]}}", {"mei"}),
        ("{heightCm: {in: []}}", set()),
        ("{not: {heightCm: {in: []}}}", PRESENT - {"kei"}),
        ("{sex: {eq: FEMALE}}", {"aiko", "chie", "mei"}),
        ("{sex: {in: [MALE, OTHER]}}", {"dan", "kei"}),
        ("{sex: {isNull: true}}", {"haru"}),
        ("{sex: {isNull: false}}", PRESENT - {"haru"}),
        ("{and: [{sex: {eq: FEMALE}}, {heightCm: {lt: 160}}]}", {"mei"}),
        ("{sex: {eq: FEMALE}, heightCm: {lt: 160}}", {"mei"}),
        ("{or: [{sex: {eq: OTHER}}, {heightCm: {lt: 160}}]}", {"kei", "mei"}),
        ("{or: []}", set()),
        ("{and: []}", PRESENT),
        ("{}", PRESENT),
        ("{not: {sex: {eq: FEMALE}}}", {"dan", "kei"}),
        ("{sex: {eq: null}}", set()),
        ("{not: {sex: {eq: null}}}", set()),
        ("{or: [{sex: {eq: OTHER}}, {heightCm: {in: null}}]}", {"kei"}),
        ("{sex: null}", PRESENT),
    ],
)
async def test_a_condition_finds_whom_it_says(settled: World, where: str, expected: set[str]) -> None:
    assert set(await found(settled, f"where: {where}")) == expected


@pytest.mark.parametrize(
    "where",
    [
        "{heightCm: {isNull: true}}",
        "{heightCm: {isNull: false}}",
        "{not: {heightCm: {isNull: true}}}",
        "{not: {heightCm: {isNull: false}}}",
        "{heightCm: {gt: 0}}",
        "{not: {heightCm: {gt: 0}}}",
        "{heightCm: {lt: 0}}",
        "{not: {heightCm: {lt: 0}}}",
        "{or: [{heightCm: {gt: 0}}, {not: {heightCm: {gt: 0}}}]}",
        "{or: [{heightCm: {isNull: true}}, {heightCm: {isNull: false}}]}",
        "{not: {and: [{heightCm: {isNull: true}}, {sex: {eq: OTHER}}]}}",
        "{not: {not: {heightCm: {isNull: true}}}}",
        "{heightCm: {in: [171.5]}}",
        "{not: {heightCm: {in: [171.5]}}}",
        "{not: {heightCm: {in: []}}}",
    ],
)
async def test_a_comparison_of_what_is_refused_for_a_person_is_unknown_and_so_is_its_negation(
    settled: World, where: str
) -> None:
    assert "kei" not in await found(settled, f"where: {where}")


async def test_unknown_or_true_is_true(settled: World) -> None:
    assert "kei" in await found(settled, "where: {or: [{heightCm: {gt: 0}}, {sex: {eq: OTHER}}]}")


async def test_unknown_and_false_is_false_so_that_its_negation_holds(settled: World) -> None:
    assert "kei" in await found(settled, "where: {not: {and: [{heightCm: {gt: 0}}, {sex: {eq: MALE}}]}}")


async def test_a_filter_sees_the_year_where_only_the_year_is_shown(settled: World) -> None:
    assert set(await found(settled, 'where: {birthDate: {eq: "1985"}}')) == {"aiko", "dan", "kei"}
    assert set(await found(settled, 'where: {birthDate: {eq: "1985-05-01"}}')) == set()
    assert set(await found(settled, 'where: {birthDate: {gt: "1985"}}')) == {"mei"}
    assert set(await found(settled, 'where: {birthDate: {in: ["1972", "2000"]}}')) == {"chie", "mei"}


async def test_a_filter_sees_the_start_of_the_band_where_only_the_band_is_shown(settled: World) -> None:
    assert set(await found(settled, "where: {age: {eq: 40}}")) == {"aiko", "dan", "kei"}
    assert set(await found(settled, "where: {age: {gt: 40}}")) == {"chie"}
    assert set(await found(settled, "where: {age: {gte: 41}}")) == {"chie"}
    assert set(await found(settled, "where: {age: {eq: 41}}")) == set()


async def test_bands_do_not_tell_a_birthday(database: Database) -> None:
    world = await World.founded(database, "analytics")
    for name, day in (("born first", 1), ("born amid", 2), ("born last", 31)):
        await world.person(name, birth_date=date(1985, 1 if day == 1 else 12, day))
    by_person = sorted(world.people, key=lambda name: world.people[name])
    for field in ("AGE", "BIRTH_DATE"):
        assert await found(world, f"orderBy: {{field: {field}}}") == by_person
        assert await found(world, f"orderBy: {{field: {field}, direction: DESC}}") == by_person[::-1]


async def test_what_is_refused_is_ordered_like_what_is_absent_and_last_either_way(settled: World) -> None:
    ascending = await found(settled, "orderBy: {field: HEIGHT_CM}")
    descending = await found(settled, "orderBy: {field: HEIGHT_CM, direction: DESC}")
    assert (ascending[0], descending[3]) == ("mei", "mei")
    assert set(ascending[-2:]) == set(descending[-2:]) == {"kei", "haru"}
    assert ascending[-2:] == descending[-2:]
    assert set(ascending) == set(descending) == PRESENT


async def test_conditions_ask_only_people_whom_the_lens_may_find(settled: World) -> None:
    everybody = "where: {or: [{sex: {isNull: true}}, {sex: {isNull: false}}]}"
    assert set(await found(settled, everybody)) == PRESENT
    assert set(await found(settled, everybody, UNIVERSITY, "university")) == PRESENT - {"dan"}


REFUSED = (
    "where: {heightCm: {gt: 0}}",
    "where: {heightCm: {}}",
    "where: {heightCm: {isNull: true}}",
    "where: {not: {heightCm: {isNull: true}}}",
    "where: {and: [{or: [{not: {heightCm: {eq: -1}}}]}]}",
    'where: {or: [{sex: {eq: MALE}}, {birthDate: {eq: "1985"}}]}',
    "orderBy: {field: WEIGHT_KG}",
    "orderBy: {field: BIRTH_DATE, direction: DESC}",
)


@pytest.mark.parametrize("arguments", REFUSED)
async def test_a_filter_on_what_is_statically_refused_refuses_the_operation_whoever_lives_there(
    settled: World, database: Database, arguments: str
) -> None:
    nobody = await World.founded(database, "analytics")
    for world in (settled, nobody):
        before = await world.log()
        answer = await page(world, arguments, SURVEY, request_id=f"refused {arguments}")
        assert refusal_of(answer) == "FILTER_NOT_PERMITTED"
        (row,) = [row for row in await world.log() if row not in before]
        assert (row.outcome, row.refusal, row.subjects) == ("REFUSED", "FILTER_NOT_PERMITTED", ())


async def test_a_refused_filter_touches_no_data_also_behind_a_root_field_that_would(database: Database) -> None:
    world = await World.founded(database, "analytics")
    await world.person("aiko")
    statements = await world.statements(
        "analytics",
        "query ($id: ID!) @purpose(is: SURVEY_REQUEST) { a: subject(id: $id) { attributes { sex } }"
        " b: subjects { edges { node { id } } } c: subjects(orderBy: {field: WEIGHT_KG}) { edges { node { id } } } }",
        variables={"id": world.pseudonym("aiko", "analytics", SURVEY)},
        refusal="FILTER_NOT_PERMITTED",
    )
    assert not [each for each in statements if "subject_attribute" in each or "subject_state" in each]


async def test_a_window_of_time_that_may_not_be_asked_touches_no_data(database: Database) -> None:
    world = await World.founded(database, "contractor")
    await world.person("aiko")
    since = 'since: "2026-01-01T00:00:00Z"'
    for times in (since, 'until: "2026-01-01T00:00:00Z"', "since: $when"):
        variables = "$when: DateTime = null, $yes: Boolean!" if "$when" in times else "$yes: Boolean!"
        listed = f"... @include(if: $yes) {{ accessHistory({times}) {{ page }} }}"
        statements = await world.statements(
            "contractor",
            f"query ({variables}) {{ subjects {{ edges {{ ...P }} }} }}"
            f" fragment P on SubjectEdge {{ node {{ {listed} }} }}",
            disclosure="CONTRACT_POLICY_ENFORCEMENT",
            variables={"when": "2026-01-01T00:00:00Z", "yes": True},
            refusal="FILTER_NOT_PERMITTED",
        )
        assert not [each for each in statements if "access_record" in each or "subject_state" in each]


@pytest.mark.parametrize(
    "asked",
    [
        "accessHistory(since: $when)",
        "accessHistory(since: null)",
        'accessHistory(since: "2026-01-01T00:00:00Z") @skip(if: true)',
    ],
)
async def test_a_window_that_is_not_asked_refuses_nothing(settled: World, asked: str) -> None:
    answer = await settled.ask(
        "contractor",
        f"query ($when: DateTime) {{ subjects {{ edges {{ node {{ id {asked} {{ page }} }} }} }} }}"
        if "$when" in asked
        else f"{{ subjects {{ edges {{ node {{ id {asked} {{ page }} }} }} }} }}",
        disclosure="CONTRACT_POLICY_ENFORCEMENT",
    )
    assert answer.refusal is None
    assert answer.data


async def test_times_may_be_asked_where_they_may_be_read(settled: World) -> None:
    answer = await settled.ask(
        "contractor",
        'query ($id: ID!) { subject(id: $id) { accessHistory(since: "2026-03-02T00:00:00Z") { accessedAt } } }',
        purpose="SERVICE_ADMINISTRATION",
        disclosure="CUSTOMER_SUPPORT",
        variables={
            "id": settled.pseudonym(
                "aiko", "contractor", Lens.parse("OPERATIONS_CONTRACTOR|SERVICE_ADMINISTRATION|CUSTOMER_SUPPORT|")
            )
        },
    )
    assert answer.data == {"subject": {"accessHistory": [{"accessedAt": "2026-03-02T06:30:00.000000Z"}]}}


async def test_a_moment_without_an_offset_is_refused(settled: World) -> None:
    for text in ("2026-03-01T00:00:00", "2026-03-01", "noon", "0001-01-01T00:00:00+14:00", "\x00"):
        asked = "query ($at: DateTime) { subjects { edges { node { measurements(since: $at) { value } } } } }"
        answer = await settled.ask("analytics", asked, purpose="RESEARCH_ACADEMIC", variables={"at": text})
        assert answer.stage == "VALIDATION"


async def test_a_date_is_compared_as_a_date_or_not_at_all(settled: World) -> None:
    for text in ("\x00", "1985 ", "' OR TRUE --", "19850501", "昭和60年"):
        answer = await page(settled, "where: {birthDate: {eq: $x}}".replace("$x", json.dumps(text)))
        assert refusal_of(answer) == "FILTER_NOT_PERMITTED"


async def test_a_condition_of_too_many_parts_is_refused(settled: World) -> None:
    assert refusal_of(await page(settled, f"where: {{or: [{'{sex: {eq: MALE}} ' * 49}]}}")) is None
    assert refusal_of(await page(settled, f"where: {{or: [{'{sex: {eq: MALE}} ' * 50}]}}")) == "FILTER_NOT_PERMITTED"


async def test_what_was_filtered_and_ordered_by_is_recorded_as_disclosed(settled: World) -> None:
    await page(
        settled,
        "where: {not: {or: [{sex: {eq: FEMALE}}, {heightCm: {lt: 1}}]}}, orderBy: {field: AGE}",
        request_id="uses",
    )
    (row,) = await settled.log("uses")
    uses = list(zip(row.coordinates, row.uses, row.transforms, strict=True))
    assert uses == [
        ("Attributes.age", "ORDER", "BAND"),
        ("Attributes.heightCm", "FILTER", "FULL"),
        ("Attributes.sex", "FILTER", "FULL"),
    ]
    handles = await settled.handles()
    letters = {handles[each]: letters for each, letters in zip(row.subjects, row.outcomes, strict=True)}
    assert letters == {"dan": "vvv"}


async def test_an_item_both_filtered_and_ordered_by_has_both_uses(settled: World) -> None:
    await page(settled, "where: {age: {isNull: false}}, orderBy: {field: AGE}", request_id="both uses")
    (row,) = await settled.log("both uses")
    assert list(zip(row.coordinates, row.uses, strict=True)) == [
        ("Attributes.age", "FILTER"),
        ("Attributes.age", "ORDER"),
    ]


async def test_what_was_refused_or_absent_while_ordering_is_recorded_as_such(settled: World) -> None:
    await page(settled, "orderBy: {field: HEIGHT_CM}", request_id="order letters")
    (row,) = await settled.log("order letters")
    handles = await settled.handles()
    letters = {handles[each]: letters for each, letters in zip(row.subjects, row.outcomes, strict=True)}
    assert letters == {"aiko": "v", "chie": "v", "dan": "v", "mei": "v", "kei": "s", "haru": "e"}


async def test_a_filter_on_what_a_person_refuses_is_recorded_as_withheld(database: Database) -> None:
    world = await World.founded(database, "analytics")
    deny: dict[str, Any] = {"scope": {"categories": ["ATTRIBUTE"]}}
    await world.person("aiko", an_event("OBJECTION", **deny))
    assert await found(world, "orderBy: {field: HEIGHT_CM}") == ["aiko"]
    (row,) = await world.log()
    assert (row.uses, row.outcomes) == (("ORDER",), ("w",))
    for where in ("{heightCm: {isNull: true}}", "{not: {heightCm: {isNull: true}}}", "{heightCm: {eq: 160.5}}"):
        assert await found(world, f"where: {where}", RESEARCH) == []

"""Minimisation: of what a supplier sent, exactly the granted fields stay."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.house import a_question
from tests.law.inventing import PERSON, SUCCESSOR, a_flow

from kruispunt.exchange import keep
from kruispunt.law import Field, Flow, Sensitivity, ValueType
from kruispunt.sources import Cause, WrongSource
from kruispunt.vocabulary import FieldName, Reply, Row, Value

CBE = "0403019261"
NSSO = "0123456789"


def a_field(
    kind: ValueType = ValueType.STR,
    *,
    name: str = "a",
    required: bool = False,
    max_length: int = 5,
    digits: tuple[int, int] | None = (5, 2),
) -> Field:
    return Field(
        name=FieldName(name),
        terms={"nl": name, "en": name},
        type=kind,
        sensitivity=Sensitivity.SOCIAL,
        required=required,
        paragraph="§1",
        max_length=max_length,
        digits=digits,
    )


def a_flow_of(*fields: Field, max_rows: int = 9) -> Flow:
    flow = a_flow()
    return replace(flow, fields=fields, limits=replace(flow.limits, max_rows=max_rows))


def kept(*rows: Mapping[str, object], flow: Flow, fields: tuple[str, ...]) -> tuple[Row, ...]:
    return keep(
        Reply(ssin=PERSON, rows=rows),
        question=a_question(),
        flow=flow,
        fields=tuple(map(FieldName, fields)),
    )


def value_of(given: object, field: Field) -> Value:
    return kept({"a": given}, flow=a_flow_of(field), fields=("a",))[0][FieldName("a")]


def cause_of(*rows: Mapping[str, object], flow: Flow, fields: tuple[str, ...] = ("a",)) -> Cause:
    with pytest.raises(WrongSource) as wrong:
        kept(*rows, flow=flow, fields=fields)
    return wrong.value.cause


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ValueType.STR, "abcde"),
        (ValueType.STR, ""),
        (ValueType.CODE, "00120"),
        (ValueType.BOOL, True),
        (ValueType.BOOL, False),
        (ValueType.INT, 0),
        (ValueType.INT, 2**53 - 1),
        (ValueType.INT, -(2**53) + 1),
        (ValueType.DECIMAL, "123.45"),
        (ValueType.DECIMAL, "-123.4"),
        (ValueType.DECIMAL, "000123.00"),
        (ValueType.DECIMAL, "7"),
        (ValueType.DECIMAL, "0.00"),
        (ValueType.DECIMAL, "0" * 40),
        (ValueType.EUR, "38.00"),
        (ValueType.DATE, "2024-02-29"),
        (ValueType.DATE, "0001-01-01"),
        (ValueType.INCOMPLETE_DATE, "2024-02-29"),
        (ValueType.INCOMPLETE_DATE, "2024-02-00"),
        (ValueType.INCOMPLETE_DATE, "2024-00-00"),
        (ValueType.QUARTER, "2024Q4"),
        (ValueType.SSIN, PERSON.digits),
        (ValueType.CBE, CBE),
        (ValueType.NSSO, NSSO),
    ],
)
def test_a_value_of_its_type_stays_as_it_is(kind: ValueType, value: Value):
    assert value_of(value, a_field(kind)) == value


WRONG: list[tuple[ValueType, object]] = [
    (ValueType.STR, "abcdef"),
    (ValueType.STR, 1),
    (ValueType.STR, True),
    (ValueType.CODE, "001200"),
    (ValueType.CODE, 12),
    (ValueType.BOOL, 1),
    (ValueType.BOOL, "true"),
    (ValueType.INT, True),
    (ValueType.INT, "1"),
    (ValueType.INT, 1.0),
    (ValueType.INT, 2**53),
    (ValueType.INT, -(2**53)),
    (ValueType.DECIMAL, 123.45),
    (ValueType.DECIMAL, 123),
    (ValueType.DECIMAL, "1234"),
    (ValueType.DECIMAL, "-1000.00"),
    (ValueType.DECIMAL, "1.234"),
    (ValueType.DECIMAL, "1.230"),
    (ValueType.DECIMAL, "1e2"),
    (ValueType.DECIMAL, "1_0"),
    (ValueType.DECIMAL, " 1"),
    (ValueType.DECIMAL, "1\n"),
    (ValueType.DECIMAL, "+1"),
    (ValueType.DECIMAL, ".5"),
    (ValueType.DECIMAL, "1."),
    (ValueType.DECIMAL, "NaN"),
    (ValueType.DECIMAL, "Infinity"),
    (ValueType.DECIMAL, "\u0661"),
    (ValueType.DECIMAL, ""),
    (ValueType.DECIMAL, "0" * 41),
    (ValueType.EUR, "1,00"),
    (ValueType.DATE, "2023-02-29"),
    (ValueType.DATE, "2024-13-01"),
    (ValueType.DATE, "2024-02-00"),
    (ValueType.DATE, "20240201"),
    (ValueType.DATE, "2024-W01-1"),
    (ValueType.DATE, "2024-02-01T00:00"),
    (ValueType.DATE, 20240201),
    (ValueType.INCOMPLETE_DATE, "2023-02-29"),
    (ValueType.INCOMPLETE_DATE, "2023-00-05"),
    (ValueType.INCOMPLETE_DATE, "+202-01-01"),
    (ValueType.INCOMPLETE_DATE, "2_02-01-01"),
    (ValueType.INCOMPLETE_DATE, "2024-1-1"),
    (ValueType.INCOMPLETE_DATE, None.__class__),
    (ValueType.QUARTER, "2024Q5"),
    (ValueType.QUARTER, "2024Q1\n"),
    (ValueType.QUARTER, "\u0662024Q1"),
    (ValueType.SSIN, int(PERSON.digits)),
    (ValueType.OTHER_SSIN, int(PERSON.digits)),
    (ValueType.OTHER_SSIN, PERSON.digits[::-1]),
    (ValueType.CBE, "0403019262"),
    (ValueType.CBE, "403019261"),
    (ValueType.NSSO, "12345678901"),
    (ValueType.NSSO, 123456789),
    (ValueType.GROUP, []),
    (ValueType.GROUP, "x"),
]


@pytest.mark.parametrize(("kind", "value"), WRONG)
def test_a_value_of_another_type_form_or_size_spoils_the_reply(kind: ValueType, value: object):
    flow = a_flow_of(a_field(kind))

    assert cause_of({"a": value}, flow=flow) is Cause.WRONG_TYPE


def test_every_type_of_value_is_tried():
    assert {kind for kind, _ in WRONG} == set(ValueType)


@pytest.mark.parametrize("value", [1, [], {}, "x" * 41])
@pytest.mark.parametrize("kind", [kind for kind, _ in WRONG if kind is not ValueType.INT])
def test_no_type_takes_a_list_an_object_or_what_is_far_too_long(kind: ValueType, value: object):
    flow = a_flow_of(a_field(kind))

    assert cause_of({"a": value}, flow=flow) is Cause.WRONG_TYPE


def test_an_amount_without_digits_in_the_law_has_two_behind_the_point():
    field = a_field(ValueType.EUR, digits=None)

    assert value_of("1234567890123.99", field) == "1234567890123.99"
    assert cause_of({"a": "12345678901234"}, flow=a_flow_of(field)) is Cause.WRONG_TYPE
    assert cause_of({"a": "1.999"}, flow=a_flow_of(field)) is Cause.WRONG_TYPE


def test_a_fraction_may_use_all_digits():
    field = a_field(ValueType.DECIMAL, digits=(2, 2))

    assert value_of("0.75", field) == "0.75"
    assert cause_of({"a": "1.75"}, flow=a_flow_of(field)) is Cause.WRONG_TYPE


def test_fields_that_the_ground_withholds_are_dropped_unread():
    flow = a_flow_of(a_field(name="a"), a_field(ValueType.DATE, name="b"))

    rows = kept({"a": "x", "b": "not a day"}, flow=flow, fields=("a",))

    assert rows == ({"a": "x"},)


def test_fields_that_nobody_knows_are_dropped():
    rows = kept({"a": "x", "secret": "y"}, flow=a_flow_of(a_field()), fields=("a",))

    assert rows == ({"a": "x"},)


def test_a_field_that_the_flow_does_not_have_is_never_given():
    rows = kept({"a": "x", "b": "y"}, flow=a_flow_of(a_field()), fields=("a", "b"))

    assert rows == ({"a": "x"},)


def test_values_stand_in_the_order_of_the_ground_and_not_of_flow_or_reply():
    flow = a_flow_of(a_field(name="a"), a_field(name="b"), a_field(name="c"))

    rows = kept({"c": "3", "a": "1", "b": "2"}, flow=flow, fields=("b", "c", "a"))

    assert [list(row.items()) for row in rows] == [[("b", "2"), ("c", "3"), ("a", "1")]]


@pytest.mark.parametrize("row", [{}, {"a": None}])
def test_what_the_supplier_does_not_know_is_null(row: dict[str, object]):
    assert kept(row, flow=a_flow_of(a_field()), fields=("a",)) == ({"a": None},)


@pytest.mark.parametrize("row", [{}, {"a": None}])
def test_a_required_field_that_is_missing_spoils_the_reply(row: dict[str, object]):
    assert cause_of(row, flow=a_flow_of(a_field(required=True))) is Cause.MISSING_FIELD


def test_a_required_field_that_was_not_granted_is_not_missed():
    flow = a_flow_of(a_field(name="a"), a_field(name="b", required=True))

    assert kept({"a": "x"}, flow=flow, fields=("a",)) == ({"a": "x"},)


def test_a_reply_about_another_person_is_no_answer():
    with pytest.raises(WrongSource) as wrong:
        keep(Reply(ssin=SUCCESSOR, rows=()), question=a_question(), flow=a_flow_of(), fields=())

    assert wrong.value.cause is Cause.OTHER_PERSON


def test_a_row_may_tell_of_another_person_where_the_field_is_for_that():
    flow = a_flow_of(a_field(ValueType.OTHER_SSIN))

    (row,) = kept({"a": SUCCESSOR.digits}, flow=flow, fields=("a",))

    assert row == {"a": SUCCESSOR.digits}


def test_one_row_about_another_person_spoils_all():
    flow = a_flow_of(a_field(ValueType.SSIN))
    own, other = {"a": PERSON.digits}, {"a": SUCCESSOR.digits}

    assert cause_of(own, own, other, flow=flow) is Cause.OTHER_PERSON


def test_as_many_rows_as_the_flow_allows_and_not_one_more():
    flow = a_flow_of(a_field(), max_rows=2)

    assert len(kept({}, {}, flow=flow, fields=("a",))) == 2
    assert cause_of({}, {}, {}, flow=flow) is Cause.TOO_MANY_ROWS


def test_no_rows_is_no_data():
    assert kept(flow=a_flow_of(a_field(required=True)), fields=("a",)) == ()


def test_a_fault_never_repeats_the_value():
    with pytest.raises(WrongSource) as wrong:
        kept({"a": "85073003328"}, flow=a_flow_of(a_field(ValueType.DATE)), fields=("a",))

    assert "850730" not in str(wrong.value) + repr(wrong.value) + wrong.value.detail
    assert wrong.value.__cause__ is None

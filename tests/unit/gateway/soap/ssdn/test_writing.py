"""Whatever a source says is a text inside its element, and nothing else."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kruispunt.gateway.soap.ssdn.writing import Days, Xml, joined, leaf, node
from kruispunt.vocabulary import Period

NEVER = "\ufffe\uffff"


def held(text: str) -> str:
    """What XML can hold of a text."""
    return "".join(one for one in text if one in "\t\n\r" or (one >= " " and one not in NEVER))


@given(st.text())
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    written = node("a", leaf("b", text))

    root = etree.fromstring(written)

    assert [one.tag for one in root.iter()] == (["a", "b"] if text else ["a"])
    assert (root.findtext("b") or "") == held(text).replace("\r\n", "\n").replace("\r", "\n")


@given(st.text())
def test_any_value_of_an_attribute_stays_one(text: str) -> None:
    root = etree.fromstring(node("a", leaf("b", "x"), origin=text))

    assert dict(root.attrib) == {"origin": held(text)}


def test_what_is_not_there_is_not_written() -> None:
    assert node("a", leaf("b", None), leaf("c", ""), leaf("d", 0)) == "<a><d>0</d></a>"
    assert joined([Xml("<a/>"), Xml("<b/>")]) == "<a/><b/>"


def test_days_are_counted_over_all_periods_of_a_reply() -> None:
    days = Days()

    first = days.period("p", Period(date(2031, 1, 1)))
    second = days.period("p", Period(date(2031, 1, 1), date(2031, 2, 1)))

    assert "ns4:StartDate" in first
    assert "EndDate" not in first
    assert "ns5:StartDate" in second
    assert ">2031-01-31</ns6:EndDate>" in second

"""Whatever is sent as classic XML gets a reply that its schema knows, with a documented code."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.gateway.soap.ssdn.givens import (
    SaidWaist,
    Told,
    a_service,
    answered,
    codes,
    envelope,
    reply_to,
    texts,
)
from tests.unit.gateway.soap.ssdn.test_access import SaidIntegration
from tests.unit.gateway.soap.ssdn.test_access import a_request as a_registration
from tests.unit.gateway.soap.ssdn.test_consulting import (
    a_consultation,
    an_inquiry,
    an_insurance,
    during,
)
from tests.unit.gateway.soap.ssdn.test_envelope_of_ssdn import IDENTIFY
from tests.unit.gateway.soap.ssdn.test_identify import NUMBER, PHONETIC, data
from tests.unit.gateway.soap.ssdn.test_identify import a_request as an_identification
from tests.unit.gateway.soap.ssdn.test_xmlite import employer, personnel

from kruispunt.vocabulary import Answer, Question

SEEDS = (
    envelope(IDENTIFY, IDENTIFY),
    an_identification(NUMBER, data("Dot", "2001-01-01")),
    an_identification(PHONETIC),
    a_registration("REGISTER"),
    a_registration("LIST"),
    an_inquiry(),
    a_consultation(),
    an_insurance(during("Assurability")),
    personnel(),
    employer(),
)
DOCUMENTED = {
    *("30000001", "20000001", "31000007", "31000050", "31009001", "31300000", "31300010"),
    *("12000100", "12007001", "21007001", "22007007"),
}
PIECES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        (
            "<",
            ">",
            "/>",
            "</",
            "&",
            "&#0;",
            "&lol;",
            "<!DOCTYPE a>",
            "<![CDATA[",
            "]]>",
            "<x/>",
            "0000-00-00",
            "9999-12-31",
            "99999999999999999999",
            "-1",
            " ",
        )
    ),
)


class EmptyWaist(SaidWaist):
    """Has no data on anyone."""

    async def serve(self, question: Question) -> Answer:
        return answered()

    async def serve_many(self, questions: Sequence[Question]) -> Sequence[Told]:
        return [answered() for _ in questions]


SERVICE = a_service(EmptyWaist(), integration=SaidIntegration())


@given(st.data())
async def test_any_message_gets_a_documented_reply(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SEEDS))
    for _ in range(data.draw(st.integers(0, 3))):
        begin = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(begin, min(len(text), begin + 30)))
        text = text[:begin] + data.draw(PIECES) + text[end:]

    root = await reply_to(SERVICE, text)

    assert DOCUMENTED.issuperset(codes(root))
    assert set(texts(root, "ReturnCode")) <= {"0", "1", "10000"}

"""A request of which nothing can be said holds up no other."""

from datetime import timedelta

import pytest
from tests.circuit_house import a_circuit
from tests.post_house import ONE

from kruispunt.exchange import Relay, Request
from kruispunt.exchange.relay import Matter
from kruispunt.vocabulary import MailKind

DAYS = timedelta(days=11)


async def test_one_whose_law_is_not_kept_does_not_stop_the_sweep(monkeypatch: pytest.MonkeyPatch):
    real = Relay.of

    async def of(self: Relay, request: Request) -> Matter:
        if request.told == "poison":
            raise FileNotFoundError("no lawbook with this digest is kept")
        return await real(self, request)

    monkeypatch.setattr(Relay, "of", of)
    circuit = a_circuit(ONE)
    await circuit.ask(message=1, ticket="poison")
    await circuit.ask(message=2, ticket="case 7")
    circuit.clock.pass_by(DAYS)

    assert await circuit.node.post.sweep() == 2

    late = circuit.node.mails(MailKind.FAILURE)
    assert [mail.ticket for mail in late] == ["case 7"]

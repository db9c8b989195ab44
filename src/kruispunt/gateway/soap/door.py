"""The routes of the SOAP door: envelopes in, replies and faults out, WSDL for anyone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from kruispunt.gateway.soap.caller import SoapGate
from kruispunt.gateway.soap.envelope import CLIENT, MEDIA_TYPE, SERVER, SoapFault, fault, opened
from kruispunt.gateway.soap.port import SoapService
from kruispunt.gateway.soap.signing import ReplySigner
from kruispunt.gateway.soap.xml import LARGE, MAX_BYTES, NotXml, learn, read_in_turn, read_xml
from kruispunt.vocabulary import NotAuthenticated, NotFound, Problem, ProofKind, WrongSignature
from kruispunt.web import HttpReply, Request, Route

SOAP_PATH: Final = "/soap/"
AT_ONCE: Final = 64
"""Envelopes in work in one process: one at a time may hold 64 MB while it is read."""

NOT_PROVEN: Final = "expected a caller that is proven"
"""Said of every caller who is not, whatever is wrong."""

_DESCRIBED: Final = re.compile(r"wsdl|xsd=[0-9]{1,3}", re.ASCII)
_log: Final = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapDoor:
    """The services at `/soap/{service}`, and what describes each.

    `url` is our own address, for those who come to the open door.
    """

    gate: SoapGate
    services: Sequence[SoapService]
    url: str
    signer: ReplySigner | None = None
    """By what replies are signed to whoever signed the request; None: they are not."""

    @property
    def routes(self) -> list[Route]:
        """What a door adds to its table."""
        template = SOAP_PATH + "{service}"
        return [
            Route(
                method="POST",
                template=template,
                handler=self.answer,
                media_type=MEDIA_TYPE,
                other_type="application/xml",
                max_body=MAX_BYTES,
                at_once=AT_ONCE,
            ),
            Route(method="GET", template=template, handler=self.describe),
        ]

    async def answer(self, request: Request) -> HttpReply:
        """The reply to an envelope, or a fault that tells no more than it must.

        A certificate or password that is shown must hold before the envelope is read. A signature
        stands inside: without another proof, an envelope of 64 KB at most is looked into for it.
        """
        service, is_signed = self._service(request.argument), False
        try:
            shown = await self.gate.shown(request)
            if not shown.proofs and len(request.body) > LARGE:
                raise NotAuthenticated("expected a proof outside an envelope of this size")
            found = opened(await read_in_turn(read_xml, request.body))
            caller = await self.gate.caller(request, found, shown)
            is_signed = caller.proof.kind is ProofKind.WS_SECURITY
            reply = await service.answer(request, found, caller)
            if found.header is None:  # what stands in headers is new each time
                learn(request.body)
        except SoapFault as wrong:
            reply = fault(wrong.code, wrong.words, detail=wrong.detail, status=wrong.status)
        except NotXml as wrong:
            reply = fault(CLIENT, wrong.rule)
        except (NotAuthenticated, WrongSignature):
            reply = self._not_proven(request)
        except Problem as problem:
            reply = problem_fault(problem)
        except Exception:  # noqa: BLE001 - the door: what nobody expected is told here, once
            _log.exception("soap.fault", trace=request.trace.trace_id)
            reply = fault(SERVER, "internal error")
        return self.signer.sign(reply, now=self.gate.now()) if is_signed and self.signer else reply

    async def describe(self, request: Request) -> HttpReply:
        """The WSDL of a service, and the schemas that it imports: for anyone."""
        service = self._service(request.argument)
        path, _, query = request.target.partition("?")
        name = query.lower()
        front = self.gate.front if request.private else None
        address = (front.url if front else self.url) + path
        found = service.wsdl(name, address) if _DESCRIBED.fullmatch(name) else None
        if found is None:
            raise NotFound("expected ?wsdl, or a schema that it imports")
        headers = {"content-type": "text/xml; charset=utf-8"}
        return HttpReply(status=200, headers=headers, body=found)

    def _service(self, path: str) -> SoapService:
        for one in self.services:
            if one.path == path:
                return one
        raise NotFound("no service of this name is answered here")

    def _not_proven(self, request: Request) -> HttpReply:
        if not self.gate.takes_passwords(request):
            return fault(CLIENT, NOT_PROVEN)
        asked = fault(CLIENT, NOT_PROVEN, status=401)
        wanted = {"www-authenticate": 'Basic realm="kruispunt", charset="UTF-8"'}
        return replace(asked, headers={**asked.headers, **wanted})


def problem_fault(problem: Problem) -> HttpReply:
    """A problem as a fault: whose it is, and the words that anyone may hear."""
    code = CLIENT if problem.status < 500 else SERVER
    reply = fault(code, problem.detail or problem.title)
    if problem.retry_after_s is None:
        return reply
    return replace(reply, headers={**reply.headers, "retry-after": str(problem.retry_after_s)})

"""The REST door: bytes become questions here, and answers and problems leave."""

from kruispunt.gateway import file_told
from kruispunt.gateway.answers import AnswerDoor
from kruispunt.gateway.cases import CaseDoor
from kruispunt.gateway.declarations import DeclarationDoor
from kruispunt.gateway.door import Door
from kruispunt.gateway.file_lines import LineFile, WrongFile
from kruispunt.gateway.mail import MailDoor, Opener
from kruispunt.gateway.mailbox import MailboxDoor
from kruispunt.gateway.many import Room, many_reply
from kruispunt.gateway.openapi import openapi
from kruispunt.gateway.openapi_cases import openapi_cases
from kruispunt.gateway.parse import Entrance
from kruispunt.gateway.proven import KeyHolders, Signed
from kruispunt.gateway.reading import kept_body
from kruispunt.gateway.reply import WORDS, answer_reply, refusal_reply, told_reply
from kruispunt.gateway.soap import (
    Passwords,
    ReplySigner,
    SoapCaller,
    SoapDoor,
    SoapGate,
    SoapService,
    reasons,
    ssdn_service,
)
from kruispunt.gateway.soap.soa import soa_services, wsdl_files
from kruispunt.gateway.waist import Waist

__all__ = [
    "WORDS",
    "AnswerDoor",
    "CaseDoor",
    "DeclarationDoor",
    "Door",
    "Entrance",
    "KeyHolders",
    "LineFile",
    "MailDoor",
    "MailboxDoor",
    "Opener",
    "Passwords",
    "ReplySigner",
    "Room",
    "Signed",
    "SoapCaller",
    "SoapDoor",
    "SoapGate",
    "SoapService",
    "Waist",
    "WrongFile",
    "answer_reply",
    "file_told",
    "kept_body",
    "many_reply",
    "openapi",
    "openapi_cases",
    "reasons",
    "refusal_reply",
    "soa_services",
    "ssdn_service",
    "told_reply",
    "wsdl_files",
]

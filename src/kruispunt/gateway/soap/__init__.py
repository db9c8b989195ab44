"""The SOAP door: envelopes become the same questions here, and the same answers leave as XML."""

from kruispunt.gateway.soap.caller import SoapGate
from kruispunt.gateway.soap.door import SOAP_PATH, SoapDoor
from kruispunt.gateway.soap.passwords import Passwords
from kruispunt.gateway.soap.port import Opened, SoapCaller, SoapService
from kruispunt.gateway.soap.signing import ReplySigner
from kruispunt.gateway.soap.ssdn import ssdn_service

__all__ = [
    "SOAP_PATH",
    "Opened",
    "Passwords",
    "ReplySigner",
    "SoapCaller",
    "SoapDoor",
    "SoapGate",
    "SoapService",
    "ssdn_service",
]

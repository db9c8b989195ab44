"""The one thing we read in a certificate ourselves: from when until when it is valid."""

from datetime import UTC, datetime
from typing import Final

_SEQUENCE: Final = 0x30
_VERSION: Final = 0xA0
_TIMES: Final = {0x17: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}
"""UTCTime with two digits for the year (50 to 49), and GeneralizedTime."""


class WrongCertificate(ValueError):
    """Bytes that are no certificate."""


def validity(der: bytes) -> tuple[datetime, datetime]:
    """The first and the last second in which a certificate is valid (RFC 5280 § 4.1.2.5).

    Raises:
        WrongCertificate: these bytes are not one.
    """
    whole = _inside(der, _SEQUENCE)[0]
    signed = _inside(whole, _SEQUENCE)[0]
    if signed[:1] == bytes((_VERSION,)):
        signed = _inside(signed, _VERSION)[1]
    for _ in ("serial number", "algorithm", "issuer"):
        signed = _inside(signed, None)[1]
    times = _inside(signed, _SEQUENCE)[0]
    _, rest = _inside(times, None)
    return _time(times), _time(rest)


def _time(data: bytes) -> datetime:
    value, _ = _inside(data, None)
    form = _TIMES.get(data[0])
    if form is None:
        raise WrongCertificate("expected a time")
    try:
        said = datetime.strptime(value.decode("ascii"), form).replace(tzinfo=UTC)
    except ValueError:
        raise WrongCertificate("expected a time") from None
    is_short = data[0] == min(_TIMES)
    return said.replace(year=said.year - 100) if is_short and said.year >= 2050 else said


def _inside(data: bytes, tag: int | None) -> tuple[bytes, bytes]:
    """What stands in the first element, and what comes after it."""
    if len(data) < 2 or (tag is not None and data[0] != tag):
        raise WrongCertificate("expected another element")
    length, begin = data[1], 2
    if length >= 0x80:
        begin += length & 0x7F
        if not 1 <= length & 0x7F <= 3 or len(data) < begin:
            raise WrongCertificate("expected a length")
        length = int.from_bytes(data[2:begin])
    if len(data) < begin + length:
        raise WrongCertificate("expected more bytes")
    return data[begin : begin + length], data[begin + length :]

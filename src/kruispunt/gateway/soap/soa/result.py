"""What a reply of a flow's service says after its status: period, ground, rows, receipt."""

from base64 import b64encode
from collections.abc import Sequence

from kruispunt.client import PeriodBody
from kruispunt.gateway.soap.soa.common_v3 import put
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import Answer, FieldName, Receipt, Value


def write_result(parent: Element, answer: Answer, names: Sequence[FieldName]) -> None:
    """An answer, with or without rows. `names`: the flow's fields, in its order.

    A field that is not known stands in no row; one that is not given stands in `withheld`.
    """
    result = put(parent, "result")
    if answer.about is not None:
        write_days(result, PeriodBody.of(answer.about))
    ground = put(result, "ground")
    put(ground, "clause", answer.ground.clause)
    put(ground, "deliberation", answer.ground.deliberation)
    put(ground, "paragraph", answer.ground.paragraph)
    for row in answer.rows:
        written = put(result, "row")
        for name in names:
            value = row.get(name)
            if value is not None:
                put(written, name, written_value(value))
    for withheld in answer.ground.withheld:
        one = put(result, "withheld")
        put(one, "field", withheld.field)
        put(one, "reason", withheld.reason)
        if withheld.paragraph:
            put(one, "paragraph", withheld.paragraph)


def write_receipt(parent: Element, receipt: Receipt) -> None:
    """Proof of the look, which whoever asked can check without us."""
    said = put(parent, "receipt")
    put(said, "entry", str(receipt.entry))
    put(said, "recordedAt", receipt.recorded_at.isoformat().replace("+00:00", "Z"))
    put(said, "leaf", _bytes(receipt.leaf))
    put(said, "index", str(receipt.index))
    put(said, "size", str(receipt.size))
    for step in receipt.path:
        put(said, "path", _bytes(step))
    put(said, "root", _bytes(receipt.root))
    put(said, "origin", receipt.origin)
    put(said, "keyId", receipt.key_id)
    put(said, "signature", _bytes(receipt.signature))


def write_days(parent: Element, days: PeriodBody) -> None:
    """A period as messages write it: with its last day."""
    period = put(parent, "period")
    put(period, "beginDate", days.begin_date.isoformat())
    if days.end_date is not None:
        put(period, "endDate", days.end_date.isoformat())


def written_value(value: Value) -> str:
    """A value as XML writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bytes(of: bytes) -> str:
    return b64encode(of).decode()

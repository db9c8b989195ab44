"""The sealer's process: it goes on after whatever happens, and shouts where it must stop."""

import asyncio
from pathlib import Path
from random import Random

import pytest
from structlog.testing import capture_logs

from kruispunt.audit import HistoryChanged
from kruispunt.cli import seal
from kruispunt.cli.place import Place
from kruispunt.cli.seal import Sealing, seal_on
from kruispunt.vocabulary import InstitutionCode, Unavailable
from kruispunt.web import make_key


@pytest.mark.parametrize(
    ("fault", "event", "level"),
    [
        (HistoryChanged("the database is older"), "seal.stopped", "critical"),
        (Unavailable("the database is away"), "seal.away", "warning"),
        (OSError("no space left on device"), "seal.away", "warning"),
    ],
)
async def test_what_goes_wrong_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, event: str, level: str
):
    tried: list[Sealing] = []

    async def fails(sealing: Sealing) -> None:
        tried.append(sealing)
        raise fault

    monkeypatch.setattr(seal, "_seal", fails)
    monkeypatch.setattr(seal, "SHOUT_S", 0.01)
    monkeypatch.setattr(seal, "AGAIN_S", 0.01)
    key = make_key("HUB", key_id="HUB/1", random_bytes=Random(1).randbytes)
    sealing = Sealing(code=InstitutionCode("HUB"), place=Place(state=tmp_path), signer=key)

    with capture_logs() as told, pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await seal_on(sealing)

    assert len(tried) > 1
    assert (told[0]["event"], told[0]["log_level"], told[0]["seat"]) == (event, level, "HUB")

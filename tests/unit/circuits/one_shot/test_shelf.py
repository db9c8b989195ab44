"""What came of a one-time file is kept whole, whoever else is writing."""

import asyncio
from pathlib import Path
from stat import S_IMODE
from uuid import UUID

from kruispunt.circuits.one_shot import Shelf
from kruispunt.client import BatchContent, ListedBody, WireRow, canonical

MAIL = UUID(int=7)
DROP: WireRow = {"transition_date": "2021-10-01", "daily_amount": "41.20"}
BATCH = BatchContent(
    file=UUID(int=1),
    purpose="asr-benefits",
    consumer="NIC",
    persons=(ListedBody(ssin="85073003328", rows=({"degressivity": [DROP]},)),),
)


def test_a_batch_is_kept_whole_and_the_draft_of_another_process_is_left_alone(tmp_path: Path):
    unfinished = tmp_path / f"{MAIL}.draft"
    unfinished.write_text("half of")

    kept = asyncio.run(Shelf(folder=tmp_path).keep(MAIL, canonical(BATCH)))

    (file,) = tmp_path.glob("*.csv")
    assert (kept, file.name, S_IMODE(file.stat().st_mode)) == (1, f"{MAIL}.csv", 0o600)
    assert unfinished.read_text() == "half of"
    assert sorted(tmp_path.iterdir()) == sorted([file, unfinished])

"""Small disks: where none can be made, that is said and nothing is filled."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from storm import disk as disks
from storm.disk import make_disk
from storm.faults import FAULTS
from storm.kept import Window
from storm.scene import Scene


def test_where_nothing_can_be_mounted_both_reasons_are_kept_and_the_folder_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refused(*words: str) -> str:
        return f"{words[0]}: no leave"

    monkeypatch.setattr(disks, "_run", refused)

    made = make_disk(tmp_path, tmp_path / "image")
    made.close()

    assert made.why_not == "mkfs.ext4: no leave; mount: no leave"
    assert tmp_path.is_dir()
    assert not (tmp_path / "image").exists()


async def test_a_disk_that_was_not_made_is_skipped_and_said_so(tmp_path: Path):
    unmade = disks.SmallDisk(image=tmp_path / "i", where=tmp_path, why_not="no leave")
    scene = cast("Scene", SimpleNamespace(disk=unmade, floor=unmade))
    windows = [
        Window(fault=name, began=0, began_at=datetime.now(UTC))
        for name in ("disk-full", "folder-full")
    ]

    for window in windows:
        await FAULTS[window.fault](scene, window)

    assert [window.skipped for window in windows] == ["no leave", "no leave"]
    assert not (tmp_path / "ballast").exists()

"""A population on disk: one file per frame, marked as synthetic."""

from pathlib import Path
from typing import Final, Literal

import polars as pl

from kruispunt.people.population import Population

Format = Literal["parquet", "csv"]
FORMATS: Final[tuple[Format, ...]] = ("parquet", "csv")

SSINS: Final = ("ssin", "successor", "reference_ssin")
SSIN_DIGITS: Final = 11

MARK: Final = "SYNTHETIC.txt"
MARK_TEXT: Final = """Everything in this folder is synthetic: generated, not collected.
Never load it into a database that holds real people, never send a number of it to a real service.
"""


def write_folder(people: Population, folder: Path, *, form: Format) -> dict[str, int]:
    """Write every frame and the mark; returns the rows of each. Existing files are overwritten."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text(MARK_TEXT)
    for name, frame in people.frames().items():
        path = folder / f"{name}.{form}"
        if form == "parquet":
            frame.write_parquet(path)
        else:
            _written(frame).write_csv(path)
    return {name: frame.height for name, frame in people.frames().items()}


def _written(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers of people with all their digits: a text file has no other way to keep the zeros."""
    numbers = [name for name in SSINS if name in frame.columns]
    return frame.with_columns(pl.col(numbers).cast(pl.String).str.zfill(SSIN_DIGITS))

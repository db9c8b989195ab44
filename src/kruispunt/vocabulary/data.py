"""Where a country's data stands: beside the code in a checkout, else inside the package."""

from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[1]


def data_folder(name: str) -> Path:
    """The folder `law`, `country` or `migrations`.

    Raises:
        FileNotFoundError: neither the package nor the checkout holds it.
    """
    for folder in (PACKAGE / "_data" / name, PACKAGE.parents[1] / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the data folder {name!r} is not installed")

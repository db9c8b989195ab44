from pathlib import Path
from shutil import copytree

import pytest

from kruispunt.people import Country, ParametersWrong, read_country
from kruispunt.vocabulary import data_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copytree(data_folder("country"), tmp_path / "country")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_codes_keep_their_zeros(country: Country):
    categories = country.activities["employer_category_code"].to_list()

    assert "024" in categories


@pytest.mark.parametrize(
    ("file", "old", "new", "where"),
    [
        ("people.toml", "years = 20", "years = 0", r"people\.toml: .*\$\.history\.years"),
        ("people.toml", "years = 20", "jaren = 20", r"people\.toml: .*jaren"),
        ("people.toml", "bis_share = 0.03", "bis_share = 3", r"people\.toml: .*\$\.numbers"),
        ("people.toml", "[history]", "[history", r"people\.toml: "),
        ("municipalities.csv", ",nl,15000", ",nl,many", r"\.csv: line 2: .*inhabitants"),
        ("municipalities.csv", ",nl,15000", ",atlantis,15000", r"\$\.region: .*atlantis"),
        ("names.csv", "nl,male", "nl,robot", r"names\.csv: line 2: .*kind"),
        ("activities.csv", "nace,", "nacebel,", r"activities\.csv: line 2: "),
        ("people.toml", "weights = { nl = 53, fr = 27, de = 55 }", "weights = { nl = 53 }",
         r"people\.toml: \$\.insurers\[0\]\.weights: .*de, fr"),
        ("people.toml", 'nl = [{ code = "BV"', 'xx = [{ code = "BV"',
         r"people\.toml: \$\.employer_directory\.forms: .*nl"),
        ("streets.csv", "language,name", "language,street", r"streets\.csv: line 2: "),
        ("mandataries.csv", ",ELECTRONIC,", ",PIGEON,", r"mandataries\.csv: line 2: .*channel"),
        ("people.toml", "children = false\nshare = 0.57", "children = true\nshare = 0.57",
         r"people\.toml: \$\.households\.kinds"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_its_file_and_place(
    folder: Path, file: str, old: str, new: str, where: str
):
    change(folder / file, old, new)

    with pytest.raises(ParametersWrong, match=where):
        read_country(folder)


def test_a_missing_file_is_named(folder: Path):
    (folder / "names.csv").unlink()

    with pytest.raises(ParametersWrong, match=r"names\.csv: expected this file"):
        read_country(folder)


def test_a_list_without_rows_is_refused(folder: Path):
    path = folder / "nationalities.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n")

    with pytest.raises(ParametersWrong, match=r"nationalities\.csv: expected at least one row"):
        read_country(folder)

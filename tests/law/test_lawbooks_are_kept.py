"""A lawbook is known by its digest, which follows its meaning and nothing else."""

import shutil
from pathlib import Path

import pytest

from kruispunt.law import LawWrong, find_lawbook, keep_lawbook, read_lawbook
from kruispunt.vocabulary import LawDigest, data_folder

LAWBOOK = read_lawbook()


@pytest.fixture
def law(tmp_path: Path) -> Path:
    return Path(shutil.copytree(data_folder("law"), tmp_path / "law"))


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_digest_is_that_of_the_kept_file(tmp_path: Path) -> None:
    path = keep_lawbook(LAWBOOK, tmp_path / "kept")
    again = keep_lawbook(LAWBOOK, tmp_path / "kept")

    assert path == again
    assert path.name == f"{LAWBOOK.digest}.json"
    assert [one.name for one in (tmp_path / "kept").iterdir()] == [path.name]


def test_a_kept_lawbook_comes_back_as_it_was(tmp_path: Path) -> None:
    keep_lawbook(LAWBOOK, tmp_path)

    assert find_lawbook(LAWBOOK.digest, tmp_path) == LAWBOOK


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc/passwd", ""])
def test_a_digest_that_is_not_kept_is_not_found(tmp_path: Path, digest: str) -> None:
    with pytest.raises(FileNotFoundError):
        find_lawbook(LawDigest(digest), tmp_path)


def test_a_kept_lawbook_that_was_touched_is_not_believed(tmp_path: Path) -> None:
    path = keep_lawbook(LAWBOOK, tmp_path)
    path.write_bytes(path.read_bytes() + b" ")

    with pytest.raises(LawWrong, match="expected digest"):
        find_lawbook(LAWBOOK.digest, tmp_path)


def test_a_file_of_another_form_is_not_believed(tmp_path: Path) -> None:
    digest = LawDigest("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
    (tmp_path / f"{digest}.json").write_text("{}", encoding="utf-8")

    with pytest.raises(LawWrong, match="missing required field"):
        find_lawbook(digest, tmp_path)


def test_spaces_comments_and_the_order_of_files_and_clauses_change_no_digest(law: Path) -> None:
    deliberation = law / "deliberations/2005/05-022.toml"
    head, *clauses = deliberation.read_text(encoding="utf-8").split("[[clauses]]")
    turned = "\n\n[[clauses]]".join(["# a comment\n" + head, *reversed(clauses)])
    deliberation.write_text(turned, encoding="utf-8")
    deliberation.rename(law / "deliberations/2005/a.toml")
    (law / "deliberations/2005/05-022.cases.toml").rename(law / "deliberations/2005/a.cases.toml")
    rows = (law / "codes/qualities.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (law / "codes/qualities.csv").write_text("".join([rows[0], *reversed(rows[1:])]), "utf-8")

    assert read_lawbook(law).digest == LAWBOOK.digest


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("deliberations/2005/05-022.toml", "from = 2024-10-01", "from = 2024-10-02"),
        ("deliberations/2005/05-022.toml", 'rule = "OVERLAP"', 'rule = "EVER"'),
        ("deliberations/2005/05-022.toml", '"worker_code", ', ""),
        ("deliberations/2005/05-022.toml", 'paragraph = "§20"', 'paragraph = "§21"'),
        ("flows/L609.toml", "max_rows = 1", "max_rows = 2"),
        ("flows/L609.toml", '["010", "030"]', '["010"]'),
        ("sources/RSZ_DIMONA.toml", 'sensitivity = "id"', 'sensitivity = "contact"'),
        ("institutions/institutions.csv", ",active,", ",historical,"),
        ("purposes.toml", "declaration of a social risk", "declaration of a risk"),
        ("withholding.toml", "named by no paragraph", "not named"),
        ("codes/sectors.csv", "Rijksregister", "Register"),
    ],
)
def test_whatever_means_something_changes_the_digest(
    law: Path, file: str, old: str, new: str
) -> None:
    rewrite(law / file, old, new)

    assert read_lawbook(law).digest != LAWBOOK.digest

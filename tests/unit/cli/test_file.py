from pathlib import Path

import pytest

from kruispunt.cli import file as command


@pytest.mark.parametrize("order", ["a b", "x" * 65, "é", "a/b"])
def test_an_order_that_is_no_word_is_refused_before_anything_is_done(
    tmp_path: Path, order: str, capsys: pytest.CaptureFixture[str]
):
    file, into = tmp_path / "lines.csv", tmp_path / "told.csv"
    file.write_text("ssin\n")

    ended = command.take(
        file, institution="A", flow="b", purpose="c", into=into, order=order, state=tmp_path
    )

    assert ended == command.WRONG
    assert "expected an order" in capsys.readouterr().err
    assert not into.exists()

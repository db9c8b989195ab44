from pathlib import Path

import pytest

from kruispunt.cli.settings import (
    Settings,
    WrongSettings,
    describe_settings,
    read_settings,
    state_folder,
)


def test_without_a_file_every_setting_has_a_safe_default(tmp_path: Path):
    assert read_settings(tmp_path) == Settings()


def test_a_file_changes_only_what_it_names(tmp_path: Path):
    (tmp_path / "settings.toml").write_text("[commit]\nmax-group = 64\n")

    settings = read_settings(tmp_path)

    assert settings.commit.max_group == 64
    assert settings.commit.max_waiting == Settings().commit.max_waiting


@pytest.mark.parametrize(
    "text", ["[commit]\nmax-grup = 64\n", "[commit]\nmax-group = 0\n", "commit =", "[other]\n"]
)
def test_a_file_with_a_mistake_stops_us_and_is_named(tmp_path: Path, text: str):
    (tmp_path / "settings.toml").write_text(text)

    with pytest.raises(WrongSettings, match=r"settings\.toml"):
        read_settings(tmp_path)


def test_every_setting_is_described():
    rows = {row.key: row for row in describe_settings()}

    assert rows["commit.max-group"].default == "256"
    assert rows["commit.max-group"].type == "int"
    assert all(row.description.endswith(".") for row in rows.values())


def test_the_state_folder_is_as_given_then_by_environment_then_here():
    environ = {"KRUISPUNT_STATE": "/srv/state"}

    assert state_folder(environ, Path("/given")) == Path("/given")
    assert state_folder(environ) == Path("/srv/state")
    assert state_folder({}) == Path.cwd() / ".kruispunt"

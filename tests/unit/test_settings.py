"""docs/settings.md and the settings are held together both ways."""

import re
from pathlib import Path

import pytest

from dermdash.settings import Settings, current_settings

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"
ROW = re.compile(r"^\| `(DERMDASH_[A-Z_]+)` \| (.+?) \| (.+) \|$", re.MULTILINE)


def documented() -> dict[str, tuple[str, str]]:
    """Variable to default and meaning as the document has them."""
    return {name: (default, meaning) for name, default, meaning in ROW.findall(DOCUMENT.read_text("utf-8"))}


def plain(text: str) -> str:
    return text.replace("`", "").strip()


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    assert set(documented()) == {f"DERMDASH_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_the_documented_default_and_meaning_are_those_of_the_code(name: str) -> None:
    field = Settings.model_fields[name]
    default, meaning = documented()[f"DERMDASH_{name.upper()}"]
    value = field.default
    expected = f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, bool):
        expected = expected.lower()
    assert plain(default) == (expected or "empty")
    assert plain(meaning) == field.description


def test_a_variable_of_the_environment_sets_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DERMDASH_SESSION_DAYS", "3")
    monkeypatch.setenv("DERMDASH_HOME", "/elsewhere")
    settings = Settings()
    assert settings.session_days == 3
    assert settings.resolved_database_url == "duckdb:////elsewhere/dermdash.duckdb"


@pytest.mark.parametrize(("name", "value"), [("SESSION_DAYS", "0"), ("WORKERS", "-1"), ("MAX_IMAGE_MEGAPIXELS", "x")])
def test_a_value_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"DERMDASH_{name}", value)
    with pytest.raises(ValueError, match=name.lower()):
        Settings()


def test_the_settings_of_now_are_those_of_the_environment_whenever_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = current_settings()
    assert current_settings() is before
    for value in ("7", "8"):
        monkeypatch.setenv("DERMDASH_SESSION_DAYS", value)
        assert current_settings() == Settings()
        assert current_settings().session_days == int(value)
    monkeypatch.delenv("DERMDASH_SESSION_DAYS")
    assert current_settings() == before

"""What a browser is told about the theme when a run begins."""

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import Config, CustomThemeConfig
from streamlit.runtime import app_session

from dermdash.ui import theme_message

SECTIONS = ("theme", "theme.light", "theme.dark", "theme.sidebar")


def told(section: str) -> CustomThemeConfig:
    message = CustomThemeConfig()
    app_session._populate_theme_msg(message, section)
    return message


def test_the_theme_from_memory_is_what_streamlit_says_also_after_the_configuration_was_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(app_session, "_populate_theme_msg", app_session._populate_theme_msg)  # put back after the test
    theirs = theme_message._populate
    monkeypatch.setattr(theme_message, "_populate", lambda m, section: asked.append(section) or theirs(m, section))
    monkeypatch.setattr(app_session, "_populate_config_msg", app_session._populate_config_msg)
    theme_message.say_theme_from_memory()
    color, kept_for = (config.get_option(key) for key in ("theme.light.primaryColor", "global.maxCachedMessageAge"))
    try:
        for age, chosen in enumerate(("#123456", "#654321"), start=7):
            config.set_option("global.maxCachedMessageAge", age)
            config.set_option("theme.light.primaryColor", chosen)
            config._on_config_parsed.send()
            asked.clear()
            for _ in range(2):
                assert told("theme.light").primary_color == chosen
                settings, expected_settings = Config(), Config()
                app_session._populate_config_msg(settings)
                theme_message._populate_settings(expected_settings)
                assert settings == expected_settings
                assert settings.max_cached_message_age == age
                for section in SECTIONS:
                    expected = CustomThemeConfig()
                    theirs(expected, section)
                    assert told(section) == expected
            assert sorted(asked) == sorted(SECTIONS)
    finally:
        config.set_option("global.maxCachedMessageAge", kept_for)
        config.set_option("theme.light.primaryColor", color)
        config._on_config_parsed.send()

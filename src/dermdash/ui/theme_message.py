"""The theme and the settings in what a page's session tells its browser when a run begins.

Streamlit says it at every run and looks at each of its hundreds of options for it, six times: two milliseconds of the
thread that serves everybody, at every answer of every reader. Both are the same until the configuration is read again.
"""

from functools import cache

from streamlit import config
from streamlit.proto.NewSession_pb2 import Config, CustomThemeConfig
from streamlit.runtime import app_session

_populate = app_session._populate_theme_msg
_populate_settings = app_session._populate_config_msg


@cache
def _said(section: str) -> CustomThemeConfig:
    message = CustomThemeConfig()
    _populate(message, section)
    return message


def _say(msg: CustomThemeConfig, section: str = "theme") -> None:
    msg.MergeFrom(_said(section))


@cache
def _settings_said() -> Config:
    message = Config()
    _populate_settings(message)
    return message


def _say_settings(msg: Config) -> None:
    msg.MergeFrom(_settings_said())


def say_theme_from_memory() -> None:
    """Let every run from now on take the theme and the settings as they were made once."""
    app_session._populate_theme_msg = _say
    app_session._populate_config_msg = _say_settings
    config.on_config_parsed(_said.cache_clear, force_connect=True)
    config.on_config_parsed(_settings_said.cache_clear, force_connect=True)

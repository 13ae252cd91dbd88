"""The theme in what a page's session tells its browser when a run begins.

Streamlit says it at every run and looks at each of its hundreds of options for it, six times: two milliseconds of the
thread that serves everybody, at every answer of every reader. It is the same until the configuration is read again.
"""

from functools import cache

from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

_populate = app_session._populate_theme_msg


@cache
def _said(section: str) -> CustomThemeConfig:
    message = CustomThemeConfig()
    _populate(message, section)
    return message


def _say(msg: CustomThemeConfig, section: str = "theme") -> None:
    msg.MergeFrom(_said(section))


def say_theme_from_memory() -> None:
    """Let every run from now on take the theme as it was made once."""
    app_session._populate_theme_msg = _say
    config.on_config_parsed(_said.cache_clear, force_connect=True)

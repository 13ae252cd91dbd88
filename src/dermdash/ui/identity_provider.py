"""Signing in at an OpenID provider, where .streamlit/secrets.toml names one; else nothing of it loads or answers."""

import logging
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.auth_util import get_secrets_auth_section

_log = logging.getLogger(__name__)
PATHS = ("/auth/", "/oauth2callback")
"""Where Streamlit sends people to a provider and takes them back."""
DEFAULT = "default"
_NEEDED = ("client_id", "client_secret", "server_metadata_url")
_FOR_ALL = ("redirect_uri", "cookie_secret")
_said: set[str] = set()


def providers() -> dict[str, str]:
    """Providers that can be used: name for `st.login`, and what they are called on the page.

    Sections ``[auth]`` or ``[auth.NAME]`` of secrets.toml. One that lacks something is left out, and the log says what.
    """
    auth: Mapping[str, Any] = get_secrets_auth_section()
    if not auth:
        return {}
    if missing := [key for key in _FOR_ALL if not auth.get(key)]:
        _say_once(f"[auth] of secrets.toml lacks {', '.join(missing)}: nobody can sign in at a provider.")
        return {}
    sections = {name: part for name, part in auth.items() if isinstance(part, Mapping) and name != "client_kwargs"}
    if any(auth.get(key) for key in _NEEDED):
        sections[DEFAULT] = auth
    usable = {}
    for name, section in sections.items():
        if missing := [key for key in _NEEDED if not section.get(key)]:
            _say_once(f"The provider {name} of secrets.toml lacks {', '.join(missing)} and is left out.")
        elif "_" in name:
            _say_once(f"The provider {name} of secrets.toml is left out: its name must not hold an underscore.")
        else:
            usable[name] = "your organisation" if name == DEFAULT else name.capitalize()
    return usable


def is_configured() -> bool:
    """Whether anybody can sign in at a provider."""
    return bool(providers())


def claims() -> dict[str, Any]:
    """What a provider said of who is at this browser, checked and signed; empty when nobody came from there."""
    if not is_configured():
        return {}
    said = dict(st.user.to_dict())
    return said if said.get("is_logged_in") is True else {}


def _say_once(text: str) -> None:
    if text not in _said:
        _said.add(text)
        _log.warning(text)

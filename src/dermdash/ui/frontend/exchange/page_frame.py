"""What stands around every page of who is signed in."""

from typing import TypedDict


class PageFramePayload(TypedDict):
    """Around a page: the theme that its charts were drawn in, "light" or "dark"."""

    theme: str

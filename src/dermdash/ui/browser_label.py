"""What a browser is, in two words, so that people know their own in the list of sessions."""

_BROWSERS = {
    "Edg/": "Edge", "OPR/": "Opera", "SamsungBrowser/": "Samsung Internet", "Firefox/": "Firefox", "FxiOS/": "Firefox",
    "CriOS/": "Chrome", "Chrome/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
"""In this order: most browsers name some of the others too."""
_SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS X": "macOS",
    "CrOS": "ChromeOS", "Linux": "Linux",
}  # fmt: skip


def browser_label(user_agent: str) -> str:
    """Such as "Firefox on Windows"; empty for what is no known browser."""
    browser = next((title for sign, title in _BROWSERS.items() if sign in user_agent), "")
    system = next((title for sign, title in _SYSTEMS.items() if sign in user_agent), "")
    return f"{browser} on {system}" if browser and system else browser or system

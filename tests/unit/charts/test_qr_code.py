"""QR codes of links: a reader of codes reads back what was written, and no message repeats a link."""

import base64
import re

import numpy as np
import pytest
from tests.qr_reader import read_code

from dermdash.charts.qr_code import QUIET_ZONE, qr_modules, qr_png, qr_sheet, qr_svg
from dermdash.errors import InvalidInput


def token_of(size: int) -> str:
    """A token as an invitation has it, of so many random bytes and the same in each run."""
    return base64.urlsafe_b64encode(np.random.default_rng(size).bytes(size)).decode().rstrip("=")


LINK = "https://studies.example.org:8501/?invitation="


HOLDS_A_BAR_CODE = "y-nSnVWKEuTLtI2uyuwzrz4iTgBxvWVEqFQwBhr6dYH7QWkqejuba4-P2EC0DBwWKTSJmZHAxkhyOGJG"
"""Some of its modules read like a bar code of four signs."""


@pytest.mark.parametrize("token", ["x", token_of(16), token_of(32), HOLDS_A_BAR_CODE, token_of(120), token_of(400)])
def test_a_camera_reads_the_link(token: str) -> None:
    assert read_code(qr_png(LINK + token)) == LINK + token


def test_the_drawing_has_the_same_modules_as_the_picture_and_white_around_it() -> None:
    modules = qr_modules(LINK)
    drawn = np.zeros_like(modules)
    for column, row in re.findall(r"M(\d+) (\d+)h1v1h-1z", qr_svg(LINK)):
        drawn[int(row), int(column)] = True
    assert (drawn == modules).all()
    assert modules[QUIET_ZONE, QUIET_ZONE]
    assert not modules[:QUIET_ZONE].any()
    assert not modules[:, -QUIET_ZONE:].any()


def test_a_sheet_has_a_card_for_each_link_and_names_are_text() -> None:
    sheet = qr_sheet("Moles & more", [("<script>alert(1)</script>", f"{LINK}a"), ("Berta", f"{LINK}b")]).decode()
    assert sheet.count("<section>") == sheet.count("<svg ") == 2
    assert "<script" not in sheet
    assert "Moles &amp; more" in sheet
    assert f"{LINK}a" in sheet


def test_a_link_too_long_for_a_code_is_refused_without_being_repeated(capfd: pytest.CaptureFixture[str]) -> None:
    token = token_of(4000)
    with pytest.raises(InvalidInput) as refused:
        qr_png(LINK + token)
    assert token[:20] not in str(refused.value)
    said = capfd.readouterr()
    assert token[:20] not in said.out + said.err

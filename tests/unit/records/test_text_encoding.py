"""Bytes whose encoding nobody said: told where it can be told, asked for where not, never read wrongly in silence."""

import codecs
from pathlib import Path

import pytest

from dermdash.errors import InvalidInput
from dermdash.records.csv_table import read_columns, read_table
from dermdash.records.text_file import decode_text, read_text

RUSSIAN = "снимок;диагноз;врач\nп1;меланома;Сидорова\nп2;невус;Ким\n"
WESTERN = "image;dx;examiner\na;nv;Müller\nb;mel;François Lefèvre\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (RUSSIAN, "cp866"), (WESTERN, "cp1252"),
     ("id,lage\na,Rücken\n", "cp1252"),
     ("id,note\na,спина\n", "cp1251"), ("id,name\na,ИВАНОВ ПЁТР\n", "cp1251"), ("id,t\na,37 °C – «ok»\n", "cp1252"),
     ("id,x\na,señal\n", "latin-1"), ("id,врач\na,Кузнецова\n", "koi8-r")],
)  # fmt: skip
def test_text_in_a_single_byte_encoding_is_read_as_it_was_written_and_said(text: str, encoding: str) -> None:
    decoded = decode_text(text.encode(encoding), file_kind="file")
    assert decoded.text == text
    assert 0.95 <= decoded.confidence <= 1
    assert "sure" in decoded.notes[0]


def test_what_may_be_two_encodings_is_asked_for_with_both_readings() -> None:
    # One letter alone, without a neighbour, is a letter in each.
    with pytest.raises(InvalidInput, match=r"its encoding cannot be told: .* reads .*; .* reads .*Say its encoding"):
        decode_text(b"id,x\na,\xe4\n", file_kind="file")
    assert read_text(b"id,x\na,\xe4\n", file_kind="file", encoding="windows-1251") == "id,x\na,д\n"
    assert read_text(b"id,x\na,\xe4\n", file_kind="file", encoding="latin-1") == "id,x\na,ä\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", [True, False])
def test_utf_16_is_read_with_and_without_a_byte_order_mark(encoding: str, mark: bool) -> None:
    bom = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}[encoding] if mark else b""
    for text in (RUSSIAN, "image,dx\na,nv\n"):
        decoded = decode_text(bom + text.encode(encoding), file_kind="file")
        assert decoded.text == text
        assert bool(decoded.notes) is not mark


@pytest.mark.parametrize("data", [b"PK\x03\x04\0\0\0\0stuff\0", b"\xd0\xcf\x11\xe0" + bytes(64), bytes(range(256)) * 2])
def test_a_spreadsheet_or_an_archive_is_no_text(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="not text"):
        decode_text(data, file_kind="file")


def test_one_bad_byte_in_utf_8_costs_its_row_and_is_named_by_line_column_and_value() -> None:
    data = "id,site,by\nа1,Rücken,Å\nb,back,caf".encode() + b"\xe9\nc,Bauch,x\n"
    table = read_table(data)
    assert [row.values for row in table] == [("а1", "Rücken", "Å"), None, ("c", "Bauch", "x")]
    assert table.body[1].problem.startswith("row 3: by holds the byte 0xE9")
    assert table.notes == ("All is UTF-8 but for a byte in line 3 (0xE9).",)
    with pytest.raises(InvalidInput, match=r"a byte in line 3 \(0xE9\)"):
        read_text(data, file_kind="file")
    with pytest.raises(InvalidInput, match="header of the metadata file cannot be read"):
        read_table("id,Rücken,Ärzte,".encode() + b"\xe9\na,b,c,d\n")


def test_signs_that_another_program_lost_are_counted() -> None:
    table = read_table("id,by\na,M\ufffdller\n".encode())
    assert table.notes == ("1 characters were lost before (they are written as \ufffd), the first in line 2.",)


def test_an_encoding_that_is_asked_for_is_used_or_refused_by_its_line() -> None:
    assert read_columns(RUSSIAN.encode("cp866"), encoding="cp866") == ("снимок", "диагноз", "врач")
    assert read_table(RUSSIAN.encode("cp1251"), encoding="windows-1251").encoding == "cp1251"
    with pytest.raises(InvalidInput, match=r"line 2 of the metadata file is no utf-8: its byte 0xFC has no meaning"):
        read_table(b"id,x\na,\xfc\n", encoding="utf-8")
    for name in ("rot13", "klingon", "../x", "\0"):
        with pytest.raises(InvalidInput, match="there is no encoding"):
            read_table(b"id\na\n", encoding=name)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no metadata file"):
        read_table(tmp_path / "none.csv")

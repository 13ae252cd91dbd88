"""Logs as their studies publish them become the one form, or say what is wrong with them."""

import contextlib
import io
import random
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from tests.reading_log_files import (
    DERMACHALLENGE,
    SISTER,
    WIDE,
    WIDE_MAPPING,
    nature_medicine,
    phase_study,
    truth_csv,
)

from dermdash.analyses.agreement.run import analyse_agreement
from dermdash.errors import DermdashError, InvalidInput
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.formats.mapped_csv import OPTIONS, SECONDS
from dermdash.readings.formats.registry import LOG_FORMATS
from dermdash.readings.pairs import reading_pairs, unpaired
from dermdash.readings.readings_table import COLUMN_TYPES, ReadingsTable
from dermdash.workflows.readings import read_reading_log as read_module
from dermdash.workflows.readings.read_reading_log import read_reading_log


def readings(source: bytes | Path, **options: object) -> ReadingsTable:
    table = read_reading_log(source, **options)  # type: ignore[arg-type]
    assert isinstance(table, ReadingsTable)
    return table


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize(("decimal", "delimiter"), [(",", ","), (".", ","), (",", ";"), (".", "\t")])
def test_the_aggregate_file_is_read_in_every_spelling(decimal: str, delimiter: str) -> None:
    text = nature_medicine(decimal=decimal, delimiter=delimiter)
    table = read_reading_log("\ufeff".encode() + text.encode(), name="benefit.csv")
    assert isinstance(table, AggregateTable)
    assert (table.format, table.source, len(table.frame)) == ("nature-medicine", "benefit.csv", 12)
    first = table.frame.iloc[0]
    assert (first["case"], first["modality"]) == ("ISIC_0000000", "malignancy_probability")
    assert (first["unaided_akiec"], first["aided_akiec"], first["model_akiec"]) == (1, 2, pytest.approx(0.4))
    assert table.frame["truth_dx"].isna().all()


def test_the_truth_of_the_aggregate_file_comes_from_another_file(tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text(truth_csv(images=5))
    table = read_reading_log(nature_medicine().encode(), truth=truth)
    assert isinstance(table, AggregateTable)
    assert table.frame["truth_dx"].tolist()[:3] == ["akiec", "akiec", "bcc"]
    assert "of 5 images is from the truth file; it does not know 1" in table.notes[-1]


def test_dermachallenge_pairs_unaided_with_what_was_shown_afterwards() -> None:
    table = readings(DERMACHALLENGE.encode())
    assert (table.format, table.taxonomy) == ("dermachallenge", "ham7")
    assert table.excluded == {"no answer (timeout or empty)": 1}
    pairs = reading_pairs(table).set_index(["session", "case"])
    assert len(pairs) == 3
    assert unpaired(table) == 1
    pair = pairs.loc[("t1", "ISIC_0000001")]
    assert (pair["modality"], pair["dx_unaided"], pair["dx_aided"], bool(pair["correct_aided"])) == (
        "multiclass_probability", "nv", "mel", True,
    )  # fmt: skip
    assert (pair["client_ms_unaided"], pair["client_ms_aided"]) == (8500.0, 4000.0)
    # What was offered stays known, though nothing was answered then.
    assert table.frame.query("session == 't2'")["modality"].tolist() == ["Some new help"]
    assert table.frame["profession"].unique().tolist() == ["medical_student", "dermatologist"]


def test_the_sister_export_has_classes_and_management_of_its_own() -> None:
    table = readings(SISTER.encode(), mapping={"modality:radio_radio_management47_help": "multiclass_probability"})
    assert table.taxonomy is None
    assert table.modalities == ("multiclass_probability",)
    pairs = reading_pairs(table)
    assert pairs["management_unaided"].tolist() == ["biopsy", "monitor"]
    assert pairs["management_aided"].tolist() == ["dismiss", "local_therapy"]
    assert pairs["correct_unaided"].tolist() == [True, False]
    assert pairs["malignant_answer_aided"].tolist() == [False, False]
    assert table.frame["truth_malignant"].tolist() == [True, True, False, False, True]
    assert table.frame["round"].tolist() == [1, 1, 1, 1, 2]
    assert any("INF, SCCKA are not classes of ham7" in note for note in table.notes)


def test_the_phases_of_a_study_come_together_from_a_zip_file_or_a_folder(tmp_path: Path) -> None:
    later = ("p1", "p2", "p3")
    files = {f"metadata_phase{p}.csv": phase_study(p, participants=later if p > 1 else later[:2]) for p in (1, 2, 3)}
    table = readings(zipped(files), name="study.zip")
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert readings(tmp_path).frame.equals(table.frame)
    assert table.modalities == ("AI support", "AI support with explanation")
    pairs = reading_pairs(table)
    assert len(pairs) == 2 * 2 * 14
    assert unpaired(table) == 2 * 14  # the third participant joined later
    assert int((table.frame["repeat"] == 1).sum()) == 2 * (2 + 2) + 2
    excised = table.frame[table.frame["management"] == "excise"]
    assert set(excised["dx"]) == {"nv"}
    assert not excised["malignant_answer"].any()
    assert table.frame.loc[table.frame["phase"] == "unaided", "advice_malignant"].isna().all()


def test_a_reading_compared_twice_is_one_answer_and_no_repetition() -> None:
    table = readings(zipped({f"phase{p}.csv": phase_study(p) for p in (1, 2, 3)}))
    assert (len(table.frame), len(table.answers)) == (4 * 28, 3 * 28)
    intra = analyse_agreement(table, rating="dx", replicates=20).intra
    assert intra is not None
    assert intra.pairs_before == 2  # either reader saw one image twice
    assert intra.pairs_after == 2 * 2


def test_a_wide_table_is_read_by_its_mapping() -> None:
    table = readings(WIDE.encode(), mapping=WIDE_MAPPING)
    assert (table.format, table.taxonomy) == ("mapped-csv", "ham7")
    pairs = reading_pairs(table)
    assert pairs[["dx_unaided", "dx_aided"]].to_numpy().tolist() == [["nv", "mel"], ["nv", "nv"]]
    assert pairs["client_ms_unaided"].tolist() == [7500.0, 3250.0]
    assert pairs["confidence_aided"].tolist() == [4.0, 5.0]
    assert table.excluded == {"no answer in the phase": 1}


MRMC = "reader,treatment,case,truth,rating\n" + "".join(
    f"{r},{m},{c},{c % 2},{c}\n" for r in "ab" for m in ("unaided", "AI", "CBIR (AI)") for c in range(3)
)


def test_a_file_of_ratings_compares_each_assistance_with_the_reading_without() -> None:
    table = readings(MRMC.encode())
    assert (table.format, table.taxonomy, table.modalities) == ("mrmc-csv", None, ("cbir", "AI"))
    assert len(reading_pairs(table)) == 2 * 2 * 3
    assert (len(table.frame), len(table.answers)) == (24, 18)
    assert table.frame["truth_malignant"].notna().all()
    assert "once for each" in table.notes[-1]
    named = readings(MRMC.replace("unaided", "film").encode(), mapping={"modality:film": "none"})
    pd.testing.assert_frame_equal(named.frame, table.frame)
    with pytest.raises(InvalidInput, match=r"the modalities film, AI, CBIR \(AI\); none of them is called unaided"):
        read_reading_log(MRMC.replace("unaided", "film").encode())


def test_a_truth_file_that_contradicts_the_log_is_refused() -> None:
    truth = b"image,dx\nISIC_0000001,nv\nISIC_0000002,bkl\n"
    message = r"row 2: case ISIC_0000001 is mel in the log and nv in the truth file \(1 such case\)"
    with pytest.raises(InvalidInput, match=message):
        read_reading_log(DERMACHALLENGE.encode(), truth=truth)
    with pytest.raises(InvalidInput, match="knows none of its images"):
        read_reading_log(DERMACHALLENGE.encode(), truth=b"image,dx\nOther,nv\n")
    table = readings(DERMACHALLENGE.encode(), truth=truth.replace(b",nv", b",mel"))
    assert "of 2 images is from the truth file" in table.notes[-1]


def test_the_truth_of_a_log_without_one_is_filled_in() -> None:
    text = "\n".join(";".join(c for i, c in enumerate(line.split(";")) if i != 2) for line in WIDE.splitlines())
    mapping = {key: value for key, value in WIDE_MAPPING.items() if value != "truth_dx"}
    assert not readings(text.encode(), mapping=mapping).has("correct")
    table = readings(text.encode(), mapping=mapping, truth=b"image,dx\nimg1,mel\n")
    assert table.frame.groupby("case")["truth_dx"].first().isna().to_dict() == {"img1": False, "img2": True}
    assert table.frame["correct"].notna().tolist() == [True, True, False, False, True]
    assert "does not know 1" in table.notes[-1]


@pytest.mark.parametrize("seed", range(4))
def test_damage_is_always_explained(seed: int) -> None:
    """Cells, rows and lines changed at random: a table, or one of our errors, never anything else."""
    rng = random.Random(seed)
    logs = [(nature_medicine(images=1), None), (DERMACHALLENGE, None), (SISTER, None), (phase_study(2), {"phase": "2"}),
            (WIDE, WIDE_MAPPING), (MRMC, None)]  # fmt: skip
    junk = [
        "",
        "nan",
        "1e999",
        "-1",
        "=1+1",
        "'",
        '"',
        "\0",
        "none",
        "2",
        "0,5",
        "x" * 500,
        "99999999999999999999",
        "²",
    ]
    for _ in range(12):
        text, mapping = rng.choice(logs)
        lines = text.splitlines()
        delimiter = ";" if ";" in lines[0] else ","
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(lines))
            cells = lines[at].split(delimiter)
            cells[rng.randrange(len(cells))] = rng.choice(junk)
            lines[at] = delimiter.join(cells)
            lines.insert(rng.randrange(len(lines)), rng.choice(lines))
        with contextlib.suppress(DermdashError):
            table = read_reading_log("\n".join(lines).encode(), mapping=mapping)
            assert len(table.frame)


def test_the_documentation_names_every_column_format_and_option() -> None:
    text = (Path(__file__).parents[4] / "docs" / "analysis" / "reading_logs.md").read_text("utf-8")
    for name in (*COLUMN_TYPES, *LOG_FORMATS, *OPTIONS, SECONDS):
        assert f"`{name}`" in text or f" {name}=" in text, name


@pytest.mark.parametrize(
    ("text", "mapping", "message"),
    [
        (
            DERMACHALLENGE,
            {"modality:multclass": "cbir"},
            "has no modality 'multclass': expected one of multiclass, cbir",
        ),
        (DERMACHALLENGE, {"phase": "1"}, "the mapping says 'phase', which is nothing that DermaChallenge"),
        (
            phase_study(2),
            {"phase": "2", "modality:XAI": "saliency"},
            "has no modality 'XAI': expected one of AI support",
        ),
        (nature_medicine(), {"taxonomy": "ham7"}, "expected no mapping"),
        (MRMC, {"modality:film": "none"}, "has no modality 'film': expected one of unaided, AI"),
    ],
)
def test_a_mapping_that_says_nothing_to_the_log_is_refused(text: str, mapping: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_reading_log(text.encode(), mapping=mapping)


def test_what_was_shown_is_renamed_as_the_log_spells_it() -> None:
    table = readings(DERMACHALLENGE.encode(), mapping={"modality:multiclass": "saliency"})
    assert table.modalities == ("cbir", "saliency")
    phases = readings(phase_study(2).encode(), mapping={"phase": "2", "modality:AI support": "multiclass_probability"})
    assert phases.modalities == ("multiclass_probability",)


def test_malignancy_may_be_said_in_words() -> None:
    text = "reader,case,phase,modality,malignant_answer,truth_malignant\na,1,unaided,none,Malignant,benign\n"
    frame = readings(text.encode()).frame
    assert (bool(frame["malignant_answer"][0]), bool(frame["correct"][0])) == (True, False)


def test_a_column_of_hundreds_of_modalities_is_another_column() -> None:
    rows = [f"r,{i},aided,shown {i},mel" for i in range(31)]
    text = "reader,case,phase,modality,dx\n" + "\n".join(rows)
    with pytest.raises(InvalidInput, match=r"has 31 modalities \(shown 0, shown 1, shown 2, \.\.\.\), more than the"):
        readings(text.encode())
    assert len(readings("\n".join(text.split("\n")[:-1]).encode()).modalities) == 30


@pytest.mark.parametrize("reader", ["a" * 301, "a\u202eb", '"a\nb"'])
def test_a_reader_whose_name_no_page_could_show_is_refused_with_the_row(reader: str) -> None:
    row = r"log\.csv, row 2: reader .* (characters|control character)"
    with pytest.raises(InvalidInput, match=row + r"|line 2 of the log\.csv opens a quote that closes in line 3"):
        readings(f"reader,case,phase,modality,dx\n{reader},1,unaided,none,nv\n".encode())


def test_thousands_of_readers_who_share_hardly_a_case_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "reader,case,phase,modality,dx\n" + "".join(f"r{i},c{i},unaided,none,nv\n" for i in range(5))
    monkeypatch.setattr(read_module, "MOST_CELLS", 24)
    with pytest.raises(InvalidInput, match="has 5 readers x 5 cases, more than the 24 pairs"):
        readings(text.encode())
    monkeypatch.setattr(read_module, "MOST_CELLS", 25)
    assert len(readings(text.encode()).frame) == 5


def test_the_name_of_a_study_in_a_log_must_be_one_that_can_be_shown() -> None:
    text = "study,reader,case,phase,modality,dx\n{},r,1,unaided,none,nv\n"
    assert readings(text.format("Study of naïve readers").encode()).source == "Study of naïve readers"
    with pytest.raises(InvalidInput, match=r"log\.csv: study .* holds a control character"):
        readings(text.format("a\x1b[2Jb").encode())

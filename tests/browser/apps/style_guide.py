"""Every element of the app once, from the components that the pages are made of (docs/style-guide.md)."""

import pandas as pd
import streamlit as st
from drawn_images import lesion_uri
from style_charts import CHARTS, before_and_after

from dermdash.analyses.answer import AnalysisAnswer, AnswerFigure, Verdict
from dermdash.analyses.section import ResultFigure, ResultTable, Section
from dermdash.charts.labels import untitled
from dermdash.charts.palette import DIAGNOSIS_COLORS, FLAG_COLOR, MODALITY_COLORS, diagnosis_color
from dermdash.errors import InvalidInput, WayOut
from dermdash.records.taxonomy import HAM7
from dermdash.ui.analysis.section_view import show_answer, show_method, show_table
from dermdash.ui.class_bars import show_class_bars
from dermdash.ui.frontend.exchange.gallery import BadgePayload, TilePayload, VoteBarPayload, VotePartPayload
from dermdash.ui.gallery import gallery
from dermdash.ui.health_board import BoardCount, BoardGroup, BoardPicture, BoardTarget, health_board
from dermdash.ui.key_figures import KeyFigure, show_key_figures
from dermdash.ui.messages import empty_state, error_words, leave_outcome, page_head, show_outcome
from dermdash.ui.page_style import page_style
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import INTERVAL, PERCENT_FORMAT, counted, number_interval, p_value, percent_interval, points

CLASSES = HAM7.classes
STAGES = ("Initial annotation", "Consensus of three", "Histology")
RECORDS = BoardTarget("dataset/records", {"dx": "mel"})


def section() -> Section:
    """An analysis as the pages get it."""
    numbers = pd.DataFrame({"modality": ["cbir", "malignancy"], "difference": [0.133, 0.02], "p": [0.0004, 0.62]})
    shown = pd.DataFrame(
        {
            "What was shown": ["Similar images", "Malignancy probability"],
            "Before": [percent_interval(0.601, 0.55, 0.652), percent_interval(0.61, 0.56, 0.66)],
            "After": [percent_interval(0.734, 0.69, 0.778), percent_interval(0.63, 0.581, 0.679)],
            "Change": [points(0.133, 0.09, 0.176), points(0.02, -0.03, 0.07)],
            "Cohen's kappa": [number_interval(0.61, 0.52, 0.7, 2), number_interval(0.58, 0.47, 0.69, 2)],
            "p": [p_value(0.0004), p_value(0.62)],
        }
    )
    answer = AnalysisAnswer(
        "Similar images helped: 13 of 100 more diagnoses right",
        Verdict.MORE,
        (
            AnswerFigure("Right before", "60.1\N{NO-BREAK SPACE}%", "55.0 to 65.2"),
            AnswerFigure("Right after", "73.4\N{NO-BREAK SPACE}%", "69.0 to 77.8"),
            AnswerFigure("Change", "+13.3\N{NO-BREAK SPACE}points", "9.0 to 17.6"),
            AnswerFigure("Readers", "31"),
        ),
        chart="change",
    )
    return Section(
        "style-answer", "Benefit", ("Each reader saw each case twice.",),
        ("Shares were compared within readers and cases.",),
        (ResultTable("change", "Change by what was shown", numbers, shown, f"In brackets the {INTERVAL}."),),
        (ResultFigure("change", "Correct before and after", before_and_after, "Open: before, filled: after."),),
        references=("Han SS and others. J Invest Dermatol 2018.",), answer=answer,
    )  # fmt: skip


def tile(i: int) -> TilePayload:
    """A lesion with all that a tile can say."""
    one, other = CLASSES[i % 7], CLASSES[(i + 3) % 7]
    colors = diagnosis_color(one.code), diagnosis_color(other.code)
    parts = [
        VotePartPayload(text=f"{one.name}: 5 of 8", share=5 / 8, color=colors[0], right=True),
        VotePartPayload(text=f"{other.name}: 3 of 8", share=3 / 8, color=colors[1], right=False),
    ]
    return TilePayload(
        id=f"record-{i}", image=lesion_uri(i, width=200, height=150), title=one.name, subtitle=f"ISIC_00{24000 + i}",
        color=colors[0], selected=i == 1, quality=i % 5 + 1, quality_estimated=i % 2 == 0,
        badges=[
            BadgePayload(text=STAGES[i % 3], shape=f"stage-{i % 3 + 1}"),
            *([BadgePayload(text="Model disagrees", shape="triangle", color=FLAG_COLOR)] if i == 2 else []),
        ],
        bars=[VoteBarPayload(name="Before", text="5 of 8 right", parts=parts)] if i % 2 else [],
    )  # fmt: skip


def swatches(colors: dict[str, str]) -> str:
    """Colours with what they stand for."""
    cells = "".join(
        f'<span style="display:inline-flex;align-items:center;gap:.5rem"><i style="width:1rem;height:1rem;'
        f'border-radius:3px;background:{color}"></i>{name}</span>'
        for name, color in colors.items()
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:.25rem 1.25rem">{cells}</div>'


st.set_page_config(page_title="Style guide", layout="wide")
page_style()
with st.container(key="style-headings"):
    page_head("Style guide", "Every element of the app once, as the pages draw it.", "4,812 of 5,984 records")
    st.header("Heading of a part", anchor=False)
    st.subheader("Heading within a part", anchor=False)
    st.markdown("Text of a page with **what matters** and a [link](#colours).")
    st.caption("A caption: what a reader of the figure above must know.")

with st.container(key="style-colours"):
    st.header("Colours", anchor="colours")
    st.subheader("Diagnoses", anchor=False)
    st.html(swatches({c.name: DIAGNOSIS_COLORS[c.code] for c in CLASSES}))
    st.subheader("What readers are shown", anchor=False)
    st.html(swatches({m.label: color for m, color in MODALITY_COLORS.items()}))

with st.container(key="style-answer"):
    st.header("Answer", anchor=False)
    show_answer(section())
    show_method(section())

with st.container(key="style-key-figures"):
    st.header("Key figures", anchor=False)
    show_key_figures(
        [
            KeyFigure("Invited", "31", "2 withdrawn"),
            KeyFigure("Finished", "24", "77\N{NO-BREAK SPACE}%"),
            KeyFigure("AUC for malignancy", "0.934", "0.909 to 0.958"),
            KeyFigure("Time per case", "7.9\N{NO-BREAK SPACE}s", "median of readers' medians"),
        ]
    )

with st.container(key="style-classes"):
    st.header("Probabilities of one image", anchor=False)
    sure = dict(zip(HAM7.codes, (0.02, 0.004, 0.11, 0.006, 0.71, 0.149, 0.001), strict=True))
    show_class_bars(sure, taxonomy=HAM7)

with st.container(key="style-tables"):
    st.header("Tables", anchor=False)
    show_table(section().tables[0], key="guide.table", below_heading=True)

with st.container(key="style-tiles"):
    st.header("Tiles and badges", anchor=False)
    gallery([tile(i) for i in range(6)], key="guide.tiles", label="Records")

with st.container(key="style-board"):
    st.header("Board", anchor=False)
    counts = [BoardCount(c.name, 900 - 110 * i, RECORDS, DIAGNOSIS_COLORS[c.code]) for i, c in enumerate(CLASSES)]
    stages = [BoardCount(name, n, RECORDS) for name, n in (("Initial annotation", 4100), ("Histology", 812))]
    needs = [BoardCount("No diagnosis", 14, RECORDS), BoardCount("Model disagrees", 87, RECORDS)]
    health_board(
        [
            BoardPicture(lesion_uri(i, width=96, height=96), c.name, RECORDS, diagnosis_color(c.code))
            for i, c in enumerate((*CLASSES, *CLASSES))
        ],
        [
            BoardGroup("Diagnoses", "stack", counts),
            BoardGroup("Confirmed by", "bars", stages, "What a source claims is not counted."),
            BoardGroup("Needs attention", "list", needs),
        ],
        key="guide.board", label="How the data set stands",
    )  # fmt: skip

with st.container(key="style-progress"):
    st.header("Progress", anchor=False)
    st.progress(0.62, text=f"{counted(3710, 'record')} of {counted(5984, 'record')}")

with st.container(key="style-messages"):
    st.header("Messages", anchor=False)
    st.info("Choose a predictions file under Choices. Nothing of it is stored.", icon=":material/info:")
    leave_outcome("guide.well", f"{counted(24, 'record')} imported.")
    show_outcome("guide.well")
    leave_outcome("guide.partly", "Two records were left out: their files are missing.", well=False)
    show_outcome("guide.partly")
    wrong = InvalidInput("no data set is called 'ham'", way_out=WayOut.OWN_DATASET)
    st.error(error_words(wrong), icon=":material/error:")
    empty_state("groups", "No study yet", "Design one on the page **New study**, or import a log of readings.")

with st.container(key="style-forms"):
    st.header("Buttons and forms", anchor=False)
    with st.container(horizontal=True):
        st.button("Save", type="primary", key="guide.save", icon=":material/save:")
        st.button("Try it", key="guide.try")
        st.button("Leave out", type="tertiary", key="guide.leave")
        st.button("Not now", disabled=True, key="guide.not")
        st.download_button("Numbers (CSV)", "n\n1\n", file_name="n.csv", key="guide.csv", icon=":material/download:")
    left, right = st.columns(2)
    with left:
        st.text_input("Name of the study", "Reading with similar images", key="guide.name")
        st.number_input("Readers", 2, 500, 31, key="guide.readers")
        st.selectbox("Profession", ["Dermatologist", "Nurse"], key="guide.profession")
        st.text_area("Note", "What a reviewer should know.", key="guide.note")
    with right:
        st.slider("Threshold", 0, 100, 30, format=PERCENT_FORMAT, key="guide.threshold")
        st.radio("Order", ["The same for all", "Drawn for each reader"], key="guide.order")
        st.segmented_control("Figure", ["AUC", "Sensitivity"], default="AUC", key="guide.figure")
        st.checkbox("Only records with histology", key="guide.histology")
        st.toggle("Show the model", value=True, key="guide.model")
        st.multiselect("Diagnoses", [c.name for c in CLASSES], [CLASSES[4].name], key="guide.several")

st.header("Charts", anchor=False)
for name, (heading, make) in CHARTS.items():
    with st.container(key=f"style-chart-{name}"):
        st.subheader(heading, anchor=False)
        show_figure(untitled(make(current_theme())), key=f"guide.chart.{name}")

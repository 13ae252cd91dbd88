"""Titles of figures and tables name modalities, readers and groups as a file spells them: they stay text."""

from streamlit.testing.v1 import AppTest


def _page() -> None:
    import pandas as pd
    import plotly.graph_objects as go

    from dermdash.analyses.section import ResultFigure, ResultTable, Section
    from dermdash.ui.analysis.section_view import show_details, show_method

    name = '![x](https://example.org/seen.png) <a href="https://example.org">click</a>'
    numbers = pd.DataFrame({"reader": [name]})
    figures = [
        ResultFigure(key, f"Figure of {name}", lambda theme: go.Figure({}, {"title": name}), name)
        for key in ("chart", "figure")
    ]
    section = Section(
        key="any",
        title=name,
        summary=(name,),
        methods=(name,),
        tables=(ResultTable("table", f"Table of {name}", numbers, numbers, note=name),),
        figures=tuple(figures),
        warnings=(name,),
    )
    show_details(section)
    show_method(section)


def test_a_name_out_of_a_file_loads_nothing_and_leads_nowhere() -> None:
    app = AppTest.from_function(_page).run()
    assert not app.exception
    shown = [*app.header, *app.subheader, *app.markdown, *app.warning, *app.caption]
    texts = [element.value for element in shown if "example" in element.value]
    assert len(texts) >= 7
    for text in texts:
        assert "!\\[x\\](" in text
        assert "\\<a href" in text

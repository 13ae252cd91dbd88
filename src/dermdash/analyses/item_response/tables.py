"""The tables of item response, with numbers and in words."""

from functools import partial

from dermdash.analyses.columns import Column, csv_only, interval_column, table_of
from dermdash.analyses.item_response.model import CaseEstimate, ReaderEstimate
from dermdash.analyses.item_response.run import ItemResponseResult, reader_rows
from dermdash.analyses.section import ResultTable
from dermdash.records.taxonomy import diagnosis_name
from dermdash.wording import CI, counted, form, number, number_interval, percent

MOST_ROWS = 100


def tables(result: ItemResponseResult) -> tuple[ResultTable, ...]:
    """Hard and telling cases, every reader, and every case where these are not all."""
    fit = result.fit
    made = [_case_table(result, "hardest-cases", "Most difficult cases", result.hardest)]
    if result.most_discriminating:
        made.append(
            _case_table(
                result,
                "most-discriminating-cases",
                "Cases that part able from less able readers best",
                result.most_discriminating,
            )
        )
    made.append(_ability_table(result))
    every = tuple(sorted(fit.cases, key=lambda c: (-c.difficulty, c.case)))
    if len(every) > len(result.hardest):
        made.append(_case_table(result, "all-cases", "All cases", every))
    return tuple(made)


def _ability_table(result: ItemResponseResult) -> ResultTable:
    columns: list[Column[tuple[ReaderEstimate, str]]] = [
        Column("Reader", "reader", lambda row: row[0].reader),
        Column("Experience", "experience", lambda row: row[1]),
        Column("Answers", "n_answers", lambda row: row[0].answers),
        Column("Right", "share_right", lambda row: row[0].share_right, _whole_percent),
        *csv_only("ability", "sd", "extreme", of=lambda row: row[0]),
        Column(f"Ability ({CI})", "", lambda row: _ability(row[0]), interval=True),
        Column("", "ci_low", lambda row: row[0].low),
        Column("", "ci_high", lambda row: row[0].high),
        Column("Remark", "", lambda row: "every answer alike: finite by the prior" if row[0].extreme else ""),
    ]
    return table_of(
        "abilities",
        "Ability of each reader",
        columns,
        reader_rows(result),
        "Posterior mean and interval given the cases; abilities of readers with few answers are drawn to 0.",
        csv_first=("reader", "n_answers", "share_right", "ability", "sd", "extreme", "experience"),
    )


def _case_table(result: ItemResponseResult, name: str, title: str, cases: tuple[CaseEstimate, ...]) -> ResultTable:
    own = result.fit.parameters == 2
    columns: list[Column[CaseEstimate]] = [
        Column("Case", "case"),
        Column("True class", "truth", lambda c: result.truth.get(c.case), lambda truth: diagnosis_name(truth or "")),
        Column("Answers", "n_answers", lambda c: c.answers),
        Column("Right", "share_right", None, _whole_percent),
        _estimate_column(f"Difficulty ({CI})", "difficulty"),
        _estimate_column(f"Discrimination ({CI})" if own else "", "discrimination"),
        *csv_only("extreme"),
        Column("Remark", "", _remark),
    ]
    notes = [] if own or not cases else [f"All cases share the discrimination {_shared(cases[0])}."]
    notes += _tied_beyond(result, cases) if name == "hardest-cases" else []
    if len(cases) > MOST_ROWS:
        notes.append(f"The {MOST_ROWS} hardest of {len(cases):,}; the file has all.")
    return table_of(name, title, columns, cases, " ".join(notes), shown_rows=cases[:MOST_ROWS])


def _estimate_column(head: str, key: str) -> Column[CaseEstimate]:
    return interval_column(head, key, partial(number_interval, decimals=2), of=(key, f"{key}_low", f"{key}_high"))


def _whole_percent(share: float) -> str:
    return percent(share, 0)


def _ability(reader: ReaderEstimate) -> str:
    return number_interval(reader.ability, reader.low, reader.high, 2)


def _tied_beyond(result: ItemResponseResult, cases: tuple[CaseEstimate, ...]) -> list[str]:
    """Where the list ends among cases of one difficulty, how many of these it leaves out."""
    last = number(cases[-1].difficulty, 2)
    names = {c.case for c in cases}
    more = sum(c.case not in names and number(c.difficulty, 2) == last for c in result.fit.cases)
    if not more:
        return []
    return [
        f"{counted(more, 'further case')} of difficulty {last}, that of the last in this list, "
        f"{form(more, 'is', 'are')} not in it: equal ones stand in the order of their names."
    ]


def _shared(case: CaseEstimate) -> str:
    return number_interval(case.discrimination, case.discrimination_low, case.discrimination_high, 2)


def _remark(case: CaseEstimate) -> str:
    if not case.extreme:
        return ""
    return f"every answer {'right' if case.share_right == 1 else 'wrong'}: finite by the prior"


def difficulty_words(case: CaseEstimate) -> str:
    """The difficulty of a case with its interval."""
    return number_interval(case.difficulty, case.difficulty_low, case.difficulty_high, 2)

"""`dermdash findings`: what the quality assurance of a data set found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import Cluster, Simulated, command_workspace, progress_bar, say, tell
from dermdash.dataset.finding_kinds import KINDS
from dermdash.errors import NotFound
from dermdash.wording import counted, duration, number

if TYPE_CHECKING:
    from dermdash.storage.workspace import Workspace
    from dermdash.workflows.findings.list_findings import ListedFinding

_INTERRUPTED = "Interrupted. What was looked at so far is kept; run the same command again to finish."
_SAME_LESION, _ALL, _ALL_CONTRADICTIONS = "same_lesion", "all", "contradictions"
_KINDS = (_ALL, *KINDS, _ALL_CONTRADICTIONS)
"""Kinds of findings, all of them together, and all contradictions together."""
_STATES = ("all", "open", "decided", "gone")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("findings")(findings)


def findings(
    kind: Annotated[
        str, typer.Option(help=f"What to look for: {', '.join(_KINDS)}; contradictions are of several kinds.")
    ] = _ALL,
    dataset: Annotated[
        str | None, typer.Option(help="Only within this data set; all of one kind when not given.")
    ] = None,
    simulated: Simulated = False,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="At most so many; of one lesion under two ids else 1 for every 20 records."),
    ] = None,
    state: Annotated[str, typer.Option(help=f"Which: {', '.join(_STATES)}; gone: not found any more.")] = "all",
    only_list: Annotated[bool, typer.Option("--list", help="Only print what is stored; search nothing.")] = False,
    cluster: Cluster = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list on stdout and nothing else.")] = False,
) -> None:
    """Look a data set through with every check, or those of one kind, and list what was found, worst first."""
    if kind not in _KINDS:
        raise typer.BadParameter(f"{kind!r} is no kind of finding: choose {', '.join(_KINDS)}")
    if state not in _STATES:
        raise typer.BadParameter(f"{state!r} is no state: choose {', '.join(_STATES)}")
    if kind == _SAME_LESION and state == "all":
        _same_lesions(dataset, simulated, limit, cluster, only_list=only_list, as_json=as_json)
    elif (kind == _ALL_CONTRADICTIONS or (kind in KINDS and KINDS[kind].is_contradiction)) and state == "all":
        _contradictions(kind, dataset, limit, only_list=only_list, as_json=as_json)
    else:
        _checks(kind, dataset, simulated, limit, state, cluster, only_list=only_list, as_json=as_json)


def _checks(
    kind: str,
    dataset: str | None,
    simulated: bool,
    limit: int | None,
    state: str,
    cluster: str | None,
    *,
    only_list: bool,
    as_json: bool,
) -> None:
    with command_workspace(_INTERRUPTED, cluster=cluster) as workspace:
        from dermdash.workflows.dataset.browse_records import list_datasets
        from dermdash.workflows.findings.list_findings import ranked_findings, what_it_says

        _datasets_to_search([str(d["id"]) for d in list_datasets(workspace)], dataset)
        if dataset is None:
            _say_other_kind(workspace, simulated)
        if not only_list:
            _run(workspace, kind, dataset, simulated)
        if kind == _ALL_CONTRADICTIONS:
            kinds: list[str] = [key for key, spec in KINDS.items() if spec.is_contradiction]
        else:
            kinds = [] if kind == _ALL else [kind]
        found = ranked_findings(workspace, kinds=kinds, dataset_id=dataset, simulated=simulated or None, state=state)
        contradictions = sum(f.kind.is_contradiction and f.decision is None for f in found)
    if contradictions and kind == _ALL:
        say(f"Among them {counted(contradictions, 'open contradiction')}; --kind {_ALL_CONTRADICTIONS} lists them.")
    found = found[:limit]
    if as_json:
        tell(json.dumps([one.to_json() for one in found], allow_nan=False))
        return
    if not found:
        say("Nothing was found.")
        return
    tell(f"{'score':>6}  {'verdict':<16} {'decision':<14} {'kind':<28} what, and which images")
    for one in found:
        tell(
            f"{number(one.score):>6}  {one.verdict:<16} {one.decision or 'open':<14} {one.kind.key:<28} "
            f"{what_it_says(one)}: {_names(one)}"
        )
    _say_counts(found)
    say("Decide about them on the app's page Possible errors.")


_MOST_NAMED = 4


def _names(one: ListedFinding) -> str:
    listed = "".join(f"  [listed in {source}]" for source in one.details.get("listed", ()))
    more = " ..." if max(one.n_records, len(one.image_ids)) > _MOST_NAMED else ""
    return " ".join(one.image_ids[:_MOST_NAMED]) + more + listed


def _say_counts(found: Sequence[ListedFinding]) -> None:
    from dermdash.workflows.findings.list_findings import counts_of

    for key, (every, undecided) in counts_of(found).items():
        say(f"  {KINDS[key].title}: {every:,}, {undecided:,} open")


def _run(workspace: Workspace, kind: str, dataset: str | None, simulated: bool) -> None:
    from dermdash.workflows.accounts.access import OPERATOR
    from dermdash.workflows.findings.run_checks import run_checks

    if kind == _ALL:
        checks = None
    elif kind == _ALL_CONTRADICTIONS:
        checks = ["contradictions"]
    else:
        checks = [KINDS[kind].check] if KINDS[kind].check else []
    with progress_bar("Looking") as advance:
        report = run_checks(
            workspace, OPERATOR, checks=checks, dataset_id=dataset, simulated=simulated or None,
            progress=lambda p: advance(p.done, p.total, f"{p.check}: {p.stage}"),
        )  # fmt: skip
    for one in report.checks:
        n = sum(one.found.values())
        said = "not done" if one.could_not else counted(n, "finding")
        say(f"{one.check.title}: {said}, {duration(one.seconds)}")
        for note in (*one.notes, *([one.problem] if one.problem else [])):
            say(f"  {note}")


def _say_other_kind(workspace: Workspace, simulated: bool) -> None:
    from dermdash.workflows.dataset.image_kinds import default_kind, kind_words, other_kind_words

    drawn = simulated or default_kind(workspace)
    if others := other_kind_words(workspace, simulated=drawn):
        how = "" if drawn else "; --simulated asks for them"
        say(f"Among {kind_words(drawn)}. Not among them: {others}{how}.")


def _same_lesions(
    dataset: str | None, simulated: bool, limit: int | None, cluster: str | None, *, only_list: bool, as_json: bool
) -> None:
    with command_workspace(_INTERRUPTED, cluster=cluster) as workspace:
        from dermdash.workflows.dataset.browse_records import list_datasets
        from dermdash.workflows.dataset.find_contradictions import list_contradictions
        from dermdash.workflows.lesion_identity.review_findings import list_pairs

        _datasets_to_search([str(d["id"]) for d in list_datasets(workspace)], dataset)
        if dataset is None:
            _say_other_kind(workspace, simulated)
        if not only_list:
            _search_same_lesions(workspace, dataset, simulated)
        pairs = list_pairs(workspace, _SAME_LESION, dataset_id=dataset, simulated=simulated or None, limit=limit)
        open_contradictions = [c for c in list_contradictions(workspace, dataset_id=dataset) if c.decision is None]
    if open_contradictions:
        n = counted(len(open_contradictions), "open contradiction")
        say(f"Beside these pairs: {n}; --kind {_ALL_CONTRADICTIONS} lists them.")
    if as_json:
        tell(json.dumps([pair.to_json() for pair in pairs], allow_nan=False))
        return
    if not pairs:
        say("Nothing was found.")
        return
    tell(f"{'score':>6}  {'verdict':<12} {'decision':<12} {'dx':<12} images")
    for pair in pairs:
        one, other = pair.records
        dx = f"{one['dx'] or '-'} | {other['dx'] or '-'}"
        tell(
            f"{number(pair.score):>6}  {pair.verdict:<12} {pair.decision or 'open':<12} {dx:<12} "
            f"{one['image_id']} {other['image_id']}{''.join(f'  [listed in {source}]' for source in pair.listed)}"
        )
    say("Decide about the pairs on the app's page Possible errors.")


def _search_same_lesions(workspace: Workspace, dataset: str | None, simulated: bool) -> None:
    from dermdash.workflows.accounts.access import OPERATOR
    from dermdash.workflows.lesion_identity.find_same_lesions import find_same_lesions

    say("Searching for lesions under different ids, minutes for thousands of images; --list searches nothing.")
    with progress_bar("Searching") as advance:
        report = find_same_lesions(
            workspace,
            OPERATOR,
            dataset_id=dataset,
            simulated=simulated or None,
            progress=lambda p: advance(p.done, p.total, p.stage),
        )
    for sha256, reason in report.unreadable.items():
        say(f"Left out: image {sha256[:12]}…: {reason}")
    say(
        f"{report.new:,} of {counted(report.images, 'image')} new: {counted(report.compared, 'pair')} "
        f"compared, {counted(report.found, 'new finding')}, {duration(report.seconds)}"
    )


def _datasets_to_search(known: list[str], named: str | None) -> list[str]:
    """The data set that is named, or all of them; raises NotFound where there is none."""
    if not known:
        raise NotFound("There is no data set yet: `dermdash import` brings one in.")
    if named is not None and named not in known:
        raise NotFound(f"There is no data set {named!r}; there are: {', '.join(known)}")
    return known if named is None else [named]


def _contradictions(kind: str, dataset: str | None, limit: int | None, *, only_list: bool, as_json: bool) -> None:
    with command_workspace() as workspace:
        from dermdash.workflows.dataset.browse_records import list_datasets
        from dermdash.workflows.dataset.find_contradictions import find_contradictions, list_contradictions

        ids = _datasets_to_search([str(d["id"]) for d in list_datasets(workspace)], dataset)
        if not only_list:
            for dataset_id in ids:
                find_contradictions(workspace, dataset_id)
        kinds = () if kind == _ALL_CONTRADICTIONS else (kind,)
        found = list_contradictions(workspace, dataset_id=dataset, kinds=kinds)[:limit]
    if as_json:
        tell(json.dumps([contradiction.to_json() for contradiction in found], allow_nan=False))
        return
    if not found:
        say("Nothing was found.")
        return
    titles = {c.spec.title: c.spec.what_to_do for c in found}
    for title, what_to_do in titles.items():
        of_kind = [c for c in found if c.spec.title == title]
        tell(f"{title} ({len(of_kind):,})")
        for contradiction in of_kind:
            images = " ".join(contradiction.image_ids)
            tell(f"  {contradiction.decision or 'open':<16} {images}: {contradiction.text}")
        tell(f"  What to do: {what_to_do}")
    say("Decide about them on the app's page Possible errors.")

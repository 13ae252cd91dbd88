"""`dermdash findings`: what the quality assurance of a data set found."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from dermdash.cli.console import Simulated, command_workspace, progress_bar, say, tell
from dermdash.dataset.contradictions import KINDS
from dermdash.errors import NotFound
from dermdash.wording import counted, duration, number

_INTERRUPTED = "Interrupted. The images described so far are kept; run the same command again to finish."


_SAME_LESION, _ALL_CONTRADICTIONS = "same_lesion", "contradictions"
_KINDS = (_SAME_LESION, _ALL_CONTRADICTIONS, *KINDS)
"""Kinds of findings; contradictions are of several kinds, which can be asked for together."""


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("findings")(findings)


def findings(
    kind: Annotated[
        str, typer.Option(help=f"What to look for: {', '.join(_KINDS)}; contradictions are all kinds but the first.")
    ] = _SAME_LESION,
    dataset: Annotated[
        str | None, typer.Option(help="Only within this data set; all of one kind when not given.")
    ] = None,
    simulated: Simulated = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many; 1 for every 20 records (300 for 6,000) when not given.")
    ] = None,
    only_list: Annotated[bool, typer.Option("--list", help="Only print what is stored; search nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list on stdout and nothing else.")] = False,
) -> None:
    """Find lesions that were filed under different ids, or what contradicts itself; list what was found, best first."""
    if kind not in _KINDS:
        raise typer.BadParameter(f"{kind!r} is no kind of finding: choose {', '.join(_KINDS)}")
    if kind != _SAME_LESION:
        _contradictions(kind, dataset, limit, only_list=only_list, as_json=as_json)
        return
    with command_workspace(_INTERRUPTED) as workspace:
        from dermdash.workflows.dataset.browse_records import list_datasets
        from dermdash.workflows.dataset.find_contradictions import list_contradictions
        from dermdash.workflows.dataset.image_kinds import default_kind, kind_words, other_kind_words
        from dermdash.workflows.lesion_identity.review_findings import list_pairs

        _datasets_to_search([str(d["id"]) for d in list_datasets(workspace)], dataset)
        if dataset is None:
            drawn = simulated or default_kind(workspace)
            if others := other_kind_words(workspace, simulated=drawn):
                how = "" if drawn else "; --simulated asks for them"
                say(f"Among {kind_words(drawn)}. Not among them: {others}{how}.")
        if not only_list:
            from dermdash.workflows.lesion_identity.find_same_lesions import find_same_lesions

            say("Searching for lesions under different ids, minutes for thousands of images; --list searches nothing.")
            with progress_bar("Searching") as advance:
                report = find_same_lesions(
                    workspace,
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
        pairs = list_pairs(workspace, kind, dataset_id=dataset, simulated=simulated or None, limit=limit)
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
    say("Decide about the pairs on the app's Findings page.")


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
    say("Decide about them on the app's Findings page.")

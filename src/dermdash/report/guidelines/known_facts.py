"""What dermdash knows about a study, in sentences that answer (part of) an item of a reporting guideline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dermdash.analyses.registry import analysis_title
from dermdash.readings.modality import modality_label
from dermdash.records.chosen_records import kept_in_words
from dermdash.records.taxonomy import get_taxonomy
from dermdash.report.study_facts import StudyFacts
from dermdash.report.study_report import StudyReport
from dermdash.wording import counted, day

_READ = "Readers answered at a screen, one image at a time; nothing of it entered the care of a patient."


def known_facts(report: StudyReport) -> dict[str, str]:
    """Key to sentences; a key that nothing is known for is absent."""
    facts = report.facts
    found = {
        "title": facts.source,
        "question": str((facts.protocol or {}).get("question", "")),
        "protocol": _protocol(facts),
        "users": _users(facts),
        "cases": _cases(facts),
        "numbers": _numbers(facts),
        "model": _model(facts),
        "inputs": _inputs(facts),
        "dataset": _dataset(facts),
        "synthetic": "The images are synthetic." if (facts.dataset or {}).get("simulated") else "",
        "taxonomy": _taxonomy(facts),
        "reference": _reference(facts),
        "dates": _dates(facts),
        "flow": "See Data flow in this report." if facts.flow else "",
        "exclusions": _exclusions(facts),
        "statistics": _joined(
            "See the methods of each analysis in this report." if report.sections else "",
            "" if facts.crowd is None else facts.crowd.dependence,
        ),
        "limitations": _joined(
            "See what each analysis warns of in this report." if any(s.warnings for s in report.sections) else "",
            *facts.warnings,
        ),
        "availability": _availability(report),
    }
    found |= _of_protocol(facts)
    found |= _of_sections(report)
    return {key: text for key, text in found.items() if text}


def _of_protocol(facts: StudyFacts) -> dict[str, str]:
    protocol = facts.protocol
    if protocol is None:
        return {}
    names = _class_names(facts.taxonomy)
    mix = {names.get(code, code): n for code, n in protocol["class_mix"].items()}
    shown = ", ".join(modality_label(str(m)).lower() for m in protocol["modalities"])
    limit = protocol.get("time_limit_s")
    crowd = facts.crowd
    chosen = kept_in_words(protocol.get("record_filter", {}))
    return {
        "design": "Readings were gathered prospectively under a frozen protocol, on images gathered before.",
        "practice": f"Before the first case {counted(protocol['practice_cases'], 'practice case')} with feedback."
        if protocol["practice_cases"]
        else "No practice cases.",
        "setting": _READ,
        "workflow": (
            "Each case was first answered without assistance; that answer was locked, then one kind of assistance was "
            f"shown ({shown}) and the answer could be changed."
            + (f" Each unaided answer had {limit} seconds." if limit else " There was no time limit.")
        ),
        "outputs": _joined(
            f"Shown to readers: {shown}.",
            "" if crowd is None else crowd.fixed_words or crowd.what_changed,
        ),
        "randomisation": (
            f"Cases, their order and the kind of assistance of each case were drawn by a seeded generator (seed "
            f"{protocol['seed']}) within each reader, "
            + (
                "so that every kind is balanced within readers."
                if crowd is None or not crowd.balance
                else f"of the kinds that were there for a case when the reader began. {crowd.balance}"
            )
        ),
        "concealment": (
            "What was to be shown for a case was drawn at consent and sent to the reader's screen only after the "
            "answer without assistance was stored."
        ),
        "sampling": _joined(
            f"Cases were drawn at random by class: {_listed(mix)} per round.",
            f"Only records with the following were drawn from: {chosen}." if chosen else "",
        ),
        "modifications": _joined(
            "The model's output for every case was fixed when the protocol was frozen.",
            "" if crowd is None else crowd.fixed_words or crowd.what_changed,
        ),
        "partition": "Cases whose lesion, patient or file was in the training of the model are marked in the log.",
    }


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _of_sections(report: StudyReport) -> dict[str, str]:
    keys = {s.key: s for s in report.sections}
    done = ", ".join(s.title for s in report.sections)
    found = {"results": f"See in this report: {done}." if done else ""}
    for fact, wanted in {
        "reliance": ("reliance",),
        "exposure": ("reliance", "reading-time"),
        "time": ("reading-time",),
        "subgroups": ("benefit",),
        "outcomes": ("benefit",),
        "errors": ("reliance",),
        "comparison": ("human-machine", "mrmc"),
        "threshold": ("human-machine",),
    }.items():
        named = [keys[k].title for k in wanted if k in keys]
        if named:
            found[fact] = f"See {' and '.join(named)} in this report."
    if "outcomes" in found:
        planned = report.facts.prespecified
        found["outcomes"] += (
            f" Named in the frozen protocol: {', '.join(map(analysis_title, planned))}."
            if planned
            else " The protocol names no primary outcome."
        )
    return found


def _protocol(facts: StudyFacts) -> str:
    if facts.protocol_sha256 is None:
        return ""
    frozen = f", frozen {day(facts.frozen_at)}" if facts.frozen_at else ""
    return f"Protocol with SHA-256 {facts.protocol_sha256}{frozen}."


def _users(facts: StudyFacts) -> str:
    if not facts.n_readers:
        return ""
    groups = [
        f"{name}: {_listed(facts.readers[column])}"
        for column, name in (("profession", "profession"), ("experience_group", "experience in dermatoscopy"))
        if column in facts.readers
    ]
    simulated = " They were simulated by a program." if facts.simulated else ""
    return counted(facts.n_readers, "reader") + (f"; {'; '.join(groups)}" if groups else "") + f".{simulated}"


def _cases(facts: StudyFacts) -> str:
    names = _class_names(facts.taxonomy)
    classes = {names.get(code, code): n for code, n in facts.cases.items()}
    return counted(facts.n_cases, "case") + (f": {_listed(classes)}." if classes else "; their truth is not known.")


def _numbers(facts: StudyFacts) -> str:
    who = f" of {counted(facts.n_readers, 'reader')}" if facts.n_readers else ""
    return f"{counted(facts.n_readings, 'reading')}{who} on {counted(facts.n_cases, 'case')}."


def _model(facts: StudyFacts) -> str:
    if facts.model is None:
        return ""
    get = facts.model.get
    parts = [f"{get('name')} ({get('id')})" if get("name") else f"Model {get('id')}"]
    if get("architecture"):
        parts.append(f"architecture {get('architecture')}, input {get('input_size')} px")
    if get("checkpoint_sha256"):
        parts.append(f"checkpoint SHA-256 {get('checkpoint_sha256')}")
    trained = "known" if get("training_lesions_known") else "not known"
    return "; ".join(parts) + f". The lesions it was trained on are {trained} to the workspace."


def _inputs(facts: StudyFacts) -> str:
    preparation = (facts.model or {}).get("preprocessing")
    return f"Preparation of images for the model: {preparation}." if preparation else ""


def _dataset(facts: StudyFacts) -> str:
    if facts.dataset is None:
        return ""
    origin, licence = facts.dataset.get("source") or "not recorded", facts.dataset.get("licence") or "not recorded"
    return f"Data set {facts.dataset.get('name')}; origin: {origin}; licence: {licence}."


def _taxonomy(facts: StudyFacts) -> str:
    if facts.taxonomy is None:
        return ""
    return f"Classes of {facts.taxonomy}: {', '.join(_class_names(facts.taxonomy).values())}."


def _reference(facts: StudyFacts) -> str:
    if not facts.verification:
        return ""
    return f"Stage of verification of the cases (3: histopathology): {_listed(facts.verification, 'stage ')}."


def _dates(facts: StudyFacts) -> str:
    if facts.first_reading is None or facts.last_reading is None:
        return ""
    return f"First reading {day(facts.first_reading)}, last reading {day(facts.last_reading)}."


def _exclusions(facts: StudyFacts) -> str:
    reasons = {reason: n for step in facts.flow for reason, n in step.left_out.items()}
    return f"Left out, by reason: {_listed(reasons)}." if reasons else "Nothing was left out."


def _availability(report: StudyReport) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report.software.items())
    return f"Computed with {versions}. The numbers of every table come with this report as CSV."


def _class_names(taxonomy: str | None) -> dict[str, str]:
    return {} if taxonomy is None else {c.code: c.name for c in get_taxonomy(taxonomy).classes}


def _listed(counts: Mapping[Any, Any], prefix: str = "") -> str:
    return ", ".join(f"{prefix}{str(name).replace('_', ' ')} {n}" for name, n in counts.items() if n)

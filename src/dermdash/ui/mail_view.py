"""Mail to readers on the page of their study: whom it is for, its words, sending it, and what became of it."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.errors import DermdashError
from dermdash.reader_study.mail_texts import LANGUAGES, PLACES, MailKind, MailText, mail_text
from dermdash.storage import invitations as rows
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose
from dermdash.ui.entries import enter_number
from dermdash.ui.messages import as_text, error_words, leave_outcome, show_outcome
from dermdash.ui.tables import data_table
from dermdash.ui.work_beside import stop_button
from dermdash.wording import counted, moment
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.mail_server import mail_is_set_up
from dermdash.workflows.reader_study.mail_readers import MailReport, ToMail, due_invitations, due_reminders
from dermdash.workflows.reader_study.mailed import mails_table
from dermdash.workflows.reader_study.reminders import USUAL_DAYS, to_remind
from dermdash.workflows.reader_study.running_mails import begin_mails, forget_mails, mails_on_their_way

_REFRESH_S = 1.0
_PLACE = "mail"


def show_mail(workspace: Workspace, study: dict[str, Any]) -> None:
    """Invitations and reminders by mail, where a server is set up; what to copy where none is."""
    st.header("Mail", anchor=False)
    show_outcome(_PLACE)
    running = mails_on_their_way(workspace, study["id"])
    if running is not None and running.ended:
        forget_mails(workspace, study["id"])
        if running.report is not None:
            _say_end(running.report)
        elif isinstance(running.error, DermdashError):
            st.error(error_words(running.error), icon=":material/error:")
        elif running.error is not None:
            raise running.error
    elif running is not None:
        _follow(workspace, study["id"])
    kind = choose("What", list(MailKind), lambda each: each.value.capitalize(), key="mail.kind", name="mail", width=280)
    due = _due_invitations(workspace, study["id"]) if kind is MailKind.INVITATION else _due(workspace, study["id"])
    texts = _words(study["id"], kind, due)
    if mail_is_set_up(workspace.settings):
        _send(workspace, study["id"], due, texts)
    else:
        st.caption(
            "No mail server is set up (DERMDASH_SMTP_HOST): copy the text, and make a new link for each reader above."
        )
    _log(workspace, study)


def _due_invitations(workspace: Workspace, study_id: str) -> tuple[ToMail, ...]:
    due = due_invitations(workspace, study_id)
    st.caption(f"{counted(len(due), 'person has', 'people have')} an address and were not mailed their link yet.")
    return due


def _due(workspace: Workspace, study_id: str) -> tuple[ToMail, ...]:
    days = enter_number("Not heard of for days", 0, 365, USUAL_DAYS, key="mail.days", name="silent", width=280)
    waiting = to_remind(workspace, study_id, days=days)
    if not waiting:
        st.caption("Everybody who can go on has done so meanwhile, or was written to.")
    else:
        data_table(
            pd.DataFrame(
                {
                    "Reader": [each.label for each in waiting],
                    "State": [each.waiting.label for each in waiting],
                    "Since": [moment(each.since) for each in waiting],
                    "Cases": [f"{each.cases_done} of {each.cases_total}" for each in waiting],
                    "Address": ["yes" if each.address else "" for each in waiting],
                    "Last mail": ["" if each.mailed_at is None else moment(each.mailed_at) for each in waiting],
                }
            ),
            key="mail.waiting",
        )
    return due_reminders(workspace, study_id, days=days)


def _words(study_id: str, kind: MailKind, due: Sequence[ToMail]) -> dict[str, MailText]:
    """The words of a mail in each language that is needed, as they are or as the team changes them."""
    needed = list(dict.fromkeys(mail.language for mail in due)) or ["en"]
    found = {}
    with st.expander("What it says", icon=":material/edit_note:"):
        st.caption("Filled in for each person: " + ", ".join(f"`{place}` {what}" for place, what in PLACES.items()))
        for tab, language in zip(st.tabs([LANGUAGES[each] for each in needed]), needed, strict=True):
            usual = mail_text(kind, language)
            with tab:
                place = f"mail.{study_id}.{kind}.{language}"
                subject = st.text_input("Subject", usual.subject, key=f"{place}.subject", max_chars=200)
                text = st.text_area("Text", usual.text, key=f"{place}.text", height=300, max_chars=5000)
                try:
                    found[language] = MailText(subject, text)
                except DermdashError as error:
                    st.error(error_words(error), icon=":material/error:")
    return found


def _send(workspace: Workspace, study_id: str, due: Sequence[ToMail], texts: dict[str, MailText]) -> None:
    whole = {mail.language for mail in due} <= set(texts)
    if st.button(
        f"Send {counted(len(due), 'mail')}", type="primary", key="mail.send", disabled=not due or not whole,
        icon=":material/send:",
    ):  # fmt: skip
        begin_mails(workspace, study_id, due, access.act(Right.RUN_STUDIES), texts)
        st.rerun()


@st.fragment(run_every=_REFRESH_S)
def _follow(workspace: Workspace, study_id: str) -> None:
    running = mails_on_their_way(workspace, study_id)
    if running is None or running.ended:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(running.done / max(1, running.total), f"{running.done:,} of {counted(running.total, 'mail')} sent")
        stop_button(running, key="mail.stop", right=Right.RUN_STUDIES)


def _say_end(report: MailReport) -> None:
    said = [f"{counted(len(report.sent), 'mail')} sent."]
    said += [f"Refused for {as_text(label)}: {as_text(why)}." for label, why in report.failed]
    said += [f"Perhaps sent to {as_text(label)}, and not sent again: {as_text(why)}." for label, why in report.unknown]
    if report.others:
        said.append(f"{counted(len(report.others), 'mail')} begun in another window.")
    if report.left:
        said.append(f"{report.left:,} not begun ({as_text(report.stopped_by)}); they stay due.")
    show = st.warning if report.failed or report.unknown or report.left else st.success
    show("  \n".join(said))


def _log(workspace: Workspace, study: dict[str, Any]) -> None:
    sent = mails_table(workspace, study["id"])
    if sent.empty:
        return
    with st.expander(f"What was sent ({len(sent):,})", icon=":material/outbox:"):
        data_table(sent, key="mail.log")
    invited = rows.list_invitations(workspace.engine, study["id"])
    known = int(invited["address"].notna().sum())
    if known and st.button(
        f"Delete {counted(known, 'address', 'addresses')}", key="mail.forget", icon=":material/delete:",
        help="Nobody of this study can be written to by mail then. What was sent stays in the list, without them.",
    ):  # fmt: skip
        access.act(Right.RUN_STUDIES)
        gone = rows.forget_addresses(workspace.engine, study["id"])
        leave_outcome(_PLACE, f"{counted(gone, 'address', 'addresses')} deleted.")
        st.rerun()

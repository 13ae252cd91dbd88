"""The invitations of a study on its page: links for one reader or a group, the open page, renewing, withdrawing."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.charts.qr_code import qr_sheet
from dermdash.errors import DermdashError, InvalidInput
from dermdash.reader_study.before_freezing import TOLD_TWICE
from dermdash.reader_study.mail_texts import LANGUAGES
from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose, choose_tab, pick
from dermdash.ui.messages import as_text, error_words, leave_outcome, show_outcome
from dermdash.ui.qr_picture import show_qr
from dermdash.ui.tables import data_table, height_of
from dermdash.wording import counted, day, moment
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.reader_study import invitations as links
from dermdash.workflows.reader_study import recruitment, study_results
from dermdash.workflows.reader_study.invitations import Invitation, read_to_invite
from dermdash.workflows.reader_study.protocol_of_study import protocol_of

_LINKS_SHOWN = 20
_ON_A_SHEET = 200
"""Links: more would keep a browser waiting for the sheet."""
_PLACE = "invitations"


def show_invitations(workspace: Workspace, study: dict[str, Any]) -> None:
    """Make links, list them, renew and withdraw them."""
    st.header("Invitations", anchor=False)
    show_outcome(_PLACE)
    tabs = choose_tab(
        {
            "people": ":material/person: People",
            "group": ":material/groups: A group",
            "page": ":material/public: Open page",
        },
        key="study.invite_tab",
        name="invite",
    )
    with tabs["people"]:
        _people(workspace, study)
    with tabs["group"]:
        _group(workspace, study)
    with tabs["page"]:
        _open_page(workspace, study)
    _new_links(study)
    made = study_results.invitations(workspace, study["id"])
    if made.empty:
        st.caption("No invitations yet.")
        return
    table = _invitation_table(made)
    data_table(table, key="study.invitations", height=height_of(len(table), most=330))
    with st.container(horizontal=True):
        _renew(workspace, study, made)
        _end(workspace, made)
        _withdraw(workspace, made)


def _people(workspace: Workspace, study: dict[str, Any]) -> None:
    with st.form("invite", clear_on_submit=True, border=True):
        labels = st.text_area(
            "Whom to invite, one per line",
            placeholder="Reader 1\nAda Reyes <ada@example.org>",
            help="A name or number for your own use, and an e-mail address where mail is to be sent. Readers never see "
            "it, and the results do not hold it.",
            key="study.labels",
        )
        left, right = st.columns(2)
        until = left.date_input("They can begin until", None, min_value=now().date(), key="study.until")
        language = choose(
            "Language of mail", list(LANGUAGES), LANGUAGES.__getitem__, key="study.mail_language", place=right
        )
        if st.form_submit_button("Make links", type="primary", key="study.make_links"):
            by = access.act(Right.RUN_STUDIES).id
            _keep(
                study,
                lambda: links.invite_readers(
                    workspace, study["id"], read_to_invite(labels), until=_end_of(until), language=language, made_by=by
                ),
            )


def _group(workspace: Workspace, study: dict[str, Any]) -> None:
    with st.form("invite_group", clear_on_submit=True, border=True):
        st.caption("One link for a ward or a mailing list: whoever comes by it gets a link of their own.")
        _warn(workspace, study)
        label = st.text_input("Name of the group", key="study.group", max_chars=links.MAX_LABEL)
        left, right = st.columns(2)
        places = left.number_input("Places", 1, links.MAX_PLACES, None, key="study.group_places", placeholder="any")
        until = right.date_input("They can begin until", None, min_value=now().date(), key="study.group_until")
        if st.form_submit_button("Make the link", type="primary", key="study.make_group"):
            by = access.act(Right.RUN_STUDIES).id
            _keep(
                study,
                lambda: [
                    links.invite_group(workspace, study["id"], label, places=places, until=_end_of(until), made_by=by)
                ],
            )


def _warn(workspace: Workspace, study: dict[str, Any]) -> None:
    if protocol_of(workspace, study["id"]).tells_at_once:
        st.warning(TOLD_TWICE, icon=":material/warning:")


def _open_page(workspace: Workspace, study: dict[str, Any]) -> None:
    with st.container(border=True):
        if not protocol_of(workspace, study["id"]).conduct.open_recruitment:
            st.caption(
                "The protocol does not let people register by themselves: a page without an invitation is decided "
                "there. The link of a group needs no such decision."
            )
            return
        if recruitment.recruiting(workspace, study["id"]) is not None:
            st.markdown("Anybody can begin at this address:")
            address = recruitment.public_address(workspace, study["id"])
            st.code(address, language=None, wrap_lines=True)
            show_qr(address, key="study.page_qr", name=f"{study['id']}-page-qr.png")
            if st.button("Close the page", key="study.close_page"):
                by = access.act(Right.RUN_STUDIES).id
                recruitment.close_recruitment(workspace, study["id"], by=by)
                leave_outcome(_PLACE, "The page is closed. Whoever has begun goes on.")
                st.rerun()
            return
        st.caption("A page on which anybody can begin. Places for groups of readers are set under Monitoring.")
        _warn(workspace, study)
        places = st.number_input("Places", 1, links.MAX_PLACES, None, key="study.page_places", placeholder="any")
        if st.button("Open the page", type="primary", key="study.open_page"):
            by = access.act(Right.RUN_STUDIES).id
            recruitment.open_recruitment(workspace, study["id"], places=places, by=by)
            leave_outcome(_PLACE, "The page is open.")
            st.rerun()


def _keep(study: dict[str, Any], make: Callable[[], list[Invitation]]) -> None:
    try:
        made = make()
    except InvalidInput as error:
        # Said at the form: the rest of the page stands.
        st.error(as_text(error), icon=":material/error:")
        return
    _keep_links(study, made)


def _end_of(last: date | None) -> datetime | None:
    return None if last is None else datetime.combine(last, time(23, 59, 59), UTC)


def _keep_links(study: dict[str, Any], made: list[Invitation]) -> None:
    st.session_state[keys.NEW_LINKS] = (study["id"], [(i.label, i.link) for i in made])


def _new_links(study: dict[str, Any]) -> None:
    study_id, made = st.session_state.get(keys.NEW_LINKS, (None, []))
    if study_id != study["id"] or not made:
        return
    st.success(
        "Copy these links now: they are shown this once, and nobody can look them up later. A link that was lost is "
        "renewed below; mail to readers has a link of its own.",
        icon=":material/key:",
    )
    alone = len(made) == 1
    if not alone:
        which = dict(enumerate(label for label, _ in made))
        chosen = pick("QR code of", list(which), which.__getitem__, key="study.qr_of")
        if chosen is not None:
            show_qr(made[chosen][1], key="study.qr", name=f"{study['id']}-{chosen + 1}-qr.png")
    for label, link in made[:_LINKS_SHOWN]:
        st.markdown(f"**{as_text(label)}**")
        st.code(link, language=None, wrap_lines=True)
        if alone:
            show_qr(link, key="study.qr", name=f"{study['id']}-qr.png")
    if len(made) > _LINKS_SHOWN:
        st.caption(f"{len(made) - _LINKS_SHOWN} more in the file.")
    with st.container(horizontal=True):
        st.download_button(
            "Links (CSV)",
            to_safe_csv(pd.DataFrame(made, columns=["label", "link"])),
            file_name=f"{study['id']}-links.csv",
            mime="text/csv",
            key="study.links",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "Sheet with QR codes (HTML)",
            lambda: qr_sheet(study["name"], made),
            file_name=f"{study['id']}-links.html",
            mime="text/html",
            key="study.qr_sheet",
            icon=":material/print:",
            on_click="ignore",
            disabled=len(made) > _ON_A_SHEET,
            help=f"To print and cut, a card for each link; up to {_ON_A_SHEET} links at once.",
        )
        if st.button("I have copied them", key="study.links_copied", icon=":material/done:"):
            del st.session_state[keys.NEW_LINKS]
            st.rerun()


def _status(row: pd.Series) -> str:
    if pd.notna(row["withdrawn_at"]):
        return "withdrawn"
    if pd.notna(row["public"]):
        came = counted(int(row["came"]), "reader") + " came"
        return came + (f" of {int(row['places'])} places" if pd.notna(row["places"]) else "")
    if pd.notna(row["reader_id"]):
        words = "taking part"
    elif pd.notna(row["until"]) and row["until"] <= now():
        words = "ended"
    else:
        words = "not opened yet" + (f", until {day(row['until'])}" if pd.notna(row["until"]) else "")
    return words + (f", link renewed {moment(row['renewed_at'])}" if pd.notna(row["renewed_at"]) else "")


def _kind(row: pd.Series) -> str:
    if pd.notna(row["public"]):
        return "open page" if row["public"] else "group"
    return "by a group" if pd.notna(row["group_id"]) else "reader"


def _invitation_table(made: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Invited": made["label"],
            "Kind": [_kind(row) for _, row in made.iterrows()],
            "Made": [moment(t) for t in made["created_at"]],
            "State": [_status(row) for _, row in made.iterrows()],
            "Address": made["address"].fillna(""),
            "Reader": made["reader_id"].fillna(""),
        }
    )


def _titles(made: pd.DataFrame) -> dict[str, str]:
    return dict(zip(made["id"], made["label"], strict=True))


def _given(made: pd.DataFrame) -> pd.DataFrame:
    """Invitations whose links somebody has: nobody was given that of the open page."""
    return made[~made["public"].fillna(False).astype(bool)]


def _renew(workspace: Workspace, study: dict[str, Any], made: pd.DataFrame) -> None:
    titles = _titles(_given(made))
    with st.popover("Renew a link", icon=":material/autorenew:", disabled=not titles):
        chosen = pick("Invitation", list(titles), titles.__getitem__, key="study.renew_which")
        st.write(
            "For a link that was lost or came into wrong hands, or to let a withdrawn reader in again. The links "
            "before it stop working at once; the reader goes on where they were."
        )
        if st.button("Make a new link", key="study.renew", disabled=chosen is None) and chosen is not None:
            renewed_by = access.act(Right.RUN_STUDIES).id
            _keep_links(study, [links.renew_invitation(workspace, chosen, renewed_by=renewed_by)])
            st.rerun()


def _end(workspace: Workspace, made: pd.DataFrame) -> None:
    open_ones = made[made["withdrawn_at"].isna() & made["reader_id"].isna()]
    titles = _titles(open_ones)
    with st.popover("Until when", icon=":material/event:", disabled=not titles):
        chosen = pick("Invitation", list(titles), titles.__getitem__, key="study.end_which")
        until = st.date_input("They can begin until", None, min_value=now().date(), key="study.end_until")
        st.caption("Empty: as long as the study is read. Who has begun goes on in any case.")
        if st.button("Set", key="study.set_end", disabled=chosen is None) and chosen is not None:
            set_by = access.act(Right.RUN_STUDIES).id
            try:
                links.set_end(workspace, chosen, _end_of(until), set_by=set_by)
            except DermdashError as error:
                leave_outcome(_PLACE, error_words(error), well=False)
            else:
                leave_outcome(_PLACE, f"The end of {as_text(titles[chosen])} is set.")
            st.rerun()


def _withdraw(workspace: Workspace, made: pd.DataFrame) -> None:
    titles = _titles(_given(made[made["withdrawn_at"].isna()]))
    with st.popover("Withdraw an invitation", icon=":material/block:", disabled=not titles):
        # Nobody is chosen beforehand: a second click must not withdraw the next in the list.
        chosen = pick("Invitation", list(titles), titles.__getitem__, key="study.withdraw_which")
        st.write(
            "The links stop working at once. Answers given so far are kept; who came by the link of a group goes on by "
            "their own."
        )
        if st.button("Withdraw", key="study.withdraw", disabled=chosen is None) and chosen is not None:
            withdrawn_by = access.act(Right.RUN_STUDIES).id
            links.withdraw_invitation(workspace, chosen, withdrawn_by=withdrawn_by)
            st.rerun()

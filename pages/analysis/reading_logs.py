from dermdash.ui import access
from dermdash.ui.analysis.log_import_view import import_part
from dermdash.ui.analysis.reading_logs_view import just_imported, past_logs
from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.navigation import open_page
from dermdash.wording import counted
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.readings import import_reading_log

with errors_shown():
    workspace = open_page("analysis/reading_logs")
    logs = import_reading_log.list_logs(workspace)
    page_head(
        "Readings from elsewhere",
        "Bring in the log of another reader study: it is recognised, checked row by row, and analysed beside your own "
        "studies. The file is kept as it is.",
        counted(len(logs), "reading log"),
    )
    just_imported(workspace)
    if access.may(Right.KEEP_READING_LOGS):
        import_part(workspace)
    past_logs(workspace, logs)

"""The command line: batch work on a workspace, and `dermdash serve`."""

import sys
from collections.abc import Sequence

import typer

from dermdash.cli import (
    account_commands,
    acquisition_commands,
    analyse,
    classifier_commands,
    dataset_commands,
    deidentify_commands,
    evaluate_commands,
    explain_commands,
    export_commands,
    fetch_commands,
    findings_commands,
    import_commands,
    keep_commands,
    lesion_commands,
    operating_point_commands,
    records_commands,
    retrieval_commands,
    serve_commands,
    split_commands,
    study_archive_commands,
    study_case_commands,
    study_commands,
    study_conduct_commands,
    study_trial_command,
    taxonomy_commands,
    training_commands,
    verification_commands,
    version_commands,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Dermatoscopic data set quality assurance and human-AI reader studies. The workspace is the folder "
    "DERMDASH_HOME (default: ./workspace).",
)
app.add_typer(fetch_commands.app, name="fetch")
app.add_typer(import_commands.app, name="import")
app.add_typer(records_commands.app, name="records")
app.add_typer(split_commands.app, name="split")
app.add_typer(version_commands.app, name="version")
app.add_typer(dataset_commands.app, name="dataset")
app.add_typer(deidentify_commands.app, name="deidentify")
app.add_typer(acquisition_commands.app, name="acquisition")
export_commands.register(app)
training_commands.register(app)
classifier_commands.register(app)
evaluate_commands.register(app)
explain_commands.register(app)
findings_commands.register(app)
app.add_typer(lesion_commands.app, name="lesions")
app.add_typer(operating_point_commands.app, name="operating-point")
retrieval_commands.register(app)
verification_commands.register(app)
study_conduct_commands.register(study_commands.app)
study_case_commands.register(study_commands.app)
study_trial_command.register(study_commands.app)
study_archive_commands.register(study_commands.app, app)
app.add_typer(study_commands.app, name="study")
app.add_typer(taxonomy_commands.app, name="taxonomy")
app.add_typer(analyse.app, name="analyse")
keep_commands.register(app)
app.add_typer(account_commands.app, name="account")
serve_commands.register(app)

_SEVERAL_VALUES = frozenset({"--images", "--masks"})


def repeat_options(arguments: Sequence[str]) -> list[str]:
    """Write ``--images a b`` as ``--images a --images b``: the parser knows only the second form."""
    if not arguments or arguments[0] != "import":
        return list(arguments)
    written: list[str] = []
    option, first = "", False
    for argument in arguments:
        if argument.startswith("-"):
            option, first = (argument, True) if argument in _SEVERAL_VALUES else ("", False)
        elif option:
            if not first:
                written.append(option)
            first = False
        written.append(argument)
    return written


def main() -> None:
    """Run the command line."""
    app(repeat_options(sys.argv[1:]), prog_name="dermdash")

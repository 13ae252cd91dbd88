"""DECIDE-AI: early clinical evaluation of decision support."""

from dermdash.report.guidelines.guideline import Guideline, items

DECIDE_AI = Guideline(
    key="decide-ai",
    name="DECIDE-AI",
    scope="early, small-scale clinical evaluation of decision support based on AI",
    citation=(
        "Vasey B, Nagendran M, Campbell B, et al. Reporting guideline for the early-stage clinical evaluation of "
        "decision support systems driven by artificial intelligence: DECIDE-AI. Nat Med 2022; 28: 924-933."
    ),
    note="Arabic numbers are the items about AI, Roman numbers the general ones.",
    items=items(
        ("1", "Title: early clinical evaluation of AI decision support, and for which problem", "title"),
        ("I", "Abstract: structured", ""),
        ("2a", "Intended use: condition, current practice, intended patients", ""),
        ("2b", "Intended users, place in the care pathway, expected effect", "users"),
        ("II", "Objectives", "question"),
        ("III", "Governance: protocol, registration, ethics approval", "protocol"),
        ("3a", "Patients: recruitment, criteria for patients and for data, planned number", "cases"),
        ("3b", "Users: recruitment, criteria, planned number", "users"),
        ("3c", "How users were made familiar with the system", "practice"),
        ("4a", "AI system: version, type of algorithm, training population, earlier performance", "model"),
        ("4b", "Inputs: acquisition, entry, processing, missing or poor data", "inputs"),
        ("4c", "Outputs and how users saw them", "outputs"),
        ("5a", "Setting in which the system was used", "setting"),
        ("5b", "Workflow: when the system was used, how and by whom the decision was made", "workflow"),
        ("IV", "Outcomes: primary and secondary", "outcomes"),
        ("6a", "Errors and malfunctions: how defined and found", ""),
        ("6b", "Risks and harms: how identified, analysed and minimised", ""),
        ("7", "Human factors: methods, use cases, users involved", ""),
        ("V", "Statistical analysis, planned and additional", "statistics"),
        ("8", "Ethics: methods used for fairness or other ethical aims", ""),
        ("VI", "Involvement of patients", ""),
        ("9a", "Patients and data: characteristics, missing data", "cases"),
        ("9b", "Users: characteristics", "users"),
        ("10a", "Exposure of users to the system, uses, adherence", "exposure"),
        ("10b", "Changes to workflow or pathway", ""),
        ("VII", "Main results for each outcome", "results"),
        ("VIII", "Subgroups", "subgroups"),
        ("11", "Changes to the system during the study", "modifications"),
        ("12", "Agreement of users with the system, and reasons for departing from it", "reliance"),
        ("13a", "Significant errors and malfunctions that occurred", ""),
        ("13b", "Risks and harms that occurred", ""),
        ("14a", "Usability, by recognised methods", ""),
        ("14b", "Learning of users", "time"),
        ("15", "Discussion: do results support the intended use", ""),
        ("16", "Discussion: what results say of safety", ""),
        ("IX", "Strengths and limitations", "limitations"),
        ("17", "Availability of data and code", "availability"),
        ("X", "Conflicts of interest, funding", ""),
    ),
)

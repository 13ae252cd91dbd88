"""CONSORT-AI: randomised trials of AI interventions, with the items of CONSORT 2010 it extends."""

from dermdash.report.guidelines.guideline import Guideline, items

CONSORT_AI = Guideline(
    key="consort-ai",
    name="CONSORT-AI",
    scope="randomised trials of interventions with an AI component",
    citation=(
        "Liu X, Cruz Rivera S, Moher D, Calvert MJ, Denniston AK; SPIRIT-AI and CONSORT-AI Working Group. Reporting "
        "guidelines for clinical trial reports for interventions involving artificial intelligence: the CONSORT-AI "
        "extension. Nat Med 2020; 26: 1364-1374."
    ),
    note=(
        "Numbers are those of CONSORT 2010; (i) to (vi) mark what the AI extension adds. A study of readers randomises "
        "what is shown to them, not patients: answer for readers and readings."
    ),
    items=items(
        ("1a", "Title: randomised", "title"),
        ("1b", "Structured summary", ""),
        ("1a,b (i)", "Title or abstract: AI is involved, and which type of model", "model"),
        ("1a,b (ii)", "Title or abstract: intended use of the AI", ""),
        ("2a", "Background and rationale", ""),
        ("2a (i)", "Intended use in the clinical pathway: purpose and users", "users"),
        ("2b", "Objectives or hypotheses", "question"),
        ("3a", "Design and allocation ratio", "randomisation"),
        ("3b", "Changes of methods after the start", "modifications"),
        ("4a", "Eligibility of participants", "users"),
        ("4a (i)", "Inclusion and exclusion of participants", "users"),
        ("4a (ii)", "Inclusion and exclusion of input data", "cases"),
        ("4b", "Settings and places", "setting"),
        ("4b (i)", "How the AI was fitted into the setting, on site or off", "setting"),
        ("5", "Interventions in detail", "workflow"),
        ("5 (i)", "Version of the algorithm", "model"),
        ("5 (ii)", "How input data were acquired and chosen", "inputs"),
        ("5 (iii)", "How poor or missing input data were judged and handled", "inputs"),
        ("5 (iv)", "People's part in handling input data, and the skill it takes", ""),
        ("5 (v)", "Output of the AI", "outputs"),
        ("5 (vi)", "How the output entered decisions", "workflow"),
        ("6a", "Outcomes, primary and secondary", "outcomes"),
        ("6b", "Changes of outcomes after the start", ""),
        ("7a", "Sample size", ""),
        ("7b", "Interim analyses and stopping rules", ""),
        ("8a", "How the random sequence was made", "randomisation"),
        ("8b", "Type of randomisation", "randomisation"),
        ("9", "Concealment of allocation", "concealment"),
        ("10", "Who enrolled and assigned", "concealment"),
        ("11a", "Blinding: who and how", "concealment"),
        ("11b", "Similarity of interventions", ""),
        ("12a", "Statistical methods for outcomes", "statistics"),
        ("12b", "Subgroup and adjusted analyses", "subgroups"),
        ("13a", "Flow: numbers assigned, treated and analysed", "flow"),
        ("13b", "Losses and exclusions with reasons", "exclusions"),
        ("14a", "Dates of recruitment and follow-up", "dates"),
        ("14b", "Why the trial ended", ""),
        ("15", "Baseline data by group", "users"),
        ("16", "Numbers analysed", "numbers"),
        ("17a", "Results with effect size and precision", "results"),
        ("17b", "Absolute and relative effects of binary outcomes", "results"),
        ("18", "Ancillary analyses, planned and exploratory", "subgroups"),
        ("19", "Harms", ""),
        ("19 (i)", "Analysis of errors of the AI, and how they were found", "errors"),
        ("20", "Limitations", "limitations"),
        ("21", "Generalisability", ""),
        ("22", "Interpretation", ""),
        ("23", "Registration", ""),
        ("24", "Access to the protocol", "protocol"),
        ("25", "Funding", ""),
        ("25 (i)", "Access to the AI and its code, and restrictions", "availability"),
    ),
)

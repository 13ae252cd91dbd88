"""STARD-AI: diagnostic accuracy of an AI index test, on the numbering of STARD 2015 it extends."""

from dermdash.report.guidelines.guideline import Guideline, items

STARD_AI = Guideline(
    key="stard-ai",
    name="STARD-AI",
    scope="diagnostic accuracy of an index test with AI",
    citation=(
        "Sounderajah V, Guni A, Liu X, et al. The STARD-AI reporting guideline for diagnostic accuracy studies using "
        "artificial intelligence. Nat Med 2025; 31: 3283-3289. Numbers: Bossuyt PM, Reitsma JB, Bruns DE, et al. STARD "
        "2015: an updated list of essential items for reporting diagnostic accuracy studies. BMJ 2015; 351: h5527."
    ),
    note=(
        "Numbers are those of STARD 2015. Topics that STARD-AI adds for an AI index test stand below the item they "
        "belong to, marked AI; look up their number in the published checklist before submitting."
    ),
    items=items(
        ("1", "Title or abstract: a study of diagnostic accuracy, with its measure", "title"),
        ("AI", "Title or abstract: an AI index test", "model"),
        ("2", "Structured abstract", ""),
        ("3", "Background: intended use and role of the index test", ""),
        ("4", "Objectives and hypotheses", "question"),
        ("AI", "Ethics approval, or why none was needed", ""),
        ("5", "Prospective or retrospective data", "design"),
        ("6", "Eligibility", "cases"),
        ("AI", "Eligibility of data, and of data sets", "cases"),
        ("7", "How eligible participants were identified", ""),
        ("8", "Where and when", "dates"),
        ("9", "Consecutive, random or convenience series", "sampling"),
        ("AI", "Origin of the data, how it was gathered and annotated", "dataset"),
        ("AI", "Devices and acquisition of images", "inputs"),
        ("AI", "Preparation of the data", "inputs"),
        ("10a", "Index test, in enough detail to repeat it", "model"),
        ("AI", "Partition of the data for training, tuning and testing, and what was kept apart", "partition"),
        ("AI", "Who uses the index test, and their training", "users"),
        ("10b", "Reference standard, in enough detail to repeat it", "reference"),
        ("11", "Why this reference standard", ""),
        ("12a", "Cut-offs of the index test, planned or exploratory", "threshold"),
        ("12b", "Cut-offs of the reference standard", "reference"),
        ("13a", "What readers of the index test knew", "concealment"),
        ("13b", "What assessors of the reference standard knew", ""),
        ("14", "Methods for estimating and comparing accuracy", "statistics"),
        ("15", "Indeterminate results", ""),
        ("16", "Missing data", "exclusions"),
        ("17", "Analyses of variability, planned or exploratory", "subgroups"),
        ("AI", "Assessment of bias and fairness", ""),
        ("18", "Sample size", ""),
        ("19", "Flow of participants", "flow"),
        ("20", "Baseline characteristics", "cases"),
        ("AI", "How well the test set stands for the intended population", ""),
        ("21a", "Severity of disease in those with the condition", "cases"),
        ("21b", "Alternative diagnoses in those without", "cases"),
        ("22", "Time and interventions between index test and reference standard", ""),
        ("23", "Cross tabulation of results", "results"),
        ("24", "Accuracy with its precision", "results"),
        ("25", "Adverse events", ""),
        ("26", "Limitations: bias, uncertainty, generalisability", "limitations"),
        ("27", "Implications for practice", ""),
        ("AI", "Effect of errors of the AI, and fairness", "errors"),
        ("28", "Registration", ""),
        ("29", "Where the protocol is", "protocol"),
        ("30", "Funding", ""),
        ("AI", "Commercial interests, availability of model, code and data", "availability"),
    ),
)

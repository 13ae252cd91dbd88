"""What entries of a protocol are called where they are changed."""

LANGUAGE_WORDS = {"en": "English", "de": "German", "ru": "Russian", "es": "Spanish"}
PROFILE_WORDS = {
    "profession": "Profession", "years_experience": "Years of experience", "age_group": "Age group",
    "gender": "Gender", "country": "Country",
}  # fmt: skip
ENTRY_WORDS = {
    "name": "Name", "question": "Question", "taxonomy": "Classes", "dataset_id": "Data set", "model_id": "Model",
    "cases_per_round": "Cases per round", "rounds": "Rounds", "class_mix": "Class mix", "modalities": "Assistance",
    "practice_cases": "Practice cases", "seed": "Seed", "template": "Template", "consent_text": "Consent",
    "consent_version": "Version of the consent", "confidence_levels": "Levels of confidence",
    "time_limit_s": "Seconds per answer", "cbir_k": "Similar images", "minimum_crowd_readers": "Readers of the crowd",
    "profile_questions": "Questions about the reader", "prespecified_analyses": "Analyses decided beforehand",
    "frozen_crowd": "Frozen crowd", "record_filter": "Filter of records", "borderline": "Borderline diagnoses",
    "asked.diagnosis": "Diagnosis", "asked.confidence": "Confidence",
    "asked.malignancy_rating": "Rating of malignancy", "asked.management": "Management",
    "view.fields": "Fields of the record", "view.clinical_image": "Clinical image",
    "view.whole_patient": "All lesions of the patient", "checks.screening": "Screening test",
    "checks.attention_checks": "Attention checks", "checks.hidden_repeats": "Hidden repeats",
    "checks.unaided_only": "Cases without assistance", "design.arms": "Arms", "design.washout_days": "Washout",
    "design.method": "Assignment", "design.strata": "Balanced within", "design.order": "Order of cases",
    "design.aided_follows": "When assistance comes", "design.cases_per_reader": "Cases of a round per reader",
    "conduct.interruption": "After a gap", "conduct.longest_gap_min": "Longest gap", "conduct.withdrawal": "Withdrawal",
    "conduct.target_readers": "Readers aimed at", "conduct.closes_on": "Last day",
    "conduct.stopping_rule": "Stopping rule", "conduct.blinded": "Blinded until closed",
    "conduct.open_recruitment": "Open recruitment", "conduct.unfindable_images": "Images that cannot be looked up",
    "pages.language": "First language", "pages.languages": "Languages", "pages.translations": "Translations",
    "pages.instructions": "Instructions", "pages.feedback": "Feedback", "pages.certificate": "Certificate",
    "pages.game": "Game elements", "draw.difficulty": "Difficulty", "draw.strata": "Parts from easy to hard",
    "draw.held_out_only": "Only lesions the model does not know", "draw.one_per_patient": "One case of each patient",
    "wrong_advice": "Wrong advice", "wrong_advice.share_percent": "Share of wrong advice",
    "wrong_advice.method": "How advice is made wrong", "wrong_advice.told": "Readers are told",
    "wrong_advice.debriefed": "Readers are debriefed",
}  # fmt: skip


def entry_in_words(entry: str) -> str:
    """The entry as people call it; its path where nobody gave it a name."""
    return ENTRY_WORDS.get(entry, entry.replace("_", " ").replace(".", ": "))

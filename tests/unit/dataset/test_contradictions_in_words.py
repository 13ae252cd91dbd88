from dermdash.dataset.contradictions import ContradictionKind, in_words, words_of

ROWS = (
    {"source_label": "angioma", "dx": "vasc", "image_id": "A"},
    {"source_label": "naevus", "dx": "nv", "image_id": "B"},
)


def test_what_contradicts_is_said_in_names_of_fields_and_diagnoses() -> None:
    kind = ContradictionKind.SAME_PICTURE
    assert in_words(kind, ROWS) == (
        "Label in the source: angioma or naevus; Diagnosis: Vascular lesion or Melanocytic nevus"
    )
    assert words_of(kind, ROWS) == "source_label angioma/naevus, dx vasc/nv"  # as stored


def test_what_a_row_leaves_empty_is_said_and_what_all_leave_empty_is_not() -> None:
    rows = ({**ROWS[0], "source_label": ""}, {**ROWS[1], "source_label": "", "dx": None})
    assert in_words(ContradictionKind.SAME_PICTURE, rows) == "Diagnosis: Vascular lesion or empty"

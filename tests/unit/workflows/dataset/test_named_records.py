"""A case is the record whose image it names, where there is one such record and no other."""

import pandas as pd

from dermdash.workflows.dataset.named_records import named_records


def test_a_case_finds_its_record_by_name_and_none_where_two_are_called_so() -> None:
    known = pd.DataFrame({"id": ["a:1", "a:2", "b:2", "b:3"], "image_id": ["ISIC_1", "ISIC_2", "ISIC_2", "ISIC_3"]})
    found = named_records({"ISIC_3", "isic_1", "ISIC_2", "elsewhere"}, known)
    assert found["id"].to_dict() == {"isic_1": "a:1", "ISIC_3": "b:3"}
    assert named_records(set(), known).empty

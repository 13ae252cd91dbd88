from dataclasses import replace

import pytest
from tests.factories import make_image, make_record

from dermdash.errors import NotFound
from dermdash.records import record_filter
from dermdash.records.fields import FIELDS, Filter
from dermdash.records.record_filter import QualitySource, RecordFilter, filter_of_field
from dermdash.records.taxonomy import TAXONOMIES
from dermdash.storage import records, tables
from dermdash.storage.option_counts import option_counts


@pytest.fixture
def filled(workspace):
    rows = [
        make_record("ISIC_1", dx="mel", dx_type="histo", verification_stage=3, age_at_exam=70, sex="male"),
        make_record("ISIC_2", dx="nv", age_at_exam=20, image_quality_score=2),
        make_record("ISIC_3", dx="nv", age_at_exam=None, sex=None, anatomical_site=None, technical_quality=1),
        make_record("ISIC_4", dx="bcc", dataset_id="other", completeness=1.0, dominant_colors=["red", "white"]),
    ]
    records.save_batch(workspace.engine, images=[make_image()], records=rows)
    return workspace.engine


def ids(engine, record_filter, **kwargs):
    return list(records.page_of_records(engine, record_filter, **kwargs)["image_id"])


@pytest.fixture
def clinical(workspace, tmp_path, monkeypatch):
    """Records of three taxonomies; in the workspace's own one, `nv` is borderline."""
    text = (
        "name: ours\ntitle: Ours\nclasses:\n"
        "- {code: nv, name: Melanocytic nevus, origin: melanocytic, status: borderline}\n"
        "- {code: mel, name: Melanoma, origin: melanocytic, status: malignant}\n"
    )
    (tmp_path / "taxonomies").mkdir()
    (tmp_path / "taxonomies" / "ours.yaml").write_text(text)
    before = TAXONOMIES._folder
    TAXONOMIES.use_workspace(tmp_path)
    made = {"isic2019": ("mel", "nv", "ak", "unk", None), "clinical9": ("dysplastic_nevus",), "ours": ("nv", "mel")}
    rows = []
    for taxonomy, classes in made.items():
        values = {
            "id": taxonomy,
            "name": taxonomy,
            "taxonomy": taxonomy,
            "source": "",
            "licence": "",
            "simulated": False,
        }
        records.save_dataset(workspace.engine, values=values)
        rows += [make_record(f"{taxonomy}_{dx}", taxonomy, dx=dx) for dx in classes]
    records.save_batch(workspace.engine, images=[make_image()], records=rows)
    yield workspace.engine
    TAXONOMIES.use_workspace((before or tmp_path / "none" / "x").parent)


GROUPS = {
    "malignant": ["isic2019_mel", "ours_mel"],
    "borderline": ["clinical9_dysplastic_nevus", "isic2019_ak", "ours_nv"],
    "benign": ["isic2019_nv"],
    "not_said": ["isic2019_unk"],
    "unknown": ["isic2019_None"],
}


def test_borderline_and_what_says_nothing_are_groups_beside_malignant_and_benign(clinical):
    for group, images in GROUPS.items():
        assert sorted(ids(clinical, RecordFilter(malignancy=(group,)))) == images
    assert sorted(ids(clinical, RecordFilter(malignancy=("malignant", "borderline")))) == sorted(
        GROUPS["malignant"] + GROUPS["borderline"]
    )
    counts = option_counts(clinical, RecordFilter(dataset_id=("isic2019", "ours")))["malignancy"]
    assert counts == {"malignant": 2, "borderline": 2, "benign": 1, "not_said": 1, "unknown": 1}


def test_the_empty_filter_shows_everything_in_order(filled):
    assert ids(filled, RecordFilter()) == ["ISIC_1", "ISIC_2", "ISIC_3", "ISIC_4"]


@pytest.mark.parametrize(
    ("record_filter", "expected"),
    [
        (RecordFilter(dx=("nv",)), ["ISIC_2", "ISIC_3"]),
        (RecordFilter(verification_stage=("3",)), ["ISIC_1"]),
        (RecordFilter(sex=("unknown",)), ["ISIC_3"]),
        (RecordFilter(sex=("unknown", "male")), ["ISIC_1", "ISIC_3"]),
        (RecordFilter(age_min=21, age_max=75), ["ISIC_1", "ISIC_4"]),
        (RecordFilter(quality=("2",)), ["ISIC_2"]),
        (RecordFilter(quality=("4",), quality_source=QualitySource.ESTIMATED), ["ISIC_1", "ISIC_2", "ISIC_4"]),
        (RecordFilter(quality=("unknown",), quality_source=QualitySource.HUMAN), ["ISIC_1", "ISIC_3", "ISIC_4"]),
        (RecordFilter(completeness=("complete",)), ["ISIC_4"]),
        (RecordFilter(text="isic_3"), ["ISIC_3"]),
        (RecordFilter(text="%"), []),
        (RecordFilter(dataset_id=("other",)), ["ISIC_4"]),
        (RecordFilter(verification_stage=("x; DROP TABLE record",)), []),
    ],
)
def test_each_filter_shows_its_records(filled, record_filter, expected):
    assert ids(filled, record_filter) == expected
    assert records.count_records(filled, record_filter) == len(expected)


def test_option_counts_leave_out_their_own_facet(filled):
    counts = option_counts(filled, RecordFilter(dx=("nv",)))
    assert counts["dx"] == {"mel": 1, "nv": 2, "bcc": 1}
    assert counts["sex"] == {"female": 1, "unknown": 1}
    assert counts["completeness"] == {"50-74 %": 2}


def test_option_counts_agree_with_the_filtered_sets(filled):
    for facet, options in option_counts(filled, RecordFilter()).items():
        for option, n in options.items():
            assert records.count_records(filled, RecordFilter(**{facet: (option,)})) == n, (facet, option)


def test_sorting_puts_missing_values_last_both_ways(filled):
    assert ids(filled, RecordFilter(), sort="age_at_exam")[-1] == "ISIC_3"
    assert ids(filled, RecordFilter(), sort="age_at_exam", descending=True) == [
        "ISIC_1",
        "ISIC_4",
        "ISIC_2",
        "ISIC_3",
    ]


def test_the_download_is_the_page_whole(filled):
    chunks = list(records.iterate_records(filled, RecordFilter(dx=("nv",)), sort="image_id", descending=True))
    assert [i for chunk in chunks for i in chunk["image_id"]] == ["ISIC_3", "ISIC_2"]


def test_storing_a_batch_twice_changes_nothing(filled):
    records.save_batch(filled, images=[make_image()], records=[make_record("ISIC_1", dx="df")])
    assert records.get_record(filled, "ham:ISIC_1")["dx"] == "mel"
    assert records.count_records(filled, RecordFilter()) == 4


def test_lists_come_back_as_lists(filled):
    assert records.get_record(filled, "other:ISIC_4")["dominant_colors"] == ["red", "white"]


def test_an_unknown_record_is_named(filled):
    with pytest.raises(NotFound, match="ham:nope"):
        records.get_record(filled, "ham:nope")


def test_a_filter_survives_the_url_and_a_mangled_url_still_opens():
    full = RecordFilter(dx=("mel", "nv"), age_min=3, text="a b", quality_source=QualitySource.HUMAN)
    assert RecordFilter.from_query(full.to_query()) == full
    assert RecordFilter.from_query({"age_min": ["x"], "quality_source": ["?"], "foo": ["1"]}) == RecordFilter()


def test_a_filter_of_yes_and_no_and_one_of_a_range_reach_the_database(filled, monkeypatch):
    by_name = {spec.name: spec for spec in FIELDS}
    burnt = filter_of_field(replace(by_name["sunburn_history"], filter=Filter.OPTIONS))
    wide = filter_of_field(replace(by_name["lesion_diameter_mm"], filter=Filter.RANGE))
    monkeypatch.setitem(record_filter.FACETS, burnt.name, burnt)
    monkeypatch.setitem(record_filter.RANGES, wide.name, wide)
    for parameter in wide.parameters:
        monkeypatch.setitem(record_filter._BOUNDS, parameter, wide)
    with filled.begin() as connection:
        connection.execute(
            tables.record.update().where(tables.record.c.image_id == "ISIC_1").values(
                sunburn_history=True, lesion_diameter_mm=7.5
            )
        )  # fmt: skip
    assert ids(filled, RecordFilter(sunburn_history=("true",))) == ["ISIC_1"]
    assert ids(filled, RecordFilter(sunburn_history=("unknown",))) == ["ISIC_2", "ISIC_3", "ISIC_4"]
    assert ids(filled, RecordFilter(lesion_diameter_mm_min=7, lesion_diameter_mm_max=8)) == ["ISIC_1"]
    assert ids(filled, RecordFilter(lesion_diameter_mm_max=7.4)) == []
    assert option_counts(filled, RecordFilter())["sunburn_history"] == {"true": 1, "unknown": 3}

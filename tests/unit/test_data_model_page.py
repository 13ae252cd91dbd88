from pathlib import Path

from tests.data_model_page import PAGE, page

HOW_TO_ADD = Path(__file__).parents[2] / "docs" / "how-to-add.md"


def test_the_page_of_the_data_model_is_that_of_the_registries() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.data_model_page"


def test_every_recipe_names_a_test_that_there_is() -> None:
    recipes = HOW_TO_ADD.read_text("utf-8").split("\n## ")[1:]
    tests = (HOW_TO_ADD.parents[1] / "tests" / "integration" / "how_to_add" / "test_how_to_add.py").read_text("utf-8")
    for title in ("Field", "Filter", "Modality", "Data set format", "Log format"):
        (recipe,) = (r for r in recipes if r.startswith(f"{title}\n"))
        named = [word.strip("`.,") for word in recipe.split() if word.startswith("`test_a")]
        assert named, title
        assert all(f"def {name}(" in tests for name in named), title

from tests.quick_passwords import quick_passwords  # noqa: F401  a fixture

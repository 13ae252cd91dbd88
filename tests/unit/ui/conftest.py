from tests.streamlit_apps import components_of_packages  # noqa: F401  a fixture

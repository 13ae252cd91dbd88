from tests.streamlit_apps import compiled_pages, components_of_packages  # noqa: F401  fixtures

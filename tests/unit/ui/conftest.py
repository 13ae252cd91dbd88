from tests.streamlit_apps import awaited_runs, compiled_pages, components_of_packages  # noqa: F401  fixtures

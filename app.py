"""Entry point of the Streamlit app: sign-in route, page config, role-aware navigation."""

if __name__ == "__main__":  # the script that is run for every visitor, at every click: the server is not made anew
    import streamlit as st

    from dermdash.ui.frontend import ICON
    from dermdash.ui.navigation import run_current_page

    # The icon is a file of ours: a named one would be fetched from a font server.
    st.set_page_config(page_title="dermdash", page_icon=ICON, layout="wide")
    run_current_page()
elif __name__ != "__mp_main__":  # a worker process needs none of it
    # `streamlit run app.py` finds this in the text of the file, and serves it
    import streamlit as st
    from starlette.middleware import Middleware

    from dermdash.ui.connection_limits import ConnectionLimits
    from dermdash.ui.first_script import FirstScript
    from dermdash.ui.moved_pages import moved_routes
    from dermdash.ui.operator_routes import operator_routes
    from dermdash.ui.picture_route import picture_routes
    from dermdash.ui.places_route import places_routes
    from dermdash.ui.request_guard import RequestGuard
    from dermdash.ui.script_route import script_routes
    from dermdash.ui.server_start import at_start
    from dermdash.ui.sign_in_route import sign_in_routes
    from dermdash.ui.thumbnail_route import thumbnail_routes

    app = st.App(
        __file__,
        routes=(
            *script_routes(),
            *picture_routes(),
            *thumbnail_routes(),
            *places_routes(),
            *sign_in_routes(),
            *moved_routes(),
            *operator_routes(),
        ),
        # The limits come first: they need the connection itself, and what the guard asks of the database is paced too.
        middleware=[Middleware(ConnectionLimits), Middleware(RequestGuard), Middleware(FirstScript)],
        lifespan=at_start,
    )

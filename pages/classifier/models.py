from dermdash.ui.messages import errors_shown, page_head
from dermdash.ui.models_view import models_state, show_models
from dermdash.ui.navigation import open_page
from dermdash.workflows.classifier import model_registry

with errors_shown():
    workspace = open_page("classifier/models")
    models = model_registry.list_models(workspace)
    page_head("Models", "Classifiers of this workspace and what they have predicted.", models_state(models))
    show_models(workspace, models)

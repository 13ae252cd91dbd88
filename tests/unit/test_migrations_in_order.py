"""Each migration follows the one with the number before its own: the highest number is where a workspace ends."""

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from dermdash.storage import engine


def test_numbers_of_migrations_rise_along_their_chain() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(engine.__file__).parent / "migrations"))
    chain = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert chain == sorted(chain, reverse=True)
    assert chain[0] == engine.HEAD_REVISION

"""The app's own files travel in the package: `dermdash serve` starts them where no checkout is."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
# They lie at the top of the repository, as `streamlit run app.py` and its readers expect; in the package, in one folder
# that dermdash/cli/app_folder.py finds.
APP = ("app.py", ".streamlit/config.toml", *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("pages/**/*.py")))


class BuildWithApp(build_py):
    """Copies them beside the modules; an editable installation has the checkout itself."""

    def run(self) -> None:
        """Build the modules, then copy the app beside them."""
        super().run()
        if not self.editable_mode:
            for source, target in self._app_files():
                Path(target).parent.mkdir(parents=True, exist_ok=True)
                self.copy_file(source, target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """List what `run` writes."""
        outputs: list[str] = super().get_outputs(include_bytecode)
        return outputs if self.editable_mode else [*outputs, *(target for _, target in self._app_files())]

    def _app_files(self) -> list[tuple[str, str]]:
        return [(name, str(Path(self.build_lib, "dermdash", "app", name))) for name in APP]


setup(cmdclass={"build_py": BuildWithApp})

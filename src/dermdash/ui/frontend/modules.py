"""Composes the JavaScript modules of a component into one: Streamlit takes a text, and a text cannot import files.

The files are ordinary modules, which an editor and node read as they are. In the text that reaches the browser each of
them is a function of its own, so no name of one module is seen by another that does not import it. Of the language's
many forms of import and export only those are taken that the files need; any other is an error when the app starts.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from dermdash.ui.frontend.names import NAMES_MODULE, names_module
from dermdash.ui.frontend.nomenclature import NOMENCLATURE_MODULE, nomenclature_module

_FOLDER = "dermdash.ui.frontend"
_IMPORT = re.compile(r'^import \{([^{}]*)\} from "\./([a-z_]+)\.mjs";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:(default) )?((?:async )?function|class|const) (\w+)", re.MULTILINE)
_OTHER = re.compile(r"^\s*(?:import|export)\b.*|\bimport\s*\(.*|\bimport\.meta\b.*", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*//(?! [a-z_]+\.mjs$)[^\n]*", re.MULTILINE)
"""A line of it, but for the names of modules, by which a browser's console finds its way."""
_DEFAULT = "default"
MADE: Mapping[str, Callable[[], str]] = {NAMES_MODULE: names_module, NOMENCLATURE_MODULE: nomenclature_module}
"""Modules that are made from Python."""


class ModuleError(ValueError):
    """A JavaScript module of ours cannot be composed: a fault of the program, which no user can mend."""


@dataclass(frozen=True, slots=True)
class _Module:
    """One file: what it imports (module to names), what it exports, and its text without the words that say so."""

    imports: dict[str, tuple[str, ...]]
    exports: tuple[str, ...]
    main: str | None
    """Name of the default export."""
    body: str


@cache
def composed(entry: str) -> str:
    """One module text of the module of that name and all that it imports; its default export is the component's.

    Without comments and indentation: Streamlit sends the text with every run of a page.
    """
    return lean(compose(entry, read_module))


def lean(text: str) -> str:
    """The same module in fewer characters.

    Raises
    ------
    ModuleError
        A template goes over several lines, whose spaces would be lost.
    """
    kept = [line.strip() for line in _COMMENT.sub("", text).split("\n")]
    torn = next((line for line in kept if line.count("`") % 2 and not line.startswith("//")), None)
    if torn is not None:
        raise ModuleError(f"A template goes over several lines: {torn}")
    return "\n".join(line for line in kept if line) + "\n"


def module_names() -> list[str]:
    """Names of all modules, without their ending; those that are made from Python are among them."""
    files = (file.name for file in resources.files(_FOLDER).iterdir())
    return sorted([*MADE, *(name.removesuffix(".mjs") for name in files if name.endswith(".mjs"))])


def read_module(name: str) -> str:
    """Text of a module.

    Raises
    ------
    ModuleError
        There is none of that name.
    """
    if name in MADE:
        return MADE[name]()
    file = resources.files(_FOLDER).joinpath(f"{name}.mjs")
    if not file.is_file():
        raise ModuleError(f"There is no JavaScript module {name}.mjs.")
    return file.read_text(encoding="utf-8")


def compose(entry: str, read: Callable[[str], str]) -> str:
    """Compose a module and all that it imports, each once and after those it imports.

    Raises
    ------
    ModuleError
        A form of import or export that is not taken, an unknown module, a name that the module does not export, modules
        that import one another in a circle, or an entry without a default export.
    """
    modules: dict[str, _Module] = {}
    _collect(entry, read, modules, ())
    main = modules[entry].main
    if main is None:
        raise ModuleError(f"{entry}.mjs has no default export, which Streamlit would call.")
    parts = [_scope(name, module) for name, module in modules.items()]
    return "\n".join([*parts, f"export default {_variable(entry)}.{main};", ""])


def _collect(name: str, read: Callable[[str], str], modules: dict[str, _Module], way: tuple[str, ...]) -> None:
    if name in way:
        raise ModuleError(f"JavaScript modules import one another in a circle: {' -> '.join((*way, name))}.")
    if name in modules:
        return
    module = _parse(name, read(name))
    for imported, names in module.imports.items():
        _collect(imported, read, modules, (*way, name))
        unknown = [n for n in names if n not in modules[imported].exports]
        if unknown:
            raise ModuleError(f"{name}.mjs imports {', '.join(unknown)}, which {imported}.mjs does not export.")
    modules[name] = module


def _parse(name: str, text: str) -> _Module:
    imports: dict[str, tuple[str, ...]] = {}
    for listed, source in _IMPORT.findall(text):
        if source in imports:
            raise ModuleError(f"{name}.mjs imports {source}.mjs twice.")
        imports[source] = tuple(n.strip() for n in listed.split(",") if n.strip())
    exports = _EXPORT.findall(text)
    body = _EXPORT.sub(r"\2 \3", _IMPORT.sub("", text))
    other = _OTHER.search(body)
    if other:
        raise ModuleError(f"{name}.mjs: a form of import or export that cannot be composed: {other[0].strip()}")
    mains = [exported for default, _, exported in exports if default]
    names = tuple(exported for default, _, exported in exports if not default)
    return _Module(imports, names, mains[0] if mains else None, body)


def _scope(name: str, module: _Module) -> str:
    """The module as a function that is called once and returns what it exports."""
    wanted = _imports(module.imports)
    given = ", ".join([*module.exports, *([module.main] if module.main else [])])
    return f"// {name}.mjs\nconst {_variable(name)} = (() => {{\n{wanted}{module.body}return {{ {given} }};\n}})();"


def _imports(imports: Mapping[str, tuple[str, ...]]) -> str:
    return "".join(f"const {{ {', '.join(names)} }} = {_variable(source)};\n" for source, names in imports.items())


def _variable(module: str) -> str:
    # No file of ours may use such a name: what is visible to all modules of a text is this and nothing else.
    return f"$module_{module}"

"""JavaScript modules are composed into one text, and names shared with Python have one spelling."""

import ast
import re
from pathlib import Path

import pytest

from dermdash.reader_study.outbox import EventKind
from dermdash.ui.frontend.modules import MADE, ModuleError, compose, composed, lean, module_names, read_module
from dermdash.ui.frontend.names import ENUMERATIONS, constants, shapes

PACKAGE = Path(__file__).parents[3] / "src" / "dermdash"
MODULES = [name for name in module_names() if name not in MADE]
COMPONENTS = [name for name in MODULES if "export default" in read_module(name)]
MAIN = 'import { half } from "./numbers.mjs";\n\nexport default function mount() {\n  return half(4);\n}\n'
NUMBERS = "export const half = (n) => n / 2;\n"


def composed_of(**modules: str) -> str:
    def read(name: str) -> str:
        if name not in modules:
            raise ModuleError(name)
        return modules[name]

    return compose("main", read)


def test_each_module_is_a_function_of_its_own_after_those_it_imports() -> None:
    assert composed_of(main=MAIN, numbers=NUMBERS) == (
        "// numbers.mjs\n"
        "const $module_numbers = (() => {\n"
        "const half = (n) => n / 2;\n"
        "return { half };\n"
        "})();\n"
        "// main.mjs\n"
        "const $module_main = (() => {\n"
        "const { half } = $module_numbers;\n"
        "\nfunction mount() {\n  return half(4);\n}\n"
        "return { mount };\n"
        "})();\n"
        "export default $module_main.mount;\n"
    )


def test_a_module_that_two_others_import_stands_once() -> None:
    text = composed_of(
        main=MAIN.replace("\n\n", '\nimport { third } from "./thirds.mjs";\n\n'),
        numbers=NUMBERS,
        thirds='import { half } from "./numbers.mjs";\nexport const third = half(2) / 3;\n',
    )
    assert text.count("const $module_numbers =") == 1
    assert text.index("$module_numbers =") < text.index("$module_thirds =") < text.index("$module_main =")


@pytest.mark.parametrize(
    ("modules", "fault"),
    [
        ({"main": MAIN}, "numbers"),
        ({"main": MAIN, "numbers": "export const twice = 2;\n"}, "imports half, which numbers.mjs does not export"),
        ({"main": MAIN, "numbers": "const half = 2;\n"}, "imports half"),
        ({"main": MAIN, "numbers": f'import {{ mount }} from "./main.mjs";\n{NUMBERS}'}, "main -> numbers -> main"),
        ({"main": MAIN * 2, "numbers": NUMBERS}, "imports numbers.mjs twice"),
        ({"main": "export const a = 1;\n"}, "no default export"),
        ({"main": 'import * as all from "./numbers.mjs";\n'}, "cannot be composed"),
        ({"main": 'import all from "./numbers.mjs";\n'}, "cannot be composed"),
        ({"main": 'import { half } from "https://elsewhere.example/numbers.mjs";\n'}, "cannot be composed"),
        ({"main": 'import { half } from "../numbers.mjs";\n'}, "cannot be composed"),
        ({"main": 'import { half as h } from "./numbers.mjs";\n', "numbers": NUMBERS}, "imports half as h"),
        ({"main": "export let count = 0;\n"}, "cannot be composed"),
        ({"main": "const a = 1;\nexport { a };\n"}, "cannot be composed"),
        ({"main": 'export default async () => import("./numbers.mjs");\n'}, "cannot be composed"),
        ({"main": "export default () => import.meta.url;\n"}, "cannot be composed"),
    ],
)
def test_what_cannot_be_composed_is_an_error(modules: dict[str, str], fault: str) -> None:
    with pytest.raises(ModuleError, match=re.escape(fault)):
        composed_of(**modules)


def test_a_text_that_travels_has_neither_comments_nor_indentation_but_the_names_of_its_modules() -> None:
    text = "// numbers.mjs\n// Half of it.\nconst half = (n) =>\n  n / 2; // not this\n\n"
    assert lean(text) == "// numbers.mjs\nconst half = (n) =>\nn / 2; // not this\n"
    with pytest.raises(ModuleError, match="over several lines"):
        lean("const text = `a\n  b`;\n")


def test_there_is_no_module_without_a_file() -> None:
    with pytest.raises(ModuleError, match=re.escape("no JavaScript module nothing.mjs")):
        read_module("nothing")


def test_every_component_is_composed_and_every_module_is_part_of_one() -> None:
    assert COMPONENTS == [
        "annotation_panel", "facets", "first_script", "gallery", "gate_desk", "health_board", "image_viewer",
        "joined_before", "judging_desk", "lesion_crop", "marks_viewer", "page_frame", "point_map", "reader_frame",
        "reading_panel", "sign_in",
    ]  # fmt: skip
    texts = [composed(name) for name in COMPONENTS]
    for name in MODULES:
        assert any(f"// {name}.mjs\n" in text for text in texts), f"no component needs {name}.mjs"
    for text in texts:
        assert text.count("export default ") == 1


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_imports_it_uses_and_what_it_exports_somebody_imports(name: str) -> None:
    text = read_module(name)
    for listed, source in re.findall(r'import \{([^{}]*)\} from "\./(\w+)\.mjs"', text):
        for imported in listed.split(","):
            assert len(re.findall(rf"\b{imported.strip()}\b", text)) > 1, f"{imported} of {source}.mjs"
    tests = [path.read_text("utf-8") for path in (PACKAGE.parents[1] / "tests" / "javascript").glob("*.mjs")]
    others = "\n".join([*(read_module(other) for other in MODULES if other != name), *tests])
    for exported in re.findall(r"^export (?:async )?(?:function|class|const) (\w+)", text, re.MULTILINE):
        assert re.search(rf"import \{{[^{{}}]*\b{exported}\b", others), f"nobody imports {exported}"


@pytest.mark.parametrize("name", MODULES)
def test_no_module_spells_a_shared_name_by_hand(name: str) -> None:
    shared = {str(member): f"{group}.{member.name}" for group, kind in ENUMERATIONS.items() for member in kind}
    for text in _words(read_module(name)):
        assert text not in shared, f'{name}.mjs spells "{text}": it is {shared[text]} of names.mjs'


@pytest.mark.parametrize("name", MODULES)
def test_every_shared_name_that_a_module_uses_is_declared(name: str) -> None:
    declared = constants()
    code = _code(read_module(name))
    for group, member in re.findall(r"\b([A-Z]+)\.([A-Z_]+)\b", code):
        if group in declared:
            assert member in declared[group], f"{group}.{member}"
            assert re.search(rf'import \{{[^{{}}]*\b{group}\b[^{{}}]*\}} from "\./names\.mjs"', code), group


def test_kinds_of_event_are_spelt_in_one_module_of_python() -> None:
    kinds = {str(kind) for kind in EventKind}
    quoted = re.compile(rf"([\"'])(?:{'|'.join(map(re.escape, kinds))})\1")
    spelt = [
        f"{path.relative_to(PACKAGE).as_posix()}: {node.value}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if quoted.search(text := path.read_text("utf-8"))  # parsing all of them takes two seconds
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in kinds
    ]
    # What a study does after a long gap, and what a team does with a study, are called so too, and are no events.
    others = ["reader_study/protocol_parts.py: resume"]
    others += [f"reader_study/conduct.py: {act}" for act in ("pause", "resume")]
    others += [f"cli/study_conduct_commands.py: {act}" for act in ("pause", "resume") for _ in ("named", "sent")]
    assert sorted(spelt) == sorted([*others, *(f"reader_study/outbox.py: {kind}" for kind in kinds)])


def test_the_search_for_names_finds_some() -> None:
    text = 'this.event("pause"); // "resume"\nel("p", { class: "answer" }); window.addEventListener("offline", f);\n'
    assert _words(text) == ["pause", "p"]


def test_messages_within_messages_have_shapes_of_their_own() -> None:
    panel = shapes()["PANEL"]
    assert {"step", "waiting", "acknowledged"} <= set(panel)
    assert panel["question"] is None
    assert panel["classes"] == [{"code": None, "name": None, "color": None}]
    assert panel["step"]["assistance"]["neighbours"] == [{"image": None, "dx": None, "similarity": None}]
    assert panel["step"]["assistance"]["probabilities"] is None
    assert set(shapes()["EVENT"]) == {"kind", "id", "event", "step_key", "at"}


def _words(text: str) -> list[str]:
    """Strings that may be names: not those of CSS and of the browser's own events."""
    code = re.sub(r'class: "[^"]*"|addEventListener\("\w+"', "", _code(text))
    return [word for word in re.findall(r'"([a-z_]+)"', code) if word != "none"]  # which is a value of CSS


def _code(text: str) -> str:
    """Without comments."""
    return re.sub(r"//[^\n]*", "", text)

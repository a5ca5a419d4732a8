import ast
from pathlib import Path

import detectors
from detectors.codes import CLEARING_CODES, EVIDENCE_CODES, NOT_READY_CODES


def strings_of_the_package():
    """Every string literal outside the list itself."""
    files = [path for path in Path(detectors.__file__).parent.rglob("*.py") if path.name != "codes.py"]
    nodes = (node for path in files for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_no_code_is_listed_twice():
    codes = (*EVIDENCE_CODES, *CLEARING_CODES, *NOT_READY_CODES)
    assert len(codes) == len(set(codes))


def test_every_listed_code_is_said_somewhere():
    assert {*EVIDENCE_CODES, *CLEARING_CODES, *NOT_READY_CODES} <= strings_of_the_package()


def test_the_documentation_explains_every_reason_not_to_judge_and_everything_that_clears():
    text = (Path(detectors.__file__).parents[1] / "docs" / "detectors.md").read_text("utf-8")
    assert [code for code in (*NOT_READY_CODES, *CLEARING_CODES) if f"`{code}`" not in text] == []

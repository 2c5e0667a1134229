"""dofn schema, beside what dofn itself says of the same project.yml.

The rows are in testdata/config; jsonschema is Debian's python3-jsonschema.
"""

import json
import os
import pathlib
import re
import subprocess

import jsonschema
import pytest
import yaml

ROWS = pathlib.Path(__file__).parents[2] / "testdata" / "config"
PY = "def main(event):\n    return {}\n"
VARIABLES = {"A": "alpha", "NUMBER": "512", "TRUE": "true", "RAW": "raw", "KIND": "python:3.11",
             "VERSION": "3.11", "MINUTE": "5"}


def rows(name):
    """The documents of a file as texts, with what each shows as its name."""
    documents = (ROWS / name).read_text().split("---\n")[1:]
    return [pytest.param(text, id=text.splitlines()[0].lstrip("# ").replace(" ", "-")) for text in documents]


class Loader(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors use, in place of PyYAML's 1.1."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
        ("null", r"~|null|Null|NULL|", "~nN"),
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("int", r"[-+]?[0-9][0-9_]*|0x[0-9a-fA-F]+", "-+0123456789"),
        ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
        ("merge", r"<<", "<")):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), [*first, ""])


@pytest.fixture(scope="module")
def validator(tmp_path_factory):
    from conftest import Dofn, clean_environment  # a session of its own: nothing is connected

    schema = json.loads(Dofn(clean_environment(tmp_path_factory.mktemp("home")))("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def as_json(text):
    return json.loads(json.dumps(yaml.load(text, Loader)))


def listed(value, *names):
    for name in names:
        items = value.get(name) if isinstance(value, dict) else None
        yield from (i for i in items or [] if isinstance(items, list) and isinstance(i, dict))


def files_for(tree):
    """The code of every function that has a usable name."""
    files = {"packages/spare/f.py": PY}
    for package in listed(tree, "packages"):
        for function in listed(package, "functions", "actions"):
            folder, name = package.get("name"), function.get("name")
            if isinstance(function.get("file"), str):
                files[function["file"]] = PY
            elif "sequence" not in function and isinstance(folder, str) and re.fullmatch(r"[\w@&.-]+", str(name)):
                files[f"packages/{folder}/{name}.py"] = PY
    return files


def check(fresh, project, text):
    root = project({**files_for(as_json(text)), "project.yml": text})
    result = fresh("check", "-o", "json", root, check=False, env=VARIABLES)
    return [f for f in json.loads(result.stdout)["findings"]
            if f["level"] == "error" and f["path"] == "project.yml"]


@pytest.mark.parametrize("text", rows("good.yml"))
def test_good_rows_pass_both(validator, fresh, project, text):
    assert [e.message for e in validator.iter_errors(as_json(text))] == []
    assert check(fresh, project, text) == []


@pytest.mark.parametrize("text", rows("bad-shape.yml"))
def test_rows_of_a_wrong_shape_pass_neither(validator, fresh, project, text):
    assert not validator.is_valid(as_json(text))
    errors = check(fresh, project, text)
    assert errors and all(e["path"] == "project.yml" and e["line"] > 0 for e in errors)


# Findings that take more than the shape: two places at once, values, texts, other files.
BEYOND = re.compile("|".join((
    "nothing is configured", "JSON has no such number", "a second ", "'\\w+' does nothing", "'actions' is the old name",
    ".* has no '[})]' in this line", "unknown runtime filled in here", "this spelling of several", "this is not UTF-8",
    "the value filled in here", ".* the value filled in here is", "the package 'default' cannot", "tag ", "repeated key",
    ".*NUL character", "an environment variable cannot be called",
    "a key must be a text", "'runtime' has no effect", "'\\w+' does not go with", "'localBuild' and 'remoteBuild'", "'cron': ",
    "'.*' is (not set|empty)", ".* names no variable")))


@pytest.fixture(scope="module")
def unit_rows(tmp_path_factory):
    """The tables of the unit tests: pairs of a text and what is wanted of it."""
    from conftest import PROGRAM

    told = tmp_path_factory.mktemp("rows") / "rows"
    tables = sorted((pathlib.Path(PROGRAM).parent / "tests/unit").glob("config*_test"))
    if not tables:
        pytest.skip("the unit tests are not built")
    for table in tables:
        subprocess.run([table], env={**os.environ, "DOFN_TEST_ROWS": str(told)}, check=True, capture_output=True)
    pairs = map(json.loads, told.read_text(errors="surrogateescape").splitlines())
    return [(row["text"], row["want"]) for row in pairs]


def readable(texts):
    """What another reader of YAML understands too: placeholders need quotes for that."""
    for text, want in texts:
        try:
            yield text, as_json(text), want
        except (yaml.YAMLError, ValueError, TypeError, UnicodeError):
            pass


def test_good_rows_of_the_unit_tests_pass(validator, unit_rows):
    good = [row for row in readable(unit_rows) if row[2].startswith("{")]
    assert len(good) >= 150
    assert [text for text, tree, _ in good if not validator.is_valid(tree)] == []


def test_bad_rows_of_the_unit_tests_pass_when_more_than_the_shape_is_wrong(validator, unit_rows):
    bad = [row for row in readable(unit_rows) if not row[2].startswith("{")]
    passing = [(text, want) for text, tree, want in bad if validator.is_valid(tree)]
    assert len(bad) - len(passing) >= 180
    assert [(text, line) for text, want in passing for line in want.splitlines()
            if not BEYOND.match(line.partition(" ")[2])] == []


def test_there_are_enough_rows():
    assert len(rows("good.yml")) + len(rows("bad-shape.yml")) >= 150


def test_an_empty_file_passes(validator):
    assert validator.is_valid(None)


def test_every_key_is_described(validator):
    levels = [validator.schema, *validator.schema["$defs"].values()]
    for level in levels:
        for key, value in level.get("properties", {}).items():
            assert value["description"], key


def test_only_known_keys_are_taken_at_every_level(validator):
    levels = [validator.schema, *(d for d in validator.schema["$defs"].values() if "properties" in d)]
    assert len(levels) == 9
    assert all(level["additionalProperties"] is False for level in levels)


def test_all_runtimes_are_offered(validator):
    runtime = validator.schema["$defs"]["function"]["properties"]["runtime"]
    kinds = runtime["anyOf"][0]["enum"]
    assert {"python:3.11", "python:default", "nodejs:24", "go:1.25", "php:8.5"} <= set(kinds)


def test_it_takes_no_arguments(fresh):
    result = fresh("schema", "x", check=False)
    assert result.returncode == 2
    assert "too many arguments" in result.stderr

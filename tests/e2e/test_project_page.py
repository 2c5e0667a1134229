"""project.yml(5): its examples are checked and deployed, its keys are those of the schema."""

import json
import pathlib
import re

import pytest
from test_schema import PY, as_json, files_for

PAGE = pathlib.Path(__file__).parents[2] / "man" / "project.yml.5"
SECTIONS = {"": "The top level", "package": "A package", "function": "A function", "trigger": "A trigger"}


def blocks():
    """(name, text) of every literal block; the name stands in its first line: '# project.yml'."""
    for block in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", PAGE.read_text(), re.S | re.M):
        text = re.sub(r"^\\&", "", block, flags=re.M).replace("\\e", "\\")
        yield re.match(r"# (\S+)\n", text)[1], text


def examples():
    """(project.yml, .env) of every example; the .env is the last one before it."""
    env = "TOKEN=t\n"
    found = []
    for name, text in blocks():
        if name == ".env":
            env = text
        else:
            assert name == "project.yml"
            found.append((text, env))
    # The blocks about variables come behind the .env that they are about.
    return found


def make(project, text, env):
    return project({**files_for(as_json(text)), "project.yml": text, ".env": env})


def test_the_page_has_examples():
    assert len(examples()) >= 4


@pytest.mark.parametrize("text, env", examples())
def test_examples_have_no_mistakes(project, fresh, text, env):
    result = fresh("check", "-o", "json", make(project, text, env))
    assert json.loads(result.stdout)["findings"] == []


@pytest.mark.parametrize("text, env", examples())
def test_examples_deploy(project, dofn, platform, text, env):
    if "binding:" in text:  # the local platform has one namespace, and what is bound must be there
        dofn("deploy", project({"packages/shared-tools/f.py": PY}, name="shared"))
        text = text.replace("fn-0123456789", platform.namespace)
    result = dofn("deploy", make(project, text, env))
    functions = [f["name"] for p in as_json(text)["packages"] for f in p.get("functions", [])]
    for name in functions:
        assert f"sample/{name}: deployed" in result.stderr


def section(name):
    text = PAGE.read_text()
    return re.search(rf"^\.Ss {re.escape(name)}\n(.*?)(?=^\.S[sh] )", text, re.S | re.M)[1]


def documented(name):
    """{key: text of its item} in a section."""
    found = {}
    for item in section(name).split("\n.It Ic ")[1:]:
        keys, text = item.split("\n", 1)
        found.update({key: text.split("\n.El")[0] for key in keys.split(" , ")})
    return found


@pytest.fixture(scope="module")
def levels(tmp_path_factory):
    from conftest import Dofn, clean_environment

    schema = json.loads(Dofn(clean_environment(tmp_path_factory.mktemp("home")))("schema").stdout)
    return {"": schema, **{k: v for k, v in schema["$defs"].items() if "properties" in v}}


def test_the_page_has_exactly_the_keys_of_every_level(levels):
    for name, level in levels.items():
        keys = {key for key, value in level["properties"].items() if not value.get("deprecated")}
        assert set(documented(SECTIONS.get(name, name))) == keys, name


def test_the_page_says_what_is_required(levels):
    for name, level in levels.items():
        items = documented(SECTIONS.get(name, name))
        for key in level.get("required", []):
            assert "required" in items[key] or "As in" in items[key], (name, key)


def test_the_page_has_the_ranges(levels):
    items = documented("limits")
    for key, value in levels["limits"]["properties"].items():
        number = value["anyOf"][0]
        assert f"{number['minimum']} to {number['maximum']};" in items[key]


def test_the_page_has_the_runtimes(levels):
    kinds = levels["function"]["properties"]["runtime"]["anyOf"][0]["enum"]
    text = documented("A function")["runtime"]
    assert set(re.findall(r"^\.Cm (\S+)", text, re.M)) == set(filter(None, kinds))

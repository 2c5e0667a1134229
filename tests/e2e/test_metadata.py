"""dofn get-metadata: the project as JSON."""

import json

import pytest

PY = "def main(event):\n    return {}\n"


def metadata(fresh, root, *options, status=0):
    result = fresh("get-metadata", *options, root, check=False)
    assert result.returncode == status, result.stderr
    return json.loads(result.stdout), result.stderr


def function(tree, package, name):
    return next(f for p in tree["packages"] if p["name"] == package for f in p["functions"] if f["name"] == name)


def test_files_alone(project, fresh):
    root = project({"packages/p/f.py": PY, "packages/p/g/index.js": "", "packages/default/h.php": "",
                    "lib/build.sh": "", "README.md": ""})
    tree, stderr = metadata(fresh, root)
    assert stderr == ""
    assert [p["name"] for p in tree["packages"]] == ["default", "p"]
    assert function(tree, "p", "f") == {
        "name": "f", "package": "p", "file": "packages/p/f.py", "displayFile": f"{root}/packages/p/f.py",
        "binary": False, "zipped": False, "runtime": "python:default", "web": True}
    assert function(tree, "p", "g") == {
        "name": "g", "package": "p", "file": "packages/p/g", "displayFile": f"{root}/packages/p/g",
        "build": "identify", "runtime": "nodejs:default", "web": True}
    assert function(tree, "default", "h")["runtime"] == "php:default"
    assert tree["strays"] == ["README.md"]
    assert tree["filePath"] == str(root)
    assert tree["deployerAnnotation"]["projectPath"] == str(root)
    assert tree["libBuild"] == "build.sh"
    assert "unresolvedVariables" not in tree and "findings" not in tree


@pytest.mark.parametrize("files, build", [
    ({"__main__.py": PY}, "identify"),
    ({"__main__.py": PY, ".include": "__main__.py\n"}, ".include"),
    ({"index.js": "", "package.json": "{}", ".include": "index.js\n"}, "package.json"),
    ({"index.js": "", "package.json": "{}", "build.sh": ""}, "build.sh"),
])
def test_the_kind_of_build(project, fresh, files, build):
    root = project({f"packages/p/f/{name}": text for name, text in files.items()})
    assert function(metadata(fresh, root)[0], "p", "f")["build"] == build


def test_archives_are_binary(project, fresh):
    root = project({"packages/p/a.python-3.11.zip": b"", "packages/p/b.jar": b"", "packages/p/c": b"",
                    "project.yml": "packages: [{name: p, functions: [{name: c, runtime: go:1.20}]}]\n"})
    tree, _ = metadata(fresh, root)
    assert [(f["name"], f["binary"], f["zipped"], f.get("runtime")) for f in tree["packages"][0]["functions"]] == [
        ("a", True, True, "python:3.11"), ("b", True, False, None), ("c", True, False, "go:1.20")]


def test_project_yml_wins_and_defaults_are_filled_in(project, fresh):
    root = project({
        "project.yml": "parameters: {all: [1, 2.50, null]}\n"
                       "environment: {E: top}\n"
                       "packages:\n"
                       "  - name: p\n"
                       "    shared: true\n"
                       "    web: raw\n"
                       "    parameters: {a: {b: c}}\n"
                       "    environment: {E: package}\n"
                       "    annotations: {note: hi}\n"
                       "    functions:\n"
                       "      - name: f\n"
                       "        runtime: python:3.11\n"
                       "        main: handler\n"
                       "        web: false\n"
                       "        webSecure: s3cret\n"
                       "        parameters: {x: 1}\n"
                       "        environment: {F: '5'}\n"
                       "        annotations: {web-custom-options: true}\n"
                       "        limits: {timeout: 5000}\n",
        "packages/p/f.py": PY,
        "packages/p/g.py": PY,
    })
    tree, _ = metadata(fresh, root)
    assert tree["parameters"] == {"all": [1, 2.5, None]}
    assert tree["environment"] == {"E": "top"}
    package = tree["packages"][0]
    assert {k: v for k, v in package.items() if k != "functions"} == {
        "name": "p", "shared": True, "web": "raw", "parameters": {"a": {"b": "c"}},
        "environment": {"E": "package"}, "annotations": {"note": "hi"}}
    f = function(tree, "p", "f")
    assert (f["runtime"], f["main"], f["web"], f["webSecure"]) == ("python:3.11", "handler", False, "s3cret")
    assert (f["parameters"], f["environment"]) == ({"x": 1}, {"F": "5"})
    assert (f["annotations"], f["limits"]) == ({"web-custom-options": True}, {"timeout": 5000})
    assert function(tree, "p", "g")["web"] == "raw"


def test_numbers_keep_their_digits(project, fresh):
    root = project({"project.yml": "parameters: {a: 12345678901234567890123, b: 1.10, c: 0x10}\n",
                    "packages/p/f.py": PY})
    text = fresh("get-metadata", root).stdout
    assert '"a": 12345678901234567890123' in text and '"b": 1.10' in text and '"c": 16' in text


def test_errors_go_to_stderr_and_the_rest_is_shown(project, fresh):
    root = project({"project.yml": "packages:\n- name: p\n  functions:\n  - name: f\n    web: maybe\n    main: m\n",
                    "packages/p/f.py": PY})
    tree, stderr = metadata(fresh, root, status=2)
    assert stderr.startswith("project.yml:5:10: error: 'web' must be true, false or raw;")
    assert stderr.endswith("dofn: 1 error in the project\n")
    assert function(tree, "p", "f")["main"] == "m"


def test_errors_are_in_the_object_with_json(project, fresh):
    root = project({"project.yml": "packages:\n- name: p\n  web: maybe\n", "packages/p/f.py": PY,
                    "packages/p/notes.txt": ""})
    tree, stderr = metadata(fresh, root, "-o", "json", status=2)
    assert stderr == ""
    assert tree["findings"] == [
        {"level": "note", "path": "packages/p/notes.txt",
         "text": "left out: not a function; its extension names no runtime"},
        {"level": "error", "path": "project.yml", "line": 3, "column": 8,
         "text": "'web' must be true, false or raw; 'maybe' is a string"}]
    assert tree["strays"] == ["packages/p/notes.txt"]


def test_a_clean_project_has_no_findings_with_json(project, fresh):
    assert metadata(fresh, project({"packages/p/f.py": PY}), "-o", "json")[0]["findings"] == []


def test_nothing_there_is_an_error(fresh, tmp_path):
    result = fresh("get-metadata", tmp_path / "nothing", check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"dofn: there is no folder '{tmp_path}/nothing'\n"


def test_it_starts_no_platform_and_needs_no_connection(project, fresh, home):
    metadata(fresh, project({"packages/p/f.py": PY}))
    assert not (home / "data").exists() and not (home / "config").exists()


def test_parts_of_a_project(project, fresh):
    root = project({"packages/p/f.py": PY, "packages/p/g.py": PY, "packages/q/h.py": PY, "packages/web/w.py": PY})
    tree, _ = metadata(fresh, root, "--include", "p,web", "--exclude", "p/g")
    assert [(p["name"], [f["name"] for f in p["functions"]]) for p in tree["packages"]] == [
        ("p", ["f"]), ("web", ["w"])]


def test_names_without_a_value_are_listed(project, fresh):
    root = project({"project.yml": "parameters: {a: '${ONE} ${TWO}', b: kept}\n"
                                   "environment:\n  A: ${ONE}\n"
                                   "packages:\n  - name: p\n    parameters: ${<gone.json}\n",
                    "packages/p/f.py": PY})
    tree, stderr = metadata(fresh, root, status=2)
    assert tree["unresolvedVariables"] == ["ONE", "TWO", "ONE", "<gone.json"]
    assert "<ONE>" not in json.dumps(tree)
    assert "'ONE' is not set" in stderr
    assert function(tree, "p", "f")["file"] == "packages/p/f.py"


def test_triggers_sequences_and_bindings(project, fresh):
    root = project({
        "project.yml": "targetNamespace: {test: fn-1}\n"
                       "packages:\n"
                       "  - name: p\n"
                       "    functions:\n"
                       "      - name: f\n"
                       "        triggers:\n"
                       "          - name: t\n"
                       "            sourceType: scheduler\n"
                       "            sourceDetails: {cron: '0 0 * JAN SUN', withBody: {a: 1}}\n"
                       "      - {name: s, sequence: [p/f, /ns/q/g]}\n"
                       "      - {name: c, file: src/c.py, docker: image, localBuild: true}\n"
                       "  - name: b\n"
                       "    binding: {namespace: other, name: q}\n",
        "packages/p/f.py": PY, "src/c.py": PY})
    tree, _ = metadata(fresh, root)
    assert tree["targetNamespace"] == {"test": "fn-1"}
    assert function(tree, "p", "f")["triggers"] == [
        {"name": "t", "type": "SCHEDULED", "enabled": True, "scheduledDetails": {"cron": "0 0 * 1 0", "body": {"a": 1}}}]
    assert function(tree, "p", "s") == {"name": "s", "package": "p", "sequence": ["p/f", "/ns/q/g"], "web": True}
    c = function(tree, "p", "c")
    assert (c["file"], c["docker"], c["localBuild"], c["runtime"]) == ("src/c.py", "image", True, "python:default")
    assert tree["packages"][1] == {"name": "b", "shared": False, "binding": {"namespace": "other", "name": "q"},
                                   "functions": []}
    tree, _ = metadata(fresh, root, "--no-triggers")
    assert "triggers" not in function(tree, "p", "f")

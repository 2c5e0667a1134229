"""dofn check: everything that can be known about a project without building it."""

import json
import os
import socket

import pytest

PY = "def main(event):\n    return {}\n"


@pytest.fixture
def check(fresh, tmp_path):
    """check({files}, *options) gives the CompletedProcess; no namespace, no server, no credentials."""

    def run(root, *options, **kw):
        return fresh("check", *options, root, check=False, **kw)

    return run


def findings(result):
    return json.loads(result.stdout)["findings"]


def test_a_clean_project_says_how_much_was_checked(project, check):
    root = project({"packages/p/f.py": PY, "packages/p/g/__main__.py": PY})
    result = check(root)
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "2 functions checked: no errors, 0 warnings\n"


def test_all_mistakes_come_in_one_run_in_order(project, check):
    root = project({
        "project.yml": "packages:\n"
                       "  - name: p\n"
                       "    functions:\n"
                       "      - name: f\n"
                       "        runtime: python:9\n"
                       "        limits: {memory: 5}\n"
                       "      - name: nowhere\n"
                       "    wep: true\n",
        "packages/p/f.py": PY,
        "packages/p/g/one.py": PY,
        "packages/p/g/two.py": PY,
        "packages/p/h/x.txt": "",
    })
    result = check(root)
    assert result.returncode == 2
    places = [line.split(" ")[0] for line in result.stdout.splitlines() if ": error: " in line]
    assert places == ["packages/p/g:", "packages/p/h:", "project.yml:5:18:", "project.yml:6:26:",
                      "project.yml:7:9:", "project.yml:8:5:"]
    assert "          runtime: python:9\n                   ^\n" in result.stdout
    assert result.stderr == "dofn: 6 errors in the project\n"


def test_json_is_one_object(project, check):
    root = project({"project.yml": "packages:\n- name: p\n  wep: 1\n", "packages/p/f.py": PY,
                    "packages/p/README.md": ""})
    result = check(root, "-o", "json")
    assert result.returncode == 2
    assert result.stderr == ""
    assert json.loads(result.stdout) == {
        "findings": [
            {"level": "note", "path": "packages/p/README.md",
             "text": "left out: not a function; its extension names no runtime"},
            {"level": "error", "path": "project.yml", "line": 3, "column": 3,
             "text": "unknown key 'wep' in a package; did you mean 'web'?"},
        ],
        "errors": 1,
        "warnings": 0,
    }


def test_json_of_a_clean_project_has_no_findings(project, check):
    root = project({"packages/p/f.py": PY})
    assert json.loads(check(root, "-o", "json").stdout) == {"findings": [], "errors": 0, "warnings": 0}


def test_what_is_no_project_is_a_finding_too(check, tmp_path):
    result = check(tmp_path / "nothing", "-o", "json")
    assert result.returncode == 2
    assert [f["text"] for f in findings(result)] == [f"there is no folder '{tmp_path}/nothing'"]


def test_github_annotations_point_into_the_repository(project, fresh):
    root = project({"project.yml": "packages:\n- name: p\n  50%: 1\n", "packages/p/f.py": PY,
                    "packages/p/a:b, c.txt": ""})
    for cwd, folder, prefix in ((root, ".", ""), (root.parent, "project", "project/"),
                                (root.parent, "./project/", "project/")):
        result = fresh("check", "--format", "github", folder, cwd=cwd, check=False)
        assert result.returncode == 2
        lines = result.stdout.splitlines()
        assert lines[0] == (f"::notice file={prefix}packages/p/a%3Ab%2C c.txt::"
                            "left out: not a function; its extension names no runtime")
        assert lines[1].startswith(f"::error file={prefix}project.yml,line=3,col=3::unknown key '50%25' in a package; ")
        assert len(lines) == 2


def test_github_annotations_about_files_of_options(project, fresh):
    root = project({"packages/p/f.py": PY, "project.yml": "packages: [{nam: p}]\n"})
    (root.parent / "ci").mkdir()
    (root.parent / "ci/values.env").write_text("not a line\n")
    (root.parent / "ci/build.json").write_text("[1]\n")
    result = fresh("check", "--format", "github", "--env", "ci/values.env", "--build-env",
                   "ci/build.json", "project", cwd=root.parent, check=False)
    files = [line.split("file=")[1].split("::")[0].split(",")[0]
             for line in result.stdout.splitlines()]
    assert sorted(set(files)) == ["ci/build.json", "ci/values.env", "project/project.yml"]
    result = fresh("check", "--format", "github", "gone", cwd=root.parent, check=False)
    assert result.stdout == "::error file=gone::there is no folder 'gone'\n"


def test_github_annotations_stay_on_their_line(project, check):
    root = project({"packages/p/f.py": PY, "packages/p/x\n::error::y\r.txt": ""})
    result = check(root, "--format", "github")
    assert result.returncode == 0
    assert len(result.stdout.splitlines()) == 1
    assert "packages/p/x\\x0a%3A%3Aerror%3A%3Ay\\x0d.txt::" in result.stdout


@pytest.mark.parametrize("options, text", [
    (["--format", "xml"], "unknown format 'xml' of findings; known: text, github"),
    (["--format", "github", "-o", "json"], "'--format github' and '-o json' exclude each other; give one"),
])
def test_formats_are_checked(project, check, options, text):
    result = check(project({"packages/p/f.py": PY}), *options)
    assert result.returncode == 2
    assert text in result.stdout + result.stderr


def test_quiet_leaves_notes_out(project, check):
    root = project({"packages/p/f.py": PY, "packages/p/README.md": ""})
    assert "note: left out" in check(root).stdout
    result = check(root, "-q")
    assert (result.stdout, result.stderr) == ("", "")


@pytest.mark.parametrize("files, level, text", [
    ({"a.py": PY, "b.py": PY}, "error", "no '__main__.py'"),
    ({"a.txt": "", "b.txt": ""}, "error", "do not tell the runtime"),
    ({"__main__.py": b"\xff"}, "error", "is not UTF-8 in line 1"),
    ({"__main__.py": PY, ".include": "gone.py\n"}, "error", "gone.py"),
    ({"__main__.py": PY, ".include": "a\n", ".ignore": "b\n"}, "error", "both .include and .ignore"),
    ({"__main__.py": PY, ".ignore": "*\n"}, "error", "leaves out every file"),
    ({"__main__.py": PY, "build.cmd": ""}, "error", "Windows"),
    ({"a.js": "", "b.js": ""}, "error", "has no index.js, index.mjs or package.json"),
    ({"a.php": "", "b.php": ""}, "error", "has no index.php"),
    ({"src/x.py": PY, "build.sh": "", ".include": "made.py\n"}, "warning", "before it is built: "),
])
def test_the_files_of_a_function(project, check, files, level, text):
    root = project({f"packages/p/f/{name}": content for name, content in files.items()})
    result = check(root, "-o", "json")
    about = [f for f in findings(result) if f["path"] == "packages/p/f"]
    assert [f["level"] for f in about] == [level], result.stdout
    assert text in about[0]["text"]
    assert result.returncode == (2 if level == "error" else 0)


@pytest.mark.parametrize("files", [
    {"build.sh": "", "src.txt": ""},
    {"build.sh": "", "requirements.txt": "", "__main__.py": PY},
    {"index.php": "<?php function main() {}", "a.php": ""},
    {"index.mjs": "export function main() {}", "a.js": ""},
    {"anything.js": "exports.main = () => {}"},
])
def test_what_a_build_or_the_runtime_takes_is_no_finding(project, check, files):
    root = project({f"packages/p/f/{name}": content for name, content in files.items()})
    assert findings(check(root, "-o", "json")) == []


def test_links_and_special_files_are_named(project, check, tmp_path):
    root = project({"packages/p/link/__main__.py": PY, "packages/p/fifo/__main__.py": PY,
                    "packages/p/sock/__main__.py": PY, "packages/p/fine/__main__.py": PY})
    (root / "packages/p/link/out").symlink_to("/etc/passwd")
    os.mkfifo(root / "packages/p/fifo/x")
    with socket.socket(socket.AF_UNIX) as s:
        os.chdir(root / "packages/p/sock")
        s.bind("x")
        os.chdir("/")
    about = {f["path"]: f["text"] for f in findings(check(root, "-o", "json"))}
    assert set(about) == {"packages/p/link/out", "packages/p/fifo/x", "packages/p/sock/x"}
    assert "/etc/passwd" in about["packages/p/link/out"]
    assert "FIFO" in about["packages/p/fifo/x"]


def test_everything_that_stands_in_the_way_of_one_function_is_named(project, check):
    key = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"
    root = project({f"packages/p/f/{name}": text for name, text in (
        ("__main__.py", PY), (".env", "A=b\n"), ("one.pem", key), ("sub/two.pem", key))})
    (root / "packages/p/f/out").symlink_to("/etc/passwd")
    os.mkfifo(root / "packages/p/f/pipe")
    assert [(f["level"], f["path"]) for f in findings(check(root, "-o", "json"))] == [
        ("warning", "packages/p/f"), ("error", "packages/p/f/one.pem"), ("error", "packages/p/f/out"),
        ("error", "packages/p/f/pipe"), ("error", "packages/p/f/sub/two.pem")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_cannot_be_read_is_named(project, check):
    root = project({"packages/p/f.py": PY, "packages/p/g/__main__.py": PY})
    (root / "packages/p/f.py").chmod(0)
    (root / "packages/p/g").chmod(0)
    try:
        result = check(root, "-o", "json")
    finally:
        (root / "packages/p/g").chmod(0o755)
    assert result.returncode == 2
    assert {f["path"] for f in findings(result)} == {"packages/p/f.py", "packages/p/g"}


def test_values_do_not_show(project, check):
    root = project({".env": "TOKEN=s3cr3t-value\n",
                    "project.yml": "packages:\n- name: p\n  web: ${TOKEN}\n", "packages/p/f.py": PY})
    for options in ([], ["-o", "json"], ["--format", "github"]):
        result = check(root, *options)
        assert result.returncode == 2
        assert "s3cr3t" not in result.stdout + result.stderr


def test_parts_of_a_project_can_be_checked(project, check):
    root = project({"packages/p/bad/x.txt": "", "packages/q/good.py": PY})
    assert check(root).returncode == 2
    assert check(root, "--include", "q").returncode == 0
    assert check(root, "--exclude", "p/bad").returncode == 0

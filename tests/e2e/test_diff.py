"""What is live against the project, without changing either."""

import base64
import io
import json
import random
import subprocess
import zipfile

import pytest
from faulty import Fault, Memory, answer, error

MAIN = "def main(event):\n    return {'body': 'one'}\n"
TREE = {
    "packages/dif/single.py": MAIN,
    "packages/dif/folder/__main__.py": MAIN,
    "packages/dif/folder/data.txt": "".join(f"{i}\n" for i in range(20)),
    "packages/dif/folder/old.txt": "old\n",
    "packages/dif/folder/image": bytes(range(256)) * 4,
}
CONFIG = """\
packages:
  - name: dif
    functions:
      - name: single
        runtime: "python:3.11"
%s"""


@pytest.fixture
def live(dofn, project):
    dofn("undeploy", "--packages", "dif", "--yes", check=False)
    root = project({**TREE, "project.yml": CONFIG % ""})
    dofn("deploy", root)
    return root


def states(dofn, root, *args):
    return {i.get("function", i.get("package")): i["state"] for i in dofn.json("diff", root, *args)}


def of(dofn, root, function):
    return next(i for i in dofn.json("diff", root) if i.get("function") == function)


def settings(dofn, root):
    return of(dofn, root, "dif/single")["settings"]


def test_nothing_differs_after_a_deploy(dofn, live):
    assert set(states(dofn, live).values()) == {"same"}
    done = dofn("diff", live)
    assert done.stdout == "" and "0 different, 3 the same" in done.stderr


def test_nothing_is_changed_by_it(dofn, live):
    (live / "packages/dif/single.py").write_text(MAIN.replace("one", "two"))
    before = dofn.json("functions", "list")
    dofn("diff", live)
    assert dofn.json("functions", "list") == before


def test_new_and_gone_functions_are_named(dofn, live):
    (live / "packages/dif/single.py").rename(live / "packages/dif/other.py")
    (live / "project.yml").unlink()
    assert states(dofn, live) == {"dif": "same", "dif/folder": "same", "dif/other": "new", "dif/single": "gone"}
    lines = dofn("diff", live).stdout.splitlines()
    assert sorted(lines) == ["dif/other: new", "dif/single: gone"]


def test_files_are_told_one_by_one(dofn, live):
    folder = live / "packages/dif/folder"
    (folder / "old.txt").unlink()
    (folder / "new.txt").write_text("new\n")
    (folder / "image").write_bytes(bytes(range(255, -1, -1)) * 4)
    (folder / "data.txt").write_text(TREE["packages/dif/folder/data.txt"].replace("\n7\n", "\nseven\n"))
    files = {f.pop("name"): f for f in of(dofn, live, "dif/folder")["files"]}
    assert files["old.txt"] == {"change": "removed", "liveBytes": 4}
    assert files["new.txt"] == {"change": "added", "localBytes": 4}
    assert files["image"]["binary"] and files["image"]["liveSha256"] != files["image"]["localSha256"]
    assert files["data.txt"]["diff"] == "@@ -5,7 +5,7 @@\n 4\n 5\n 6\n-7\n+seven\n 8\n 9\n 10\n"
    assert len(files) == 4
    text = dofn("diff", live).stdout
    for line in ("  + new.txt: 4 bytes", "  - old.txt: 4 bytes", "  ~ data.txt: 50 -> 54 bytes",
                 "  ~ image: 1024 -> 1024 bytes, not shown line by line",
                 "--- live/dif/folder/data.txt", "+++ local/dif/folder/data.txt", "+seven"):
        assert line in text.splitlines(), text


def test_mode_alone_is_a_difference(dofn, live):
    (live / "packages/dif/folder/data.txt").chmod(0o755)
    file, = of(dofn, live, "dif/folder")["files"]
    assert file["executable"] is True and "diff" not in file
    assert "becomes executable" in dofn("diff", live).stdout


def test_single_file_may_become_a_folder(dofn, live):
    (live / "packages/dif/single.py").unlink()
    folder = live / "packages/dif/single"
    folder.mkdir()
    (folder / "__main__.py").write_text(MAIN)
    (folder / "more.py").write_text("")
    files = {f["name"]: f["change"] for f in of(dofn, live, "dif/single")["files"]}
    assert files == {"code": "removed", "__main__.py": "added", "more.py": "added"}


def test_patch_makes_the_new_text_of_the_old(dofn, live, tmp_path):
    rng = random.Random(5)
    file = live / "packages/dif/single.py"
    for _ in range(5):
        lines = file.read_text().splitlines(keepends=True)
        for _ in range(rng.randrange(1, 8)):
            lines.insert(rng.randrange(2, len(lines) + 1), f"# {rng.randrange(9)}\n")
        for _ in range(rng.randrange(4)):
            if len(lines) > 3:
                del lines[rng.randrange(2, len(lines))]
        old = tmp_path / "old.py"
        old.write_text(file.read_text())
        file.write_text("".join(lines).rstrip("\n") + rng.choice(["", "\n"]))
        hunks = of(dofn, live, "dif/single").get("files", [{"diff": ""}])[0]["diff"]
        subprocess.run(["patch", "-s", str(old)], check=True, text=True,
                       input=f"--- a\n+++ b\n{hunks}")
        assert old.read_text() == file.read_text()
        dofn("deploy", live)


MORE = {
    "limits: {timeout: 5000}": {"what": "limit", "name": "timeout", "change": "changed", "live": 3000, "local": 5000},
    "web: raw": {"what": "web", "change": "changed", "live": True, "local": "raw"},
    "web: false": {"what": "web", "change": "changed", "live": True, "local": False},
    "webSecure: hush": {"what": "webSecure", "change": "added"},
    "main: other": {"what": "main", "change": "added", "local": "other"},
    "parameters: {p: hush}": {"what": "parameter", "name": "p", "change": "added"},
    "environment: {E: hush}": {"what": "variable", "name": "E", "change": "added"},
    "annotations: {note: hi}": {"what": "annotation", "name": "note", "change": "added", "local": "hi"},
}


@pytest.mark.parametrize("line", MORE)
def test_settings_are_told_and_secrets_are_not(dofn, live, line):
    (live / "packages/dif/single.py").write_text(MAIN + "\n\nother = main\n")
    dofn("deploy", live)
    (live / "project.yml").write_text(CONFIG % f"        {line}\n")
    assert settings(dofn, live) == [MORE[line]]
    done = dofn("diff", live)
    assert "hush" not in done.stdout + done.stderr
    assert MORE[line]["what"] in done.stdout
    dofn("deploy", live)
    assert set(states(dofn, live).values()) == {"same"}
    (live / "project.yml").write_text(CONFIG % "")
    wanted = {"added": "removed"}.get(MORE[line]["change"], "changed")
    assert [s["change"] for s in settings(dofn, live)] == [wanted]


def test_members_of_a_sequence_are_compared(dofn, live):
    chain = CONFIG % "      - name: chain\n        sequence: [dif/single%s]\n"
    (live / "project.yml").write_text(chain % "")
    dofn("deploy", live)
    assert states(dofn, live)["dif/chain"] == "same"
    (live / "project.yml").write_text(chain % ", dif/folder")
    changed, = of(dofn, live, "dif/chain")["settings"]
    assert changed["what"] == "sequence" and len(changed["live"]) == 1 and len(changed["local"]) == 2


def test_package_and_triggers_are_compared_by_the_plan(dofn, live):
    config = CONFIG % """        triggers:
          - {name: dif_tick, sourceType: scheduler, sourceDetails: {cron: '0 0 1 1 *'}}
    parameters: {shared: 1}
    environment: {LEVEL: low}
"""
    (live / "project.yml").write_text(config)
    items = dofn.json("diff", live)
    assert {"trigger": "dif_tick", "state": "new", "function": "dif/single"} in items
    package = next(i for i in items if "package" in i)
    assert package == {"package": "dif", "state": "different", "changes": ["parameters", "variables"],
                       "variables": ["+LEVEL"]}
    text = dofn("diff", live).stdout
    assert "trigger dif_tick of dif/single: new" in text
    assert "package dif: different: parameters, variables, +LEVEL" in text
    assert "dif_tick" not in dofn("diff", live, "--no-triggers").stdout


def test_one_function_can_be_chosen(dofn, live):
    (live / "packages/dif/single.py").write_text(MAIN + "# more\n")
    (live / "packages/dif/folder/data.txt").write_text("")
    assert states(dofn, live, "dif/folder") == {"dif": "same", "dif/folder": "different"}
    assert "dif/single" not in dofn("diff", "dif/folder", cwd=live).stdout


def test_status_tells_when_asked(dofn, live):
    assert dofn("diff", live, "--detailed-exitcode").returncode == 0
    (live / "packages/dif/single.py").write_text(MAIN + "# more\n")
    assert dofn("diff", live).returncode == 0
    done = dofn("diff", live, "--detailed-exitcode", check=False)
    assert done.returncode == 2 and done.stdout and "dofn: " not in done.stderr
    done = dofn("diff", live, "--detailed-exitcode", "-o", "json", check=False)
    assert done.returncode == 2 and isinstance(json.loads(done.stdout), list)


def test_broken_project_is_refused_as_by_a_deploy(dofn, live):
    (live / "project.yml").write_text("packages: 7\n")
    done = dofn("diff", live, check=False)
    assert done.returncode == 2 and "project.yml:1" in done.stderr
    assert json.loads(dofn("diff", live, "-o", "json", check=False).stdout)["errors"]


def test_remote_builds_are_compared_by_their_sources(dofn, live):
    (live / "packages/dif/folder/requirements.txt").write_text("")
    (live / "packages/dif/folder/build.sh").write_text("true\n")
    item = next(i for i in dofn.json("diff", live, "--remote-build") if i.get("function") == "dif/folder")
    assert item["remote"] is True and item["sources"] == "changed" and "files" not in item


# A server that answers what it likes.


@pytest.fixture
def server():
    with Memory() as s:
        yield s


def serve(server, code, binary=True, **more):
    exec_ = {"kind": "python:3.11", "binary": binary, "code": code}
    server.add("packages/dif")
    server.add("actions/dif/folder")
    server.faults.insert(0, Fault("GET", "actions/dif/folder", answer(200, {
        "name": "folder", "exec": exec_, "annotations": [], "parameters": [], **more}), None, None))


def zipped(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, data in entries.items():
            z.writestr(name, data)
    return base64.b64encode(out.getvalue()).decode()


def folder(project):
    return project({k: v for k, v in TREE.items() if "/folder/" in k})


def files_of(fresh, server, root):
    items = json.loads(fresh("diff", root, *server.flags, "-o", "json").stdout)
    return next(i for i in items if i.get("function") == "dif/folder").get("files", [])


def test_same_content_from_another_tool_is_the_same(fresh, project, server):
    names = ("__main__.py", "data.txt", "old.txt", "image")
    serve(server, zipped({n: TREE[f"packages/dif/folder/{n}"] for n in names}),
          annotations=[{"key": "web-export", "value": True}])
    assert files_of(fresh, server, folder(project)) == []
    server.requests.clear()
    assert "dif/folder" not in fresh("diff", folder(project), *server.flags).stdout
    assert server.seen("PUT") == [] and server.seen("POST") == []


def test_compiled_python_is_left_out_where_there_is_more(fresh, project, server):
    names = ("__main__.py", "data.txt", "old.txt", "image")
    serve(server, zipped({**{n: TREE[f"packages/dif/folder/{n}"] for n in names},
                          "__pycache__/a.cpython-311.pyc": b"x", "p/__pycache__/b.pyc": b"y"}))
    assert files_of(fresh, server, folder(project)) == []


HOSTILE = {
    "climbing": (zipped({"../../etc/passwd": "x"}), True),
    "absolute": (zipped({"/etc/passwd": "x"}), True),
    "cut off": (base64.b64encode(base64.b64decode(zipped({"a": "x" * 1000}))[:-30]).decode(), True),
    "no base64": ("%%%", True),
    "empty": ("", True),
    "text": ("\x1b[2Jdef main(): pass\n", False),
    "no code": (None, False),
    "a number": (7, True),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_code_is_one_file_that_differs(fresh, project, server, kind):
    code, binary = HOSTILE[kind]
    serve(server, code, binary)
    files = files_of(fresh, server, folder(project))
    assert {f["change"] for f in files} == {"added", "removed"}
    assert [f["name"] for f in files if f["change"] == "removed"] == ["code"]
    if kind in ("climbing", "absolute", "cut off"):
        assert "the live archive cannot be read" in json.dumps(files)


@pytest.mark.parametrize("odd", [{"exec": 5}, {"exec": None, "annotations": 7}, {"parameters": {"a": 1}},
                                 {"parameters": [1, {"key": 2}, {"value": 3}], "limits": []}])
def test_odd_answers_are_compared_all_the_same(fresh, project, server, odd):
    serve(server, "", True, **odd)
    assert files_of(fresh, server, folder(project))


def test_failure_to_fetch_is_a_failure(fresh, project, server):
    serve(server, "")
    server.faults.insert(0, Fault("GET", "actions/dif/folder", error(403, "no"), None, None))
    done = fresh("diff", folder(project), *server.flags, check=False)
    assert done.returncode == 1 and "function 'dif/folder'" in done.stderr and done.stdout == ""


def test_function_that_goes_meanwhile_is_new(fresh, project, server):
    serve(server, "")
    server.faults.insert(0, Fault("GET", "actions/dif/folder", error(404, "gone"), None, None))
    assert "dif/folder: new" in fresh("diff", folder(project), *server.flags).stdout


def test_only_what_differs_is_fetched_and_few_at_a_time(fresh, project, server):
    root = project({f"packages/dif/f{i}.py": MAIN for i in range(30)})
    fresh("deploy", root, *server.flags)
    for i in range(10, 30):
        (root / f"packages/dif/f{i}.py").write_text(MAIN + "#\n")
    server.requests.clear()
    server.most_busy = 0
    server.delay = 0.01
    server.faults.insert(0, Fault("GET", "actions/.*", answer(200, {
        "exec": {"kind": "python:3.11", "binary": False, "code": MAIN}}), None, None))
    fresh("diff", root, *server.flags)
    assert len(server.seen("GET", "actions/dif/.*")) == 20
    assert server.most_busy <= 4

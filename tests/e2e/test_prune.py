"""What the project no longer has goes with --prune, and nothing else does."""

import json
import os
import pty
import shutil
import subprocess

import pytest
from conftest import PROGRAM
from faulty import Fault, Memory, error

FUNCTION = "def main():\n    return {'body': 'one'}\n"
REPOSITORY = "https://example.org/me/it.git"
OURS = {"repository": REPOSITORY, "projectPath": "project", "digest": "d"}


def events(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def plan_of(done):
    """{"p/f": "delete", "package p": "extra", "trigger t": "delete"}"""
    return {e["function"] if len({"package", "trigger"} & e.keys()) == 0 else
            f"package {e['package']}" if "package" in e else f"trigger {e['trigger']}": e["action"]
            for e in events(done) if e["event"] == "plan"}


def git(folder, *args):
    subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True,
                   env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})


@pytest.fixture
def server():
    with Memory() as s:
        yield s


@pytest.fixture
def root(tmp_path, project):
    """A project with one function in a repository whose origin is known."""
    folder = project({"packages/p/f.py": FUNCTION})
    git(tmp_path, "init", "-q")
    git(tmp_path, "remote", "add", "origin", REPOSITORY)
    return folder


def by(record):
    return {"annotations": [{"key": "deployer", "value": record}]} if record else {}


OTHER_PATH, OTHER_REPOSITORY = {**OURS, "projectPath": "."}, {**OURS, "repository": "https://x.org/it"}
CASES = {  # what is live, and what is to go of it
    "nothing more": ({}, set()),
    "in a package of the project": ({"actions/p/gone": None}, {"actions/p/gone"}),
    "of this project": ({"actions/p/gone": OURS}, {"actions/p/gone"}),
    "by another tool": ({"actions/p/gone": {"user": "me", "projectPath": "/home/me", "digest": "x"}},
                        {"actions/p/gone"}),
    "of another project": ({"actions/p/a": OTHER_PATH, "actions/p/b": OTHER_REPOSITORY}, set()),
    "without a package": ({"actions/a": None, "actions/b": OTHER_PATH, "actions/c": OURS}, {"actions/c"}),
    "package of ours": ({"packages/q": OURS, "actions/q/a": OURS, "actions/q/b": OURS},
                        {"packages/q", "actions/q/a", "actions/q/b"}),
    "empty package of ours": ({"packages/q": OURS}, {"packages/q"}),
    "package of ours with something else": ({"packages/q": OURS, "actions/q/a": OURS, "actions/q/b": None},
                                            {"actions/q/a"}),
    "our function in a package of others": ({"packages/q": OTHER_PATH, "actions/q/a": OURS}, {"actions/q/a"}),
    "package of others": ({"packages/q": OTHER_PATH, "packages/r": None, "actions/r/a": None}, set()),
    "strange records": ({"packages/q": {"repository": 5, "projectPath": []}, "packages/r": {"repository": REPOSITORY},
                         "actions/q/a": [], "actions/r/a": "x"}, set()),
}


@pytest.mark.parametrize("name", CASES)
def test_only_what_is_known_to_be_of_the_project_goes(fresh, root, server, name):
    live, gone = CASES[name]
    fresh("deploy", root, *server.flags)
    for path, record in live.items():
        server.add(path, **by(record))
    done = fresh("deploy", root, *server.flags, "-o", "json", "--prune", "--yes")
    assert {r.path for r in server.seen("DELETE")} == gone
    shown = {("package " if k.startswith("packages") else "") + k.partition("/")[2]: k for k in live}
    told = {k: v for k, v in plan_of(done).items() if v != "unchanged"}
    assert {shown[k] for k, v in told.items() if v == "delete"} == gone
    # what stays is named where it could be thought to be of this project, and packages always
    for item, path in shown.items():
        if path not in gone and (path.startswith("packages/") or path.startswith("actions/p/")):
            assert told[item] == "extra"
    again = fresh("deploy", root, *server.flags, "-o", "json", "--prune")  # nothing to ask for
    assert "delete" not in plan_of(again).values()


def test_without_an_origin_only_packages_of_the_project_are_looked_at(fresh, project, server):
    folder = project({"packages/p/f.py": FUNCTION, "packages/default/g.py": FUNCTION})
    for path in ("actions/p/gone", "actions/alone", "packages/q", "actions/q/a"):
        server.add(path, **by(None if path == "actions/p/gone" else {**OURS, "repository": None}))
    fresh("deploy", folder, *server.flags, "--prune", "-y")
    assert {r.path for r in server.seen("DELETE")} == {"actions/p/gone"}


def test_functions_go_before_their_package_and_after_all_is_deployed(fresh, root, server):
    for path in ("packages/q", "actions/q/a"):
        server.add(path, **by(OURS))
    done = fresh("deploy", root, *server.flags, "-o", "json", "--prune", "--yes")
    writes = [(r.method, r.path) for r in server.requests if r.method != "GET"]
    assert writes == [("PUT", "packages/p"), ("PUT", "actions/p/f"), ("DELETE", "actions/q/a"),
                      ("DELETE", "packages/q")]
    assert events(done)[-1]["pruned"] == {"functions": 1, "packages": 1, "triggers": 0, "failed": 0}
    text = fresh("deploy", root, *server.flags, "--prune").stderr
    assert "deleted" not in text


def test_nothing_is_deleted_when_something_failed(fresh, root, server):
    server.add("actions/p/gone")
    server.faults.insert(0, Fault("PUT", "actions/p/f", error(403, "no"), None))
    done = fresh("deploy", root, *server.flags, "--prune", "--yes", check=False)
    assert done.returncode == 1 and server.seen("DELETE") == []
    assert "nothing was deleted, as something failed" in done.stderr


def test_failed_deletion_keeps_the_package_and_is_a_failure(fresh, root, server):
    for path in ("packages/q", "actions/q/a", "actions/q/b"):
        server.add(path, **by(OURS))
    server.faults.insert(0, Fault("DELETE", "actions/q/a", error(403, "no"), None))
    server.faults.insert(0, Fault("DELETE", "actions/q/b", error(404, "gone"), None))
    done = fresh("deploy", root, *server.flags, "--prune", "--yes", check=False)
    assert done.returncode == 1
    assert "q/a: the server answered 403" in done.stderr and "q/b: deleted" in done.stderr
    assert "package q: it still has functions" in done.stderr
    assert "everything is deployed, but of what the project no longer has" in done.stderr
    assert server.seen("DELETE", "packages/q") == []


def test_what_a_sequence_needs_stays(fresh, root, server):
    server.add("actions/p/used")
    server.add("actions/p/gone")
    (root / "project.yml").write_text("packages: [{name: p, functions: [{name: s, sequence: [p/f, p/used]}]}]\n")
    done = fresh("deploy", root, *server.flags, "-o", "json", "--prune", "--yes")
    assert plan_of(done)["p/used"] == "extra"
    assert {r.path for r in server.seen("DELETE")} == {"actions/p/gone"}


def test_dry_run_shows_and_asks_nothing(fresh, root, server):
    server.add("packages/q", **by(OURS))
    server.add("actions/p/gone")
    fresh("deploy", root, *server.flags)
    ask = ("deploy", root, *server.flags, "--dry-run", "--prune", "--detailed-exitcode")
    done = fresh(*ask, check=False)
    assert done.returncode == 2
    assert done.stdout.splitlines() == ["- p/gone  delete", "- package q  delete", "= 1 unchanged"]
    assert server.seen("DELETE") == []


def test_without_a_terminal_it_needs_a_word(fresh, root, server):
    server.add("actions/p/gone")
    done = fresh("deploy", root, *server.flags, "--prune", check=False)
    assert done.returncode == 2 and "give --yes if this is meant" in done.stderr
    assert "nothing was uploaded" in done.stderr
    assert [r.method for r in server.requests if r.method != "GET"] == []


@pytest.mark.parametrize("word, deleted", [(b"y\n", True), (b"n\n", False), (b"\n", False)])
def test_it_asks_on_a_terminal(fresh, root, server, word, deleted):
    server.add("actions/p/gone")
    near, far = pty.openpty()
    process = subprocess.Popen([PROGRAM, "deploy", root, *server.flags, "--prune"], env=fresh.env,
                               stdin=far, stdout=far, stderr=far)
    os.close(far)
    text = b""
    while b"delete 1 function and 0 packages of the namespace 'ns'?" not in text:
        text += os.read(near, 1000)
    assert not [r for r in server.requests if r.method != "GET"]
    os.write(near, word)
    try:
        while more := os.read(near, 1000):
            text += more
    except OSError:
        pass
    os.close(near)
    assert process.wait() == (0 if deleted else 2)
    assert bool(server.seen("DELETE")) == bool(server.seen("PUT")) == deleted


@pytest.mark.parametrize("flags, text", [
    (["--yes"], "--yes goes with --prune"),
    (["--prune", "--include", "p"], "--prune needs the whole project"),
    (["--prune", "--exclude", "p"], "--prune needs the whole project")])
def test_flags_that_do_not_go_together(fresh, root, flags, text):
    done = fresh("deploy", root, *flags, check=False)
    assert done.returncode == 2 and text in done.stderr


def test_all_pages_are_looked_at(fresh, project, server):
    folder = project({f"packages/p/f{i}.py": FUNCTION for i in range(200)})
    server.add("actions/p/oldest")
    fresh("deploy", folder, *server.flags)
    fresh("deploy", folder, *server.flags, "--prune", "--yes")
    assert [r.path for r in server.seen("DELETE")] == ["actions/p/oldest"]


def test_triggers_go_first_and_with_their_function(dofn, project):
    def config(*names):
        details = {"type": "SCHEDULED", "scheduledDetails": {"cron": "0 3 * * *"}}
        functions = [{"name": n, "triggers": [{"name": "prune-" + t, **details} for t in ts.split()]} for n, ts in names]
        return json.dumps({"packages": [{"name": "pruned", "functions": functions}]})

    folder = project({"packages/pruned/f.py": FUNCTION, "packages/pruned/g.py": FUNCTION,
                      "project.yml": config(("f", "stays"), ("g", "goes moves"))})
    dofn("deploy", folder)
    (folder / "packages/pruned/g.py").unlink()
    (folder / "project.yml").write_text(config(("f", "stays moves")))
    done = dofn("deploy", folder, "--prune", "--yes", "-o", "json")
    assert {k: v for k, v in plan_of(done).items() if not k.startswith("package ")} == {
        "pruned/f": "unchanged", "pruned/g": "delete", "trigger prune-stays": "unchanged",
        "trigger prune-moves": "update", "trigger prune-goes": "delete"}
    order = [e.get("trigger", e.get("function")) for e in events(done)
             if e["event"] == "deleted" or e.get("action") == "deleted"]
    assert order == ["prune-goes", "pruned/g"]
    live = {t["name"]: t["function"] for t in dofn.json("triggers", "list") if t["name"].startswith("prune-")}
    assert live == {"prune-stays": "pruned/f", "prune-moves": "pruned/f"}
    dofn("undeploy", "--packages", "pruned", "--yes")


def test_copy_of_a_project_elsewhere_is_another_project(fresh, root, server, tmp_path):
    fresh("deploy", root, *server.flags)
    shutil.copytree(root, tmp_path / "other")
    (tmp_path / "other/packages/p/f.py").rename(tmp_path / "other/packages/p/g.py")
    fresh("deploy", tmp_path / "other", *server.flags, "--prune", "--yes")
    assert server.seen("DELETE") == []
    assert {"actions/p/f", "actions/p/g"} <= set(server.live)

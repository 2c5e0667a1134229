"""What a deploy finds to do: nothing twice, and nothing missed."""

import base64
import json
import os
import pathlib
import shutil
import signal
import subprocess

import pytest
from faulty import Fault, Memory, answer, close, error, silence

FUNCTION = "def main():\n    return {'body': 'one'}\n"
OTHER = FUNCTION.replace("one", "two")
CONFIG = """\
parameters: {shared: 1}
packages:
  - name: plan
    parameters: {mine: 1}
    functions:
      - name: folder
        annotations: {note: hi}
        parameters: {a: {x: 1, y: 2}}
        environment: {KEY: k, LEVEL: low}
        limits: {timeout: 5000}
  - name: default
    functions:
      - name: plan_alone
        web: false
"""
TREE = {
    "project.yml": CONFIG,
    "packages/plan/folder/__main__.py": FUNCTION + "\n\nother = main\n",
    "packages/plan/folder/other.py": "",
    "packages/plan/single.py": FUNCTION,
    "packages/default/plan_alone.py": FUNCTION,
}
ALL = {"plan/folder", "plan/single", "plan_alone"}


def events(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def plan_of(done):
    """{"p/f": "create", "package p": {"code"}, ...}: the changes of an update, else the action."""
    plan = {}
    for e in events(done):
        if e["event"] == "plan":
            name = e["function"] if "function" in e else f"package {e['package']}"
            plan[name] = set(e["changes"]) if e["action"] == "update" else e["action"]
    return plan


def own_plan(done):
    """Without what other tests left in the default package of the platform they share."""
    return {name: what for name, what in plan_of(done).items() if what != "extra"}


def named(done, event):
    return {e["function"] for e in events(done) if e["event"] == event}


@pytest.fixture
def server():
    with Memory() as s:
        yield s


@pytest.fixture
def live(dofn, project):
    """The project above, as it was just deployed, and nothing else of these names."""
    dofn("undeploy", "--packages", "plan", "--yes", check=False)
    dofn("undeploy", "plan_alone", check=False)
    root = project(TREE)
    dofn("deploy", root)
    return root


def again(dofn, root, *flags):
    return dofn("deploy", root, "-o", "json", *flags)


def test_first_deploy_creates_everything(fresh, project, server):
    done = fresh("deploy", project(TREE), *server.flags, "-o", "json")
    assert plan_of(done) == {"package plan": "create", **dict.fromkeys(ALL, "create")}
    assert named(done, "deployed") == ALL
    assert len(server.seen("PUT")) == 4


def test_second_deploy_sends_nothing(fresh, project, server):
    root = project(TREE)
    fresh("deploy", root, *server.flags)
    server.requests.clear()
    done = fresh("deploy", root, *server.flags, "-o", "json")
    assert sorted((r.method, r.path) for r in server.requests) == [("GET", "actions"),
                                                                   ("GET", "packages")]
    assert plan_of(done) == {"package plan": "unchanged", **dict.fromkeys(ALL, "unchanged")}
    assert events(done)[-1] == {"event": "result", "deployed": 0, "unchanged": 3, "failed": 0}


def test_platform_keeps_what_the_plan_needs(dofn, live):
    done = again(dofn, live)
    assert named(done, "unchanged") == ALL
    assert {e["version"] for e in events(done) if e["event"] == "unchanged"} == {"0.0.1"}


def test_order_of_members_is_no_change(dofn, live):
    text = CONFIG.replace("{x: 1, y: 2}", "{y: 2, x: 1}")
    (live / "project.yml").write_text(text.replace("{KEY: k, LEVEL: low}", "{LEVEL: low, KEY: k}"))
    assert named(again(dofn, live), "unchanged") == ALL


# Changes that a deploy by time stamps misses or invents.

OLD = (0, 1_000_000_000_000_000_000)


def write_under_old_time(path, text):
    path.write_text(text)
    os.utime(path, ns=OLD)


def replace_in_config(old, new):
    def change(_dofn, root):
        text = (root / "project.yml").read_text()
        assert old in text
        (root / "project.yml").write_text(text.replace(old, new))

    return change


def folder(root):
    return root / "packages/plan/folder"


TRAPS = {
    "file deleted": (lambda d, r: (folder(r) / "other.py").unlink(), {"plan/folder": {"code"}}),
    "changed under an old time": (
        lambda d, r: write_under_old_time(r / "packages/plan/single.py", OTHER),
        {"plan/single": {"code"}}),
    "changed, same size, same time": (
        lambda d, r: (lambda p, t: (p.write_text(OTHER), os.utime(p, ns=t)))(
            r / "packages/plan/single.py",
            ((s := (r / "packages/plan/single.py").stat()).st_atime_ns, s.st_mtime_ns)),
        {"plan/single": {"code"}}),
    "new under an old time": (lambda d, r: write_under_old_time(folder(r) / "new.py", "x = 1\n"),
                              {"plan/folder": {"code"}}),
    "chmod +x": (lambda d, r: (folder(r) / "other.py").chmod(0o755), {"plan/folder": {"code"}}),
    "deleted on the server": (lambda d, r: d("undeploy", "plan/single"), {"plan/single": "create"}),
    "package deleted on the server": (
        lambda d, r: d("undeploy", "-p", "plan", "-y"),
        {"package plan": "create", "plan/single": "create", "plan/folder": "create"}),
    "only touched": (lambda d, r: [os.utime(p) for p in r.rglob("*")], {}),
    "copied": (lambda d, r: (shutil.copytree(r, f"{r}2"), shutil.rmtree(r),
                             pathlib.Path(f"{r}2").rename(r)), {}),
    "project-level parameter": (replace_in_config("shared: 1", "shared: 2"),
                                {"package plan": {"parameters"}, "plan_alone": {"parameters"}}),
    "project-level variable": (replace_in_config("parameters: {shared: 1}",
                                                 "parameters: {shared: 1}\nenvironment: {E: e}"),
                               {"package plan": {"variables"}, "plan_alone": {"variables"}}),
    "package parameter": (replace_in_config("mine: 1", "mine: 1.0"),
                          {"package plan": {"parameters"}}),
    "annotation removed": (replace_in_config("        annotations: {note: hi}\n", ""),
                           {"plan/folder": {"configuration"}}),
    "variable": (replace_in_config("LEVEL: low", "LEVEL: high"), {"plan/folder": {"variables"}}),
    "limit": (replace_in_config("timeout: 5000", "timeout: 6000"), {"plan/folder": {"limits"}}),
    "web": (replace_in_config("web: false", "web: raw"), {"plan_alone": {"configuration"}}),
    "secret": (replace_in_config("web: false", "webSecure: s"), {"plan_alone": {"configuration"}}),
    "runtime": (replace_in_config("- name: folder", "- name: folder\n        runtime: python:3.11"),
                {"plan/folder": {"configuration"}}),
    "main": (replace_in_config("- name: folder", "- name: folder\n        main: other"),
             {"plan/folder": {"configuration"}}),
}


@pytest.mark.parametrize("name", TRAPS)
def test_change_is_found_and_deployed_once(dofn, live, name):
    change, expected = TRAPS[name]
    change(dofn, live)
    done = again(dofn, live)
    assert {k: v for k, v in own_plan(done).items() if v != "unchanged"} == expected
    assert named(done, "deployed") == {n for n in expected if not n.startswith("package")}
    assert named(done, "unchanged") == ALL - named(done, "deployed")
    assert set(own_plan(again(dofn, live)).values()) == {"unchanged"}


def test_removed_annotation_is_gone_and_those_of_the_platform_stay(dofn, live):
    def keys():
        return {a["key"] for a in dofn.json("functions", "get", "plan/folder")["annotations"]}

    before = keys()
    replace_in_config("{note: hi}", "{other: ho}")(dofn, live)
    dofn("deploy", live)
    assert keys() == before - {"note"} | {"other"}
    assert {"exec", "provide-api-key", "deployer"} <= keys()


def test_removed_package_parameter_is_gone(dofn, live, platform, http):
    replace_in_config("    parameters: {mine: 1}\n", "")(dofn, live)
    dofn("deploy", live)
    head = {"Authorization": "Basic " + base64.b64encode(platform.auth.encode()).decode()}
    package = http("GET", f"{platform.apihost}/api/v1/namespaces/_/packages/plan", headers=head)
    assert [p["key"] for p in package.json()["parameters"]] == ["shared"]


# What is live, but not as it was deployed.


def put(platform, http, path, body):
    head = {"Authorization": "Basic " + base64.b64encode(platform.auth.encode()).decode(),
            "Content-Type": "application/json"}
    url = f"{platform.apihost}/api/v1/namespaces/_/{path}?overwrite=true"
    assert http("PUT", url, json.dumps(body), head).status == 200


@pytest.mark.parametrize("body", [
    {"limits": {"timeout": 7000}}, {"annotations": [{"key": "web-export", "value": False}]},
    {"annotations": [{"key": "require-whisk-auth", "value": "x"}]}], ids=json.dumps)
def test_what_was_changed_elsewhere_and_shows_in_the_list_is_named(dofn, live, platform, http, body):
    put(platform, http, "actions/plan/folder", body)
    assert "plan/folder  update: was changed elsewhere" in dofn("deploy", live, "--dry-run").stdout
    assert plan_of(again(dofn, live))["plan/folder"] == {"elsewhere"}
    assert plan_of(again(dofn, live))["plan/folder"] == "unchanged"


OVERWRITES = "plan/folder: it was changed elsewhere since the last deploy; this overwrites"


@pytest.mark.parametrize("body", [
    {"exec": {"kind": "python:3.11", "code": "def main():\n    return {'body': 'panel'}\n"}},
    {"parameters": [{"key": "a", "value": 1}]}, {"annotations": [{"key": "note", "value": "ho"}]},
    {"annotations": [{"key": "more", "value": 1}]}], ids=json.dumps)
def test_what_no_list_shows_is_noticed_by_the_version(dofn, live, platform, http, body):
    put(platform, http, "actions/plan/folder", body)
    shown = dofn("deploy", live, "--dry-run")
    assert "plan/folder  update: was changed elsewhere" in shown.stdout
    assert OVERWRITES in shown.stderr
    done = again(dofn, live)
    assert plan_of(done)["plan/folder"] == {"elsewhere"}
    assert named(done, "deployed") == {"plan/folder"}
    assert OVERWRITES.split(": ")[1] in next(e["text"] for e in events(done) if e["event"] == "warning")
    assert named(again(dofn, live), "unchanged") == ALL
    got = dofn.json("functions", "get", "plan/folder")
    assert [p["value"] for p in got["parameters"] if p["key"] == "a"] == [{"x": 1, "y": 2}]


def test_a_change_here_and_one_elsewhere_are_both_named(dofn, live, platform, http):
    put(platform, http, "actions/plan/folder", {"parameters": []})
    (folder(live) / "other.py").write_text("x = 1\n")
    assert plan_of(again(dofn, live))["plan/folder"] == {"code", "elsewhere"}
    assert set(own_plan(again(dofn, live)).values()) == {"unchanged"}


def test_two_people_deploying(dofn, live, tmp_path):
    theirs = tmp_path / "theirs"
    shutil.copytree(live, theirs)
    assert named(again(dofn, theirs), "unchanged") == ALL
    (theirs / "packages/plan/single.py").write_text(OTHER)
    assert plan_of(again(dofn, theirs))["plan/single"] == {"code"}
    assert plan_of(again(dofn, live))["plan/single"] == {"code"}  # ours is the last one
    assert set(own_plan(again(dofn, live)).values()) == {"unchanged"}
    assert plan_of(again(dofn, theirs))["plan/single"] == {"code"}


def test_made_anew_elsewhere(dofn, live, platform, http):
    dofn("deploy", live, "--force")
    annotations = dofn.json("functions", "get", "plan/single")["annotations"]
    dofn("undeploy", "plan/single")
    put(platform, http, "actions/plan/single", {
        "annotations": annotations, "exec": {"kind": "python:3.11", "code": FUNCTION}})
    assert plan_of(again(dofn, live))["plan/single"] == {"elsewhere"}


def lost_answer(server):
    """It did what it was asked for, and nobody heard of it."""
    def act(connection, request):
        server.put(Deaf(), request)
        return close(connection, request)

    return act


class Deaf:
    def sendall(self, _):
        pass


def test_own_write_that_was_sent_twice_is_no_change_elsewhere(fresh, project, server):
    root = project({"packages/p/f.py": FUNCTION, "packages/p/g.py": FUNCTION})
    server.faults.insert(0, Fault("PUT", "actions/p/f", lost_answer(server), 1))
    fresh("deploy", root, *server.flags)
    assert len(server.seen("PUT", "actions/p/f")) == 3 and len(server.seen("PUT", "actions/p/g")) == 1
    last = server.seen("PUT", "actions/p/f")[-1].json()
    assert set(last) == {"annotations"} and last["annotations"][0]["value"]["version"] == "0.0.3"
    assert server.live["actions/p/f"]["version"] == "0.0.3"
    done = fresh("deploy", root, *server.flags, "-o", "json")
    assert named(done, "unchanged") == {"p/f", "p/g"}


def test_version_that_cannot_be_noted_fails_no_deploy(fresh, project, server):
    root = project({"packages/p/f.py": FUNCTION})
    server.faults.insert(0, Fault("PUT", "actions/p/f", lost_answer(server), 1))
    server.faults.insert(0, Fault("PUT", "actions/p/f", refuse_records(server), None))
    done = fresh("deploy", root, *server.flags)
    assert "p/f: it is live, but its version could not be noted" in done.stderr
    again = fresh("deploy", root, *server.flags, "-o", "json")
    assert plan_of(again)["p/f"] == {"elsewhere"}


def refuse_records(server):
    def act(connection, request):
        if "exec" in request.json():
            fault = next(f for f in server.faults[1:] if f.takes(request))
            return fault.act(connection, request)
        return error(403, "no")(connection, request)

    return act


@pytest.mark.parametrize("version", [None, 7, "", "1", "0.0.x", "0.0.1.2", {}], ids=json.dumps)
def test_server_that_counts_otherwise_is_not_judged_by_it(fresh, project, server, version):
    root = project({"packages/p/f.py": FUNCTION})
    fresh("deploy", root, *server.flags)
    item = server.live["actions/p/f"]
    item["version"] = version
    record = next(a["value"] for a in item["annotations"] if a["key"] == "deployer")
    del record["version"]
    done = fresh("deploy", root, *server.flags, "-o", "json")
    assert named(done, "unchanged") == {"p/f"}


@pytest.mark.parametrize("deployer", [
    None, 5, {}, {"digest": "08db2a6d", "user": "x", "zipped": False}, {"digest": None, "parts": 1},
    {"digest": "x", "parts": {}}, {"digest": "x", "parts": [], "variables": [1]}], ids=json.dumps)
def test_what_others_deployed_is_updated(fresh, project, server, deployer):
    server.add("actions/p/f", annotations=[{"key": "deployer", "value": deployer}])
    done = fresh("deploy", project({"packages/p/f.py": FUNCTION}), *server.flags, "-o", "json")
    assert plan_of(done)["p/f"] & {"unknown", "code"}
    assert named(done, "deployed") == {"p/f"}


def test_live_functions_that_the_project_has_not_are_named_and_stay(dofn, live):
    (live / "packages/plan/single.py").unlink()
    done = dofn("deploy", live)
    assert "? plan/single  live, not in the project" in done.stderr
    assert dofn.json("functions", "get", "plan/single")["name"] == "single"
    part = dofn("deploy", live, "--include", "plan/folder")
    assert "not in the project" not in part.stderr


def test_functions_of_other_packages_are_no_business_of_the_plan(fresh, project, server):
    server.add("actions/other/f")
    server.add("actions/alone")
    server.add("actions/p/gone")
    done = fresh("deploy", project({"packages/p/f.py": FUNCTION}), *server.flags, "-o", "json")
    assert plan_of(done) == {"package p": "create", "p/f": "create", "p/gone": "extra"}


@pytest.mark.parametrize("item", [None, 1, [], {}, {"name": 1, "namespace": "ns/p"}, {"name": "f"},
                                  {"name": "f", "namespace": ""}, {"name": "f", "namespace": 7},
                                  {"name": "f", "namespace": "ns/p", "annotations": {"a": 1},
                                   "limits": [], "version": 5}], ids=json.dumps)
def test_strange_items_of_lists_break_nothing(fresh, project, server, item):
    server.faults.insert(0, server.faults[0].__class__("GET", "packages|actions",
                                                       answer(200, [item]), None))
    done = fresh("deploy", project({"packages/p/f.py": FUNCTION}), *server.flags, "-o", "json")
    assert named(done, "deployed") == {"p/f"}


# How it is asked for and shown.


def test_dry_run_shows_the_plan_and_changes_nothing(fresh, project, server):
    root = project(TREE)
    done = fresh("deploy", root, *server.flags, "--dry-run", "-q")
    assert done.stdout.splitlines() == ["+ package plan  create", "+ plan_alone  create",
                                        "+ plan/folder  create", "+ plan/single  create"]
    assert done.stderr == "" and server.seen("PUT") == []
    fresh("deploy", root, *server.flags)
    server.requests.clear()
    replace_in_config("{KEY: k, LEVEL: low}", "{KEY: j, MORE: m}")(None, root)
    (folder(root) / "other.py").write_text("x = 1\n")
    done = fresh("deploy", root, *server.flags, "--dry-run", "-q")
    assert done.stdout.splitlines() == [
        "~ plan/folder  update: code, variables (~KEY, +MORE, -LEVEL)", "= 2 unchanged"]
    assert server.seen("PUT") == []


def test_detailed_exit_code_tells_whether_there_is_something_to_do(fresh, project, server):
    root = project(TREE)
    ask = ("deploy", root, *server.flags, "--dry-run", "--detailed-exitcode")
    changed = fresh(*ask, check=False)
    assert changed.returncode == 2 and "dofn:" not in changed.stderr
    fresh("deploy", root, *server.flags)
    assert fresh(*ask, check=False).returncode == 0
    (root / "packages/plan/single.py").unlink()
    assert fresh(*ask, check=False).returncode == 0  # nothing is deleted
    assert fresh("deploy", root / "nowhere", *server.flags, check=False).returncode == 2


@pytest.mark.parametrize("flags, text", [
    (["--detailed-exitcode"], "--detailed-exitcode goes with --dry-run"),
    (["--force", "--incremental"], "--force and --incremental are opposites")])
def test_flags_that_do_not_go_together(fresh, project, flags, text):
    done = fresh("deploy", project(TREE), *flags, check=False)
    assert done.returncode == 2 and text in done.stderr


def test_force_uploads_all_and_incremental_is_the_usual(dofn, live):
    assert named(again(dofn, live, "--incremental"), "unchanged") == ALL
    done = again(dofn, live, "--force")
    assert named(done, "deployed") == ALL
    assert set(map(str, own_plan(done).values())) == {"{'forced'}"}


def test_unchanged_functions_are_listed_with_their_url(dofn, live, platform):
    done = dofn("deploy", live)
    assert "= 3 unchanged" in done.stderr and "create" not in done.stderr
    assert f"  - plan/single    {platform.web('plan/single')}    unchanged\n" in done.stdout
    assert "= plan/single  unchanged" in dofn("deploy", live, "-v").stderr


def test_failed_update_is_told_beside_what_is_unchanged(fresh, project, server):
    root = project(TREE)
    fresh("deploy", root, *server.flags)
    (root / "packages/plan/single.py").write_text(OTHER)
    server.faults.insert(0, server.faults[0].__class__("PUT", "actions/plan/single",
                                                       error(403, "no"), None))
    done = fresh("deploy", root, *server.flags, check=False)
    assert done.returncode == 1
    assert "plan/single: the server answered 403" in done.stderr
    assert "1 of 3 functions failed" in done.stderr
    assert "plan/folder" in done.stdout and "plan/single" not in done.stdout


def test_package_without_functions_that_failed_is_a_failure(fresh, project, server):
    root = project({"packages/p/f.py": FUNCTION, "project.yml": "packages: [{name: empty}]\n"})
    server.faults.insert(0, server.faults[0].__class__("PUT", "packages/empty",
                                                       error(403, "no"), None))
    done = fresh("deploy", root, *server.flags, check=False)
    assert done.returncode == 1 and "package empty: the server answered 403" in done.stderr
    assert done.stderr.endswith("dofn: 1 of 2 packages failed\n")


def test_failed_packages_are_told_beside_failed_functions(fresh, project, server):
    root = project({"packages/p/f.py": FUNCTION, "packages/p/g.py": FUNCTION,
                    "project.yml": "packages: [{name: empty}, {name: b, binding: {namespace: _, name: p}}]\n"})
    for path in ("packages/empty", "packages/b", "actions/p/f"):
        server.faults.insert(0, server.faults[0].__class__("PUT", path, error(403, "no"), None))
    done = fresh("deploy", root, *server.flags, "-o", "json", check=False)
    assert done.returncode == 1
    failed = [e.get("package") or e["function"] for e in map(json.loads, done.stdout.splitlines()[:-7])
              if e["event"] == "failed"]
    assert sorted(failed) == ["b", "empty", "p/f"]
    assert "2 of 3 packages and 1 of 2 functions failed" in done.stdout


def test_interrupted_deploy_tells_what_became_of_each_function(fresh, project, server):
    root = project({"packages/p/a.py": FUNCTION, "packages/p/b.py": FUNCTION, "packages/p/same.py": FUNCTION,
                    "project.yml": "packages: [{name: p, functions: [{name: s, sequence: [p/a, p/b]}]}]\n"})
    (root / "packages/p/a.py").rename(root / "a.py")
    (root / "project.yml").rename(root / "kept")
    fresh("deploy", root, *server.flags)
    (root / "a.py").rename(root / "packages/p/a.py")
    (root / "kept").rename(root / "project.yml")
    (root / "packages/p/b.py").write_text(OTHER)
    server.faults.insert(0, Fault("PUT", "actions/p/b", silence, None))
    process = fresh.start("deploy", root, *server.flags, "-o", "json")
    seen = [{"event": "none yet"}]
    while seen[-1]["event"] != "result":
        seen.append(json.loads(process.stdout.readline()))
        if seen[-1]["event"] == "deployed":
            process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == -signal.SIGINT
    failed = {e["function"]: e["text"] for e in seen if e["event"] == "failed"}
    assert set(failed) == {"p/b", "p/s"}
    assert failed["p/b"].startswith("the deploy was interrupted while it was sent")
    assert failed["p/s"] == "not tried, as the deploy was interrupted; it is not live"
    assert {e["function"] for e in seen if e["event"] == "unchanged"} == {"p/same"}
    assert seen[-1] == {"event": "result", "deployed": 1, "unchanged": 1, "failed": 2}


# Many functions.


def many(n):
    return {f"packages/p{i % 7}/f{i}.py": FUNCTION for i in range(n)}


@pytest.mark.parametrize("n, most", [(1, 2), (199, 2), (200, 2), (399, 3), (1000, 6)])
def test_requests_of_a_deploy_without_changes(fresh, project, server, n, most):
    root = project(many(n))
    fresh("deploy", root, *server.flags)
    server.requests.clear()
    done = fresh("deploy", root, *server.flags, "-o", "json")
    assert len(named(done, "unchanged")) == n
    assert len(server.requests) == most and server.seen("PUT") == []


def test_all_pages_count(fresh, project, server):
    for i in range(450):
        server.add(f"actions/p0/live{i}")
        server.add(f"packages/more{i}")
    root = project(many(3))
    fresh("deploy", root, *server.flags)
    for path in list(server.live)[:900]:  # behind everything that is older
        server.live[path] = server.live.pop(path)
    done = fresh("deploy", root, *server.flags, "-o", "json")
    assert len(named(done, "unchanged")) == 3
    assert list(plan_of(done).values()).count("extra") == 450


# Where it comes from.


def git(folder, *args):
    subprocess.run(["git", "-c", "user.name=Sammy", "-c", "user.email=sammy@example.org", *args],
                   cwd=folder, check=True, capture_output=True,
                   env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})


def deployer(server, path="actions/p/f"):
    body = server.seen("PUT", path)[-1].json()
    return next(a["value"] for a in body["annotations"] if a["key"] == "deployer")


@pytest.fixture
def repository(tmp_path, project):
    (tmp_path / "work/sub").mkdir(parents=True)
    root = project({"packages/p/f.py": FUNCTION}, "work/sub/project")
    git(tmp_path / "work", "init", "-q")
    git(tmp_path / "work", "add", ".")
    git(tmp_path / "work", "commit", "-q", "-m", "first")
    return root


@pytest.mark.parametrize("url, told", [
    ("https://example.org/me/it.git", "https://example.org/me/it.git"),
    ("https://sammy:s3cret@example.org/it.git", "https://example.org/it.git"),
    ("ssh://git@example.org:22/it.git", "ssh://example.org:22/it.git"),
    ("git@example.org:me/it.git", "example.org:me/it.git"),
    ("https://example.org/@me/it.git", "https://example.org/@me/it.git"),
    ("/home/sammy/it.git", None), ("../it.git", None), ("file:///home/sammy/it.git", None)])
def test_repository_without_credentials(fresh, server, repository, url, told):
    git(repository, "remote", "add", "origin", url)
    fresh("deploy", repository, *server.flags)
    assert deployer(server).get("repository") == told
    assert deployer(server)["projectPath"] == "sub/project"


def test_commit_and_whether_files_differ_from_it(fresh, server, repository):
    def commit():
        fresh("deploy", repository, *server.flags, "--force")
        return deployer(server)["commit"]

    first = commit()
    assert len(first) == 8
    (repository.parent / "elsewhere").write_text("")
    assert commit() == first
    (repository / "packages/p/f.py").write_text(OTHER)
    assert commit() == first + "++"
    git(repository, "commit", "-q", "-a", "-m", "second")
    assert commit() not in (first, first + "++")
    server.requests.clear()
    git(repository, "commit", "-q", "--allow-empty", "-m", "third")
    fresh("deploy", repository, *server.flags)
    assert server.seen("PUT") == []  # another commit alone is no change


@pytest.mark.parametrize("path", ["no git", "a broken one", "a slow one"])
def test_without_an_answer_of_git_there_is_no_origin(fresh, server, repository, tmp_path, path):
    tools = tmp_path / "tools"
    tools.mkdir()
    if path != "no git":
        (tools / "git").write_text(f"#!/bin/sh\n{'exit 3' if 'broken' in path else 'exec sleep 60'}\n")
        (tools / "git").chmod(0o755)
    (tools / "sleep").symlink_to("/bin/sleep")
    fresh("deploy", repository, *server.flags, env={"PATH": str(tools)})
    assert set(deployer(server)) == {"digest", "parts", "variables", "version", "zipped"}


def test_outside_of_a_work_tree_there_is_no_origin(fresh, project, server):
    fresh("deploy", project({"packages/p/f.py": FUNCTION}), *server.flags)
    assert set(deployer(server)) == {"digest", "parts", "variables", "version", "zipped"}
    assert set(deployer(server, "packages/p")) == {"digest", "parts", "variables"}


def test_repository_of_a_hook_is_not_the_projects(fresh, server, repository, tmp_path):
    git(tmp_path, "init", "-q", "other")
    fresh("deploy", repository, *server.flags, env={"GIT_DIR": str(tmp_path / "other/.git")})
    assert deployer(server)["projectPath"] == "sub/project"


def test_no_value_of_a_variable_is_in_the_digest(fresh, project, server):
    fresh("deploy", project(TREE), *server.flags)
    text = json.dumps(deployer(server, "actions/plan/folder"))
    assert '"KEY"' in text and '"k"' not in text and "low" not in text

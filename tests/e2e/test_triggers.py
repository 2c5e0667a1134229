"""Triggers: in the plan, in place, last; and the local platform calls them on time."""

import json
import os
import pathlib
import re
import shutil
import time

import pytest
from conftest import free_port

FUNCTION = """\
def main(event):
    print("called with", sorted(event.items()))
    return {"body": "done"}
"""


def config(*functions):
    """config(("p/f", [trigger, ...]), ...): the text of a project.yml, as JSON."""
    packages = {}
    for name, triggers in functions:
        package, _, function = name.partition("/")
        packages.setdefault(package, []).append({"name": function, "triggers": triggers})
    return json.dumps({"packages": [{"name": k, "functions": v} for k, v in packages.items()]})


def trigger(name, cron="0 3 * * *", **more):
    details = {"cron": cron}
    if "body" in more:
        details["body"] = more.pop("body")
    return {"name": name, "type": "SCHEDULED", "scheduledDetails": details, **more}


@pytest.fixture
def folder(project, request):
    """folder(("f", [trigger, ...]), ...): a project of these functions in a package of the test's own."""
    package = re.sub(r"\W+", "_", request.node.name)[-60:]

    def make(*functions):
        files = {f"packages/{package}/{name}.py": FUNCTION for name, _ in functions}
        files["project.yml"] = config(*((f"{package}/{name}", t) for name, t in functions))
        return project(files)

    make.package = package
    return make


def events(program, *args, status=0, **kw):
    done = program("deploy", *args, "-o", "json", check=False, **kw)
    assert done.returncode == status, done
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"')]


def plan(told):
    """{"t1": "update cron body"} of the triggers."""
    return {e["trigger"]: " ".join([e["action"], *e.get("changes", [])])
            for e in told if e["event"] == "plan" and "trigger" in e}


def fates(told):
    return {e["trigger"]: e.get("action", e.get("text"))
            for e in told if e["event"] in ("trigger", "failed") and "trigger" in e}


def live(program, package):
    """{"name": item} of the triggers of the package's functions."""
    return {t["name"]: t for t in program.json("triggers", "list")
            if t["function"].startswith(package + "/")}


def version(program, name):
    return program.json("functions", "get", name)["version"]


# ---- deploy ----


def test_triggers_come_with_their_function_and_then_nothing_changes(dofn, folder):
    root = folder(("f", [trigger("first", "*/5 * * * MON-FRI", body={"n": 1.0, "l": [1, {"x": None}]}),
                         trigger("second", enabled=False)]))
    told = events(dofn, root)
    assert plan(told) == {"first": "create", "second": "create"}
    assert fates(told) == {"first": "created", "second": "created"}
    assert [e["event"] for e in told].index("deployed") < [e["event"] for e in told].index("trigger")
    assert told[-1]["triggers"] == {"deployed": 2, "unchanged": 0, "deleted": 0, "failed": 0}
    first, second = live(dofn, folder.package).values()
    assert first["function"] == f"{folder.package}/f" and first["type"] == "SCHEDULED"
    assert first["scheduled_details"] == {"cron": "*/5 * * * 1-5", "body": {"n": 1.0, "l": [1, {"x": None}]}}
    assert first["is_enabled"] and "next_run_at" in first["scheduled_runs"]
    assert not second["is_enabled"] and second["scheduled_runs"] == {}
    before = version(dofn, f"{folder.package}/f")
    told = events(dofn, root)
    assert plan(told) == {"first": "unchanged", "second": "unchanged"}
    assert told[-1] == {"event": "result", "deployed": 0, "unchanged": 1, "failed": 0,
                        "triggers": {"deployed": 0, "unchanged": 2, "deleted": 0, "failed": 0}}
    assert version(dofn, f"{folder.package}/f") == before
    assert dofn("deploy", root, "--dry-run", "--detailed-exitcode").returncode == 0


@pytest.mark.parametrize("changed, expected", [
    ({"cron": "0 4 * * *"}, "update cron"),
    ({"body": {"a": 2}}, "update body"),
    ({"enabled": False}, "update enabled"),
    ({"cron": "1 1 1 1 *", "body": {"b": 1}, "enabled": False}, "update cron body enabled"),
])
def test_a_change_of_a_trigger_alone_is_sent_alone(dofn, folder, changed, expected):
    was = {"cron": "0 3 * * *", "body": {"a": 1}, "enabled": True}
    name = expected.replace(" ", "_")
    dofn("deploy", folder(("f", [trigger(name, **was)])))
    before, old = version(dofn, f"{folder.package}/f"), live(dofn, folder.package)[name]
    root = folder(("f", [trigger(name, **{**was, **changed})]))
    dry = dofn("deploy", root, "--dry-run", "--detailed-exitcode", check=False)
    assert dry.returncode == 2 and f"~ trigger {name}  update: " in dry.stdout
    assert live(dofn, folder.package)[name] == old
    told = events(dofn, root)
    assert plan(told) == {name: expected} and fates(told) == {name: "updated"}
    assert [e for e in told if e["event"] == "deployed"] == []
    now = live(dofn, folder.package)[name]
    assert now["created_at"] == old["created_at"], "deleted and made anew"
    assert now["is_enabled"] == changed.get("enabled", True)
    assert version(dofn, f"{folder.package}/f") == before


def test_a_body_that_is_gone_is_taken_away(dofn, folder):
    dofn("deploy", folder(("f", [trigger("bodiless", body={"a": 1})])))
    told = events(dofn, folder(("f", [trigger("bodiless")])))
    assert plan(told) == {"bodiless": "update body"}
    assert live(dofn, folder.package)["bodiless"]["scheduled_details"].get("body", {}) == {}
    assert plan(events(dofn, folder(("f", [trigger("bodiless")])))) == {"bodiless": "unchanged"}


# What a deploy by time stamps misses or invents, seen from the triggers: (change, its plan).
TRAPS = {
    "trigger deleted on the server": (lambda d, r, p: d("undeploy", "--triggers", "one"), {"one": "create"}),
    "trigger disabled elsewhere": (lambda d, r, p: d("triggers", "disable", "one"), {"one": "update enabled"}),
    "function deleted on the server": (lambda d, r, p: d("undeploy", f"{p}/f"),
                                       {"f": "create", "one": "create", "two": "create"}),
    "code changed": (lambda d, r, p: (r / f"packages/{p}/f.py").write_text(FUNCTION + "# more\n"), {"f": "update code"}),
    "only touched": (lambda d, r, p: [os.utime(x, (1e9, 1e9)) for x in r.rglob("*")], {}),
    "copied": (lambda d, r, p: (shutil.copytree(r, f"{r}2"), shutil.rmtree(r), pathlib.Path(f"{r}2").rename(r)), {}),
    "project-level parameter": (
        lambda d, r, p: (r / "project.yml").write_text(
            json.dumps({"parameters": {"n": 1}, **json.loads((r / "project.yml").read_text())})), {}),
}


@pytest.mark.parametrize("name", TRAPS)
def test_change_is_found_and_nothing_else(dofn, folder, name):
    change, expected = TRAPS[name]
    root = folder(("f", [trigger("one", body={"a": 1}), trigger("two", "0 4 * * *", body={})]))
    for left in dofn.json("triggers", "list"):
        if left["name"] in ("one", "two"):
            dofn("undeploy", "--triggers", left["name"])
    dofn("deploy", root)
    wanted = {n: (t["function"], t["is_enabled"], t["scheduled_details"]) for n, t in live(dofn, folder.package).items()}
    change(dofn, root, folder.package)
    told = events(dofn, root)
    functions = {e["function"].partition("/")[2]: " ".join([e["action"], *e.get("changes", [])])
                 for e in told if e["event"] == "plan" and "function" in e and "trigger" not in e}
    assert {k: v for k, v in {**functions, **plan(told)}.items() if v != "unchanged"} == expected
    assert {n: (t["function"], t["is_enabled"], t["scheduled_details"])
            for n, t in live(dofn, folder.package).items()} == wanted
    assert dofn("deploy", root, "--dry-run", "--detailed-exitcode").returncode == 0
    dofn("undeploy", f"{folder.package}/f")


def test_two_people_whose_triggers_differ(dofn, folder, tmp_path):
    """The last one wins, and the plan says what of the other's goes."""
    ours = shutil.copytree(folder(("f", [trigger("both"), trigger("ours")])), tmp_path / "ours")
    dofn("deploy", ours)
    theirs = folder(("f", [trigger("both", "1 1 * * *"), trigger("theirs")]))
    assert plan(events(dofn, theirs)) == {"both": "update cron", "ours": "delete", "theirs": "create"}
    assert set(live(dofn, folder.package)) == {"both", "theirs"}
    assert plan(events(dofn, ours)) == {"both": "update cron", "ours": "create", "theirs": "delete"}
    assert set(live(dofn, folder.package)) == {"both", "ours"}
    assert dofn("deploy", ours, "--dry-run", "--detailed-exitcode").returncode == 0
    dofn("undeploy", f"{folder.package}/f")


def test_two_people_at_the_same_time(dofn, folder, tmp_path):
    """Whatever came of it, one more deploy makes it what that one wants."""
    theirs = folder(("f", [trigger("both", "1 1 * * *"), trigger("theirs")]), ("g", []))
    ours = pathlib.Path(shutil.copytree(theirs, tmp_path / "ours"))
    (ours / f"packages/{folder.package}/f.py").write_text(FUNCTION.replace("done", "ours"))
    (ours / "project.yml").write_text(config((f"{folder.package}/f", [trigger("both"), trigger("ours")])))
    for _ in range(5):
        running = [dofn.start("deploy", root, "--force") for root in (ours, theirs)]
        stories = [p.communicate(timeout=60)[1] for p in running]
        assert all(p.returncode in (0, 1) for p in running), stories
        for root, names in ((theirs, {"both", "theirs"}), (ours, {"both", "ours"})):
            told = plan(events(dofn, root))
            now = live(dofn, folder.package)
            # A record that the other one wrote over lost a name: then it is named, not deleted.
            assert names <= now.keys() and all(told[n] == "extra" for n in now.keys() - names)
            assert dofn("deploy", root, "--dry-run", "--detailed-exitcode").returncode == 0
    dofn("undeploy", f"{folder.package}/f", f"{folder.package}/g")


def test_triggers_removed_from_the_project_go(dofn, folder):
    dofn("deploy", folder(("f", [trigger("goes1"), trigger("goes2")]), ("g", [trigger("goes3")])))
    told = events(dofn, folder(("f", [trigger("goes2")]), ("g", [])))
    assert plan(told) == {"goes1": "delete", "goes2": "unchanged", "goes3": "delete"}
    assert fates(told) == {"goes1": "deleted", "goes2": "unchanged", "goes3": "deleted"}
    assert set(live(dofn, folder.package)) == {"goes2"}
    told = events(dofn, folder(("f", []), ("g", [])))
    assert fates(told) == {"goes2": "deleted"} and live(dofn, folder.package) == {}
    told = events(dofn, folder(("f", []), ("g", [])))
    assert plan(told) == {} and "triggers" not in told[-1], "nobody asks for triggers any more"


def test_a_trigger_added_alone_can_be_removed_alone(dofn, folder):
    dofn("deploy", folder(("f", [])))
    told = events(dofn, folder(("f", [trigger("added")])))
    assert fates(told) == {"added": "created"} and not [e for e in told if e["event"] == "deployed"]
    assert fates(events(dofn, folder(("f", [])))) == {"added": "deleted"}
    assert live(dofn, folder.package) == {}


def test_what_was_made_by_hand_stays_and_is_named(dofn, folder):
    dofn("deploy", folder(("f", [trigger("ours")]), ("g", [])))
    for name, function in (("hand_f", "f"), ("hand_g", "g")):
        dofn("triggers", "create", name, "-f", f"{folder.package}/{function}", "-c", "0 0 1 1 *")
    told = events(dofn, folder(("f", [trigger("ours")]), ("g", [])))
    assert plan(told) == {"ours": "unchanged", "hand_f": "extra", "hand_g": "extra"}
    assert fates(events(dofn, folder(("f", []), ("g", [])))) == {"ours": "deleted"}
    assert set(live(dofn, folder.package)) == {"hand_f", "hand_g"}
    dofn("deploy", folder(("f", [trigger("hand_f", body={"now": "ours"})]), ("g", [])))
    assert live(dofn, folder.package)["hand_f"]["scheduled_details"]["body"] == {"now": "ours"}
    assert fates(events(dofn, folder(("f", []), ("g", [])))) == {"hand_f": "deleted"}


def test_a_trigger_may_move_to_another_function_of_the_project(dofn, folder):
    dofn("deploy", folder(("f", [trigger("moves")]), ("g", [])))
    told = events(dofn, folder(("f", []), ("g", [trigger("moves")])))
    assert plan(told) == {"moves": "update function"} and fates(told) == {"moves": "updated"}
    assert live(dofn, folder.package)["moves"]["function"] == f"{folder.package}/g"
    assert plan(events(dofn, folder(("f", []), ("g", [trigger("moves")])))) == {"moves": "unchanged"}
    assert fates(events(dofn, folder(("f", []), ("g", [])))) == {"moves": "deleted"}


def test_a_name_that_somebody_else_uses_stops_the_deploy(dofn, folder, project):
    other = project({"packages/other_one/f.py": FUNCTION,
                     "project.yml": config(("other_one/f", [trigger("taken")]))}, "other")
    dofn("deploy", other)
    done = dofn("deploy", folder(("f", [trigger("taken")])), check=False)
    assert done.returncode == 2
    assert re.search(r"project.yml:\d+:\d+: there is a trigger 'taken' already, for the function "
                     r"'other_one/f', .*'dofn triggers delete taken'", done.stderr)
    assert live(dofn, "other_one")["taken"]["function"] == "other_one/f"
    assert dofn("functions", "get", f"{folder.package}/f", check=False).returncode == 1
    dofn("undeploy", "other_one/f")


def test_no_triggers_leaves_all_alone(dofn, folder):
    dofn("deploy", folder(("f", [trigger("alone")])))
    told = events(dofn, folder(("f", [trigger("alone", "9 9 9 9 *"), trigger("new")])), "--no-triggers")
    assert plan(told) == {}
    assert live(dofn, folder.package)["alone"]["scheduled_details"]["cron"] == "0 3 * * *"
    events(dofn, folder(("f", [])), "--no-triggers", "--force")
    assert fates(events(dofn, folder(("f", [])))) == {"alone": "deleted"}, "it was not forgotten"


def test_force_sends_unchanged_triggers(dofn, folder):
    root = folder(("f", [trigger("forced")]))
    dofn("deploy", root)
    told = events(dofn, root, "--force")
    assert plan(told) == {"forced": "update forced"} and fates(told) == {"forced": "updated"}


def test_triggers_are_told_in_the_text(dofn, folder):
    root = folder(("f", [trigger("told1"), trigger("told2")]))
    done = dofn("deploy", root)
    assert "+ trigger told1  create" in done.stderr and "trigger told1: created" in done.stderr
    assert done.stdout.endswith("Deployed triggers:\n"
                                f"  - told1    {folder.package}/f    0 3 * * *\n"
                                f"  - told2    {folder.package}/f    0 3 * * *\n")
    done = dofn("deploy", folder(("f", [trigger("told2")])))
    assert "- trigger told1  delete" in done.stderr and "trigger told1: deleted" in done.stderr
    assert done.stdout.endswith(f"  - told2    {folder.package}/f    0 3 * * *    unchanged\n")


def test_a_body_that_every_call_would_refuse_is_told(dofn, folder, project):
    root = folder(("f", [trigger("refused", body={"fixed": 2})]))
    text = json.loads((root / "project.yml").read_text())
    text["packages"][0]["functions"][0]["parameters"] = {"fixed": 1}
    (root / "project.yml").write_text(json.dumps(text))
    told = events(dofn, root, status=1)
    assert "sets a parameter that the function" in fates(told)["refused"]
    assert told[-1]["deployed"] == 1 and told[-1]["triggers"]["failed"] == 1
    assert events(dofn, folder(("f", [])))[-1]["failed"] == 0


# ---- the command ----


def test_triggers_are_made_changed_and_deleted_by_hand(dofn, folder):
    dofn("deploy", folder(("f", [])))
    function = f"{folder.package}/f"
    made = dofn("triggers", "create", "by hand", "-f", function, "-c", "0 12 * * SUN", "-p", "a:b")
    assert made.stdout == "" and "trigger by hand: created" in made.stderr
    item = dofn.json("triggers", "get", "by hand")
    assert item["scheduled_details"] == {"cron": "0 12 * * 0", "body": {"a": "b"}}
    rows = dofn("triggers", "list", "-f", function).stdout.splitlines()
    assert re.split(" {4,}", rows[0]) == ["Name", "Cron Expression", "Invokes", "Enabled", "Last Run At",
                                          "Next Run At"]
    assert re.fullmatch(rf"by hand +0 12 \* \* 0 +{function} +true +_ +\d{{4}}-\d\d-\d\d 12:00:00 UTC", rows[1])
    assert len(rows) == 2
    dofn("triggers", "update", "by hand", "-c", "1 * * * *")
    item = dofn.json("trigger", "get", "by hand")
    assert item["scheduled_details"] == {"cron": "1 * * * *", "body": {"a": "b"}}
    dofn("triggers", "disable", "by hand")
    dofn("triggers", "update", "by hand", "-p", "c:d")
    item = dofn.json("triggers", "get", "by hand")
    assert item["scheduled_details"] == {"cron": "1 * * * *", "body": {"c": "d"}}
    assert not item["is_enabled"]
    assert dofn.json("triggers", "enable", "by hand")["is_enabled"]
    dofn("triggers", "update", "by hand", "--no-params")
    assert dofn.json("triggers", "get", "by hand")["scheduled_details"].get("body", {}) == {}
    dofn("triggers", "delete", "by hand")
    assert dofn.json("triggers", "ls", "-f", function) == []


def test_create_reads_its_parameters_from_a_file(dofn, folder, tmp_path):
    dofn("deploy", folder(("f", [])))
    (tmp_path / "p.json").write_text('{"n": 1e3, "a": "file"}')
    made = dofn.json("triggers", "create", "from_file", "-f", f"{folder.package}/f", "-c", "0 0 1 1 *",
                     "-P", tmp_path / "p.json", "-p", "a:line", "--disabled")
    assert made["scheduled_details"]["body"] == {"n": 1000, "a": "line"} and not made["is_enabled"]
    dofn("triggers", "rm", "from_file")


@pytest.mark.parametrize("args, status, text", [
    (["get", "nowhere"], 1, "there is no trigger 'nowhere'"),
    (["delete", "nowhere"], 1, "there is no trigger 'nowhere'"),
    (["enable", "nowhere"], 1, "there is no trigger 'nowhere'"),
    (["update", "nowhere", "-c", "* * * * *"], 1, "there is no trigger 'nowhere'"),
    (["get", ".."], 2, "'..' is no name of a trigger"),
    (["delete", "a/b"], 2, "'a/b' is no name of a trigger"),
    (["create", "x", "-f", "no/where", "-c", "* * * * *"], 1, "there is no function 'no/where'"),
    (["create", "x", "-f", "f"], 2, "a trigger needs --function and --cron"),
    (["create", "x", "-f", "f", "-c", "@daily"], 2, "--cron: '@daily' is not known; write the five fields"),
    (["create", "x", "-f", "f", "-c", "* * * * *", "-p", "odd"], 2, "must have the form KEY:VALUE"),
    (["update", "x"], 2, "say what shall change"),
    (["update", "x", "--no-params", "-p", "a:b"], 2, "--no-params goes without"),
])
def test_what_cannot_be_done_is_explained(dofn, args, status, text):
    done = dofn("triggers", *args, check=False)
    assert (done.returncode, text in done.stderr) == (status, True), done.stderr


# ---- undeploy ----


def test_triggers_go_before_their_function(dofn, folder):
    dofn("deploy", folder(("f", [trigger("before1"), trigger("before2")]), ("g", [trigger("before3")])))
    done = dofn("undeploy", f"{folder.package}/f")
    assert "Deleted 2 triggers, 1 function and 0 packages." in done.stdout
    assert done.stderr.index("trigger before1: deleted") < done.stderr.index(f"{folder.package}/f: deleted")
    assert set(live(dofn, folder.package)) == {"before3"}
    result = dofn.json("undeploy", "--packages", folder.package, "--yes")
    assert result["triggers"] == ["before3"] and result["packages"] == [folder.package]


def test_triggers_alone_are_undeployed_by_name(dofn, folder):
    dofn("deploy", folder(("f", [trigger("name1"), trigger("name2")])))
    done = dofn("undeploy", "--triggers", "name1", "not_there", check=False)
    assert done.returncode == 1 and "trigger not_there: there is no such trigger" in done.stderr
    assert "Deleted 1 trigger.\n" in done.stdout
    assert set(live(dofn, folder.package)) == {"name2"}
    assert dofn("functions", "get", f"{folder.package}/f", "--url").returncode == 0
    bad = dofn("undeploy", "--triggers", "--packages", "x", check=False)
    assert bad.returncode == 2 and "--packages and --triggers exclude each other" in bad.stderr
    assert "there is no such trigger" in dofn("undeploy", "--triggers", "../x", check=False).stderr


def test_all_triggers_go_after_a_question(fresh, folder):
    fresh("local", "start", "--port", free_port())
    fresh("deploy", folder(("f", [trigger("all1"), trigger("all2")])))
    asked = fresh("undeploy", "--all", "--triggers", check=False)
    assert asked.returncode == 2 and "there is no terminal to ask on" in asked.stderr
    assert fresh.json("undeploy", "--all", "--triggers", "--yes") == {
        "triggers": ["all1", "all2"], "functions": [], "packages": [], "failures": []}
    assert fresh.json("functions", "list")
    fresh("deploy", folder(("f", [trigger("all3")])))
    assert fresh.json("undeploy", "--all", "--yes")["triggers"] == ["all3"]
    assert fresh.json("triggers", "list") == fresh.json("functions", "list") == []


# ---- the local platform's API ----


@pytest.fixture
def api(platform, http):
    """api("POST", "triggers", {...}, token=...): the answer."""

    def call(method, path, body=None, token=platform.auth.partition(":")[2], namespace=platform.namespace):
        return http(method, f"{platform.apihost}/v2/functions/namespaces/{namespace}/{path}",
                    None if body is None else json.dumps(body),
                    {"Authorization": f"Bearer {token}"} if token else {})

    return call


def new(name, function, **more):
    return {"name": name, "function": function, "is_enabled": True, "type": "SCHEDULED",
            "scheduled_details": {"cron": "0 0 1 1 *"}, **more}


def test_the_api_speaks_as_digitalocean_does(dofn, folder, api, platform):
    dofn("deploy", folder(("f", [])))
    function = f"{folder.package}/f"
    made = api("POST", "triggers", new("api1", function, scheduled_details={"cron": "* * * * *", "body": {"a": 1}}))
    assert made.status == 200
    item = made.json()["trigger"]
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    assert re.fullmatch(stamp, item.pop("created_at")) and re.fullmatch(stamp, item.pop("updated_at"))
    assert re.fullmatch(stamp, item["scheduled_runs"].pop("next_run_at"))
    assert item == {"namespace": platform.namespace, "name": "api1", "function": function, "type": "SCHEDULED",
                    "is_enabled": True, "scheduled_details": {"cron": "* * * * *", "body": {"a": 1}},
                    "scheduled_runs": {}}
    assert api("GET", "triggers/api1").json()["trigger"]["name"] == "api1"
    off = api("PUT", "triggers/api1", {"is_enabled": False}).json()["trigger"]
    assert not off["is_enabled"] and off["scheduled_runs"] == {}
    assert off["scheduled_details"] == {"cron": "* * * * *", "body": {"a": 1}}
    other = api("PUT", "triggers/api1", {"scheduled_details": {"cron": "5 * * * *"}}).json()["trigger"]
    assert other["scheduled_details"] == {"cron": "5 * * * *"} and not other["is_enabled"]
    gone = api("DELETE", "triggers/api1")
    assert (gone.status, gone.body) == (204, b"")
    missing = api("GET", "triggers/api1")
    assert missing.status == 404 and missing.json()["id"] == "not_found"


def test_the_api_gives_pages_to_who_asks(dofn, folder, api):
    dofn("deploy", folder(("f", [trigger(f"page{i}") for i in range(5)])))
    ours = [f"page{i}" for i in range(5)]

    def names(query):
        answer = api("GET", "triggers" + query).json()
        return [t["name"] for t in answer["triggers"] if t["name"] in ours], "links" in answer

    assert names("") == (ours, False)
    everything, page, more = [], 1, True
    while more:
        some, more = names(f"?page={page}&per_page=2")
        everything += some
        page += 1
    assert everything == ours
    assert api("GET", "triggers?per_page=0").status == 400
    assert api("GET", "triggers?page=x").status == 400


@pytest.mark.parametrize("change, status, text", [
    ({"name": "bad/name"}, 400, "'name' is no name"),
    ({"name": None}, 400, "'name' is no name"),
    ({"type": "OTHER"}, 400, "'type' is not SCHEDULED"),
    ({"function": "no/such"}, 404, "no function 'no/such'"),
    ({"function": "a/b/c"}, 400, "'function' is no name"),
    ({"is_enabled": "yes"}, 400, "'is_enabled' is neither"),
    ({"scheduled_details": None}, 400, "'scheduled_details' is no object"),
    ({"scheduled_details": {}}, 400, "needs a 'cron'"),
    ({"scheduled_details": {"cron": "60 * * * *"}}, 400, "'cron': minute '60'"),
    ({"scheduled_details": {"cron": "* * * * *", "body": [1]}}, 400, "'body' is no object"),
    ({"scheduled_details": {"cron": "* * * * *", "body": {"x": "y" * (1 << 20)}}}, 400, "larger than"),
])
def test_the_api_refuses_what_is_no_trigger(dofn, folder, api, change, status, text):
    dofn("deploy", folder(("f", [])))
    answer = api("POST", "triggers", {**new("refuse", f"{folder.package}/f"), **change})
    assert answer.status == status and text in answer.json()["message"]
    assert api("GET", "triggers/refuse").status == 404


def test_the_api_refuses_a_second_one_of_a_name(dofn, folder, api):
    dofn("deploy", folder(("f", [trigger("twice")])))
    assert api("POST", "triggers", new("twice", f"{folder.package}/f")).status == 422


def test_the_api_needs_its_token(api, platform):
    for token in (None, "", "wrong", platform.auth):
        answer = api("GET", "triggers", token=token)
        assert answer.status == 401 and answer.json()["id"] == "unauthorized"
    assert api("GET", "triggers", namespace="fn-other").status == 404
    assert api("GET", "keys").status == 404
    assert api("PATCH", "triggers").status == 405
    assert api("POST", "triggers", [1]).status == 400


# ---- on time ----


def shift_to(second):
    """Milliseconds that put the clock to this second of a minute of the year 2030."""
    now = time.time()
    return int((1900000000 // 60 * 60 + second - now) * 1000)


def wait_for_records(program, function, n, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        records = program.json("activations", "list", "--limit", 50)
        ours = [r for r in records if r["name"] == function]
        if len(ours) >= n:
            return ours
        time.sleep(0.05)
    pytest.fail(f"{len(ours)} of {n} calls of {function}")


def test_the_platform_calls_on_time_and_after_a_restart(fresh, folder):
    """The first start makes the triggers; the second stands half a second before a minute."""
    root = folder(("ticks", [trigger("ticks", "* * * * *", body={"who": "clock"})]),
                  ("rests", [trigger("rests", "* * * * *", enabled=False)]),
                  ("later", [trigger("later", "0 0 29 2 *")]),
                  ("gone", [trigger("goes", "* * * * *")]))
    text = json.loads((root / "project.yml").read_text())
    text["packages"][0]["functions"].append({"name": "chain", "sequence": [f"{folder.package}/later"],
                                             "triggers": [trigger("chained", "* * * * *")]})
    (root / "project.yml").write_text(json.dumps(text))
    fresh("local", "start", "--port", free_port())
    fresh("deploy", root)
    fresh("undeploy", f"{folder.package}/gone")
    fresh("local", "stop")
    fresh.env["DOFN_LOCAL_CLOCK_SHIFT"] = str(shift_to(59.3))
    fresh("local", "start")
    records = wait_for_records(fresh, "ticks", 1)
    record = fresh.json("activations", "get", records[0]["activationId"])
    assert record["response"]["success"], record
    assert any("called with [('who', 'clock')]" in line for line in record["logs"])
    item = fresh.json("triggers", "get", "ticks")
    assert item["scheduled_runs"]["last_run_at"].startswith("2030-03-17T17:47:"), item
    assert item["scheduled_runs"]["next_run_at"] == "2030-03-17T17:48:00Z"
    assert fresh.json("triggers", "get", "later")["scheduled_runs"] == {"next_run_at": "2032-02-29T00:00:00Z"}
    assert fresh.json("triggers", "get", "rests")["scheduled_runs"] == {}
    wait_for_records(fresh, "chain", 1)
    names = sorted(r["name"] for r in fresh.json("activations", "list", "--limit", 50))
    assert names == ["chain", "later", "ticks"], "each once, and 'later' by the sequence"
    row = [r for r in fresh("triggers", "list").stdout.splitlines() if r.startswith("ticks")][0]
    assert re.search(r"true +2030-03-17 17:47:0\d UTC +2030-03-17 17:48:00 UTC", row)


def test_more_calls_than_may_be_under_way_all_come(fresh, folder):
    """200 at once where 120 may be: the rest follows."""
    fresh("local", "start", "--port", free_port())
    fresh("deploy", folder(("many", [trigger(f"many{i:03}", "* * * * *") for i in range(200)])))
    fresh("local", "stop")
    fresh.env["DOFN_LOCAL_CLOCK_SHIFT"] = str(shift_to(59.5))
    fresh("local", "start")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        runs = [t["scheduled_runs"] for t in fresh.json("triggers", "list")]
        if all("last_run_at" in r for r in runs):
            break
        time.sleep(0.1)
    assert len(runs) == 200 and all("last_run_at" in r for r in runs)


def test_a_clock_that_is_no_number_is_told(fresh):
    fresh.env["DOFN_LOCAL_CLOCK_SHIFT"] = "tomorrow"
    done = fresh("local", "start", "--port", free_port(), check=False)
    assert done.returncode != 0
    assert "DOFN_LOCAL_CLOCK_SHIFT is 'tomorrow'; set it to a number of milliseconds" in done.stderr

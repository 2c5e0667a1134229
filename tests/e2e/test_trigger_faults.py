"""Triggers through a DigitalOcean API that misbehaves: every trigger's fate is told."""

import json
import re

import pytest
from faulty import answer, close, reset, silence
from test_plan import Memory
from test_triggers import FUNCTION, config, events, fates, plan, trigger

BASE = "/v2/functions/namespaces/ns/triggers"


class Api(Memory):
    """An OpenWhisk and, on the same port, what DigitalOcean keeps of triggers."""

    def __init__(self):
        super().__init__()
        self.triggers = {}
        own, self.faults = self.faults, []
        self.fault("GET", BASE, self.list_triggers)
        self.fault("POST", BASE, self.create)
        self.fault("PUT", BASE + "/.*", self.update)
        self.fault("DELETE", BASE + "/.*", self.remove)
        self.faults += own

    def first(self, method, path, act, times=None):
        """A fault that comes before the usual work."""
        self.fault(method, path, act, times)
        self.faults.insert(0, self.faults.pop())

    def list_triggers(self, connection, request):
        return answer(200, {"triggers": list(self.triggers.values())})(connection, request)

    def create(self, connection, request):
        body = request.json()
        if body["name"] in self.triggers:
            return answer(422, {"id": "unprocessable_entity", "message": "exists"})(connection, request)
        self.triggers[body["name"]] = body
        return answer(200, {"trigger": body})(connection, request)

    def update(self, connection, request):
        item = self.triggers.get(request.path.rpartition("/")[2])
        if not item:
            return answer(404, {"id": "not_found", "message": "no such trigger"})(connection, request)
        item.update(request.json())
        return answer(200, {"trigger": item})(connection, request)

    def remove(self, connection, request):
        gone = self.triggers.pop(request.path.rpartition("/")[2], None)
        return answer(204 if gone else 404)(connection, request)

    def calls(self, path=".*triggers.*"):
        return [f"{r.method} {r.path.removeprefix(BASE)}".strip() for r in self.requests
                if re.fullmatch(path, r.path)]


@pytest.fixture
def server():
    with Api() as s:
        yield s


@pytest.fixture
def deploy(fresh, server, project):
    """deploy(("p/f", [...]), ..., args=(), status=0): the events of a deploy with a token."""
    fresh.env.update(DIGITALOCEAN_ACCESS_TOKEN="t0ken", DIGITALOCEAN_API_URL=server.url, DOFN_TIMEOUT="0.5")

    def run(*functions, args=(), status=0):
        files = {f"packages/{name}.py": FUNCTION for name, _ in functions}
        root = project({**files, "project.yml": config(*functions)})
        server.requests.clear()
        return events(fresh, root, *server.flags, *args, status=status)

    return run


ONE = ("p/f", [trigger("t1", body={"a": 1})])


def test_the_wire_is_the_deployers_without_the_gap(deploy, server):
    assert fates(deploy(ONE)) == {"t1": "created"}
    assert server.calls() == ["GET", "POST"]
    post = server.seen("POST")[0]
    assert post.headers["authorization"] == "Bearer t0ken"
    assert post.json() == {"name": "t1", "function": "p/f", "is_enabled": True, "type": "SCHEDULED",
                           "scheduled_details": {"cron": "0 3 * * *", "body": {"a": 1}}}
    order = [r.path for r in server.requests if r.method in ("PUT", "POST")]
    assert order == ["packages/p", "actions/p/f", BASE], "the trigger after its function"
    assert fates(deploy(("p/f", [trigger("t1", "0 4 * * *", enabled=False)]))) == {"t1": "updated"}
    assert server.calls() == ["GET", "PUT /t1"] and server.seen("PUT", "actions/.*") == []
    assert server.seen("PUT")[0].json() == {"is_enabled": False,
                                            "scheduled_details": {"cron": "0 4 * * *", "body": {}}}
    assert fates(deploy(("p/f", []))) == {"t1": "deleted"} and server.triggers == {}
    assert server.calls() == ["GET", "DELETE /t1"]


def test_a_project_without_triggers_asks_for_none(deploy, server):
    deploy(("p/f", []))
    assert server.calls() == []


def test_nothing_changed_is_one_list_more(deploy, server):
    functions = [(f"p/f{i}", [trigger(f"t{i}")]) for i in range(20)]
    deploy(*functions)
    told = deploy(*functions)
    assert told[-1]["triggers"]["unchanged"] == 20
    assert sorted((r.method, r.path) for r in server.requests) == [
        ("GET", BASE), ("GET", "actions"), ("GET", "packages")]


def test_a_server_that_writes_numbers_in_its_own_way_changes_nothing(deploy, server):
    deploy(("p/f", [trigger("t1", body={"a": 1.0, "b": [1e3]})]))
    server.triggers["t1"]["scheduled_details"] = {"body": {"b": [1000], "a": 1}, "cron": "0 3 * * *"}
    assert plan(deploy(("p/f", [trigger("t1", body={"a": 1.0, "b": [1e3]})]))) == {"t1": "unchanged"}


def test_without_a_token_nothing_is_uploaded(deploy, server, fresh, project):
    del fresh.env["DIGITALOCEAN_ACCESS_TOKEN"]
    root = project({"packages/p/f.py": FUNCTION, "project.yml": config(ONE)})
    done = fresh("deploy", root, *server.flags, check=False)
    assert done.returncode == 1
    assert "set DIGITALOCEAN_ACCESS_TOKEN to a token for it, or leave them out with --no-triggers" in done.stderr
    assert [r for r in server.requests if r.method != "GET"] == []
    assert fresh("deploy", root, *server.flags, "--no-triggers").returncode == 0
    done = fresh("triggers", "list", *server.flags, check=False)
    assert done.returncode == 1 and "triggers need the DigitalOcean API" in done.stderr


def test_triggers_that_were_are_not_left_behind_without_a_token(deploy, server, fresh):
    deploy(ONE)
    del fresh.env["DIGITALOCEAN_ACCESS_TOKEN"]
    deploy(("p/f", []), status=1)
    assert "t1" in server.triggers and [r for r in server.requests if r.method != "GET"] == []


HTML = answer(502, b"<html>", {"Content-Type": "text/html"})


@pytest.mark.parametrize("act, text", [
    (answer(401, {"id": "unauthorized", "message": "Unable to authenticate you"}),
     "401: Unable to authenticate you; check the token in DIGITALOCEAN_ACCESS_TOKEN"),
    (answer(403, {"message": "no"}), "403: no; the token needs the scopes"),
    (answer(404, {"message": "namespace not found"}), "404: namespace not found"),
    (answer(429, {"message": "slow down"}, {"Retry-After": "0"}), "429: slow down; try again in a minute"),
    (HTML, "502; the API is in trouble"),
    (answer(200, b'{"triggers": [{"name": "t'), "answer is no JSON"),
    (answer(200, []), "has no 'triggers'"),
    (silence, "silent|nothing|answer"),
], ids=["401", "403", "404", "429", "502", "truncated", "list", "silence"])
def test_a_list_that_fails_uploads_nothing(deploy, server, fresh, project, act, text):
    server.first("GET", BASE, act)
    root = project({"packages/p/f.py": FUNCTION, "project.yml": config(ONE)})
    done = fresh("deploy", root, *server.flags, check=False)
    assert done.returncode == 1
    assert "nothing was uploaded: triggers (--no-triggers leaves them alone): listing the triggers of the " \
           "namespace 'ns': " in done.stderr
    assert re.search(text, done.stderr), done.stderr
    assert [r for r in server.requests if r.method != "GET"] == []


CUT = answer(200, b'{"trigger": ', length=100)
TRANSIENT = [answer(429, b"", {"Retry-After": "0"}), answer(500), HTML, CUT, reset, close]
TRANSIENT_IDS = ["429", "500", "502", "cut", "reset", "close"]
CHANGES = {"POST": (ONE, "created"), "PUT": (("p/f", [trigger("t1", "1 1 * * *")]), "updated"),
           "DELETE": (("p/f", []), "deleted")}


@pytest.mark.parametrize("act", TRANSIENT, ids=TRANSIENT_IDS)
@pytest.mark.parametrize("method", CHANGES)
def test_what_passes_is_tried_again(deploy, server, method, act):
    if method != "POST":
        deploy(ONE)
    server.first(method, BASE + ".*", act, times=1)
    wanted, fate = CHANGES[method]
    assert fates(deploy(wanted)) == {"t1": fate}
    assert ("t1" in server.triggers) == (method != "DELETE")
    assert plan(deploy(wanted)) == ({"t1": "unchanged"} if method != "DELETE" else {})


@pytest.mark.parametrize("act, text", [
    (answer(401, {"message": "no"}), "401: no; check the token"),
    (answer(404, {"message": "gone"}), "404: gone"),
    (answer(409, {"message": "conflict"}), "409: conflict"),
    (answer(422, {"message": "triggers limit reached"}), "422: triggers limit reached"),
    (answer(200, b'{"trigger": '), "answer is no JSON"),
    (answer(200, {}), "has no 'trigger'"),
], ids=["401", "404", "409", "422", "truncated", "wrong"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_fails_is_told_for_each_trigger(deploy, server, method, act, text):
    functions = ("p/f", [trigger("t1"), trigger("t2"), trigger("t3")])
    if method == "PUT":
        deploy(functions)
        functions = ("p/f", [trigger(f"t{i}", "1 1 * * *") for i in (1, 2, 3)])
        server.first("PUT", BASE + "/t2", act)
    else:
        server.first("POST", BASE, lambda c, r: (act if r.json()["name"] == "t2" else server.create)(c, r))
    told = deploy(functions, status=1)
    done = "created" if method == "POST" else "updated"
    assert text in fates(told)["t2"] and fates(told)["t1"] == fates(told)["t3"] == done
    assert told[-1]["triggers"] == {"deployed": 2, "unchanged": 0, "deleted": 0, "failed": 1}
    server.faults.pop(0)
    assert fates(deploy(functions)) in ({"t1": "unchanged", "t3": "unchanged", "t2": "created"},
                                        {"t1": "unchanged", "t3": "unchanged", "t2": "updated"})


def test_a_deletion_that_fails_is_tried_by_the_next_deploy(deploy, server):
    deploy(("p/f", [trigger("t1"), trigger("t2")]))
    server.first("DELETE", BASE + "/t1", answer(403, {"message": "read only"}))
    told = deploy(("p/f", []), status=1)
    assert "403: read only" in fates(told)["t1"] and fates(told)["t2"] == "deleted"
    server.faults.pop(0)
    assert fates(deploy(("p/f", []))) == {"t1": "deleted"}
    assert plan(deploy(("p/f", []))) == {} and server.calls() == []


def test_triggers_of_a_failed_function_are_not_sent(deploy, server):
    server.first("PUT", "actions/p/f", answer(413, {"error": "too large"}))
    told = deploy(("p/f", [trigger("t1")]), ("p/g", [trigger("t2")]), status=1)
    assert fates(told) == {"t1": "its function failed", "t2": "created"}
    assert told[-1]["failed"] == 1 and told[-1]["triggers"]["failed"] == 1
    assert list(server.triggers) == ["t2"]


def test_a_trigger_is_not_made_when_its_name_cannot_be_noted(deploy, server):
    deploy(("p/f", []))
    server.first("PUT", "actions/p/f", answer(403, {"error": "read only"}))
    told = deploy(("p/f", [trigger("t1")]), status=1)
    assert fates(told)["t1"].startswith("the record of its function: the server answered 403")
    assert server.triggers == {}
    server.faults.pop(0)
    assert fates(deploy(("p/f", [trigger("t1")]))) == {"t1": "created"}
    assert fates(deploy(("p/f", []))) == {"t1": "deleted"}


def test_the_text_counts_functions_and_triggers(deploy, server, fresh, project):
    server.first("PUT", "actions/p/f", answer(413, {"error": "too large"}))
    server.first("POST", BASE, answer(422, {"message": "limit"}))
    root = project({"packages/p/f.py": FUNCTION, "packages/p/g.py": FUNCTION,
                    "project.yml": config(ONE, ("p/g", [trigger("t2")]))})
    done = fresh("deploy", root, *server.flags, check=False)
    assert done.returncode == 1
    assert "dofn: trigger t1: its function failed" in done.stderr
    assert "dofn: trigger t2: the DigitalOcean API answered 422: limit" in done.stderr
    assert done.stderr.endswith("dofn: 1 of 2 functions and 2 of 2 triggers failed\n")


# ---- undeploy and connections ----


def test_undeploy_goes_on_where_triggers_are_not_to_be_had(deploy, server, fresh):
    deploy(ONE)
    server.first("GET", BASE, answer(404, {"message": "no such namespace"}))
    done = fresh("undeploy", "p/f", *server.flags)
    assert "triggers of functions are not looked for: " in done.stderr and "actions/p/f" not in server.live
    done = fresh("undeploy", "--triggers", "--all", "--yes", *server.flags, check=False)
    assert done.returncode == 1 and "404: no such namespace" in done.stderr


def test_undeploy_tells_a_trigger_that_stays(deploy, server, fresh):
    deploy(ONE)
    server.first("DELETE", BASE + "/t1", answer(403, {"message": "read only"}))
    done = fresh("undeploy", "p/f", *server.flags, "-o", "json", check=False)
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert result["failures"][0]["trigger"] == "t1" and "403" in result["failures"][0]["error"]
    assert result["functions"] == ["p/f"]


def test_undeploy_without_a_token_asks_for_no_triggers(deploy, server, fresh):
    deploy(ONE)
    del fresh.env["DIGITALOCEAN_ACCESS_TOKEN"]
    server.requests.clear()
    done = fresh("undeploy", "p/f", *server.flags)
    assert server.calls() == [] and "warning" not in done.stderr


def test_the_api_of_the_connection_is_asked(server, fresh):
    """The one that `connect` was given, and only the environment puts another in its place."""
    server.first("GET", "/v2/functions/namespaces", answer(200, {"namespaces": [
        {"namespace": "ns", "api_host": server.url, "label": "mine"}]}))
    fresh.env["DIGITALOCEAN_ACCESS_TOKEN"] = "t0ken"
    fresh("connect", "--access-key", "dof_v1_a:b", "--api-url", server.url)
    assert fresh.json("triggers", "list") == []
    assert server.calls() == ["GET"]
    with Api() as other:
        other.first("GET", BASE, answer(418))
        fresh.env["DIGITALOCEAN_API_URL"] = other.url
        assert "answered 418" in fresh("triggers", "list", check=False).stderr

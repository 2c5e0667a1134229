"""Deleting what is live: by name, by package, all of it."""

import json
import os
import pty

import pytest
from conftest import PROGRAM
from faulty import error, reset
from test_plan import Memory

FUNCTION = "def main():\n    return {}\n"
TREE = {f"packages/{name}.py": FUNCTION for name in ("gone/one", "gone/two", "stays/one",
                                                     "default/gone_alone")}


@pytest.fixture
def server():
    with Memory() as s:
        for name in ("a/one", "a/two", "b/one", "alone"):
            s.add(f"actions/{name}")
        s.add("packages/a")
        s.add("packages/b")
        yield s


def left(server):
    return {path.partition("/")[2] for path in server.live if path.startswith("actions/")}


def packages(server):
    return {path.partition("/")[2] for path in server.live if path.startswith("packages/")}


def result(fresh, server, *args, status=0):
    done = fresh("undeploy", *args, *server.flags, "-o", "json", check=False)
    assert done.returncode == status, done
    done = json.loads(done.stdout)
    done["functions"].sort()  # they went several at a time
    return done


def test_local_platform_forgets_what_is_deleted(dofn, project, platform, http):
    dofn("deploy", project(TREE))
    assert http("GET", platform.web("gone/one")).status < 300
    dofn("undeploy", "gone/one", "gone_alone")
    assert http("GET", platform.web("gone/one")).status == 404
    assert http("GET", platform.web("gone/two")).status < 300
    dofn("undeploy", "--packages", "gone", "--yes")
    names = {f["namespace"].partition("/")[2] + "/" + f["name"] for f in dofn.json("functions", "list")}
    assert not {n for n in names if n.startswith("gone/")} and "/gone_alone" not in names
    assert "stays/one" in names


def test_functions_by_name_need_no_question_and_no_list(fresh, server):
    assert result(fresh, server, "a/one", "alone", "a/one", "default/alone") == {
        "triggers": [], "functions": ["a/one", "alone"], "packages": [], "failures": []}
    assert [r.method for r in server.requests] == ["DELETE", "DELETE"]
    assert left(server) == {"a/two", "b/one"}


def test_unknown_names_are_told_and_the_others_go(fresh, server):
    done = fresh("undeploy", "a/nothing", "a/one", "b", *server.flags, check=False)
    assert done.returncode == 1
    assert "dofn: a/nothing: there is no such function" in done.stderr
    assert "dofn: b: there is no such function; a package needs --packages" in done.stderr
    assert "2 of 3 could not be deleted" in done.stderr
    assert done.stdout == "Deleted 1 function and 0 packages.\n"
    assert left(server) == {"a/two", "b/one", "alone"}


def test_package_goes_after_its_functions(fresh, server):
    assert result(fresh, server, "-p", "a", "alone/x", "--yes", status=1) == {
        "triggers": [], "functions": ["a/one", "a/two"], "packages": ["a"],
        "failures": [{"function": "alone/x", "error": "there is no such function"}]}
    paths = [r.path for r in server.seen("DELETE")]
    assert paths[-1] == "packages/a"
    assert packages(server) == {"b"}


def test_unknown_package_is_told(fresh, server):
    assert result(fresh, server, "-p", "x", status=1)["failures"] == [
        {"package": "x", "error": "there is no such package"}]


def test_functions_without_a_package_as_a_package(fresh, server):
    assert result(fresh, server, "-p", "default", "-y") == {
        "triggers": [], "functions": ["alone"], "packages": [], "failures": []}


@pytest.mark.parametrize("args", [("-p", "a"), ("--all",), ("-p", "default")])
def test_without_a_terminal_more_than_named_functions_needs_yes(fresh, server, args):
    done = fresh("undeploy", *args, *server.flags, check=False)
    assert done.returncode == 2
    assert "nothing was deleted" in done.stderr and "--yes" in done.stderr
    assert server.seen("DELETE") == []


def on_terminal(fresh, answer, *args):
    """Exit status of the program on a terminal where the answer is typed."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(PROGRAM, [PROGRAM, "undeploy", *args], fresh.env)
    os.write(fd, answer.encode() + b"\n")
    text = b""
    try:
        while more := os.read(fd, 4096):
            text += more
    except OSError:
        pass  # the other side is gone
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text.decode()


def test_a_terminal_is_asked(fresh, server):
    status, text = on_terminal(fresh, "n", "--all", *server.flags)
    assert status == 2 and "delete 4 functions and 2 packages of the namespace 'ns'?" in text
    assert server.seen("DELETE") == []
    status, _ = on_terminal(fresh, "y", "--all", *server.flags)
    assert status == 0 and server.live == {}


def test_everything_on_all_pages_goes(fresh):
    with Memory() as server:
        for i in range(450):
            server.add(f"actions/p{i % 230}/f{i}")
            server.add(f"packages/p{i % 230}")
        done = result(fresh, server, "--all", "--yes")
        assert len(done["functions"]) == 450 and len(done["packages"]) == 230
        assert server.live == {} and 4 <= server.most_busy <= 32


def test_empty_namespace_has_nothing_to_ask_about(fresh):
    with Memory() as server:
        assert result(fresh, server, "--all") == {
            "triggers": [], "functions": [], "packages": [], "failures": []}


def first(server, *fault):
    server.fault(*fault)
    server.faults.insert(0, server.faults.pop())


def test_package_stays_when_a_function_of_it_does(fresh, server):
    first(server, "DELETE", "actions/a/one", error(403, "not yours"))
    done = result(fresh, server, "--all", "--yes", status=1)
    assert {"functions", "packages"} <= set(done)
    assert done["packages"] == ["b"] and set(done["functions"]) == {"a/two", "b/one", "alone"}
    assert [(f.get("function"), f.get("package")) for f in done["failures"]] == [
        ("a/one", None), (None, "a")]
    assert "not yours" in done["failures"][0]["error"]
    assert done["failures"][1]["error"] == "it still has functions"


def test_a_lost_answer_is_no_failure(fresh, server):
    def delete_and_reset(connection, request):
        server.live.pop(request.path)
        return reset(connection, request)

    first(server, "DELETE", "actions/a/one", delete_and_reset, 1)
    assert result(fresh, server, "a/one")["functions"] == ["a/one"]


def test_what_somebody_else_deleted_meanwhile_is_no_failure(fresh, server):
    first(server, "DELETE", "actions/a/one", error(404, "gone"))
    assert result(fresh, server, "-p", "a", "-y")["failures"] == []


def test_lists_that_fail_delete_nothing(fresh, server):
    first(server, "GET", "packages", error(401, "who"))
    done = fresh("undeploy", "--all", "-y", *server.flags, check=False)
    assert done.returncode == 1 and "401" in done.stderr
    assert server.seen("DELETE") == []


@pytest.mark.parametrize("args, text", [
    ((), "what shall be deleted?"), (("--all", "a/one"), "not both"), (("-p",), "what shall be")])
def test_wrong_use(fresh, server, args, text):
    done = fresh("undeploy", *args, *server.flags, check=False)
    assert done.returncode == 2 and text in done.stderr
    assert server.requests == []


@pytest.mark.parametrize("name", ["", "/", "a/", "/ns/a/one", "a/one/x", "..", "a/.."])
def test_what_is_no_name_goes_nowhere(fresh, server, name):
    done = fresh("undeploy", name, *server.flags, check=False)
    assert done.returncode == 1 and "this is no name" in done.stderr
    assert server.requests == []

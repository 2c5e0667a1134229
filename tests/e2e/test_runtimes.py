"""Which runtimes a deploy takes: those that the connected host lists, else those that are known."""

import pytest
from faulty import answer, error, says
from test_plan import FUNCTION, Memory, named

LISTED = {"runtimes": {"python": [{"kind": "python:3.9", "deprecated": True},
                                  {"kind": "python:3.13"},
                                  {"kind": "python:3.14", "deprecated": False}],
                       "rust": [{"kind": "rust:1.90"}]}}


class Host(Memory):
    """One that notes what it runs, as OpenWhisk does."""

    def __init__(self):
        super().__init__()
        self.says = answer(200, LISTED)
        self.fault("GET", "", lambda *args: self.says(*args))

    def put(self, connection, request):
        body = request.json()
        kind = body.get("exec", {}).get("kind", "").replace(":default", ":3.14")
        body["annotations"].append({"key": "exec", "value": kind})
        item = self.add(request.path, annotations=body["annotations"])
        return answer(200, item)(connection, request)

    def asked(self):
        return len(self.seen("GET", ""))


@pytest.fixture
def host():
    with Host() as s:
        yield s


def tree(runtime, more=""):
    return {"packages/p/f.py": FUNCTION,
            "project.yml": "packages:\n- name: p\n  functions:\n  - name: f\n"
                           f"    runtime: {runtime}\n{more}"}


def test_a_runtime_that_only_the_host_knows_is_taken(fresh, project, host):
    root = project(tree("rust:1.90"))
    assert named(fresh("deploy", root, *host.flags, "-o", "json"), "deployed") == {"p/f"}
    assert host.seen("PUT", "actions/p/f")[0].json()["exec"]["kind"] == "rust:1.90"
    assert fresh("check", root, check=False).returncode == 2  # not connected, so not known


def test_a_runtime_that_the_host_lacks_stops_the_deploy(fresh, project, host):
    done = fresh("deploy", project(tree("python:3.11")), *host.flags, check=False)
    assert done.returncode == 2
    assert ("project.yml:5:5: error: unknown runtime 'python:3.11'; known: python:3.9, "
            "python:3.13, python:3.14 (what the connected host lists)") in done.stderr
    assert "    runtime: python:3.11\n" in done.stderr and host.seen("PUT") == []


def test_the_nearest_of_the_hosts_kinds_is_suggested_with_other_findings(fresh, project, host):
    done = fresh("deploy", project(tree("ruts:1.90", "    limit: {}\n")), *host.flags, check=False)
    assert done.returncode == 2 and host.seen("PUT") == []
    unknown = done.stderr.index("5:14: error: unknown runtime 'ruts:1.90'; did you mean 'rust:1.90'?")
    assert unknown < done.stderr.index("6:5: error: unknown key 'limit'")


def test_a_deprecated_runtime_is_a_warning(fresh, project, host):
    done = fresh("deploy", project(tree("python:3.9")), *host.flags)
    assert "project.yml:5:5: warning: the connected host will drop the runtime 'python:3.9'" \
        in done.stderr
    assert len(host.seen("PUT", "actions/p/f")) == 1


@pytest.mark.parametrize("act", [error(404, "no"), error(500, "no"), answer(200, b"<html>"),
                                 answer(200, []), answer(200, {}), answer(200, {"runtimes": {}}),
                                 says(b"")])
def test_a_host_that_does_not_tell_has_the_usual_ones(fresh, project, host, act):
    host.says = act
    fresh("deploy", project(tree("python:3.11")), *host.flags)
    assert host.asked() == 1
    root = project(tree("python:4"), "other")
    done = fresh("deploy", root, *host.flags, check=False)
    assert done.returncode == 2 and "unknown runtime 'python:4'; known: python:3.9, " in done.stderr
    assert "connected host" not in done.stderr and len(host.seen("PUT", "actions/p/f")) == 1


@pytest.mark.parametrize("runtime", ["python:3.13", "python:default"])
def test_what_runs_there_is_not_asked_about(fresh, project, host, runtime):
    files = {f"packages/p/f{i}.py": FUNCTION for i in range(1000)}
    files["project.yml"] = "packages:\n- name: p\n  functions:\n" + "".join(
        f"  - {{name: f{i}, runtime: '{runtime}'}}\n" for i in range(1000))
    root = project(files)
    fresh("deploy", root, *host.flags)
    host.requests.clear()
    done = fresh("deploy", root, *host.flags, "-o", "json")
    assert len(named(done, "unchanged")) == 1000
    assert len(host.requests) == 6 and host.asked() == 0


def test_the_local_platform_is_not_asked(fresh, project):
    done = fresh("deploy", project(tree("python:4")), check=False)
    assert done.returncode == 2 and "local platform" not in done.stderr
    assert "unknown runtime 'python:4'; known: python:3.9, " in done.stderr

"""What a deploy does when the server misbehaves, and what it sends when it does not."""

import base64
import concurrent.futures
import contextlib
import io
import json
import zipfile

import pytest
from conftest import Dofn, clean_environment, free_port
from faulty import Faulty, answer, close, error, reset, says, silence

FUNCTION = "def main():\n    return {}\n"
FILES = {f"packages/{name}.py": FUNCTION for name in ("a/one", "a/two", "b/three")}
ALL = {"a/one", "a/two", "b/three"}
HTML = answer(502, b"<html><h1>Bad gateway</h1></html>", {"Content-Type": "text/html"})
CUT = answer(200, b'{"version": "0.', length=500)
SHORT_WAIT = {"DOFN_TIMEOUT": "0.5"}


class Case:
    """A deploy against a server with one fault, run at the same time as all the others."""

    def __init__(self, name, path, act, times=None, method="PUT"):
        self.name = name
        self.rule = (method, path, act, times)

    def run(self, program, folder):
        with Faulty() as server:
            server.fault(*self.rule)
            self.done = program("deploy", folder, *server.flags, "-o", "json", check=False,
                                env=SHORT_WAIT if self.rule[2] is silence else {})
            self.tries = len(server.seen(self.rule[0], self.rule[1]))
            self.uploads = len(server.seen("PUT"))
        self.events = [] if self.done.returncode < 0 else json_values(self.done.stdout)

    def named(self, event):
        return {e["function"]: e.get("text", "") for e in self.events
                if e.get("event") == event and "function" in e}

    @property
    def errors(self):
        return [e["errors"][0]["detail"] for e in self.events if "errors" in e]


def json_values(text):
    """All JSON values of a text, one after the other."""
    decoder, values = json.JSONDecoder(), []
    text = text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        values.append(value)
        text = text[end:].strip()
    return values


ONE = "actions/a/two"
PASSING = [  # what passes by itself: the deploy succeeds on the second try
    Case("429 once", ONE, error(429, "slow down", Retry_After="0"), 1),
    Case("503 once", ONE, error(503, "busy"), 1),
    Case("502 once", ONE, HTML, 1),
    Case("reset once", ONE, reset, 1),
    Case("closed once", ONE, close, 1),
    Case("cut once", ONE, CUT, 1),
    Case("silent once", ONE, silence, 1),
    Case("package 503 once", "packages/a", error(503, "busy"), 1),
    Case("namespaces 503 once", "namespaces", error(503, "busy"), 1, "GET"),
]

# One function fails; its text; how often it was tried at least and at most: libcurl itself sends
# again, once a connection, what it sent into a kept one that the server then closed.
LASTING = [
    (Case("401", ONE, error(401, "no such key")), ["401 Unauthorized: no such key", "c0de",
                                                   "dofn connect"], 1, 1),
    (Case("403", ONE, error(403, "not yours")), ["403 Forbidden: not yours"], 1, 1),
    (Case("409", ONE, error(409, "conflict")), ["409 Conflict: conflict"], 1, 1),
    (Case("413", ONE, error(413, "too large")), ["413 Content Too Large", ".ignore"], 1, 1),
    (Case("429", ONE, error(429, "slow down", Retry_After="0")),
     ["429 Too Many Requests: slow down", "in a minute"], 5, 5),
    (Case("500", ONE, error(500, "oops")), ["500 Internal Server Error: oops", "later"], 5, 5),
    (Case("502 with HTML", ONE, HTML), ["502 Bad Gateway", "try again later"], 5, 5),
    (Case("reset", ONE, reset), ["PUT 127.0.0.1:", "reset by peer"], 5, 9),
    (Case("closed", ONE, close), ["closed the connection without an answer"], 5, 9),
    (Case("cut", ONE, CUT), ["cut short after 15 of 500 bytes"], 5, 5),
    (Case("silent", ONE, silence), ["nothing came for 0.5 s"], 5, 5),
    (Case("truncated JSON", ONE, answer(200, b'{"version": "0.')), ["no JSON"], 1, 1),
    (Case("no JSON", ONE, answer(200, b"<html>")), ["no JSON", "OpenWhisk API host"], 1, 1),
    (Case("other JSON", ONE, answer(200, [1, 2])), ["the server's answer is no object", "OpenWhisk API host"], 1, 1),
    (Case("no HTTP", ONE, says(b"SSH-2.0-x\r\n")), ["does not speak HTTP"], 1, 9),
    (Case("redirect", ONE, answer(302, b"", {"Location": "/"})), ["302"], 1, 1),
]

FIRST = "namespaces"  # what is asked when the lists, which come first, are empty
EARLY = [  # nothing is uploaded
    (Case("packages 401", "packages", error(401, "who"), method="GET"), "401 Unauthorized: who", 1),
    (Case("functions 500", "actions", error(500, "oops"), method="GET"), "500 Internal", 5),
    (Case("functions cut", "actions", CUT, method="GET"), "cut short", 5),
    (Case("functions object", "actions", answer(200, {"a": 1}), method="GET"),
     "answer is no list", 1),
    (Case("functions without end", "actions",
          answer(200, [{"name": "f", "namespace": "ns"}] * 200), method="GET"),
     "list of functions does not end", 500),
    (Case("first 401", FIRST, error(401, "who"), method="GET"), "401 Unauthorized: who", 1),
    (Case("first 500", FIRST, error(500, "oops"), method="GET"), "500 Internal", 5),
    (Case("first reset", FIRST, reset, method="GET"), "reset by peer", 5),
    (Case("first silent", FIRST, silence, method="GET"), "nothing came for 0.5 s", 5),
    (Case("first cut", FIRST, CUT, method="GET"), "cut short", 5),
    (Case("first no JSON", FIRST, answer(200, b"<html>"), method="GET"), "is no JSON", 1),
    (Case("first empty", FIRST, answer(200, []), method="GET"), "knows no namespace", 1),
    (Case("first object", FIRST, answer(200, {"a": 1}), method="GET"), "answer is no list", 1),
    (Case("first number", FIRST, answer(200, [1]), method="GET"), "holds no names", 1),
]

PACKAGE = Case("package 500", "packages/a", error(500, "oops"))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """All cases have run: they mostly wait, so they wait together."""
    home = tmp_path_factory.mktemp("faults")
    folder = home / "project"
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    program = Dofn(clean_environment(home))
    cases = PASSING + [c for c, *_ in LASTING] + [c for c, *_ in EARLY] + [PACKAGE]
    with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
        for done in [pool.submit(c.run, program, folder) for c in cases]:
            done.result()


def ids(case):
    return getattr(case, "name", "")


@pytest.mark.parametrize("case", PASSING, ids=ids)
def test_what_passes_is_tried_again(outcomes, case):
    assert case.done.returncode == 0, case.done.stdout
    assert set(case.named("deployed")) == ALL
    assert case.tries == 2


@pytest.mark.parametrize("case, texts, least, most", LASTING, ids=ids)
def test_lasting_fault_fails_one_function_and_not_the_others(outcomes, case, texts, least, most):
    assert case.done.returncode == 1
    assert least <= case.tries <= most
    assert set(case.named("deployed")) == ALL - {"a/two"}
    assert set(case.named("failed")) == {"a/two"}
    for text in texts:
        assert text in case.named("failed")["a/two"]
    assert "<h1>" not in case.done.stdout
    assert case.errors == ["1 of 3 functions failed"]
    assert case.events[-2] == {"event": "result", "deployed": 2, "unchanged": 0,
                               "failed": 1}


@pytest.mark.parametrize("case, text, tries", EARLY, ids=ids)
def test_fault_before_the_first_upload_stops_the_deploy(outcomes, case, text, tries):
    assert case.done.returncode == 1
    assert case.tries == tries or (case.rule[2] is reset and tries < case.tries <= 2 * tries - 1)
    assert case.uploads == 0
    assert text in case.errors[0]
    assert "nothing was uploaded" in case.errors[0]


def test_functions_of_a_package_that_failed_are_told_and_not_sent(outcomes):
    assert PACKAGE.done.returncode == 1
    assert PACKAGE.tries == 5
    assert set(PACKAGE.named("failed")) == {"a/one", "a/two"}
    assert set(PACKAGE.named("deployed")) == {"b/three"}
    assert PACKAGE.errors == ["1 of 2 packages and 2 of 3 functions failed"]
    for text in PACKAGE.named("failed").values():
        assert text.startswith("its package could not be written: the server answered 500")
    assert PACKAGE.uploads == 5 + 1 + 1


def test_refused_connection_is_named_with_host_and_port(fresh, project):
    port = free_port()
    done = fresh("deploy", project(FILES), "--apihost", f"127.0.0.1:{port}", "--auth", "u:p",
                 check=False)
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr and "connection refused" in done.stderr
    assert "nothing was uploaded" in done.stderr


@pytest.fixture
def server():
    with Faulty() as s:
        yield s


def test_text_output_names_the_failed_function_and_lists_the_others(fresh, project, server):
    server.fault("PUT", ONE, error(403, "not yours"))
    done = fresh("deploy", project(FILES), *server.flags, check=False)
    assert done.returncode == 1
    assert "a/two: the server answered 403 Forbidden: not yours" in done.stderr
    assert "1 of 3 functions failed" in done.stderr
    assert "a/one" in done.stdout and "b/three" in done.stdout and "a/two" not in done.stdout


def test_retry_is_told(fresh, project, server):
    server.fault("PUT", ONE, error(429, "slow down", Retry_After="0"), times=1)
    done = fresh("deploy", project(FILES), *server.flags)
    assert "429" in done.stderr and "trying again in 0.0 s" in done.stderr


# Other commands.


@pytest.mark.parametrize("act", [error(500, "oops"), error(503, "busy"), reset, close, CUT],
                         ids=["500", "503", "reset", "closed", "cut"])
def test_call_of_a_function_is_never_sent_twice(fresh, server, act):
    server.fault("POST", "actions/f", act)
    done = fresh("functions", "invoke", "f", *server.flags, check=False)
    assert done.returncode == 1
    assert "function 'f'" in done.stderr
    assert len(server.seen("POST")) == 1


def test_slow_call_is_given_up_after_the_time_that_was_asked_for(fresh, server):
    server.fault("POST", "actions/f", silence)
    done = fresh("functions", "invoke", "f", *server.flags, check=False, env=SHORT_WAIT)
    assert done.returncode == 1
    assert "nothing came for 0.5 s" in done.stderr


@pytest.mark.parametrize("value", ["0", "0.09", "3601", "1,5", "1s", "-1", "nan", "1.2.3"])
def test_bad_timeout_is_named(fresh, server, value):
    done = fresh("status", *server.flags, check=False, env={"DOFN_TIMEOUT": value})
    assert done.returncode == 2
    assert f"DOFN_TIMEOUT is '{value}'" in done.stderr


READING = [
    ("status",), ("status", "-l"), ("functions", "list"), ("functions", "list", "-n"),
    ("functions", "list", "--count"), ("functions", "get", "f"), ("functions", "get", "f", "--url"),
    ("functions", "get", "f", "--code"), ("functions", "get", "f", "--save-as", "x"),
    ("functions", "get", "f", "--save"), ("functions", "invoke", "f"),
    ("functions", "invoke", "f", "--full"), ("functions", "invoke", "f", "--no-wait"),
    ("activations", "list"), ("activations", "list", "--full"), ("activations", "list", "--count"),
    ("activations", "get"), ("activations", "get", "x"), ("activations", "result"),
    ("activations", "logs"), ("activations", "logs", "x"), ("activations", "logs", "-p", "p"),
]
STRANGE = [None, 1, -1e400, "x", "\0", [], {}, [None], [[]], [{}], {"": {}},
           [{"activationId": 1, "annotations": {}, "logs": [1, None], "name": [], "start": "x"}],
           {"logs": {"a": 1}, "response": [], "exec": {"binary": True, "code": 5}, "error": []},
           {"exec": {"binary": True, "code": "%"}, "name": "../x", "annotations": [1, {"key": 2}]},
           [{"start": 9e18, "end": -5, "duration": 2**63, "name": "\x1b[2J\n", "version": []}]]


@pytest.fixture(scope="module")
def strange_servers():
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Faulty()) for _ in STRANGE]
        for server, strange in zip(servers, STRANGE):
            server.fault("GET|POST", ".*", answer(200, strange))
        yield servers


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_strange_answers_crash_nothing(fresh, tmp_path, strange_servers, command):
    folder = tmp_path / "here"
    folder.mkdir()
    runs = [(*command, *server.flags, *form) for server in strange_servers
            for form in ((), ("-o", "json"))]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for done in pool.map(lambda words: fresh(*words, check=False, cwd=folder), runs):
            assert done.returncode in (0, 1, 2), done
            assert "runtime error" not in done.stderr and "Sanitizer" not in done.stderr
    assert [p.name for p in tmp_path.iterdir() if p.name != "home"] == ["here"]


def test_answer_nested_too_deep_is_an_error(fresh, server):
    server.fault("GET", ".*", answer(200, b"[" * 100000))
    done = fresh("functions", "list", *server.flags, check=False)
    assert done.returncode == 1 and "no JSON" in done.stderr


# On the wire.

CONFIG = """\
parameters:
  pp: 1
environment:
  PE: pe
packages:
  - name: kit
    parameters: {kp: two}
    environment: {KE: ke}
    annotations: {note: hi}
    shared: true
    functions:
      - name: full
        runtime: python:3.11
        main: entry
        web: raw
        webSecure: s3cret
        parameters: {a: {b: [1, null]}, big: 12345678901234567890}
        environment: {E: v}
        annotations: {description: d}
        limits: {timeout: 5000, memory: 128, logs: 4}
      - name: hidden
        web: false
  - name: default
    functions:
      - name: alone
        parameters: {own: 1}
"""
TREE = {
    "project.yml": CONFIG,
    "packages/kit/full/__main__.py": "import other\ndef entry():\n    return other.value\n",
    "packages/kit/full/other.py": "value = {}\n",
    "packages/kit/hidden.py": "def main():\n    return {'body': 'é'}\n",
    "packages/default/alone.py": FUNCTION,
}


@pytest.fixture
def sent(fresh, project, server):
    """Bodies of the requests of one deploy, by path."""
    fresh("deploy", project(TREE), *server.flags)
    assert all(r.query == {"overwrite": "true"} and r.auth == "user:password"
               and r.headers["content-type"] == "application/json" for r in server.seen("PUT"))
    return {r.path: r.json() for r in server.seen("PUT")}


def annotations(body):
    return {a["key"]: a["value"] for a in body["annotations"]}


def test_packages_go_first_and_each_thing_once(fresh, project, server):
    fresh("deploy", project(TREE), *server.flags)
    paths = [r.path for r in server.seen("PUT")]
    assert paths[0] == "packages/kit"
    assert sorted(paths[1:]) == ["actions/alone", "actions/kit/full", "actions/kit/hidden"]


def test_package_body(sent):
    body = sent["packages/kit"]
    assert body["parameters"] == [
        {"key": "pp", "value": 1}, {"key": "kp", "value": "two"},
        {"key": "PE", "value": "pe", "init": True}, {"key": "KE", "value": "ke", "init": True}]
    assert annotations(body)["note"] == "hi"
    assert body["publish"] is True


def test_function_body_of_a_zip(sent):
    body = sent["actions/kit/full"]
    assert body["parameters"] == [
        {"key": "a", "value": {"b": [1, None]}}, {"key": "big", "value": 12345678901234567890},
        {"key": "E", "value": "v", "init": True}]
    assert body["limits"] == {"timeout": 5000, "memory": 128, "logs": 4}
    notes = annotations(body)
    assert notes["description"] == "d" and notes["final"] is True
    assert notes["web-export"] is True and notes["raw-http"] is True
    assert notes["require-whisk-auth"] == "s3cret"
    assert notes["deployer"]["zipped"] is True
    code = body["exec"].pop("code")
    assert body["exec"] == {"binary": True, "kind": "python:3.11", "main": "entry"}
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(code, validate=True))) as z:
        assert [n for n in z.namelist() if not n.endswith(".pyc")] == ["__main__.py", "other.py"]
        assert z.read("other.py").decode() == TREE["packages/kit/full/other.py"]


def test_function_body_of_a_text(sent):
    body = sent["actions/kit/hidden"]
    assert body["exec"] == {"binary": False, "kind": "python:default",
                            "code": TREE["packages/kit/hidden.py"]}
    assert body["parameters"] == [] and "limits" not in body
    notes = annotations(body)
    assert notes["web-export"] is False and notes["raw-http"] is False
    assert notes["require-whisk-auth"] is False
    assert notes["deployer"]["zipped"] is False


def test_function_of_the_default_package_gets_what_the_project_has(sent):
    assert sent["actions/alone"]["parameters"] == [
        {"key": "pp", "value": 1}, {"key": "own", "value": 1},
        {"key": "PE", "value": "pe", "init": True}]


def test_nothing_of_this_machine_is_sent(sent, tmp_path):
    assert str(tmp_path) not in json.dumps(sent)


def test_connections_are_reused_and_several_requests_are_under_way(fresh, project):
    files = {f"packages/p/f{i}.py": FUNCTION for i in range(60)}
    with Faulty(delay=0.02) as server:
        fresh("deploy", project(files), *server.flags)
        assert len(server.seen("PUT")) == 61
        assert 4 <= server.most_busy <= 32
        assert server.connections <= 33


def test_far_server_gets_more_requests_at_a_time(fresh, project):
    files = {f"packages/p/f{i}.py": FUNCTION for i in range(200)}
    with Faulty(delay=0.05) as server:
        fresh("deploy", project(files), *server.flags)
        assert 20 <= server.most_busy <= 32


def test_overburdened_server_gets_fewer_requests_at_a_time(fresh, project):
    files = {f"packages/p/f{i}.py": FUNCTION for i in range(60)}
    with Faulty(delay=0.1) as server:
        refuse = error(429, "too much", Retry_After="0")
        server.fault("PUT", "actions/p/f.", refuse, times=10)
        server.fault("PUT", "actions/p/f30", watch := lambda *a: setattr(server, "most_busy", 0) or refuse(*a), times=1)
        fresh("deploy", project(files), *server.flags)
        assert watch and len(server.seen("PUT")) == 61 + 11
        assert server.most_busy <= 14

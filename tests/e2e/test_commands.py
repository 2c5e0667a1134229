"""The commands as a user types them: help, connections, functions, activations, interruption."""

import json
import os
import pathlib
import pty
import re
import signal
import stat
import subprocess
import time

import pytest
from conftest import PROGRAM, free_port
from faulty import Faulty, answer, error

ADDER = """\
def main(event):
    if event.get("fail"):
        raise RuntimeError("told to fail")
    print("adding")
    return {"sum": str(event.get("a", "")) + str(event.get("b", "")), "event": event}
"""


def wait_until(claim, seconds=20):
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# Help.


def commands_in(text):
    block = re.search(r"\nCommands:\n(.*?)\n\n", text, re.S)
    return [line.split()[0].rstrip(",") for line in block[1].splitlines()] if block else []


def all_commands(program, path=()):
    text = program(*path, "--help").stdout
    yield path, text
    for name in commands_in(text):
        yield from all_commands(program, (*path, name))


def test_every_command_has_help_with_a_usage_line(fresh):
    seen = {" ".join(path): text for path, text in all_commands(fresh)}
    assert {"", "activations logs", "connect", "deploy", "functions invoke", "local start",
            "status", "version"} <= set(seen)
    for path, text in seen.items():
        assert text.startswith(f"usage: dofn {path}".rstrip())
        assert "--help" in text and "--output" in text
        assert all(len(line) <= 100 for line in text.splitlines()), path
        assert fresh(*path.split(), "-h").stdout == text


def test_help_wins_over_missing_arguments_and_starts_nothing(fresh, home):
    assert "usage:" in fresh("functions", "get", "--help").stdout
    assert "usage:" in fresh("deploy", "/nowhere", "--help").stdout
    assert not (home / "data").exists()


@pytest.mark.parametrize("words, text", [
    (["functons"], "'functons' is no command of dofn; did you mean 'functions'?"),
    (["functions", "lst"], "did you mean 'list'?"),
    (["zzzzzzzz"], "see 'dofn --help'"),
    (["deploy", "--apihots", "x"], "unknown option '--apihots'; did you mean '--apihost'?"),
    (["functions", "list", "-Z"], "-Z"),
    (["deploy", "--apihost"], "--apihost"),
    (["deploy", "--insecure=yes"], "--insecure"),
    (["functions"], "no command given"),
    ([], "no command given"),
    (["functions", "get"], "needs NAME"),
    (["functions", "get", "a", "b"], "too many arguments"),
    (["version", "x"], "too many arguments"),
    (["status", "-o", "yaml"], "unknown output format 'yaml'; known: text, json"),
    (["activations", "list", "--limit", "many"], "--limit"),
    (["activations", "list", "--limit", "201"], "--limit goes up to 200"),
    (["activations", "list", "--since", "-1"], "--since"),
    (["activations", "logs", "--follow", "--limit", "3"], "--follow"),
    (["activations", "get", "--logs", "--result"], "exclude each other"),
    (["functions", "get", "f", "--url", "--code"], "exclude each other"),
    (["functions", "invoke", "f", "-p", "novalue"], "KEY:VALUE"),
    (["functions", "invoke", "f", "-p", ":x"], "KEY:VALUE"),
    (["functions", "invoke", "f", "-P", "/no/such/file"], "/no/such/file"),
    (["local", "start", "--port", "65536"], "65536"),
    (["local", "reset"], "--yes"),
    (["connect"], "say what to connect to"),
    (["connect", "somewhere"], "say what to connect to"),
    (["status", "--auth", "a:b"], "given together"),
    (["\x1b[31mred"], "is no command of dofn"),
    (["status", "--\x1b[31mred"], "unknown option"),
])
def test_wrong_line_is_status_2_and_starts_nothing(fresh, home, words, text):
    done = fresh(*words, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert text in done.stderr
    assert "\x1b" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (home / "data").exists()


def test_wrong_line_with_json_is_an_object(fresh):
    done = fresh("-o", "json", "functions", "get", check=False)
    assert done.returncode == 2
    assert "needs NAME" in json.loads(done.stdout)["errors"][0]["detail"]
    assert done.stderr == ""


def test_version(fresh):
    text = fresh("version").stdout
    assert re.fullmatch(r"dofn \S+\n", text)
    assert fresh("--version").stdout == text
    assert fresh.json("version") == {"version": text.split()[1]}


def test_full_output_is_an_error(fresh):
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "--help"], env=fresh.env, stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "No space left" in done.stderr


# Connecting.


def credentials(home):
    return home / "config/dofn/credentials.json"


def test_connect_to_a_host_is_stored_for_its_owner_only(fresh, home):
    with Faulty() as server:
        old = os.umask(0)
        try:
            out = fresh("connect", "--apihost", server.url, "--auth", "user:secret").stdout
        finally:
            os.umask(old)
        assert f"'ns' on API host '{server.url}'" in out
        assert stat.S_IMODE(credentials(home).stat().st_mode) == 0o600
        assert stat.S_IMODE(credentials(home).parent.stat().st_mode) == 0o700
        assert "'ns'" in fresh("status").stdout
        assert fresh.json("status") == {"namespace": "ns", "apihost": server.url, "label": "",
                                        "local": False}
        assert {r.auth for r in server.requests} == {"user:secret"}


@pytest.mark.parametrize("act, text", [
    (error(401, "no"), "401 Unauthorized"), (answer(200, []), "knows no namespace"),
    (answer(200, b"<html>"), "no JSON"),
])
def test_refused_connection_stores_nothing(fresh, home, act, text):
    with Faulty() as server:
        fresh("connect", *server.flags)
        before = credentials(home).read_bytes()
        server.fault("GET", ".*", act)
        failed = fresh("connect", "--apihost", server.url, "--auth", "other:key", check=False)
        assert failed.returncode == 1
        assert text in failed.stderr and "other:key" not in failed.stderr
        assert credentials(home).read_bytes() == before


@pytest.mark.parametrize("key, text", [
    ("abc", "begins with 'dof_v1_'"), ("dof_v1_abc", "no ':'"), ("dof_v1_:x", "id is empty"),
    ("dof_v1_a:", "secret is empty"), ("dof_v1_a:b:c", "more than one ':'"),
])
def test_form_of_an_access_key_is_checked(fresh, key, text):
    failed = fresh("connect", "--access-key", key, check=False)
    assert failed.returncode == 2
    assert text in failed.stderr and "dof_v1_<id>:<secret>" in failed.stderr


KEY = "dof_v1_0123:secret"
TOKEN = {"DIGITALOCEAN_ACCESS_TOKEN": "dop_v1_token"}


@pytest.fixture
def digitalocean():
    """The DigitalOcean API with three namespaces, and their host, in one server."""
    with Faulty() as server:
        def namespace(name, label):
            return {"namespace": name, "label": label, "api_host": server.url,
                    "key": "old", "uuid": "u"}

        server.fault("GET", "/v2/functions/namespaces", answer(200, {"namespaces": [
            namespace("ns", "first"), namespace("fx-two", "second"), namespace("ap-app", "ns-app")]}))
        yield server


def connect_key(program, server, *words, env=TOKEN):
    return program("connect", "--access-key", KEY, "--api-url", server.url, *words, check=False,
                   env=env)


def test_access_key_finds_its_namespace_through_the_api(fresh, digitalocean):
    done = connect_key(fresh, digitalocean, "first")
    assert done.returncode == 0, done.stderr
    assert "'ns'" in done.stdout and "(label=first)" in done.stdout
    asked = digitalocean.seen("GET", "/v2/functions/namespaces")
    assert [r.headers["authorization"] for r in asked] == ["Bearer dop_v1_token"]
    assert {r.auth for r in digitalocean.seen("GET", "namespaces")} == {KEY}
    assert fresh.json("status", env=TOKEN)["label"] == "first"


@pytest.mark.parametrize("words, text, status", [
    ([], "several namespaces match (ns, fx-two); name one", 2),
    (["third"], "you have no namespace matching 'third'", 2),
    (["second"], "the access key is for namespace 'ns', not for 'fx-two'", 1),
])
def test_namespace_of_an_access_key_must_be_clear(fresh, home, digitalocean, words, text, status):
    failed = connect_key(fresh, digitalocean, *words)
    assert failed.returncode == status
    assert text in failed.stderr
    assert not credentials(home).exists()


def test_access_key_needs_a_token_or_a_host(fresh, digitalocean):
    failed = connect_key(fresh, digitalocean, env={})
    assert failed.returncode == 1
    assert "DIGITALOCEAN_ACCESS_TOKEN" in failed.stderr and "--apihost" in failed.stderr
    assert fresh("connect", "--apihost", digitalocean.url, "--access-key", KEY).returncode == 0


@pytest.mark.parametrize("status", [401, 403, 404])
def test_failure_of_the_api_is_told_without_the_token(fresh, status):
    with Faulty() as server:
        server.fault("GET", "/v2/.*", answer(status, {"id": "x", "message": "not today"}))
        failed = connect_key(fresh, server)
        assert failed.returncode == 1
        assert f"{status}: not today" in failed.stderr
        assert "dop_v1_token" not in failed.stderr


def test_connect_local_is_remembered(fresh):
    out = fresh("connect", "local", env={"CI": "true"}).stdout
    assert "Connected to functions namespace 'fn-" in out
    assert "(local platform)" in fresh("status", env={"CI": "true"}).stdout
    assert "no namespace is connected" not in fresh("status").stderr


@pytest.mark.parametrize("env, text", [
    ({"CI": "1"}, "CI is set"), (TOKEN, "a DigitalOcean token is in the environment"),
    ({"DIGITALOCEAN_TOKEN": "x"}, "a DigitalOcean token is in the environment"),
    ({"DOFN_APIHOST": "x.example"}, "set together"), ({"DOFN_AUTH": "a:b"}, "set together"),
])
def test_local_platform_is_not_used_unasked_where_it_would_surprise(fresh, home, project, env, text):
    failed = fresh("deploy", project({"packages/p/f.py": ADDER}), check=False, env=env)
    assert failed.returncode in (1, 2)
    assert text in failed.stderr
    assert not (home / "data").exists()


def test_ci_false_is_no_ci(fresh):
    assert fresh("status", env={"CI": "false"}).returncode == 0


def test_environment_names_the_connection(fresh):
    with Faulty() as server:
        env = {"DOFN_APIHOST": server.url, "DOFN_AUTH": "env:key", "CI": "1"}
        assert "'ns'" in fresh("status", env=env).stdout
        assert server.requests[0].auth == "env:key"
        fresh("status", *server.flags, env=env)
        assert server.requests[-1].auth == "user:password"


def test_damaged_credentials_are_named(fresh, home):
    credentials(home).parent.mkdir(parents=True)
    for text in ("{", "[]", '{"currentHost": "http://x"}', ""):
        credentials(home).write_text(text)
        failed = fresh("status", check=False)
        assert failed.returncode != 0
        assert str(credentials(home)) in failed.stderr and "dofn connect" in failed.stderr


def test_status_lists_languages(dofn):
    text = dofn("status", "--languages").stdout
    assert "python:\n  Keywords: python, py\n" in text and "python:3.11 (default)" in text
    kinds = dofn.json("status", "-l")
    assert "python:3.11" in [k["kind"] for k in kinds["python"]]


def test_deploy_with_nothing_connected_starts_the_platform_and_says_so(fresh, project):
    root = project({"packages/p/f.py": ADDER})
    first, second = fresh("deploy", root), fresh("deploy", root)
    assert first.stderr.count("no namespace is connected: using the local platform on http://") == 1
    assert "(started now)" in first.stderr and "(started now)" not in second.stderr
    url = re.search(r"p/f +(http://\S+)", first.stdout)[1]
    assert url == fresh("functions", "get", "p/f", "--url").stdout.strip()
    quiet = fresh("deploy", root, "-q")
    assert quiet.stderr == "" and "p/f" in quiet.stdout


# Functions.


@pytest.fixture(scope="module")
def adder(platform, tmp_path_factory):
    root = tmp_path_factory.mktemp("adder")
    for name in ("adder", "other", "hidden"):
        path = root / f"packages/cmds/{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ADDER)
    (root / "packages/default").mkdir()
    (root / "packages/default/cmdsalone.py").write_text(ADDER)
    (root / "project.yml").write_text(
        "packages: [{name: cmds, functions: [{name: hidden, web: false}]}]\n")
    platform.dofn("deploy", root)
    return root


def test_list_shows_functions_with_their_package(dofn, adder):
    lines = dofn("functions", "list", "cmds", "--name-sort").stdout.splitlines()
    assert lines[0].split("  ")[0] == "Latest Update"
    assert [line.split()[-1] for line in lines[1:]] == ["cmds/adder", "cmds/hidden", "cmds/other"]
    assert all("python:3.11" in line and "0.0." in line for line in lines[1:])
    assert len(dofn("fn", "ls", "cmds", "-l", "1").stdout.splitlines()) == 2
    assert len(dofn.json("functions", "list", "cmds", "--skip", "1")) == 2
    assert "cmdsalone" in dofn("functions", "list").stdout


def test_list_counts(dofn, adder):
    assert dofn("functions", "list", "cmds", "--count").stdout.startswith("There are 3 functions")
    assert dofn.json("functions", "list", "cmds", "--count") == {"functions": 3}


def test_get_shows_record_url_and_code(dofn, platform, adder):
    assert dofn.json("functions", "get", "cmds/adder")["name"] == "adder"
    assert dofn("functions", "get", "cmds/adder", "--url").stdout.strip() == \
        platform.web("cmds/adder")
    assert dofn("functions", "get", "cmdsalone", "-r").stdout.strip() == platform.web("cmdsalone")
    assert dofn("functions", "get", "cmds/hidden", "--url").stdout.strip().endswith(
        f"/api/v1/namespaces/{platform.namespace}/actions/cmds/hidden")
    assert dofn("functions", "get", "cmds/adder", "--code").stdout == ADDER


def test_url_and_code_as_json(dofn, platform, adder):
    assert dofn.json("functions", "get", "cmds/adder", "--url") == {"url": platform.web("cmds/adder")}
    assert dofn.json("functions", "get", "cmds/adder", "--code") == {"code": ADDER}


def test_file_that_was_written_is_named(dofn, adder, tmp_path):
    words = ("functions", "get", "cmds/adder", "--save")
    assert dofn.json(*words, cwd=tmp_path) == {"file": "adder.py"}
    assert (tmp_path / "adder.py").read_text() == ADDER
    assert "wrote adder.py" in dofn(*words, cwd=tmp_path).stderr


def test_control_characters_of_arguments_do_not_reach_the_terminal(dofn):
    failed = dofn("functions", "get", "p/\x1b[31mred", check=False)
    assert failed.returncode == 1 and "\x1b" not in failed.stderr


@pytest.mark.parametrize("words, path, reply", [
    (["activations", "logs"], "activations",
     [{"activationId": "\x1b[31m1", "name": "\x1b[31mf", "version": "\x1b[31m", "start": 1,
       "response": {"status": "\x1b[31m"}, "logs": ["\x1b[31m"]}]),
    (["functions", "get", "p/f", "--code"], "actions/p/f", {"exec": {"code": "\x1b[31m"}}),
    (["functions", "get", "p/f"], "actions/p/f", {"name": "\x9b31m"}),
    (["status"], "namespaces", ["\x1b[31m"]),
])
def test_control_characters_of_a_server_do_not_reach_the_terminal(fresh, words, path, reply):
    near, far = pty.openpty()
    with Faulty() as server:
        server.fault("GET", path, answer(200, reply))
        subprocess.run([PROGRAM, *words, "--apihost", server.url, "--auth", "u:p"], stdout=far,
                       stderr=subprocess.DEVNULL, env=fresh.env, check=True, timeout=30)
    shown = os.read(near, 65536)
    os.close(near)
    os.close(far)
    assert (b"\\x1b[31m" in shown or b"\\x9b31m" in shown), shown
    assert b"\x1b" not in shown and b"\xc2\x9b" not in shown


@pytest.mark.parametrize("words", [
    ["functions", "get", ""], ["functions", "get", "p/"], ["functions", "get", ".."],
    ["functions", "get", "../../_"], ["functions", "get", "a/b/c"], ["functions", "get", "/_/p/f"],
    ["functions", "invoke", "p/.."], ["functions", "list", ""], ["functions", "list", "a/b"],
    ["activations", "get", ""], ["activations", "result", "x/y"], ["activations", "logs", "."],
])
def test_name_that_would_lead_elsewhere_is_refused(dofn, words):
    failed = dofn(*words, check=False)
    assert failed.returncode == 2
    assert "is no name" in failed.stderr or "is no id" in failed.stderr


@pytest.mark.parametrize("words", [["get", "cmds/nothing"], ["invoke", "nowhere/x"]])
def test_unknown_function_is_named(dofn, words):
    failed = dofn("functions", *words, check=False)
    assert failed.returncode == 1
    assert f"function '{words[1]}': the server answered 404 Not Found" in failed.stderr


def test_invoke_takes_parameters_from_line_and_file(dofn, adder, tmp_path):
    file = tmp_path / "params.json"
    file.write_text('{"a": 12345678901234567890, "b": "file", "c": [1.50, null]}')
    result = dofn("functions", "invoke", "cmds/adder", "-P", file, "-p", "b:line:with:colons",
                  "-p", "d:").stdout
    assert json.loads(result)["event"] == {"a": 12345678901234567890, "b": "line:with:colons",
                                           "c": [1.5, None], "d": ""}
    assert "12345678901234567890" in result


@pytest.mark.parametrize("text", ["[1]", "{", "", '{"a": 1} x', "\0"])
def test_file_of_parameters_must_hold_an_object(dofn, tmp_path, text):
    file = tmp_path / "params.json"
    file.write_text(text)
    failed = dofn("functions", "invoke", "cmds/adder", "-P", file, check=False)
    assert failed.returncode == 2
    assert "params.json" in failed.stderr


def test_invoke_shows_record_or_id(dofn, adder):
    record = json.loads(dofn("functions", "invoke", "cmds/adder", "-p", "a:1", "--full").stdout)
    assert record["response"]["result"]["sum"] == "1"
    answer = json.loads(dofn("functions", "invoke", "cmds/adder", "--no-wait").stdout)
    wait_until(lambda: dofn("activations", "get", answer["activationId"], check=False).returncode == 0)


@pytest.mark.parametrize("words", [[], ["--full"]])
def test_failing_function_is_status_1_and_shows_its_answer(dofn, adder, words):
    failed = dofn("functions", "invoke", "cmds/adder", "-p", "fail:1", *words, check=False)
    assert failed.returncode == 1
    assert "function 'cmds/adder' failed: told to fail" in failed.stderr
    assert "told to fail" in json.dumps(json.loads(failed.stdout))


# Activations.


@pytest.fixture
def calls(dofn, adder):
    """Ids of two calls of cmds/other after one of cmds/adder, oldest first."""
    return [json.loads(dofn("functions", "invoke", f"cmds/{name}", "-p", f"a:{i}", "--full").stdout)
            ["activationId"] for i, name in enumerate(["adder", "other", "other"])]


def test_activations_list(dofn, calls):
    lines = dofn("activations", "list", "cmds/other", "--limit", "2").stdout.splitlines()
    assert lines[0].split()[:3] == ["Datetime", "Status", "Kind"]
    assert [line.split()[5] for line in lines[1:]] == [calls[2], calls[1]]
    assert all(line.endswith("cmds/other") and "success" in line for line in lines[1:])
    everything = dofn.json("actv", "ls")
    assert [a["activationId"] for a in everything[:3]] == calls[::-1]
    assert len(dofn.json("activations", "list", "-l", "1", "-s", "1")) == 1
    assert dofn.json("activations", "list", "--full", "-l", "1")[0]["logs"]
    start = everything[0]["start"]
    assert calls[2] in [a["activationId"] for a in dofn.json("activations", "list", "--since", start)]
    assert dofn.json("activations", "list", "--since", start + 60000) == []


def test_activations_count(dofn, calls):
    n = dofn.json("activations", "list", "--count")["activations"]
    assert n >= 3
    text = dofn("activations", "list", "cmds/other", "--count").stdout
    assert re.search(r"You have \d+ activations .*cmds/other", text)


def test_activations_by_id_and_newest(dofn, calls):
    assert dofn.json("activations", "get", calls[0])["activationId"] == calls[0]
    assert dofn.json("activations", "get")["activationId"] == calls[2]
    assert dofn.json("activations", "get", "--last", "--skip", "2")["activationId"] == calls[0]
    assert dofn.json("activations", "get", "-f", "cmds/adder")["activationId"] == calls[0]
    assert dofn.json("activations", "result", calls[1])["sum"] == "1"
    assert dofn.json("activations", "get", calls[1], "--result")["sum"] == "1"
    assert dofn("activations", "get", calls[1], "--logs").stdout == "adding\n"
    assert f"=== {calls[2]} success" in dofn("activations", "result").stdout


def test_activation_logs(dofn, calls):
    line = dofn("activations", "logs", calls[0]).stdout
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z stdout: adding\n", line)
    assert dofn("activations", "logs", calls[0], "--strip").stdout == "adding\n"
    assert dofn.json("activations", "logs", calls[0])[0].endswith(" stdout: adding")
    two = dofn("activations", "logs", "--limit", "2", "--strip").stdout
    assert [x.split()[1] for x in two.splitlines() if x.startswith("===")] == calls[1:]
    adder = dofn("activations", "logs", "--function", "cmds/adder").stdout
    assert adder.startswith(f"=== {calls[0]} success ") and "cmds/adder:0.0." in adder
    assert calls[2] in dofn("activations", "logs", "--package", "cmds").stdout
    assert dofn("activations", "logs", "--package", "nothing").stdout == ""
    lines = dofn("activations", "logs", "-n", "2", "-o", "json").stdout.splitlines()
    assert [json.loads(x)["activationId"] for x in lines] == calls[1:]


@pytest.mark.parametrize("words", [["get"], ["result"], ["logs"]])
def test_unknown_activation_is_named(dofn, words):
    failed = dofn("activations", *words, "0" * 32, check=False)
    assert failed.returncode == 1
    assert "activation '" + "0" * 32 + "': the server answered 404" in failed.stderr
    failed = dofn("activations", *words, "0" * 32, "-o", "json", check=False)
    assert "404" in json.loads(failed.stdout)["errors"][0]["detail"]


def test_no_activation_yet(fresh):
    failed = fresh("activations", "get", check=False)
    assert failed.returncode == 1
    assert "there are no activations yet" in failed.stderr


# Deploy as events, and interrupted.


def test_deploy_as_json_is_one_event_a_line(dofn, project):
    root = project({"packages/evs/__init__.txt": "", "packages/evs/f/__main__.py": ADDER,
                    "packages/evs/f/build.sh": "#!/bin/sh\necho out\necho err >&2\n"})
    done = dofn("deploy", root, "-o", "json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [e["event"] for e in events]
    assert kinds[0] == "finding" and "start" in kinds and kinds[-1] == "result"
    for first, then in [("start", "build_started"), ("build_started", "build_line"),
                        ("build_line", "build_ended"), ("build_ended", "packed"),
                        ("packed", "package"), ("package", "deployed")]:
        assert kinds.index(first) < kinds.index(then)
    lines = {e["stream"]: e["text"] for e in events if e["event"] == "build_line"}
    assert lines == {"stdout": "out", "stderr": "err"}
    assert events[-1] == {"event": "result", "deployed": 1, "unchanged": 0, "failed": 0}


def processes_with(text):
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            if text.encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            pass
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_build_ends_with_its_children(fresh, project, number):
    root = project({"packages/p/f/__main__.py": ADDER, "packages/p/f/build.sh":
                    "#!/bin/bash\ntrap '' INT HUP\nsleep 100 &\ntouch begun\nsleep 100\n"})
    mark = f"DOFN_E2E_MARK={root}"
    with Faulty() as server:
        fresh.env["DOFN_E2E_MARK"] = str(root)
        run = fresh.start("deploy", root, *server.flags, start_new_session=True)
        wait_until((root / "packages/p/f/begun").exists)
        run.send_signal(number)
        _, err = run.communicate(timeout=30)
        assert run.returncode == -number, err
        assert "interrupted" in err
        wait_until(lambda: processes_with(mark) == [])
        assert server.seen("PUT") == []


def test_interrupt_reaches_a_shell_as_130(fresh, project):
    root = project({"packages/p/f/__main__.py": ADDER, "packages/p/f/build.sh":
                    "#!/bin/bash\nkill -INT $PPID\nsleep 100\n"})
    with Faulty() as server:
        words = [PROGRAM, "deploy", str(root), *server.flags]
        done = subprocess.run(["bash", "-c", '"$@"; exit $?', "-", *words], env=fresh.env,
                              capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 130


def test_interrupt_during_the_upload_says_what_may_be(fresh, project):
    with Faulty(delay=0.5) as server:
        run = fresh.start("deploy", project({"packages/p/f.py": ADDER}), *server.flags)
        wait_until(lambda: server.seen("PUT", "actions/.*"))
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=30)
    assert run.returncode == -signal.SIGINT
    assert "some functions may be the new ones" in err


# The local platform's own commands; test_platform_lifecycle.py has the rest.


def test_local_commands_as_json(fresh):
    port = free_port()
    started = fresh.json("local", "start", "--port", port)
    assert started["running"] and started["apihost"] == f"http://127.0.0.1:{port}"
    status = fresh.json("local", "status")
    assert {key: status[key] for key in started} == started
    assert fresh.json("local", "stop") == {"stopped": True}
    assert fresh.json("local", "stop") == {"stopped": False}
    assert fresh.json("local", "status")["running"] is False
    assert fresh.json("local", "reset", "--yes") == {"stopped": False}


def test_killed_platform_is_started_again_with_its_data(fresh, project):
    fresh("deploy", project({"packages/p/f.py": ADDER}))
    fresh("functions", "invoke", "p/f", "-p", "a:kept")
    for _ in range(2):
        os.kill(fresh.json("local", "status")["pid"], signal.SIGKILL)
        wait_until(lambda: not fresh.json("local", "status")["running"])
        assert fresh.json("activations", "result")["sum"] == "kept"
        assert fresh.json("functions", "invoke", "p/f", "-p", "a:kept")["sum"] == "kept"


def test_closed_stdout_is_an_error(dofn):
    result = subprocess.run(["sh", "-c", '"$0" version >&-', PROGRAM], env=dofn.env,
                            capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "Bad file descriptor" in result.stderr

"""Sequences, bindings, images and limits on the wire: what a deploy sends, in which order, and
what it sends again when the project changes."""

import base64
import io
import json
import zipfile

import pytest
from faulty import Fault, Memory, error

FUNCTION = "def main():\n    return {}\n"
SEQUENCES = """\
parameters: {pp: 1}
packages:
  - name: chain
    functions:
      - {name: outer, sequence: [chain/inner, alone]}
      - name: inner
        sequence: [chain/a, default/alone, /_/chain/b, /ns/chain/b, /other/p/f]
        web: raw
        webSecure: s3cret
        annotations: {description: d}
        limits: {timeout: 5000}
      - {name: first, web: false, sequence: [kit/c]}
  - name: kit
"""
FILES = {"packages/chain/a.py": FUNCTION, "packages/chain/b.py": FUNCTION,
         "packages/kit/c.py": FUNCTION, "packages/default/alone.py": FUNCTION}


@pytest.fixture
def server():
    with Memory() as s:
        yield s


def events(done):
    """Lines, and at the end of a failure an indented object."""
    found, text, decoder = [], done.stdout.strip(), json.JSONDecoder()
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].strip()
    return [e for e in found if "event" in e]


def plan_of(done):
    """{"p/f": "create", "package p": {"code"}, ...}: the changes of an update, else the action."""
    plan = {}
    for e in events(done):
        if e["event"] == "plan":
            name = e["function"] if "function" in e else f"package {e['package']}"
            plan[name] = set(e["changes"]) if e["action"] == "update" else e["action"]
    return plan


def changes_of(done):
    return {name: what for name, what in plan_of(done).items() if what != "unchanged"}


def annotations(body):
    return {a["key"]: a["value"] for a in body["annotations"]}


@pytest.fixture
def deploy(fresh, project, server):
    """Deploys these files; gives the program's result and the bodies sent, by path."""

    def run(files, *flags, check=True):
        before = len(server.requests)
        done = fresh("deploy", project(files), *server.flags, "-o", "json", *flags, check=check)
        return done, {r.path: r.json() for r in server.requests[before:] if r.method == "PUT"}

    return run


# Sequences.


def test_sequence_body(deploy):
    _, sent = deploy({"project.yml": SEQUENCES, **FILES})
    body = sent["actions/chain/inner"]
    notes = annotations(body)
    deployer = notes.pop("deployer")
    assert body["exec"] == {"kind": "sequence", "components": [
        "/ns/chain/a", "/ns/alone", "/ns/chain/b", "/ns/chain/b", "/other/p/f"]}
    assert body["parameters"] == [] and body["limits"] == {"timeout": 5000}
    assert notes == {"description": "d", "final": True, "web-export": True, "raw-http": True,
                     "require-whisk-auth": "s3cret"}
    assert len(deployer["digest"]) == 64 and "zipped" not in deployer
    assert annotations(sent["actions/chain/first"])["web-export"] is False
    assert "limits" not in sent["actions/chain/first"]


def test_sequences_come_after_all_functions_and_after_those_in_them(deploy, server):
    deploy({"project.yml": SEQUENCES, **FILES})
    paths = [r.path for r in server.seen("PUT")]
    assert set(paths[2:-3]) == {"actions/chain/a", "actions/chain/b", "actions/kit/c", "actions/alone"}
    assert set(paths[-3:-1]) == {"actions/chain/inner", "actions/chain/first"}
    assert paths[-1] == "actions/chain/outer"


def test_unchanged_sequence_is_not_sent_again_and_a_changed_one_is(deploy):
    done, _ = deploy({"project.yml": SEQUENCES, **FILES})
    assert changes_of(done)["chain/outer"] == "create"
    done, sent = deploy({})
    assert not sent and changes_of(done) == {}
    done, sent = deploy({"project.yml": SEQUENCES.replace("[chain/inner, alone]", "[alone]")})
    assert changes_of(done) == {"chain/outer": {"components"}}
    assert sent["actions/chain/outer"]["exec"]["components"] == ["/ns/alone"]
    done, sent = deploy({"project.yml": SEQUENCES.replace("web: raw", "web: true")})
    assert changes_of(done) == {"chain/inner": {"configuration"}, "chain/outer": {"components"}}


def test_sequence_becomes_code_and_code_a_sequence(deploy, tmp_path):
    sequence = "packages: [{name: p, functions: [{name: s, sequence: [p/a]}]}]"
    deploy({"project.yml": sequence, "packages/p/a.py": FUNCTION})
    done, sent = deploy({"project.yml": "", "packages/p/s.py": FUNCTION})
    assert changes_of(done) == {"p/s": {"code", "configuration"}}
    assert sent["actions/p/s"]["exec"] == {"code": FUNCTION, "binary": False, "kind": "python:default"}
    (tmp_path / "project/packages/p/s.py").unlink()
    done, sent = deploy({"project.yml": sequence})
    assert changes_of(done) == {"p/s": {"components", "configuration"}}
    assert sent["actions/p/s"]["exec"] == {"kind": "sequence", "components": ["/ns/p/a"]}


def test_sequence_that_somebody_made_code_of_is_named(deploy, server):
    deploy({"project.yml": SEQUENCES, **FILES})
    item = server.live["actions/chain/first"]
    item["annotations"] = [{"key": "exec", "value": "python:3.11"} if a["key"] == "exec" else a
                           for a in item["annotations"]]
    done, sent = deploy({})
    assert changes_of(done) == {"chain/first": {"elsewhere"}} and list(sent) == ["actions/chain/first"]


def test_failed_member_fails_a_new_sequence_but_not_an_old_one(deploy, server):
    refusal = error(400, "no")
    server.faults.insert(0, fault := Fault("PUT", "actions/chain/a", refusal, None))
    done, sent = deploy({"project.yml": SEQUENCES, **FILES}, check=False)
    failed = {e["function"]: e["text"] for e in events(done) if e["event"] == "failed"}
    assert done.returncode == 1 and set(failed) == {"chain/a", "chain/inner", "chain/outer"}
    assert failed["chain/inner"] == "its function 'chain/a' could not be deployed"
    assert failed["chain/outer"] == "its function 'chain/inner' could not be deployed"
    assert "actions/chain/first" in sent and "actions/chain/inner" not in sent
    server.faults.remove(fault)
    deploy({})
    server.faults.insert(0, fault)
    done, sent = deploy({"packages/chain/a.py": FUNCTION + "\n",
                         "project.yml": SEQUENCES.replace("alone]}", "alone, alone]}")}, check=False)
    failed = {e["function"] for e in events(done) if e["event"] == "failed"}
    assert failed == {"chain/a"} and "actions/chain/outer" in sent


def test_failed_package_fails_its_sequences(deploy, server):
    server.faults.insert(0, Fault("PUT", "packages/chain", error(400, "no"), None))
    done, _ = deploy({"project.yml": SEQUENCES, **FILES}, check=False)
    failed = {e["function"] for e in events(done) if e["event"] == "failed" and "function" in e}
    assert failed == {"chain/a", "chain/b", "chain/inner", "chain/first", "chain/outer"}


@pytest.mark.parametrize("members, text", [
    ("[p/a, p/nowhere]", "the sequence 'p/s' needs the function 'p/nowhere', which is neither in the project nor in the "
                         "namespace 'ns'"),
    ("[/ns/nowhere]", "needs the function 'nowhere', which is neither"),
    ("[/ns/p/t]", "contains itself, or one that does so"),
    ("[/ns/p/s]", "the sequence 'p/s' contains itself"),
])
def test_sequence_that_cannot_work_stops_the_deploy(deploy, members, text):
    config = f"packages: [{{name: p, functions: [{{name: s, sequence: {members}}}, {{name: t, sequence: [/ns/p/s]}}]}}]"
    done, sent = deploy({"project.yml": config, "packages/p/a.py": FUNCTION}, check=False)
    assert done.returncode == 2 and text in done.stdout and not sent


def test_members_outside_of_the_project_may_be_live(deploy, server):
    server.add("packages/bound", binding={"namespace": "other", "name": "kit"})
    server.add("packages/there", binding=False)
    server.add("actions/there/f", limits={})
    config = """\
packages:
  - {name: own, binding: {namespace: other, name: kit}}
  - {name: p, functions: [{name: s, sequence: [there/f, bound/any, own/any, /else/where]}]}
"""
    _, sent = deploy({"project.yml": config})
    assert sent["actions/p/s"]["exec"]["components"] == ["/ns/there/f", "/ns/bound/any", "/ns/own/any", "/else/where"]


def test_parameters_of_a_sequence_are_warned_of(deploy):
    config = "packages: [{name: p, functions: [{name: s, sequence: [p/a], parameters: {x: 1}}]}]"
    done, sent = deploy({"project.yml": config, "packages/p/a.py": FUNCTION})
    assert "a sequence has no use for parameters and environment" in done.stdout + done.stderr
    assert sent["actions/p/s"]["parameters"] == [{"key": "x", "value": 1}]


# Bindings.

BINDING = """\
parameters: {pp: 1}
environment: {PE: pe}
packages:
  - name: tools
    binding: {namespace: NS, name: kit}
    parameters: {unit: metre}
    environment: {KEY: k}
    annotations: {note: hi}
"""


def test_binding_body_and_that_it_comes_after_the_packages(deploy, server):
    config = BINDING.replace("NS", "_") + "  - name: kit\n    shared: true\n"
    _, sent = deploy({"project.yml": config, "packages/kit/f.py": FUNCTION})
    body = sent["packages/tools"]
    assert body["binding"] == {"namespace": "ns", "name": "kit"}
    assert body["parameters"] == [{"key": "pp", "value": 1}, {"key": "unit", "value": "metre"},
                                  {"key": "PE", "value": "pe", "init": True}, {"key": "KEY", "value": "k", "init": True}]
    assert annotations(body)["note"] == "hi" and body["publish"] is False
    assert "binding" not in sent["packages/kit"]
    paths = [r.path for r in server.seen("PUT")]
    assert paths == ["packages/kit", "packages/tools", "actions/kit/f"]


def test_project_of_a_binding_alone_is_deployed_once(deploy):
    done, sent = deploy({"project.yml": BINDING.replace("NS", "other")})
    assert sent["packages/tools"]["binding"] == {"namespace": "other", "name": "kit"}
    assert changes_of(done) == {"package tools": "create"}
    done, sent = deploy({})
    assert not sent and changes_of(done) == {}
    done, sent = deploy({"project.yml": BINDING.replace("NS", "another")})
    assert changes_of(done) == {"package tools": {"binding"}} and sent["packages/tools"]["binding"]["namespace"] == "another"


def test_binding_that_somebody_changed_is_named(deploy, server):
    deploy({"project.yml": BINDING.replace("NS", "other")})
    server.live["packages/tools"]["binding"]["name"] = "kat"
    assert changes_of(deploy({})[0]) == {"package tools": {"elsewhere"}}


def test_binding_becomes_a_package_and_back(deploy, server, tmp_path):
    deploy({"project.yml": BINDING.replace("NS", "other")})
    done, sent = deploy({"project.yml": "", "packages/tools/f.py": FUNCTION})
    assert changes_of(done) == {"package tools": {"binding"}, "tools/f": "create"}
    assert [r.path for r in server.seen("DELETE")] == ["packages/tools"] and "binding" not in sent["packages/tools"]
    assert server.live["packages/tools"]["binding"] is False
    assert not deploy({})[1]

    (tmp_path / "project/packages/tools/f.py").unlink()
    (tmp_path / "project/packages/tools").rmdir()
    done, sent = deploy({"project.yml": BINDING.replace("NS", "other")}, check=False)
    assert done.returncode == 2 and not sent
    assert "'dofn undeploy tools' removes them" in done.stdout
    del server.live["actions/tools/f"]
    done, sent = deploy({})
    assert changes_of(done) == {"package tools": {"binding"}} and server.live["packages/tools"]["binding"]


def test_failed_replacement_of_a_binding_is_told(deploy, server):
    deploy({"project.yml": BINDING.replace("NS", "other")})
    server.faults.insert(0, Fault("DELETE", ".*", error(403, "not yours"), None))
    done, sent = deploy({"project.yml": "", "packages/tools/f.py": FUNCTION}, check=False)
    assert done.returncode == 1 and not sent
    assert [e["function"] for e in events(done) if e["event"] == "failed" and "function" in e] == ["tools/f"]


# Images.


def test_image_with_a_file_with_a_zip_and_alone(deploy):
    config = """\
packages:
  - name: p
    functions:
      - {name: file, docker: me/image, main: go}
      - {name: folder, docker: me/image}
      - {name: alone, docker: 'me/image:2'}
"""
    files = {"project.yml": config, "packages/p/file.py": FUNCTION,
             "packages/p/folder/run": "x", "packages/p/folder/data": "y"}
    _, sent = deploy(files)
    assert sent["actions/p/file"]["exec"] == {
        "code": FUNCTION, "binary": False, "kind": "blackbox", "image": "me/image", "main": "go"}
    folder = sent["actions/p/folder"]["exec"]
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(folder.pop("code"), validate=True))) as z:
        assert z.namelist() == ["data", "run"]
    assert folder == {"binary": True, "kind": "blackbox", "image": "me/image"}
    assert sent["actions/p/alone"]["exec"] == {"binary": False, "kind": "blackbox", "image": "me/image:2"}
    assert not deploy({})[1]
    done, _ = deploy({"project.yml": config.replace("image:2", "image:3")})
    assert changes_of(done) == {"p/alone": {"configuration"}}


# The namespace.


@pytest.mark.parametrize("target, goes", [
    ("ns", True), ("other", False), ("{production: other, test: ns}", True), ("{production: other}", False)])
def test_target_namespace_is_the_connected_one(deploy, target, goes):
    done, sent = deploy({"project.yml": f"targetNamespace: {target}\n", "packages/p/a.py": FUNCTION}, check=False)
    assert (done.returncode == 0) == goes and bool(sent) == goes
    if not goes:
        assert done.returncode == 2
        assert "'targetNamespace' is not the namespace 'ns', to which this would go" in done.stdout


def test_target_namespace_does_not_keep_from_trying_locally(dofn, project):
    root = project({"project.yml": "targetNamespace: elsewhere\n", "packages/target/a.py": FUNCTION})
    dofn("deploy", root)
    dofn("undeploy", "--packages", "target", "--yes")


# What is not wanted any more goes.


def test_removed_limits_go_back_to_the_platforms(deploy, server):
    config = "packages: [{name: p, functions: [{name: a, limits: {LIMITS}}]}]"
    deploy({"project.yml": config.replace("LIMITS", "timeout: 5000, memory: 512, logs: 4"), "packages/p/a.py": FUNCTION})
    server.live["actions/p/a"]["limits"]["concurrency"] = 1
    done, sent = deploy({"project.yml": config.replace("LIMITS", "memory: 1024")})
    assert changes_of(done) == {"p/a": {"limits"}}
    assert sent["actions/p/a"]["limits"] == {"timeout": 3000, "memory": 1024, "logs": 16}
    done, sent = deploy({"project.yml": "packages: [{name: p, functions: [{name: a}]}]"})
    assert sent["actions/p/a"]["limits"] == {"memory": 256}
    assert not deploy({})[1]


def test_limits_that_the_project_never_had_stay(deploy, server):
    deploy({"packages/p/a.py": FUNCTION})
    server.live["actions/p/a"]["limits"]["timeout"] = 9000
    _, sent = deploy({"packages/p/a.py": FUNCTION + "\n"})
    assert "limits" not in sent["actions/p/a"] and server.live["actions/p/a"]["limits"]["timeout"] == 9000


def test_removed_values_and_keys_are_sent_as_gone(deploy):
    config = """\
packages:
  - name: p
    shared: true
    parameters: {x: 1}
    environment: {Y: y}
    functions:
      - {name: a, web: raw, webSecure: s, main: go, parameters: {x: 1}, environment: {Y: y}}
"""
    deploy({"project.yml": config, "packages/p/a.py": FUNCTION + "\n\ngo = main\n"})
    _, sent = deploy({"project.yml": "packages: [{name: p, functions: [{name: a, web: false}]}]"})
    assert sent["packages/p"]["parameters"] == [] and sent["packages/p"]["publish"] is False
    body = sent["actions/p/a"]
    assert body["parameters"] == [] and "main" not in body["exec"]
    notes = annotations(body)
    assert [notes[k] for k in ("web-export", "raw-http", "require-whisk-auth")] == [False, False, False]

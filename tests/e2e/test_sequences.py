"""Sequences and bindings on the local platform: deployed by dofn, called through the API and the web."""

import base64
import json
import time

import pytest

ADD = """\
def main(event):
    trail = event.get('trail', []) + ['%s']
    return {'trail': trail, 'unit': event.get('unit', '')}
"""
FAIL = "def main(event):\n    return {'error': {'statusCode': 418, 'body': 'stop'}}\n"
PAGE = """\
import os
def main(event):
    return {'body': {'trail': event.get('trail'), 'unit': event.get('unit'), 'key': os.environ.get('KEY')},
            'headers': {'content-type': 'application/json'}}
"""
CONFIG = """\
packages:
  - name: seq
    parameters: {unit: metre}
    environment: {KEY: own}
    functions:
      - {name: chain, sequence: [seq/a, seq/b, seq/page]}
      - {name: nested, sequence: [seq/inner, seq/page]}
      - {name: inner, sequence: [seq/a, seq/b]}
      - {name: broken, sequence: [seq/a, seq/fail, seq/b]}
      - {name: hidden, sequence: [seq/a], web: false}
      - {name: raw, sequence: [seq/a], web: raw, webSecure: s3cret}
      - {name: bound, sequence: [kit/a, kit/page]}
  - name: kit
    binding: {namespace: _, name: seq}
    parameters: {unit: foot}
    environment: {KEY: bound}
"""
FILES = {"project.yml": CONFIG, "packages/seq/a.py": ADD % "a", "packages/seq/b.py": ADD % "b",
         "packages/seq/fail.py": FAIL, "packages/seq/page.py": PAGE}


@pytest.fixture(scope="module")
def deployed(platform, tmp_path_factory):
    root = tmp_path_factory.mktemp("sequences")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    platform.dofn("deploy", root)
    yield root
    platform.dofn("undeploy", "--packages", "kit", "seq", "--yes", check=False)


@pytest.fixture
def api(platform, http):
    token = base64.b64encode(platform.auth.encode()).decode()

    def call(method, path, body=None):
        return http(method, f"{platform.apihost}/api/v1/namespaces/_/{path}", body and json.dumps(body),
                    {"Authorization": f"Basic {token}", "Content-Type": "application/json"})

    return call


@pytest.fixture
def invoke(deployed, api):
    def call(name, **payload):
        return api("POST", f"actions/{name}?blocking=true", payload)

    return call


def notes(record):
    return {a["key"]: a["value"] for a in record["annotations"]}


def record_of(api, name):
    """The activation, whose record another request may have to wait for."""
    for _ in range(50):
        answer = api("GET", f"activations/{name}")
        if answer.status == 200:
            return answer.json()
        time.sleep(0.1)
    raise AssertionError(f"no record of {name}")


def test_second_deploy_has_nothing_to_do(dofn, deployed):
    assert "11 unchanged" in dofn("deploy", deployed).stderr


def test_each_function_gets_the_result_of_the_one_before(invoke):
    answer = invoke("seq/chain", trail=["start"])
    assert answer.status == 200
    record = answer.json()
    assert record["response"]["result"]["body"]["trail"] == ["start", "a", "b"]
    assert record["response"]["success"] is True


def test_record_of_a_sequence_lists_its_calls(invoke, api):
    record = invoke("seq/chain").json()
    calls = [record_of(api, i) for i in record["logs"]]
    assert [c["name"] for c in calls] == ["a", "b", "page"]
    assert all(c["cause"] == record["activationId"] and notes(c)["causedBy"] == "sequence" for c in calls)
    assert record["duration"] == sum(c["duration"] for c in calls)
    assert record["start"] == calls[0]["start"] and record["end"] >= calls[-1]["end"]
    own = notes(record)
    assert own["topmost"] is True and own["kind"] == "sequence" and "cause" not in record
    assert own["path"].endswith("/seq/chain") and own["limits"]["memory"] == 256 and "initTime" not in own


def test_sequence_in_a_sequence(invoke, api):
    record = invoke("seq/nested").json()
    inner, page = (record_of(api, i) for i in record["logs"])
    assert inner["name"] == "inner" and page["response"]["result"]["body"]["trail"] == ["a", "b"]
    assert notes(inner)["topmost"] is False and notes(inner)["causedBy"] == "sequence"
    assert inner["cause"] == record["activationId"]
    assert [record_of(api, i)["cause"] for i in inner["logs"]] == [inner["activationId"]] * 2


def test_failure_ends_a_sequence(invoke, api):
    answer = invoke("seq/broken")
    record = answer.json()
    assert answer.status == 502 and record["response"]["status"] == "application error"
    assert record["response"]["result"] == {"error": {"statusCode": 418, "body": "stop"}}
    assert [record_of(api, i)["name"] for i in record["logs"]] == ["a", "fail"]


def test_call_that_does_not_wait(deployed, api):
    answer = api("POST", "actions/seq/chain", {})
    assert answer.status == 202
    assert len(record_of(api, answer.json()["activationId"])["logs"]) == 3


def test_bare_result_and_the_commands_word(dofn, deployed, api):
    answer = api("POST", "actions/seq/inner?blocking=true&result=true", {"trail": ["x"]})
    assert answer.json()["trail"] == ["x", "a", "b"]
    assert json.loads(dofn("functions", "invoke", "seq/inner", "-p", "unit:mile").stdout)["trail"] == ["a", "b"]


def test_web_sequence(deployed, platform, http):
    answer = http("GET", platform.web("seq/chain"))
    assert answer.status == 200 and answer.json()["trail"] == ["a", "b"]
    assert http("GET", platform.web("seq/broken")).status == 418
    assert http("GET", platform.web("seq/hidden")).status == 404
    assert http("GET", platform.web("seq/raw")).status == 401
    assert http("GET", platform.web("seq/raw.json"), headers={"X-Require-Whisk-Auth": "s3cret"}).json()["trail"] == ["a"]


def test_sequence_is_shown_with_its_functions(deployed, api, platform):
    shown = api("GET", "actions/seq/inner").json()
    components = [f"/{platform.namespace}/seq/{f}" for f in "ab"]
    assert shown["exec"] == {"kind": "sequence", "components": components}
    assert shown["parameters"][-1] == {"key": "_actions", "value": components}
    assert notes(shown)["exec"] == "sequence"
    listed = {f["name"]: f for f in api("GET", "actions/seq/?limit=0").json()}
    assert listed["inner"]["exec"] == {"binary": False}


@pytest.fixture
def put(api):
    made = []

    def make(name, components, status=200):
        answer = api("PUT", f"actions/{name}?overwrite=true", {"exec": {"kind": "sequence", "components": components}})
        assert answer.status == status, answer.body
        made.append(name)
        return answer.json()

    yield make
    for name in reversed(made):
        api("DELETE", f"actions/{name}")


@pytest.mark.parametrize("components, text", [
    ([], "No component specified for the sequence."),
    (None, "No component specified for the sequence."),
    (["/_/seq/a"] * 51, "Too many actions in the sequence."),
    (["/_/seq/inner"] * 26, "Too many actions in the sequence."),
    (["/_/seq/nowhere"], "Sequence component does not exist."),
    (["/_/nowhere/a"], "Sequence component does not exist."),
    (["/elsewhere/seq/a"], "Sequence component does not exist."),
    (["/_/seq/self"], "Sequence may not refer to itself."),
    (["/_/kit/self"], "Sequence may not refer to itself."),
    (["a"], "must be the name of a function"),
    ([7], "must be the name of a function"),
    (["/_/a/b/c"], "must be the name of a function"),
    (["/_//a"], "must be the name of a function"),
])
def test_bad_sequences_are_refused(deployed, put, components, text):
    assert text in put("seq/self", components, 400)["error"]


def test_names_may_be_written_in_several_ways(deployed, put, platform):
    shown = put("ways", ["_/seq/a", f"/{platform.namespace}/kit/b"])
    assert shown["exec"]["components"] == [f"/{platform.namespace}/seq/a", f"/{platform.namespace}/kit/b"]
    put("ways2", ["/_/ways"])


def test_circle_over_others_is_refused(deployed, put, api):
    put("seq/one", ["/_/seq/a"])
    put("seq/two", ["/_/seq/one"])
    assert "refer to itself" in put("seq/one", ["/_/seq/a", "/_/seq/two"], 400)["error"]


def test_sequence_that_became_too_long_or_lost_a_function_fails_with_a_word(deployed, put, api, invoke):
    put("seq/small", ["/_/seq/a"])
    put("seq/wide", ["/_/seq/small"] * 30)
    put("seq/small", ["/_/seq/a", "/_/seq/b"])
    record = invoke("seq/wide").json()
    assert record["response"]["result"] == {"error": "Too many actions in the sequence."}
    api("DELETE", "actions/seq/small")
    record = invoke("seq/wide").json()
    assert record["response"]["result"] == {"error": "Sequence component does not exist."}
    assert record["response"]["status"] == "application error" and record["logs"] == []


def test_levels_of_sequences_have_an_end(deployed, put, invoke):
    for chain in ("low", "high"):
        put(f"seq/{chain}0", ["/_/seq/a"])
        for i in range(1, 30):
            put(f"seq/{chain}{i}", [f"/_/seq/{chain}{i - 1}"])
    put("seq/high0", ["/_/seq/low29"])
    assert invoke("seq/high10").status == 200
    assert "Too many actions" in json.dumps(invoke("seq/high29").json()["response"])
    assert "Too many actions" in put("seq/top", ["/_/seq/high29"], 400)["error"]


def test_sequence_becomes_code_and_a_sequence_again(deployed, put, api, invoke):
    put("seq/turn", ["/_/seq/a"])
    shown = api("PUT", "actions/seq/turn?overwrite=true", {"exec": {"kind": "python:3.11", "code": ADD % "c"}}).json()
    assert shown["exec"]["kind"] == "python:3.11"
    assert all(p["key"] != "_actions" for p in shown["parameters"])
    assert invoke("seq/turn").json()["response"]["result"]["trail"] == ["c"]
    put("seq/turn", ["/_/seq/b"])
    assert invoke("seq/turn").json()["response"]["result"]["trail"] == ["b"]


# Bindings.


def test_function_is_called_through_a_binding_with_the_parameters_of_both(deployed, platform, http):
    assert http("GET", platform.web("seq/page")).json() == {"trail": None, "unit": "metre", "key": "own"}
    assert http("GET", platform.web("kit/page")).json() == {"trail": None, "unit": "foot", "key": "bound"}
    assert http("GET", platform.web("seq/page")).json()["unit"] == "metre"


def test_call_through_a_binding_is_recorded_as_one(invoke, platform):
    record = invoke("kit/a").json()
    assert notes(record)["path"] == f"{platform.namespace}/seq/a"
    assert notes(record)["binding"] == f"{platform.namespace}/kit"
    assert "binding" not in notes(invoke("seq/a").json())


def test_sequence_through_a_binding_and_of_one(invoke):
    assert invoke("kit/inner").json()["response"]["result"]["unit"] == "metre"
    assert invoke("seq/bound").json()["response"]["result"]["body"] == {"trail": ["a"], "unit": "foot", "key": "bound"}


def test_binding_shows_what_it_stands_for(deployed, api, platform):
    shown = api("GET", "packages/kit").json()
    assert shown["binding"] == {"namespace": platform.namespace, "name": "seq"}
    assert {"key": "unit", "value": "foot"} in shown["parameters"] and len(shown["parameters"]) == 2
    assert {a["name"] for a in shown["actions"]} >= {"a", "b", "chain"}
    listed = {p["name"]: p["binding"] for p in api("GET", "packages").json()}
    assert listed["kit"] == {"namespace": platform.namespace, "name": "seq"} and listed["seq"] is False
    assert api("GET", "packages/seq").json()["binding"] == {}
    assert {f["namespace"] for f in api("GET", "actions/kit/").json()} == {f"{platform.namespace}/seq"}
    function = api("GET", "actions/kit/a").json()
    assert function["namespace"] == f"{platform.namespace}/seq" and {"key": "unit", "value": "foot"} in function["parameters"]


@pytest.mark.parametrize("method, path, body, status, text", [
    ("PUT", "actions/kit/new", {"exec": {"kind": "python:3.11", "code": ""}}, 400, "Operation not permitted on package binding."),
    ("DELETE", "actions/kit/a", None, 400, "Operation not permitted on package binding."),
    ("PUT", "packages/seq?overwrite=true", {"binding": {"namespace": "_", "name": "kit"}}, 409, "cannot be converted"),
    ("PUT", "packages/kat", {"binding": {"namespace": "_", "name": "kit"}}, 400, "Cannot bind to another package binding."),
    ("PUT", "packages/kat", {"binding": {"namespace": "_", "name": "nothing"}}, 400, "a package that does not exist"),
    ("PUT", "packages/kat", {"binding": {"namespace": "other", "name": "p"}}, 400, "namespace"),
    ("PUT", "packages/kat", {"binding": {"name": "p"}}, 400, "'namespace' and 'name'"),
    ("PUT", "packages/kat", {"binding": "seq"}, 400, "'namespace' and 'name'"),
])
def test_what_a_binding_cannot_do(deployed, api, method, path, body, status, text):
    answer = api(method, path, body)
    assert answer.status == status and text in answer.json()["error"]


def test_binding_of_a_package_that_is_gone_has_no_functions(deployed, api):
    api("PUT", "packages/base", {})
    api("PUT", "packages/rest", {"binding": {"namespace": "_", "name": "base"}})
    assert api("PUT", "packages/rest?overwrite=true", {"parameters": []}).json()["binding"]["name"] == "base"
    api("DELETE", "packages/base")
    assert api("GET", "packages/rest").status == 404
    assert api("GET", "actions/rest/f").status == 404 and api("POST", "actions/rest/f").status == 404
    assert api("DELETE", "packages/rest").status == 200


def test_image_is_refused_with_a_word(dofn, project):
    root = project({"project.yml": "packages: [{name: image, functions: [{name: f, docker: me/image}]}]"})
    done = dofn("deploy", root, check=False)
    dofn("undeploy", "--packages", "image", "--yes")
    assert done.returncode == 1 and "the local platform runs no images" in done.stderr

"""The local platform's REST API as a client sees it: entities, calls, records, web functions."""

import base64
import concurrent.futures
import http.client
import itertools
import json
import re
import urllib.parse

import pytest

ECHO = "def main(event):\n    return {'got': event}\n"
numbers = itertools.count(1)


class Api:
    def __init__(self, platform, http):
        self.platform = platform
        self.http = http
        token = base64.b64encode(platform.auth.encode()).decode()
        self.headers = {"Authorization": "Basic " + token}

    def __call__(self, method, path, body=None, headers=None, namespace="_"):
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        return self.http(method, f"{self.platform.apihost}/api/v1/namespaces/{namespace}/{path}",
                         body, {**self.headers, **(headers or {})})

    def put(self, name, code=ECHO, kind="python:3.11", **entity):
        answer = self("PUT", f"actions/{name}?overwrite=true",
                      {"exec": {"kind": kind, "code": code}, **entity})
        assert answer.status == 200, answer.body
        return answer.json()

    def web(self, method, name, body=None, headers=None):
        return self.http(method, self.platform.web(name), body, headers)

    def call(self, name, payload=None, query="blocking=true&result=true"):
        return self("POST", f"actions/{name}?{query}", payload)


@pytest.fixture
def api(platform, http):
    return Api(platform, http)


@pytest.fixture
def name():
    return f"f{next(numbers)}"


def keyed(**values):
    return [{"key": k.replace("_", "-"), "value": v} for k, v in values.items()]


def annotation(entity, key):
    return {a["key"]: a["value"] for a in entity["annotations"]}.get(key)


def error_of(answer):
    body = answer.json()
    assert set(body) == {"error", "code"}
    return answer.status, body["error"]


# Who may ask.


@pytest.mark.parametrize("path", ["/", "/api/v1", "/api/v1/", "/.co/api/v1", "/.io/api/v1?"])
def test_info_needs_no_key_and_has_runtimes(platform, http, path):
    info = http("GET", platform.apihost + path).json()
    assert info["api_paths"] == ["/api/v1"]
    assert "python:3.11" in [r["kind"] for r in info["runtimes"]["python"]]
    assert info["limits"]["max_action_duration"] == 900000


@pytest.mark.parametrize("authorization, text", [
    (None, "The resource requires authentication, which was not supplied with the request"),
    ("Basic Zm9vOmJhcg==", "The supplied authentication is invalid"),
    ("Bearer x", "The supplied authentication is invalid"),
    ("Basic %%%", "The supplied authentication is invalid"),
])
def test_everything_else_needs_the_key(platform, http, authorization, text):
    answer = http("GET", platform.apihost + "/api/v1/namespaces", None,
                  {"Authorization": authorization} if authorization else {})
    assert error_of(answer) == (401, text)
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="OpenWhisk secure realm"'


@pytest.mark.parametrize("host, status", [
    ("localhost", 200), ("localhost:99", 200), ("127.1.2.3", 200), ("[::1]:80", 200),
    ("example.com", 403), ("127.0.0.1.example.com", 403), ("localhost.example.com:80", 403),
])
def test_only_loopback_names_are_answered(platform, host, status):
    port = urllib.parse.urlsplit(platform.apihost).port
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/api/v1", headers={"Host": host})
    assert connection.getresponse().status == status
    connection.close()


def test_namespace_is_mine_or_underscore(api, platform):
    assert api("GET", "").json() is not None
    assert api("GET", "actions", namespace=platform.namespace).status == 200
    assert error_of(api("GET", "actions", namespace="other"))[0] == 403
    namespaces = api.http("GET", platform.apihost + "/api/v1/namespaces", None, api.headers)
    assert namespaces.json() == [platform.namespace]


def test_request_id_is_echoed_and_is_the_code_of_errors(api):
    answer = api("GET", "actions/none", headers={"X-Request-ID": "mine-1"})
    assert answer.headers["X-Request-ID"] == "mine-1"
    assert answer.json()["code"] == "mine-1"
    answer = api("GET", "actions/none", headers={"X-Request-ID": "sid_x"})
    assert re.fullmatch("[0-9a-f]{32}", answer.json()["code"])


def test_unknown_paths_and_methods(api):
    assert api("GET", "nothing").status == 404
    assert api("GET", "actions/a/b/c").status == 404
    assert api("PATCH", "actions/a").status == 405


# Entities.


def test_new_function_gets_defaults(api, platform, name):
    action = api.put(name, kind="python:default")
    assert action["namespace"] == platform.namespace
    assert action["version"] == "0.0.1"
    assert action["exec"]["kind"].startswith("python:3")
    assert action["exec"]["binary"] is False
    assert action["limits"] == {"timeout": 3000, "memory": 256, "logs": 16, "concurrency": 1}
    assert annotation(action, "exec") == action["exec"]["kind"]
    assert annotation(action, "provide-api-key") is False


def test_update_bumps_merges_annotations_and_keeps_the_rest(api, name):
    api.put(name, parameters=keyed(a=1), annotations=keyed(x=1, y=2), limits={"memory": 512})
    answer = api("PUT", f"actions/{name}?overwrite=true",
                 {"annotations": keyed(y=3), "delAnnotations": ["x"], "limits": {"timeout": 500}})
    action = answer.json()
    assert action["version"] == "0.0.2"
    assert annotation(action, "x") is None and annotation(action, "y") == 3
    assert action["parameters"] == keyed(a=1)
    assert action["limits"]["memory"] == 512 and action["limits"]["timeout"] == 500
    assert api("GET", f"actions/{name}").json()["exec"]["code"] == ECHO
    assert "code" not in api("GET", f"actions/{name}?code=false").json()["exec"]


def test_package_annotations_are_replaced_and_parameters_show_in_its_functions(api, name):
    api("PUT", f"packages/{name}", {"parameters": keyed(a=1, b=2), "annotations": keyed(x=1)})
    api.put(f"{name}/f", parameters=keyed(b=3))
    package = api("PUT", f"packages/{name}?overwrite=true", {"annotations": keyed(y=1)}).json()
    assert package["annotations"] == keyed(y=1)
    assert package["parameters"] == keyed(a=1, b=2)
    assert package["version"] == "0.0.2"
    assert [a["name"] for a in package["actions"]] == ["f"]
    action = api("GET", f"actions/{name}/f").json()
    assert action["parameters"] == keyed(a=1, b=3)
    assert action["namespace"].endswith("/" + name)
    assert api.call(f"{name}/f").json() == {"got": {"a": 1, "b": 3}}


def test_existing_is_not_overwritten_unless_asked(api, name):
    api.put(name)
    body = {"exec": {"kind": "python:3.11", "code": ECHO}}
    assert error_of(api("PUT", f"actions/{name}", body)) == (409, "resource already exists")
    assert error_of(api("PUT", f"actions/{name}?overwrite=maybe", body))[0] == 400
    api("PUT", f"packages/p{name}", {})
    assert api("PUT", f"packages/p{name}", {}).status == 409


def test_name_of_the_other_kind_conflicts(api, name):
    text = "Resource by this name exists but is not in this collection."
    api.put(name)
    assert error_of(api("GET", f"packages/{name}")) == (409, text)
    assert error_of(api("PUT", f"packages/{name}", {})) == (409, text)
    api("PUT", f"packages/p{name}", {})
    assert error_of(api("GET", f"actions/p{name}")) == (409, text)
    assert error_of(api("DELETE", f"actions/p{name}")) == (409, text)


CODE = {"kind": "python:3.11", "code": ECHO}


@pytest.mark.parametrize("body, status, text", [
    ({}, 400, "exec undefined"),
    ("{", 400, "The request content was malformed:"),
    ("[]", 400, "The request content was malformed:"),
    ({"exec": {"kind": "cobol:1", "code": ""}}, 400,
     "The specified runtime 'cobol:1' is not supported by this platform. Valid values are: "),
    ({"exec": {"kind": "sequence", "components": []}}, 400, "No component specified for the sequence."),
    ({"exec": {"kind": "blackbox", "image": "x"}}, 400, "the local platform runs no images"),
    ({"exec": {"kind": "python:3.11"}}, 400, "'code' must be a string"),
    ({"exec": CODE, "limits": {"memory": 2048}}, 400,
     "memory size 2048 MB exceeds allowed threshold of 1024 MB"),
    ({"exec": CODE, "limits": {"timeout": 99}}, 400,
     "duration 99 milliseconds below allowed threshold of 100 milliseconds"),
    ({"exec": CODE, "limits": {"logs": 257}}, 400, "log size 257 KB exceeds"),
    ({"exec": CODE, "limits": {"concurrency": 2}}, 400,
     "concurrency 2 exceeds allowed threshold of 1"),
    ({"exec": CODE, "limits": {"memory": "x"}}, 400, "whole number"),
    ({"exec": CODE, "parameters": {"a": 1}}, 400, "parameters malformed!"),
    ({"exec": CODE, "annotations": [{"value": 1}]}, 400, "annotations malformed!"),
    ({"exec": CODE, "parameters": keyed(a="x" * 1048577)}, 413, "parameters larger than allowed: "),
    ({"exec": CODE, "version": "1"}, 400, "'version' must be"),
])
def test_bad_function_is_refused(api, name, body, status, text):
    got, error = error_of(api("PUT", f"actions/{name}", body))
    assert got == status
    assert text in error
    assert api("GET", f"actions/{name}").status == 404


def test_code_over_48_mb_is_refused(api, name):
    body = {"exec": {"kind": "python:3.11", "code": "#" * (48 * 1024 * 1024 + 1)}}
    assert error_of(api("PUT", f"actions/{name}", body)) == (
        413, "code larger than allowed: 50331649 > 50331648 bytes.")


def test_request_over_50_mb_is_refused(api, name):
    status, text = error_of(api("PUT", f"actions/{name}", b"x" * (50 * 1024 * 1024 + 1)))
    assert status == 413 and "larger than allowed" in text


@pytest.mark.parametrize("bad", ["a%2Fb", "-a", "a%20", "a%00b", "%C3%A9", "x" * 257])
def test_bad_names_are_refused(api, bad):
    assert error_of(api("PUT", f"actions/{bad}", {"exec": CODE}))[0] == 400


def test_name_with_spaces_and_signs(api):
    api.put("a%20b@c.d%26e-f")
    assert api("GET", "actions/a%20b@c.d&e-f").json()["name"] == "a b@c.d&e-f"


def test_package_rules(api, name):
    assert error_of(api("PUT", "packages/default", {})) == (
        400, "Package name 'default' is reserved.")
    binding = {"binding": {"namespace": "_", "name": "x"}}
    assert error_of(api("PUT", f"packages/{name}", binding))[1] == (
        "Binding references a package that does not exist.")
    assert api("PUT", f"actions/{name}/f", {"exec": CODE}).status == 404
    assert api("PUT", f"packages/{name}", {"binding": {}}).status == 200
    api.put(f"{name}/f")
    assert error_of(api("DELETE", f"packages/{name}")) == (
        409, "Package not empty (contains 1 entity). Set force param or delete package contents.")
    assert api("DELETE", f"packages/{name}?force=true").json()["name"] == name
    assert api("GET", f"actions/{name}/f").status == 404


def test_lists_are_newest_first_and_paged(api, name):
    api("PUT", f"packages/{name}", {})
    for fn in "abc":
        api.put(f"{name}/{fn}")
    api.put(f"{name}/a")

    def names(query=""):
        return [a["name"] for a in api("GET", f"actions/{name}/{query}").json()]

    assert names() == ["a", "c", "b"]
    assert names("?limit=1&skip=1") == ["c"]
    assert names("?limit=0") == ["a", "c", "b"]
    assert api("GET", f"actions/{name}/?count=true").json() == {"actions": 3}
    item = api("GET", "actions?limit=1").json()[0]
    assert set(item) == {"namespace", "name", "version", "publish", "annotations", "limits",
                         "exec", "updated"}
    assert item["exec"] == {"binary": False}
    assert api("GET", "packages?limit=1").json()[0]["binding"] is False
    assert api("GET", "actions/nopackage/").status == 404


@pytest.mark.parametrize("query, text", [
    ("limit=201", "The value '201' is not in the range of 0 to 200 for actions."),
    ("limit=x", "The value 'x' is not an integer for actions."),
    ("skip=-1", "The value '-1' is not greater than or equal to 0 for actions."),
])
def test_bad_pages_are_refused(api, query, text):
    assert error_of(api("GET", "actions?" + query)) == (400, text)


# Calls.


def test_forms_of_a_call(api, name):
    api.put(name, "def main(e):\n    print('out')\n    return {'n': e.get('n')}\n")
    answer = api.call(name, {"n": 1})
    assert (answer.status, answer.json()) == (200, {"n": 1})
    activation = answer.headers["x-openwhisk-activation-id"]
    record = api.call(name, {"n": 2}, "blocking=true").json()
    assert record["response"] == {"status": "success", "success": True, "result": {"n": 2},
                                  "size": 8}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout: out", record["logs"][0])
    assert annotation(record, "kind") == "python:3.11"
    assert annotation(record, "timeout") is False
    assert annotation(record, "initTime") is None
    assert annotation(record, "path").endswith("/" + name)
    first = api("GET", f"activations/{activation}").json()
    assert annotation(first, "initTime") >= 0
    accepted = api.call(name, None, "")
    assert accepted.status == 202
    assert set(accepted.json()) == {"activationId"}
    assert accepted.headers["x-openwhisk-activation-id"] == accepted.json()["activationId"]


def test_trailing_question_mark_and_empty_body(api, name):
    api.put(name)
    assert api.call(name, None, "").status == 202
    assert api.call(name).json() == {"got": {}}


def test_application_error_has_no_code(api, name):
    api.put(name, "def main(e):\n    return {'error': 'no'}\n")
    answer = api.call(name)
    assert (answer.status, answer.json()) == (502, {"error": "no"})
    record = api.call(name, None, "blocking=true")
    assert record.status == 502
    assert record.json()["response"]["status"] == "application error"
    assert "code" not in record.json()


def test_developer_error(api, name):
    api.put(name, "def main(e):\n    return [1]\n")
    record = api.call(name, None, "blocking=true")
    assert record.status == 502
    assert record.json()["response"]["status"] == "action developer error"


def test_kind_that_cannot_run_here_is_kept_but_not_called(api, name):
    api.put(name, "exports.main = () => ({})", kind="nodejs:default")
    assert api.call(name, None, "blocking=true").status == 502


def test_bound_parameters_may_not_be_overridden_when_final(api, name):
    api.put(name, parameters=keyed(a=1), annotations=keyed(final=True))
    assert api.call(name, {"b": 2}).json() == {"got": {"a": 1, "b": 2}}
    assert error_of(api.call(name, {"a": 2})) == (
        400, "Request defines parameters that are not allowed (e.g., reserved properties).")


def test_init_parameters_are_environment_only(api, name):
    code = "import os\ndef main(e):\n    return {'got': e, 'E': [os.environ.get(k) for k in 'ABCDX']}\n"
    values = {"A": "text", "B": None, "C": 1.50, "D": {"x": [1, True]}}
    api.put(name, code, parameters=[{"key": k, "value": v, "init": True}
                                    for k, v in values.items()])
    assert api.call(name).json() == {"got": {}, "E": ["text", "", "1.5", '{"x":[1,true]}', None]}


@pytest.mark.parametrize("payload, status", [
    ("[1]", 400), ("{", 400), ('"x"', 400), ('{"a":"' + "x" * 1048576 + '"}', 413),
])
def test_bad_payloads_are_refused(api, name, payload, status):
    api.put(name)
    assert error_of(api.call(name, payload))[0] == status


def test_missing_function(api):
    assert error_of(api.call("missing")) == (404, "The requested resource does not exist.")


def test_new_code_runs_in_the_next_call(api, name):
    for i in range(5):
        api.put(name, f"def main(e):\n    return {{'i': {i}}}\n")
        assert api.call(name).json() == {"i": i}
    api("DELETE", f"actions/{name}")
    assert api.call(name).status == 404
    assert api.put(name)["version"] == "0.0.1"


def test_new_package_parameters_reach_the_environment(api, name):
    code = "import os\ndef main(e):\n    return {'v': os.environ.get('V')}\n"
    for value in ("1", "2"):
        api("PUT", f"packages/{name}?overwrite=true",
            {"parameters": [{"key": "V", "value": value, "init": True}]})
        api.put(f"{name}/f", code)
        assert api.call(f"{name}/f").json() == {"v": value}


def test_wait_that_is_over_gives_202_and_the_record_comes(api, name):
    api.put(name, "import time\ndef main(e):\n    time.sleep(0.3)\n    return {'done': 1}\n")
    answer = api.call(name, None, "blocking=true&timeout=50")
    assert answer.status == 202
    activation = answer.json()["activationId"]
    assert error_of(api("GET", f"activations/{activation}"))[0] == 404
    api.call(name)
    assert api("GET", f"activations/{activation}/result").json()["result"] == {"done": 1}
    assert api.call(name, None, "blocking=true&timeout=60001").status == 400


def test_time_limit_is_recorded(api, name):
    api.put(name, "import time\ndef main(e):\n    time.sleep(9)\n", limits={"timeout": 200})
    record = api.call(name, None, "blocking=true").json()
    assert annotation(record, "timeout") is True
    assert record["response"]["result"]["error"].startswith(
        "The action exceeded its time limits of 200 milliseconds")


def test_every_answered_call_is_recorded_at_once(api, name):
    api.put(name)

    def call(i):
        activation = api.call(name, {"i": i}).headers["x-openwhisk-activation-id"]
        record = api("GET", f"activations/{activation}").json()
        return record["response"]["result"] == {"got": {"i": i}}

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all(pool.map(call, range(200)))
    assert api("GET", f"activations?count=true&name={name}").json() == {"activations": 200}


def test_numbers_keep_their_text(api, name):
    api.put(name, "def main(e):\n    return {'big': 12345678901234567890123, 'f': 1.10}\n")
    answer = api.call(name)
    assert answer.body == b'{"big": 12345678901234567890123, "f": 1.1}'
    activation = answer.headers["x-openwhisk-activation-id"]
    for part in ("", "/result"):
        assert b"12345678901234567890123" in api("GET", f"activations/{activation}{part}").body


# Records.


def test_records_are_listed_filtered_and_counted(api, name):
    api("PUT", f"packages/{name}", {})
    api.put(name + "x")
    api.put(f"{name}/f")
    ids = [api.call(f"{name}/f").headers["x-openwhisk-activation-id"] for _ in range(3)]
    api.call(name + "x")
    query = f"activations?name={name}/f"
    items = api("GET", query).json()
    assert [i["activationId"] for i in items] == ids[::-1]
    assert "response" not in items[0] and items[0]["statusCode"] == 0
    assert api("GET", query + "&count=true").json() == {"activations": 3}
    assert api("GET", query + "&count=true&skip=2").json() == {"activations": 1}
    docs = api("GET", query + "&docs=true&limit=1&skip=1").json()
    assert [d["activationId"] for d in docs] == [ids[1]]
    assert docs[0]["response"]["success"] is True
    start = items[0]["start"]
    assert api("GET", f"{query}&since={start + 1}").json() == []
    assert api("GET", f"{query}&upto={items[2]['start'] - 1}").json() == []
    assert api("GET", f"{query}&since={start}&upto={start}").json()[0]["activationId"] == ids[2]


@pytest.mark.parametrize("query, text", [
    ("since=x", "Parameter is not a valid value for epoch seconds: x"),
    ("docs=true&count=true", "The parameter 'docs' is not permitted with 'count'."),
    ("name=a/b/c", "Parameter may be a 'simple' name or 'package-name/simple' name: a/b/c"),
    ("limit=500", "The value '500' is not in the range of 0 to 200 for activations."),
])
def test_bad_filters_are_refused(api, query, text):
    assert error_of(api("GET", "activations?" + query)) == (400, text)


def test_missing_and_bad_activation_ids(api):
    assert "retention period" in error_of(api("GET", "activations/" + "0" * 32))[1]
    assert error_of(api("GET", "activations/abc")) == (
        400, "Activation id length is 3 but must be 32.")
    assert error_of(api("GET", "activations/" + "g" * 32)) == (
        400, "The activation id is not valid.")


# Web functions.


def test_web_function_gets_the_request_and_leaves_a_record(api, name):
    api.put(name, "def main(e):\n    return {'body': e}\n", annotations=keyed(web_export=True))
    answer = api.web("POST", f"default/{name}/a%20b?x=1&x=2", '{"y":3}',
                     {"Content-Type": "application/json", "X-Mine": "m"})
    event = answer.json()
    assert (event["x"], event["y"]) == ("2", 3)
    assert event["http"]["method"] == "POST" and event["http"]["path"] == "/a%20b"
    assert event["http"]["headers"]["x-mine"] == "m"
    for header in ("host", "x-forwarded-for", "x-forwarded-proto", "x-request-id"):
        assert event["http"]["headers"][header]
    assert event["__ow_method"] == "post"
    record = api("GET", "activations/" + answer.headers["x-openwhisk-activation-id"]).json()
    assert annotation(record, "web") is True


@pytest.mark.parametrize("path", ["nothere/f", "default/nothere", "default/{private}"])
def test_everything_not_served_is_the_same_404(api, name, platform, path):
    api.put(name)
    url = f"{platform.apihost}/api/v1/web/{platform.namespace}/{path.format(private=name)}"
    answer = api.http("GET", url)
    assert error_of(answer) == (404, "The requested resource does not exist.")
    assert api.http("GET", url.replace(platform.namespace, "fn-other")).status == 404


@pytest.mark.parametrize("result, status, kind, body", [
    ({"body": "hi"}, 200, "text/html; charset=UTF-8", b"hi"),
    ({}, 204, None, b""),
    ({"statusCode": 418, "body": "x", "headers": {"Content-Type": "text/plain"}}, 418,
     "text/plain; charset=UTF-8", b"x"),
    ({"error": {"statusCode": 404, "body": "gone"}}, 404, "text/html; charset=UTF-8", b"gone"),
    ({"body": {"a": 1}}, 200, "application/json", b'{"a":1}'),
])
def test_result_becomes_the_answer(api, name, result, status, kind, body):
    api.put(name, f"def main(e):\n    return {result!r}\n", annotations=keyed(web_export=True))
    answer = api.web("GET", name)
    assert answer.status == status
    assert answer.body == body
    assert (answer.headers["Content-Type"] or "").replace(" ", "").lower() == (
        kind or "").replace(" ", "").lower()


def test_failing_web_function(api, name):
    api.put(name, "import os\ndef main(e):\n    os._exit(1)\n", annotations=keyed(web_export=True))
    answer = api.web("GET", name)
    assert error_of(answer) == (400, "There was an error processing your request.")
    assert answer.headers["x-openwhisk-activation-id"]


def test_json_extension_gives_the_whole_result(api, name):
    api.put(name, "def main(e):\n    return {'a': 1}\n", annotations=keyed(web_export=True))
    assert api.web("GET", name + ".json").json() == {"a": 1}
    assert api.web("GET", name + ".http").status == 204


def test_options_is_answered_without_a_call(api, name):
    api.put(name, annotations=keyed(web_export=True))
    answer = api.web("OPTIONS", name, None, {"Access-Control-Request-Headers": "X-A"})
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Access-Control-Allow-Headers"] == "X-A"
    assert "x-openwhisk-activation-id" not in answer.headers
    assert api.web("GET", name).headers["Access-Control-Allow-Origin"] == "*"


def test_custom_options_are_the_functions_own(api, name):
    api.put(name, "def main(e):\n    return {'headers': {'x-a': 'b'}, 'statusCode': 200}\n",
            annotations=keyed(web_export=True, web_custom_options=True))
    answer = api.web("OPTIONS", name)
    assert answer.headers["x-a"] == "b"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_web_secret_in_a_header(api, name):
    api.put(name, annotations=keyed(web_export=True, require_whisk_auth="s3cret"))
    assert api.web("GET", name).status == 401
    assert api.web("GET", name, None, {"X-Require-Whisk-Auth": "wrong"}).status == 401
    assert api.web("GET", name, None, {"X-Require-Whisk-Auth": "s3cret"}).status == 204


def test_web_function_that_wants_the_key(api, name):
    api.put(name, "def main(e):\n    return {'body': e['__ow_user']}\n",
            annotations=keyed(web_export=True, require_whisk_auth=True))
    assert api.web("GET", name).status == 401
    assert api.web("GET", name, None, api.headers).body.decode() == api.platform.namespace


def test_reserved_names_and_final_parameters_are_refused(api, name):
    api.put(name, parameters=keyed(a=1), annotations=keyed(web_export=True, final=True))
    assert api.web("GET", name + "?a=2").status == 400
    assert api.web("GET", name + "?__ow_method=x").status == 400
    assert api.web("GET", name + "?b=2").status == 204


def test_raw_function_gets_the_body_unparsed(api, name):
    api.put(name, "def main(e):\n    return {'body': [e['http']['body'], e['http']['queryString']]}\n",
            annotations=keyed(web_export=True, raw_http=True))
    answer = api.web("POST", name + "?a=1&b", "plain", {"Content-Type": "text/plain"})
    assert answer.json() == ["plain", "a=1&b"]


def test_head_has_no_body(api, name):
    api.put(name, "def main(e):\n    return {'body': 'text'}\n", annotations=keyed(web_export=True))
    answer = api.web("HEAD", name)
    assert (answer.status, answer.body) == (200, b"")


def test_web_body_over_a_megabyte_is_refused(api, name):
    api.put(name, annotations=keyed(web_export=True))
    assert api.web("POST", name, b"x" * 1048577).status == 413

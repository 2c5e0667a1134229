"""What DigitalOcean's page about the Python runtime promises, on the local platform."""

import base64
import json
import time

import pytest

PIXEL = base64.b64decode("R0lGODlhAQABAAD/ACwAAAAAAQABAAACADs=")

FUNCTIONS = {
    "whole": """\
FIELDS = ["activation_id", "api_host", "api_key", "deadline",
          "function_name", "function_version", "namespace", "request_id"]

def main(event, context):
    seen = {name: getattr(context, name) for name in FIELDS}
    return {"body": {"event": event, "context": seen,
                     "left": context.get_remaining_time_in_millis()}}
""",
    "greeting": """\
def main(event, context):
    who = event["name"] if "name" in event else "nobody"
    return {"body": "Good day, %s, from version %s" % (who, context.function_version)}
""",
    "sharks": """\
def main():
    kinds = ("tiger", "whale")
    return {"body": [dict(kind=k) for k in kinds]}
""",
    "pixel": f"""\
PIXEL = {base64.b64encode(PIXEL).decode()!r}

def main():
    return {{"statusCode": 200, "body": PIXEL, "headers": {{"Content-Type": "image/gif"}}}}
""",
    "elsewhere": """\
def main():
    return dict(statusCode=302, headers=dict(location="https://example.org/there"))
""",
    "cookie": """\
PAGE = "<html><body><p>welcome</p></body></html>"

def main():
    return {"body": PAGE, "statusCode": 200,
            "headers": {"Content-Type": "text/html", "Set-Cookie": "User=Sam; Max-Age=60"}}
""",
    "cookies": """\
def main():
    return {"body": "<p>x</p>",
            "headers": {"Set-Cookie": ["a=1; Path=/", "b=2; Secure"], "X-Count": 3, "X-On": True}}
""",
    "talkative": """\
import sys

def main(event):
    print("to the output:", event["word"])
    print("to the errors:", event["word"], file=sys.stderr)
    sys.stdout.write("no line end")
    return {}
""",
    "teapot": "def main():\n    return {'statusCode': '418', 'body': 'short and stout'}\n",
    "plain": "def main():\n    return {'body': 'only text'}\n",
    "typed": "def main():\n    return {'body': 'a,b', 'headers': {'Content-Type': 'text/csv'}}\n",
    "wide": "def main():\n    return {'body': {'text': 'äöü €', 'n': 12345678901234567890}}\n",
    "empty": "def main():\n    return {}\n",
    "nothing": "def main():\n    pass\n",
    "arity0": "def main():\n    return {'body': 'none'}\n",
    "arity1": "def main(event):\n    return {'body': sorted(event)}\n",
    "arity2": "def main(event, context):\n    return {'body': context.function_name}\n",
    "ignoring": "def main(_, context):\n    return {'body': type(context.deadline).__name__}\n",
    "raises": "def main():\n    raise ValueError('too few fish')\n",
    "exits": "import sys\ndef main():\n    sys.exit(3)\n",
    "broken": "def main(:\n",
    "missing": "import no_such_module\ndef main():\n    return {}\n",
    "nomain": "def other():\n    return {}\n",
    "list": "def main():\n    return [1, 2]\n",
    "errs": "def main():\n    return {'error': {'statusCode': 422, 'body': 'not so'}}\n",
    "slow": "import time\ndef main(event):\n    time.sleep(float(event.get('s', 5)))\n    return {'body': 'awake'}\n",
    "hungry": """\
def main(event):
    if event.get("eat"):
        taken = bytearray(600 * 1024 * 1024)
        for i in range(0, len(taken), 4096):
            taken[i] = 1
    return {"body": "full"}
""",
    "private": "def main(event):\n    return {'got': event}\n",
    "secret": "def main():\n    return {'body': 'let in'}\n",
    "raw": "def main(event):\n    return {'body': event}\n",
    "entry": "def other(event):\n    return {'body': 'other entry'}\n",
    "params": """\
import os

def main(event):
    return {"body": [event.get("own"), event.get("shared"), os.environ["PLACE"],
                     os.environ["DEPTH"], "PLACE" in event]}
""",
}

FOLDERS = {
    "reads/__main__.py": """\
def main():
    with open("greeting.txt", encoding="utf-8") as f:
        return {"body": "It says: " + f.read()}
""",
    "reads/greeting.txt": "Grüß Gott!\n",
    "venv/__main__.py": """\
import cowsays
import helper

def main(event):
    return {"body": cowsays.speak(helper.polite(event.get("name", "you")))}
""",
    "venv/helper.py": "def polite(name):\n    return 'dear ' + name\n",
    "venv/virtualenv/bin/activate_this.py": """\
import os, site, sys
base = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
version = "python%d.%d" % sys.version_info[:2]
site.addsitedir(os.path.join(base, "lib", version, "site-packages"))
""",
    "venv/virtualenv/lib/python3.11/site-packages/cowsays/__init__.py":
        "from .words import WORD\ndef speak(text):\n    return WORD + ' ' + text\n",
    "venv/virtualenv/lib/python3.11/site-packages/cowsays/words.py": "WORD = 'moo'\n",
}

CONFIG = """\
parameters: {shared: project}
environment: {PLACE: project}
packages:
  - name: page
    environment: {DEPTH: package}
    functions:
      - {name: slow, limits: {timeout: 300}}
      - {name: hungry, limits: {memory: 128, timeout: 20000}}
      - {name: private, web: false}
      - {name: secret, webSecure: s3cret}
      - {name: raw, web: raw}
      - {name: entry, main: other}
      - {name: params, runtime: 'python:3.11', parameters: {own: function}, environment: {PLACE: function}}
"""


@pytest.fixture(scope="module")
def page(platform, tmp_path_factory):
    """The deployed project."""
    root = tmp_path_factory.mktemp("page")
    files = {"project.yml": CONFIG}
    files.update({f"packages/page/{name}.py": text for name, text in FUNCTIONS.items()})
    files.update({f"packages/page/{path}": text for path, text in FOLDERS.items()})
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    platform.dofn("deploy", "--no-verify", root)  # some are broken on purpose
    return platform


@pytest.fixture
def web(page, http):
    def call(name, query="", method="GET", body=None, headers=None):
        return http(method, page.web(f"page/{name}") + query, body, headers)

    return call


def content_type(answer):
    return answer.headers["Content-Type"].partition(";")[0]


def test_echo_shows_event_and_whole_context(page, web):
    before = time.time() * 1000
    answer = web("whole", "?fish=shark", headers={"X-Trace": "t1", "Accept": "*/*"})
    assert (answer.status, content_type(answer)) == (200, "application/json")
    body = answer.json()
    event, context = body["event"], body["context"]
    assert event["fish"] == "shark" and event["shared"] == "project"
    assert event["http"]["method"] == "GET" and event["http"]["path"] == ""
    assert event["http"]["headers"]["x-trace"] == "t1"
    assert event["http"]["headers"]["accept"] == "*/*"
    assert context["activation_id"] == answer.headers["X-OpenWhisk-Activation-Id"]
    assert len(context["activation_id"]) == 32
    assert context["api_host"] == page.apihost
    assert context["api_key"] == ""
    assert before < context["deadline"] < before + 60000
    assert context["function_name"] == f"/{page.namespace}/page/whole"
    assert context["function_version"] == "0.0.1"
    assert context["namespace"] == page.namespace
    assert len(context["request_id"]) == 32
    assert 0 < body["left"] <= 3000


@pytest.mark.parametrize("query, method, body, headers, who", [
    ("", "GET", None, None, "nobody"),
    ("?name=Sam", "GET", None, None, "Sam"),
    ("?name=A&name=B", "GET", None, None, "B"),
    ("?name=J%C3%BCrgen+X", "GET", None, None, "Jürgen X"),
    ("", "POST", "name=Sam", {"Content-Type": "application/x-www-form-urlencoded"}, "Sam"),
    ("?name=Q", "POST", "name=Body", {"Content-Type": "application/x-www-form-urlencoded"}, "Body"),
    ("", "POST", '{"name": "Json"}', {"Content-Type": "application/json"}, "Json"),
    ("?name=Q", "PUT", '{"name": "Json"}', {"Content-Type": "application/json"}, "Json"),
])
def test_greeting_takes_the_name_from_query_form_or_json(web, query, method, body, headers, who):
    answer = web("greeting", query, method, body, headers)
    assert answer.status == 200
    assert answer.body.decode() == f"Good day, {who}, from version 0.0.1"
    assert content_type(answer) == "text/html"


def test_list_becomes_json(web):
    answer = web("sharks")
    assert content_type(answer) == "application/json"
    assert answer.json() == [{"kind": "tiger"}, {"kind": "whale"}]


def test_image_is_decoded(web):
    answer = web("pixel")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/gif")
    assert answer.body == PIXEL
    assert int(answer.headers["Content-Length"]) == len(PIXEL)


def test_redirect_has_its_location(web):
    answer = web("elsewhere")
    assert (answer.status, answer.body) == (302, b"")
    assert answer.headers["Location"] == "https://example.org/there"


def test_html_comes_with_a_cookie(web):
    answer = web("cookie")
    assert (answer.status, content_type(answer)) == (200, "text/html")
    assert answer.headers["Set-Cookie"] == "User=Sam; Max-Age=60"
    assert answer.body == b"<html><body><p>welcome</p></body></html>"


def test_list_of_cookies_is_a_header_each(web):
    answer = web("cookies")
    assert answer.headers.get_all("Set-Cookie") == ["a=1; Path=/", "b=2; Secure"]
    assert (answer.headers["X-Count"], answer.headers["X-On"]) == ("3", "true")


def test_console_output_is_read_back(page, web):
    answer = web("talkative", "?word=eel")
    lines = page.dofn("activations", "logs", answer.headers["X-OpenWhisk-Activation-Id"],
                      "--strip").stdout.splitlines()
    assert sorted(lines) == ["no line end", "to the errors: eel", "to the output: eel"]
    newest = page.dofn("activations", "logs", "--function", "page/talkative").stdout
    assert " stdout: to the output: eel\n" in newest
    assert " stderr: to the errors: eel\n" in newest
    assert "success" in newest.splitlines()[0] and "page/talkative:0.0.1" in newest


def test_included_file_is_found_by_its_name(web):
    assert web("reads").body.decode() == "It says: Grüß Gott!\n"


@pytest.mark.parametrize("name, status, type, body", [
    ("teapot", 418, "text/html", b"short and stout"),
    ("plain", 200, "text/html", b"only text"),
    ("typed", 200, "text/csv", b"a,b"),
    ("empty", 204, None, b""),
    ("nothing", 204, None, b""),
    ("arity0", 200, "text/html", b"none"),
    ("ignoring", 200, "text/html", b"int"),
    ("entry", 200, "text/html", b"other entry"),
    ("errs", 422, "text/html", b"not so"),
])
def test_return_becomes_an_answer(web, name, status, type, body):
    answer = web(name)
    assert (answer.status, answer.body) == (status, body)
    if type:
        assert content_type(answer) == type


def test_parameter_lists_are_served_as_they_are(page, web):
    names = [n for n in web("arity1", "?a=1").json() if not n.startswith("__ow_")]
    assert names == ["a", "http", "shared"]
    assert web("arity2").body.decode() == f"/{page.namespace}/page/arity2"


def test_numbers_and_letters_survive(web):
    answer = web("wide")
    assert answer.json() == {"text": "äöü €", "n": 12345678901234567890}
    assert b"12345678901234567890" in answer.body


def test_parameters_come_in_the_event_and_environment_in_the_process(web):
    assert web("params").json() == ["function", "project", "function", "package", False]


def test_package_of_a_virtualenv_is_imported(web):
    assert web("venv", "?name=fish").body == b"moo dear fish"


# What goes wrong.


def test_exception_is_an_application_error_with_a_traceback(page, web):
    answer = web("raises")
    assert answer.status == 400
    done = page.dofn("functions", "invoke", "page/raises", check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"error": "too few fish"}
    assert "function 'page/raises' failed: too few fish" in done.stderr
    log = page.dofn("activations", "logs", "-f", "page/raises").stdout
    assert "stderr: Traceback (most recent call last):" in log
    assert "ValueError: too few fish" in log and "in main" in log


@pytest.mark.parametrize("name, status, log", [
    ("exits", "developer error", None),
    ("broken", "developer error", "invalid syntax (main__.py, line 1)"),
    ("missing", "developer error", "No module named 'no_such_module'"),
    ("nomain", "developer error", "main"),
    ("list", "developer error", None),
])
def test_failure_is_recorded_and_the_next_call_is_served(page, web, name, status, log):
    for _ in range(2):
        answer = web(name)
        assert answer.status == 400
        record = page.dofn.json("activations", "get",
                                answer.headers["X-OpenWhisk-Activation-Id"])
        assert record["response"]["status"] == "action " + status
        assert record["response"]["result"]["error"]
        if log:
            assert log in "\n".join(record["logs"])
    assert web("plain").status == 200


def test_time_limit_ends_a_call_and_not_the_function(page, web):
    before = time.monotonic()
    answer = web("slow")
    assert time.monotonic() - before < 3
    assert answer.status in (400, 502)
    done = page.dofn("functions", "invoke", "page/slow", "-p", "s:5", check=False)
    assert done.returncode == 1
    assert "exceeded its time limits of 300 milliseconds" in done.stderr
    record = page.dofn.json("activations", "list", "page/slow", "--full", "--limit", "1")[0]
    assert {"key": "timeout", "value": True} in record["annotations"]
    assert web("slow", "?s=0").body == b"awake"


def test_memory_limit_ends_a_call_and_not_the_function(page, web):
    assert web("hungry", "?eat=1").status in (400, 502)
    record = page.dofn.json("activations", "list", "page/hungry", "--full", "--limit", "1")[0]
    assert not record["response"]["success"]
    assert "memory" in json.dumps(record["response"]["result"]) + json.dumps(record["logs"])
    assert web("hungry").body == b"full"


# Web functions.


def test_head_has_the_headers_and_no_body(web):
    answer = web("plain", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")


def test_options_is_answered_for_the_function(web):
    answer = web("plain", method="OPTIONS",
                 headers={"Access-Control-Request-Headers": "x-mine", "Origin": "http://o.example"})
    assert answer.status in (200, 204)
    assert answer.body == b""
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Headers"] == "x-mine"
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
        assert method in answer.headers["Access-Control-Allow-Methods"]


def test_every_answer_allows_other_origins(web):
    answer = web("plain")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]


def test_json_body_is_merged_into_the_event(web):
    answer = web("whole", "/sub/path?a=1&b=1", "POST", '{"b": {"c": [2.50, null]}, "d": "x"}',
                 {"Content-Type": "application/json"})
    event = answer.json()["event"]
    assert (event["a"], event["b"], event["d"]) == ("1", {"c": [2.5, None]}, "x")
    assert event["http"]["path"] == "/sub/path"


@pytest.mark.parametrize("type, body, encoded", [
    ("text/plain; charset=utf-8", "a=ä".encode(), False),
    ("application/x-www-form-urlencoded", b"b=1&b=2", False),
    ("application/json", b'{"b": 1}', True),
    ("application/octet-stream", b"\xff\x00", True),
])
def test_raw_function_gets_the_request_as_it_came(web, type, body, encoded):
    event = web("raw", "?a=1&a=2", "POST", body, {"Content-Type": type}).json()
    assert event["http"]["queryString"] == "a=1&a=2"
    assert event["http"]["isBase64Encoded"] is encoded
    got = event["http"]["body"]
    assert (base64.b64decode(got) if encoded else got.encode()) == body
    assert "a" not in event and "b" not in event


def test_private_function_has_no_url_that_works(page, web):
    assert web("private").status == 404
    done = page.dofn("functions", "invoke", "page/private", "-p", "a:1")
    assert json.loads(done.stdout) == {"got": {"shared": "project", "a": "1"}}


@pytest.mark.parametrize("headers, status", [
    (None, 401), ({"X-Require-Whisk-Auth": "wrong"}, 401), ({"X-Require-Whisk-Auth": "s3cret"}, 200),
])
def test_secured_function_wants_its_secret(web, headers, status):
    answer = web("secret", headers=headers)
    assert answer.status == status
    assert (answer.body == b"let in") == (status == 200)

"""dofn files: which files go into a function, under which name, by which rule."""

import json
import pathlib
import re

import pytest

PY = "def main(event):\n    return {}\n"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
MAN = pathlib.Path(__file__).parents[2] / "man"


@pytest.fixture
def files(fresh):
    """files(root, *args) gives the CompletedProcess."""
    return lambda *args, **kw: fresh("files", *args, check=False, **kw)


@pytest.fixture
def listed(fresh):
    """The JSON list as {path: object} of one function."""

    def run(root, function):
        found = json.loads(fresh("files", root, function, "-o", "json", check=False).stdout)
        assert all(f["function"] == function for f in found)
        return {f["path"]: f for f in found}

    return run


def test_text_has_mark_path_name_and_rule(files, project):
    root = project({
        "packages/p/f/__main__.py": PY,
        "packages/p/f/tests/a": "",
        "packages/p/f/.ignore": "\ntests/\n",
        "packages/p/g/.include": "../../../lib/util.py\n",
        "packages/p/one.py": PY,
        "lib/util.py": PY,
    })
    result = files(root)
    assert result.returncode == 0
    assert result.stdout == (
        "p/f\n"
        "  out   .ignore      built in: steers what goes in\n"
        "  in    __main__.py  no rule leaves it out\n"
        "  out   tests/       .ignore:2: tests/\n"
        "\n"
        "p/g\n"
        "  in    ../../../lib/util.py -> util.py  .include:1: ../../../lib/util.py\n"
        "  out   .include                         .include does not list it\n"
        "\n"
        "p/one\n"
        "  in    one.py  the function is this file\n")
    assert result.stderr == ""


def test_json_is_a_list_of_objects(fresh, project):
    root = project({"packages/p/f/__main__.py": PY, "packages/p/f/x~": ""})
    assert fresh.json("files", root) == [
        {"function": "p/f", "path": "__main__.py", "in": True, "name": "__main__.py",
         "why": "no rule leaves it out"},
        {"function": "p/f", "path": "x~", "in": False, "name": None,
         "why": "built in: an editor's backup"},
    ]


def test_no_function_is_an_empty_list(fresh, project):
    assert fresh.json("files", project({"packages/p/README.md": ""})) == []


def test_one_function_by_name(files, project):
    root = project({"packages/p/f.py": PY, "packages/p/g.py": PY, "packages/default/h.py": PY})
    assert files(root, "p/g").stdout == "p/g\n  in    g.py  the function is this file\n"
    assert files("p/g", cwd=root).stdout == files(root, "p/g").stdout
    for name in ("h", "default/h"):
        assert files(root, name).stdout == "h\n  in    h.py  the function is this file\n"
    assert "did you mean 'p/g'?" in files(root, "p/gg").stderr
    unknown = files("x/y", cwd=root)
    assert unknown.returncode == 2
    assert "'x/y' is not a folder" in unknown.stderr and "has no function 'x/y'" in unknown.stderr


def test_include_and_exclude_choose_functions(files, project):
    root = project({"packages/p/f.py": PY, "packages/web/g.py": PY})
    assert files(root, "--exclude", "web").stdout.startswith("p/f\n")
    assert "p/f" not in files(root, "--include", "web").stdout


def test_mistakes_elsewhere_do_not_keep_files_from_being_told(files, project):
    root = project({"packages/p/f.py": PY, "project.yml": "packages:\n  - nme: p\n"})
    result = files(root, "-o", "json")
    assert result.returncode == 2
    assert [f["path"] for f in json.loads(result.stdout)] == ["f.py"]
    assert "project.yml:2:5: error: unknown key 'nme'" in result.stderr


def test_a_function_that_cannot_be_packed_is_told_as_far_as_it_goes(files, project):
    root = project({"packages/p/f/a": "", "packages/p/g/b": "", "packages/p/g/.include": "b\nno\n"})
    (root / "packages/p/f/out").symlink_to("/etc/hostname")
    result = files(root)
    assert result.returncode == 2
    assert "stop  out  the link 'packages/p/f/out' -> '/etc/hostname' leads outside" in result.stdout
    assert "in    b         .include:1: b\n" in result.stdout
    assert "dofn: p/g: 'packages/p/g/.include' line 2: 'no' does not exist\n" in result.stderr


def test_what_is_told_is_what_is_packed(dofn, platform, project, http):
    """Names and contents of the archive that the server got, against the list."""
    import base64
    import io
    import zipfile

    root = project({
        "packages/told/f/__main__.py": PY,
        "packages/told/f/a/b.txt": "b",
        "packages/told/f/a/b.log": "",
        "packages/told/f/.env": "A=1",
        "packages/told/f/.ignore": "*.log\n",
    })
    inside = sorted(f["name"] for f in dofn.json("files", root) if f["in"])
    dofn("deploy", "--no-bytecode", root)
    token = base64.b64encode(platform.auth.encode()).decode()
    action = http("GET", f"{platform.apihost}/api/v1/namespaces/_/actions/told/f",
                  headers={"Authorization": "Basic " + token}).json()
    archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(action["exec"]["code"])))
    assert archive.namelist() == inside == [".env", "__main__.py", "a/b.txt"]


# Secrets.


SECRETS = [
    ("id_ed25519", KEY, "a private key"),
    ("certs/server.pem", KEY, "a private key"),
    (".npmrc", "//registry.npmjs.org/:_authToken=npm_x\n", "credentials of npm"),
    (".pypirc", "[pypi]\npassword = x\n", "credentials of PyPI"),
    (".netrc", "machine h login l password p\n", "passwords"),
    (".aws/credentials", "aws_secret_access_key = x\n", "credentials of AWS"),
    (".docker/config.json", '{"auths": {"h": {"auth": "eA=="}}}', "credentials of Docker"),
    ("service-account.json", '{"private_key": "-----BEGIN PRIVATE KEY-----\\nM"}', "a private key"),
]


@pytest.mark.parametrize("path, text, what", SECRETS, ids=[s[0] for s in SECRETS])
def test_a_secret_stops_the_deploy_until_a_line_lets_it_in(dofn, project, listed, path, text, what):
    root = project({"packages/secret/f/__main__.py": PY, f"packages/secret/f/{path}": text})
    result = dofn("deploy", root, check=False)
    assert result.returncode == 2
    assert f"'packages/secret/f/{path}' holds {what}" in result.stderr
    assert "nothing was uploaded" in result.stderr
    assert not listed(root, "secret/f")[path]["in"]
    line = re.search(r"leaves it out, '(.*?)' lets it in", result.stderr)[1]
    (root / "packages/secret/f/.ignore").write_text(line + "\n")
    dofn("deploy", root)
    assert listed(root, "secret/f")[path]["why"] == f".ignore:1: {line}"


def named_by_file(path):
    return ("packages:\n- name: named\n  functions:\n"
            f"  - {{name: f, runtime: 'python:default', file: {path}}}\n")


def test_the_key_file_is_deployed_from_where_it_lies(dofn, platform, project, http):
    root = project({"src/code.py": "def main(event):\n    return {'body': 'from src'}\n",
                    "project.yml": named_by_file("src/code.py")})
    assert [f["path"] for f in dofn.json("files", root)] == ["code.py"]
    dofn("deploy", root)
    assert http("GET", platform.web("named/f")).body == b"from src"


@pytest.mark.parametrize("path, text, what", SECRETS, ids=[s[0] for s in SECRETS])
def test_a_secret_that_the_key_file_names_stops_the_deploy(dofn, project, path, text, what):
    root = project({path: text, "project.yml": named_by_file(path)})
    wanted = f"'{path}' holds {what} and would go up as the function's code; name another file"
    for command in ("deploy", "files"):
        result = dofn(command, root, check=False)
        assert result.returncode == 2 and wanted in result.stderr
    result = dofn("check", root, check=False)
    assert result.returncode == 2 and result.stdout.count("\n") == 1
    assert result.stdout.startswith(f"{path}: error: {wanted}")


def test_the_way_out_for_a_secret_that_is_the_code(dofn, project):
    root = project({"packages/named/f/id_rsa": KEY, "packages/named/f/.include": "id_rsa\n",
                    "project.yml": "packages:\n- name: named\n  functions:\n"
                                   "  - {name: f, runtime: 'python:default'}\n"})
    dofn("deploy", "--no-verify", root)


def test_a_secret_in_an_included_folder_has_to_be_listed_itself(files, project):
    root = project({"packages/p/f/d/id_rsa": KEY, "packages/p/f/__main__.py": PY,
                    "packages/p/f/.include": "__main__.py\nd\n"})
    assert "a line 'd/id_rsa' in .include lets it in" in files(root).stderr
    (root / "packages/p/f/.include").write_text("__main__.py\nd\nd/id_rsa\n")
    assert files(root).returncode == 0


def test_no_value_of_a_secret_is_shown(files, project):
    root = project({"packages/p/f/.npmrc": "_auth=topsecret\n", "packages/p/f/a": ""})
    for result in (files(root), files(root, "-o", "json"), files(root, "-v")):
        assert "topsecret" not in result.stdout + result.stderr


def test_what_is_no_secret_goes_in(files, project):
    root = project({
        "packages/p/f/__main__.py": PY,
        "packages/p/f/cacert.pem": "-----BEGIN CERTIFICATE-----\nMII\n",
        "packages/p/f/id_rsa.pub": "ssh-rsa AAAA\n",
        "packages/p/f/.npmrc": "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n",
    })
    assert (files(root).returncode, files(root).stderr) == (0, "")


def test_keys_of_libraries_are_a_warning(files, project):
    site = "packages/p/f/virtualenv/lib/python3.11/site-packages"
    root = project({"packages/p/f/__main__.py": PY, f"{site}/tornado/test/test.key": KEY,
                    "packages/p/f/node_modules/https/test/key.pem": KEY})
    result = files(root)
    assert result.returncode == 0
    assert "holds a private key and goes in, being among dependencies" in result.stderr


def test_env_file_goes_in_with_a_warning_that_names_the_line(files, project):
    root = project({"packages/p/f/__main__.py": PY, "packages/p/f/.env.local": "A=1"})
    result = files(root)
    assert result.returncode == 0
    assert result.stderr == ("dofn: warning: 'packages/p/f/.env.local' goes into the artifact; a line "
                             "'.env.local' in .ignore leaves it out\n")
    (root / "packages/p/f/.ignore").write_text(".env.local\n")
    assert files(root).stderr == ""


# The examples of dofn-ignore(5).


def blocks():
    """Literal blocks of the page as text."""
    source = (MAN / "dofn-ignore.5").read_text()
    for block in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", source, re.M | re.S):
        yield block.replace("\\&", "").replace("\\e", "\\")


def examples():
    """(path of the rules file, rules, outcome) of each rules file with the outcome behind it."""
    rules = None
    for block in blocks():
        first, _, rest = block.partition("\n")
        if first.startswith("# "):
            rules = (first[2:], rest)
        elif rules and re.match(r"(in|out|stop) ", first):
            yield (*rules, block.splitlines())
            rules = None


EXAMPLES = list(examples())


def test_the_page_has_examples():
    assert len(EXAMPLES) >= 4
    assert {pathlib.PurePath(path).name for path, _, _ in EXAMPLES} == {".ignore", ".include"}


def covering(found, path):
    """What was told about the path, or about the folder that stays out with it."""
    for told in [path, *(f"{p}/" for p in pathlib.PurePath(path).parents)]:
        if told in found:
            return found[told]
    raise AssertionError(f"nothing is told about {path}")


@pytest.mark.parametrize("path, rules, outcome", EXAMPLES, ids=[str(i) for i in range(len(EXAMPLES))])
def test_example_of_the_page(files, project, listed, path, rules, outcome):
    rows = [re.fullmatch(r"(in|out|stop) +(\S+)(?: -> (\S+))?(?: \((.*)\))?", row) for row in outcome]
    folder = pathlib.PurePath(path).parent
    function = str(folder.relative_to("packages"))
    tree = {path: rules}
    for row in rows:
        text = KEY if row[4] == "a private key" else PY
        tree[row[2].replace("../../../", "") if row[2].startswith("../") else str(folder / row[2])] = text
    root = project(tree)
    found = listed(root, function)
    for row in rows:
        told = covering(found, row[2])
        assert told["in"] == (row[1] == "in"), row[0]
        if told["in"]:
            assert told["name"] == (row[3] or row[2])
        assert told["why"].startswith("a private key") == (row[1] == "stop")
    stops = any(row[1] == "stop" for row in rows)
    assert files(root).returncode == (2 if stops else 0)

"""Values from outside: placeholders in project.yml, --env, --build-env."""

import json

SECRET = "s3cr3t-value-that-nobody-may-see"

ECHO = """
import os

def main(event):
    return {"body": {"event": event, "env": {k: v for k, v in os.environ.items() if k.startswith("T_")}}}
"""

PROJECT = """
packages:
  - name: values
    functions:
      - name: echo
        web: false
        environment: $(T_WORD T_LINES)
        parameters:
          file: ${<config/app.json}
          size: ${T_SIZE}
          text: "<${T_SIZE}>"
"""


def call(dofn, name):
    return dofn.json("functions", "invoke", name)["body"]


def test_values_reach_the_function(dofn, project):
    root = project({
        "project.yml": PROJECT,
        "config/app.json": '{"list": [1, 2.50, null], "on": true}',
        "packages/values/echo.py": ECHO,
        ".env": "T_WORD=of the project\n",
        "prod.env": "# prod\nexport T_WORD='it is # fine'\nT_LINES=\"one\\ntwo\nthree\"\nT_SIZE=1\n",
    })
    dofn("deploy", "--env", root / "prod.env", root, env={"T_SIZE": "12"})
    got = call(dofn, "values/echo")
    assert got["env"] == {"T_WORD": "it is # fine", "T_LINES": "one\ntwo\nthree"}
    assert got["event"]["file"] == {"list": [1, 2.5, None], "on": True}
    assert (got["event"]["size"], got["event"]["text"]) == (12, "<12>")


def test_missing_values_come_together_and_say_where_they_were_looked_for(dofn, project):
    root = project({"project.yml": PROJECT, "packages/values/echo.py": ECHO})
    without = dofn("check", root, check=False)
    assert without.returncode == 2
    for name in ("T_WORD", "T_LINES", "T_SIZE"):
        assert f"'{name}' is not set: not in the environment, no .env\n" in without.stdout
    assert "cannot open 'config/app.json'" in without.stdout
    (root / ".env").write_text("A=1\nB=2\nC=3\nT_WORD=\n")
    given = dofn("check", root, check=False).stdout
    assert "'T_LINES' is not set: not in the environment, not in .env (4 names)\n" in given
    assert "'T_WORD' is empty, which counts as not set\n" in given


def test_a_missing_env_file_is_named(dofn, project):
    root = project({"project.yml": PROJECT, "packages/values/echo.py": ECHO})
    for option in ("--env", "--build-env"):
        result = dofn("deploy", option, root / "none.env", root, check=False)
        assert result.returncode == 2
        assert f"{root}/none.env: error: cannot read '{root}/none.env'" in result.stderr


def test_values_stay_out_of_messages(dofn, project):
    root = project({
        "project.yml": "parameters: {a: ${T_S}, <<: ${T_S}, ${T_S}: 1, x${T_S}: ${T_N}}\n"
                       "environment: {A: ${T_J}, ${T_S}: [${T_S}]}\n"
                       "packages:\n"
                       "- name: ${T_S}!\n"
                       "- {name: p, shared: ${T_S}, web: ${T_S}, binding: ${T_S}, annotations: ${T_S}}\n"
                       "- name: q\n"
                       "  functions:\n"
                       "  - {name: f, runtime: ${T_S}, limits: {memory: ${T_S}}, docker: ${T_S}}\n"
                       "  - {name: g, sequence: ${T_S}, remoteBuild: ${T_S}}\n"
                       "  - {name: h, triggers: [{name: ${T_S}, type: ${T_S}, scheduledDetails: {cron: ${T_S}}}]}\n",
        "bad.env": f"T_S={SECRET}\n{SECRET}\nT_N='{SECRET}\nT_J=\"{SECRET}\" x\n",
        "bad.json": f'{{"T_S": "{SECRET}" x}}',
        "packages/q/f.py": ECHO,
    })
    for options in (["--env", root / "bad.env"], ["--env", root / "bad.json"],
                    ["--build-env", root / "bad.env"]):
        for form in ([], ["-o", "json"]):
            for command in ("check", "deploy"):
                result = dofn(command, "-v", *form, *options, root, check=False)
                assert result.returncode == 2
                assert "error" in result.stdout + result.stderr
                assert SECRET not in result.stdout + result.stderr


def test_builds_get_their_variables(dofn, project):
    root = project({
        "packages/values/built/build.sh": "echo \"VALUE = '$T_BUILD/$T_USER/$DO_API_KEY'\" > value.py\n",
        "packages/values/built/__main__.py": "from value import VALUE\n\n"
                                             "def main(event):\n    return {'body': {'value': VALUE}}\n",
        "build.json": json.dumps({"T_BUILD": 1.5, "DO_API_KEY": "asked for"}),
    })
    dofn("deploy", "--build-env", root / "build.json", root,
         env={"T_BUILD": "user", "T_USER": "user", "DO_API_KEY": "hidden"})
    assert call(dofn, "values/built") == {"value": "1.5/user/asked for"}

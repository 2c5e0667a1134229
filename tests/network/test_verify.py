"""Packages as the index has them pass the check of a function's files without a word."""

import pytest

TIMEOUT = 600
# What is imported, and where the index has another name, that.
GROUPS = [
    {"requests": "", "flask": "", "jinja2": "", "markupsafe": "", "yaml": "PyYAML", "dotenv": "python-dotenv",
     "jwt": "PyJWT", "boto3": "", "dateutil.parser": "python-dateutil", "sqlalchemy": ""},
    {"numpy": "", "lxml.etree": "lxml", "pydantic": "", "psycopg2": "psycopg2-binary", "cryptography.fernet": "cryptography"},
    {"google.cloud.storage": "google-cloud-storage", "google.protobuf.message": "protobuf", "aiohttp": "", "redis": "",
     "bs4": "beautifulsoup4", "azure.core": "azure-core", "ruamel.yaml": ""},
]


@pytest.mark.parametrize("runtime", ["python:3.9", "python:3.11"])
@pytest.mark.parametrize("group", GROUPS, ids=lambda g: next(iter(g)))
def test_packages_of_the_index_are_no_finding(fresh, project, group, runtime):
    root = project({
        "project.yml": f"packages: [{{name: p, functions: [{{name: f, runtime: '{runtime}'}}]}}]\n",
        "packages/p/f/__main__.py": "".join(f"import {name}\n" for name in group) + "def main():\n    return {}\n",
        "packages/p/f/requirements.txt": "".join(f"{index or name.split('.')[0] if name != 'ruamel.yaml' else name}\n"
                                                 for name, index in group.items()),
    })
    story = fresh("build", root, timeout=TIMEOUT).stderr
    assert "warning" not in story and "error" not in story

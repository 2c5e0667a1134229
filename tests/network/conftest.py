"""Fixtures of the tests that install from package indexes: those of the end-to-end tests.

What pip needs to reach an index from here (PIP_CERT and the like) stays in the environment.
"""

import importlib.util
import os
import pathlib

_path = pathlib.Path(__file__).parents[1] / "e2e" / "conftest.py"
_spec = importlib.util.spec_from_file_location("e2e_conftest", _path)
_e2e = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_e2e)
_clean = _e2e.clean_environment


def _with_network(home):
    wanted = ("PIP_", "SSL_CERT_", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
    kept = {k: v for k, v in os.environ.items() if k.startswith(wanted)}
    return {**_clean(home), **kept}


_e2e.clean_environment = _with_network
_e2e.TIMEOUT = 600
globals().update({k: v for k, v in vars(_e2e).items() if not k.startswith("_")})

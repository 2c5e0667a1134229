#include "verify.h"

#define MAIN "def main():\n    pass\n"
#define SITE "virtualenv/lib/python3.11/site-packages/"
#define ACTIVATE "for lib in \"../lib/python3.11/site-packages\".split(os.pathsep):\n"

static void what_python_or_the_runtime_has_is_there(void **state)
{
	static const char *const texts[] = {
		"import json, os.path, concurrent.futures as c\n",
		"from urllib.parse import quote\n",
		"from __future__ import annotations\n",
		"import __main__\n",
		"import requests, numpy as np\nfrom bs4 import BeautifulSoup\n",
		"from dateutil.parser import parse\nimport botocore.exceptions, urllib3\n",
		"import tomllib\n",
	};
	const struct tree *t = *state;
	size_t i;

	for (i = 0; i < countof(texts); i++) {
		put(t, "x.txt", "");
		put(t, "__main__.py", texts[i]);
		expect_parts(t, "python:3.11", "has no function 'main'");
	}
}

static void conditions_decide_how_sure_it_is(void **state)
{
	static const struct {
		const char *text, *part;
	} rows[] = {
		{"import gone\n",
		 "error packages/p/f/__main__.py:1: \"No module named 'gone'\""},
		{"import gone.deep as g\n", "error"},
		{"from gone import x\n", "error"},
		{"import json, gone\n", "error"},
		{"from \\\n gone import (\n x,\n y)\n", "error packages/p/f/__main__.py:2:"},
		{"class A:\n  import gone\n", "error"},
		{"try:\n  import gone\nfinally:\n  pass\n", "error"},
		{"try:\n  import gone\nexcept KeyError:\n  pass\n", "error"},
		{"if True:\n  import json\nimport gone\n", "error"},
		{"def f():\n  import gone\n", "warning"},
		{"def f(): import gone\n", "warning"},
		{"if x:\n  import gone\n", "warning"},
		{"for x in y:\n  from gone import z\n", "warning"},
		{"try:\n  import gone\nexcept ImportError:\n  raise Exception('install')\n",
		 "warning"},
		{"try:\n  import gone\nexcept ImportError:\n  import gone2\n",
		 "warning packages/p/f/__main__.py:4: \"No module named 'gone2'\""},
		{"try:\n  import json\nexcept ImportError:\n  import gone\n", ""},
		{"try:\n  import gone\nexcept ImportError:\n  gone = None\n", ""},
		{"try:\n  import gone\nexcept:\n  gone = None\n", ""},
		{"try:\n  import gone\nexcept (KeyError, ModuleNotFoundError) as e:\n  pass\n",
		 ""},
		{"try: import gone\nexcept Exception: pass\n", ""},
		{"if TYPE_CHECKING:\n  import gone\nelse:\n  import gone2\n", ""},
		{"if sys.version_info >= (3, 8):\n  import json\nelse:\n  import gone\n", ""},
		{"if os.name == 'nt':\n  import gone\n", ""},
		{"if __name__ == '__main__':\n  import gone\n", ""},
		{"with contextlib.suppress(ImportError):\n  import gone\n", ""},
		{"'''\nimport gone\n'''\n", ""},
		{"x = 'import gone' # import gone\n", ""},
		{"x = (\nimport_gone)\n", ""},
		{"gone.import_ = 1; f\"import gone\"\n", ""},
	};
	const struct tree *t = *state;
	char *text;
	size_t i;

	put(t, "x.txt", "");
	for (i = 0; i < countof(rows); i++) {
		text = xasprintf("%s" MAIN, rows[i].text);
		put(t, "__main__.py", text);
		expect_parts(t, "python:3.11", rows[i].part);
		free(text);
	}
}

static void modules_of_other_versions_and_systems_are_named(void **state)
{
	static const struct {
		const char *runtime, *text, *part;
	} rows[] = {
		{"python:3.9", "import tomllib\n",
		 "error;Python 3.9 does not have 'tomllib' yet"},
		{"python:3.11", "import binhex\n", "error;'binhex' is gone since Python 3.11"},
		{"python:3.12", "import imp\n",
		 "warning;gone since Python 3.12, and this is 3.12"},
		{"python:3.9", "import imp, distutils.core\n", ""},
		{"python:3.11", "import winreg\n", "error;does not exist on Linux"},
		{"python:3.11", "try:\n  import msvcrt\nexcept ImportError:\n  pass\n", ""},
		{"python:3.9", "try:\n  import tomllib\nexcept ImportError:\n  import tomli\n",
		 "No module named 'tomli'"},
		{"python:3.9", "import requests\n", "error"},
		{"python:3.12", "import gone\n", "warning"},
		{"python:default", "import gone\n", "error"},
		{"python:4", "import gone\n", ""},
	};
	const struct tree *t = *state;
	char *text;
	size_t i;

	put(t, "x.txt", "");
	for (i = 0; i < countof(rows); i++) {
		struct looked l;
		struct str rest = str_of(rows[i].part), part;

		text = xasprintf("%s" MAIN, rows[i].text);
		put(t, "__main__.py", text);
		free(text);
		look(t, "packages/p/f", rows[i].runtime, NULL, &l);
		text = looked_text(&l);
		assert_int_equal(l.d.list.n, *rows[i].part != '\0');
		while (*rows[i].part && str_next(&rest, ';', &part))
			assert_non_null(memmem(text, strlen(text), part.p, part.n));
		free(text);
		looked_release(&l);
	}
}

static void the_functions_own_modules_are_found_and_followed(void **state)
{
	const struct tree *t = *state;

	put(t, "__main__.py",
	    "import helpers, pkg.db, spaces.deep.x\nfrom pkg import model, CONSTANT\n"
	    "from spaces import y\nfrom helpers import *\nimport compiled, ext, old\n");
	put(t, "helpers.py", "import os\n" MAIN);
	put(t, "pkg/__init__.py",
	    "from . import db\nfrom .sub import thing\nfrom .. import up\n");
	put(t, "pkg/db.py", "import lost1\n");
	put(t, "pkg/model.py", "def f():\n  import lost2\n");
	put(t, "pkg/sub/__init__.py", "from ..model import x\nfrom .gone import z\n");
	put(t, "spaces/deep/x.py", "import lost3\n");
	put(t, "spaces/y.py", "");
	put(t, "compiled.pyc", "");
	put(t, "ext.cpython-311-x86_64-linux-gnu.so", "");
	put(t, "old.abi3.so", "");
	expect_parts(t, "python:3.11",
		     "error packages/p/f/pkg/__init__.py:3: a relative import;"
		     "error packages/p/f/pkg/db.py:1: \"No module named 'lost1';"
		     "error packages/p/f/spaces/deep/x.py:1: \"No module named 'lost3';"
		     "warning packages/p/f/pkg/model.py:2: \"No module named 'lost2';"
		     "error packages/p/f/pkg/sub/__init__.py:2: \"No module named 'gone'");
}

static void parts_of_packages_that_are_missing_are_named(void **state)
{
	static const struct {
		const char *text, *part;
	} rows[] = {
		{"import pkg.gone\n", "error;'pkg.gone';'packages/p/f/pkg' has no such file"},
		{"from pkg.gone import x\n", "error;'pkg.gone'"},
		{"from pkg import gone\n", ""}, /* may be any name */
		{"from space import gone\n", "error;'space.gone'"},
		{"import helpers.gone\n", "error"},
		{"import tricky.gone\n", "warning"},
		{"from . import helpers\n", "error;leave the dots out"},
		{"from .helpers import x\n", "error;leave the dots out"},
		{"try:\n  from . import x\nexcept ImportError:\n  import helpers\n", ""},
	};
	const struct tree *t = *state;
	char *text;
	size_t i;

	put(t, "pkg/__init__.py", "");
	put(t, "space/x.py", "");
	put(t, "helpers.py", "");
	put(t, "tricky/__init__.py", "import sys\nsys.modules['tricky.gone'] = sys\n");
	for (i = 0; i < countof(rows); i++) {
		struct looked l;
		struct str rest = str_of(rows[i].part), part;

		text = xasprintf("%s" MAIN, rows[i].text);
		put(t, "__main__.py", text);
		free(text);
		look(t, "packages/p/f", "python:3.11", NULL, &l);
		text = looked_text(&l);
		if (l.d.list.n != (*rows[i].part != '\0'))
			fail_msg("%s: %s", rows[i].text, text);
		while (*rows[i].part && str_next(&rest, ';', &part))
			if (!memmem(text, strlen(text), part.p, part.n))
				fail_msg("'%.*s' is not in '%s'", STR_ARG(part), text);
		free(text);
		looked_release(&l);
	}
}

static void packages_of_the_virtualenv_are_found(void **state)
{
	const struct tree *t = *state;

	put(t, "virtualenv/bin/activate_this.py", ACTIVATE);
	put(t, SITE "_virtualenv.pth", "import _virtualenv\n");
	put(t, SITE "more.pth", "# comment\nextra\n\n../up\n");
	put(t, SITE "extra/inpth.py", "");
	put(t, "virtualenv/lib/python3.11/up/inup.py", "");
	put(t, SITE "single.py", "");
	put(t, SITE "regular/__init__.py", "import whatever_it_needs\n");
	put(t, SITE "google/cloud/storage/__init__.py", "");
	put(t, SITE "google/api/x.py", "");
	put(t, SITE "_speed.cpython-311-x86_64-linux-gnu.so", "");
	put(t, "google/mine.py", "");
	put(t, "__main__.py",
	    "import inpth, inup, single, regular.anything, _speed\n"
	    "from google.cloud import storage\nimport google.cloud.storage.x, google.api.x\n"
	    "import google.mine\nfrom google import cloud\n" MAIN);
	expect_parts(t, "python:3.11", "");
	put(t, "__main__.py", "from google.cloud import firestore\nimport google.gone\n" MAIN);
	expect_parts(
		t, "python:3.11",
		"error packages/p/f/__main__.py:1: \"No module named 'google.cloud.firestore;"
		"error packages/p/f/__main__.py:2: \"No module named 'google.gone'");
}

static void code_that_moves_the_path_is_believed(void **state)
{
	const struct tree *t = *state;

	put(t, "vendor/lib1.py", "");
	put(t, "__main__.py",
	    "import sys\nsys.path.insert(0, 'vendor')\nimport lib1\nimport gone\n" MAIN);
	expect_parts(t, "python:3.11", "warning packages/p/f/__main__.py:4:");
	put(t, "virtualenv/bin/activate_this.py", ACTIVATE);
	put(t, SITE "__editable__.x.pth", "import __editable___x_finder\n");
	put(t, "__main__.py", "import gone\n" MAIN);
	expect_parts(t, "python:3.11", "warning packages/p/f/__main__.py:1:");
}

static void names_are_bound_in_many_ways(void **state)
{
	static const char *const texts[] = {
		"def main(): pass\n",
		"class main: pass\n",
		"main = lambda e: e\n",
		"main: object = print\n",
		"a, main = 1, 2\n",
		"(a, main) = 1, 2\n",
		"x = main = print\n",
		"from json import loads as main\n",
		"from json import (\n  dumps, main,\n)\n",
		"import json as main\n",
		"import main.x\n",
		"from json import *\n",
		"if x:\n  def main(): pass\nelse:\n  def main(): pass\n",
		"try:\n  from json import main\nexcept ImportError: main = None\n",
		"for main in x: pass\n",
		"with x as main: pass\n",
		"print(main := 3)\n",
		"globals()['main'] = 3\n",
		"exec('def main(): pass')\n",
		"def f():\n  global main\n  main = 3\n",
		"def __getattr__(name): pass\n",
		"@decorator\n@other(1)\ndef main(e): pass\n",
		"@decorator\nasync def main(e): pass\n",
		"\xef\xbb\xbf"
		"def main(): pass\n",
		"def main(): pass",
		"x = 1; main = 2\n",
		"x = '''\n'''; main = 2\r\n",
		"\tx = [\n1,\n  ]\n\tmain = 2\n",
	};
	const struct tree *t = *state;
	size_t i;

	put(t, "x.txt", "");
	put(t, "main/x.py", "");
	for (i = 0; i < countof(texts); i++) {
		put(t, "__main__.py", texts[i]);
		expect_parts(t, "python:3.11", "");
	}
}

static void what_only_looks_like_a_binding_is_none(void **state)
{
	static const char *const texts[] = {
		"main()\n",
		"x = f(main=3)\n",
		"'def main(): pass'\n",
		"# def main(): pass\n",
		"class A:\n  def main(self): pass\n",
		"def f():\n  def main(): pass\n",
		"def f():\n  main = 3\n",
		"x.main = 3\n",
		"if main == 3: pass\n",
		"x = main\n",
		"Main = 3\n",
		"",
		"if __name__ == 'x':\n  main()\n",
	};
	const struct tree *t = *state;
	size_t i;

	put(t, "x.txt", "");
	for (i = 0; i < countof(texts); i++) {
		put(t, "__main__.py", texts[i]);
		expect_parts(t, "python:3.11", "has no function 'main'");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_python_or_the_runtime_has_is_there),
		CASE(conditions_decide_how_sure_it_is),
		CASE(modules_of_other_versions_and_systems_are_named),
		CASE(the_functions_own_modules_are_found_and_followed),
		CASE(parts_of_packages_that_are_missing_are_named),
		CASE(packages_of_the_virtualenv_are_found),
		CASE(code_that_moves_the_path_is_believed),
		CASE(names_are_bound_in_many_ways),
		CASE(what_only_looks_like_a_binding_is_none),
	};

	return cmocka_run_group_tests_name("verify_imports", tests, NULL, NULL);
}

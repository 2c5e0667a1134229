#include "verify/python_names.h"

/* Of the page's list: the distribution, its modules, its major version. */
static const struct {
	const char *distribution, *modules;
	unsigned major;
} listed[] = {
	{"beautifulsoup4", "bs4", 4},
	{"boto3", "boto3", 1},
	{"daft", "daft", 0},
	{"duckdb", "duckdb adbc_driver_duckdb", 1},
	{"kafka_python", "kafka", 2},
	{"mysql-connector-python", "mysql mysqlx", 8},
	{"numpy", "numpy", 1},
	{"pandas", "pandas", 2},
	{"polars", "polars", 1},
	{"pydo", "pydo", 0},
	{"pyiceberg", "pyiceberg", 0},
	{"pymongo", "pymongo bson gridfs", 4},
	{"pyspark", "pyspark", 4},
	{"python-dateutil", "dateutil", 2},
	{"redis", "redis", 4},
	{"requests", "requests", 2},
	{"scrapy", "scrapy", 2},
	{"simplejson", "simplejson", 3},
	{"virtualenv", "virtualenv", 20},
};

/*
 * Modules of what those require (pip's report for them on Python 3.11, without
 * extras), of pip and of what its image has.  The page promises none of them, and
 * none is missed without reason.
 */
static const char *const required[] = {
	"OpenSSL",
	"aiohappyeyeballs",
	"aiohttp",
	"aiosignal",
	"annotated_types",
	"async_timeout",
	"attr",
	"attrs",
	"automat",
	"azure",
	"backports",
	"botocore",
	"brotli",
	"cachetools",
	"certifi",
	"cffi",
	"charset_normalizer",
	"chardet",
	"click",
	"constantly",
	"cryptography",
	"cssselect",
	"defusedxml",
	"distlib",
	"dns",
	"filelock",
	"frozenlist",
	"fsspec",
	"hyperlink",
	"idna",
	"incremental",
	"isodate",
	"itemadapter",
	"itemloaders",
	"jmespath",
	"lxml",
	"markdown_it",
	"mdurl",
	"mmh3",
	"msal",
	"msal_extensions",
	"msrest",
	"multidict",
	"oauthlib",
	"packaging",
	"parsel",
	"pip",
	"pkg_resources",
	"platformdirs",
	"propcache",
	"protego",
	"py4j",
	"pyarrow",
	"pyasn1",
	"pyasn1_modules",
	"pycparser",
	"pydantic",
	"pydantic_core",
	"pydispatch",
	"pygments",
	"pyparsing",
	"pyroaring",
	"pytz",
	"queuelib",
	"requests_file",
	"requests_oauthlib",
	"rich",
	"s3transfer",
	"service_identity",
	"setuptools",
	"six",
	"sortedcontainers",
	"soupsieve",
	"strictyaml",
	"tenacity",
	"tldextract",
	"tqdm",
	"twisted",
	"typing_extensions",
	"typing_inspection",
	"tzdata",
	"urllib3",
	"w3lib",
	"wheel",
	"yarl",
	"zope",
	"zstandard",
};

/* Where the index has another name than the import; sorted for the reader. */
static const struct {
	const char *module, *distribution;
} renamed[] = {
	{"Crypto", "pycryptodome"},
	{"Cryptodome", "pycryptodomex"},
	{"Levenshtein", "python-Levenshtein"},
	{"MySQLdb", "mysqlclient"},
	{"OpenSSL", "pyOpenSSL"},
	{"PIL", "Pillow"},
	{"attr", "attrs"},
	{"babel", "Babel"},
	{"barcode", "python-barcode"},
	{"bs4", "beautifulsoup4"},
	{"bson", "pymongo"},
	{"cairosvg", "CairoSVG"},
	{"cv2", "opencv-python-headless"},
	{"dateutil", "python-dateutil"},
	{"discord", "discord.py"},
	{"dns", "dnspython"},
	{"docx", "python-docx"},
	{"dotenv", "python-dotenv"},
	{"elftools", "pyelftools"},
	{"fitz", "PyMuPDF"},
	{"flask_cors", "Flask-Cors"},
	{"flask_sqlalchemy", "Flask-SQLAlchemy"},
	{"git", "GitPython"},
	{"github", "PyGithub"},
	{"gitlab", "python-gitlab"},
	{"google", "google-api-python-client, google-cloud-storage or another of Google's"},
	{"googleapiclient", "google-api-python-client"},
	{"gridfs", "pymongo"},
	{"jinja2", "Jinja2"},
	{"jose", "python-jose"},
	{"jwt", "PyJWT"},
	{"kafka", "kafka-python"},
	{"ldap", "python-ldap"},
	{"lxml_html_clean", "lxml-html-clean"},
	{"magic", "python-magic"},
	{"markdown", "Markdown"},
	{"markupsafe", "MarkupSafe"},
	{"mysql", "mysql-connector-python"},
	{"nacl", "PyNaCl"},
	{"odf", "odfpy"},
	{"pkg_resources", "setuptools"},
	{"pptx", "python-pptx"},
	{"psycopg2", "psycopg2-binary"},
	{"pyasn1_modules", "pyasn1-modules"},
	{"pymysql", "PyMySQL"},
	{"pythoncom", "pywin32"},
	{"pywintypes", "pywin32"},
	{"requests_aws4auth", "requests-aws4auth"},
	{"requests_oauthlib", "requests-oauthlib"},
	{"rest_framework", "djangorestframework"},
	{"ruamel", "ruamel.yaml"},
	{"serial", "pyserial"},
	{"skimage", "scikit-image"},
	{"sklearn", "scikit-learn"},
	{"slack", "slackclient"},
	{"slack_sdk", "slack-sdk"},
	{"slugify", "python-slugify"},
	{"socketio", "python-socketio"},
	{"socks", "PySocks"},
	{"sqlalchemy", "SQLAlchemy"},
	{"telegram", "python-telegram-bot"},
	{"twitter", "python-twitter"},
	{"usb", "pyusb"},
	{"websocket", "websocket-client"},
	{"werkzeug", "Werkzeug"},
	{"win32api", "pywin32"},
	{"yaml", "PyYAML"},
	{"zmq", "pyzmq"},
};

enum { FIRST_WITH_PACKAGES = 11 };

static bool has_word(const char *words, struct str word)
{
	struct str rest = str_of(words), one;

	while (str_next(&rest, ' ', &one))
		if (str_eq(one, word))
			return true;
	return false;
}

bool python_runtime_has(struct str name, unsigned minor)
{
	size_t i;

	if (minor < FIRST_WITH_PACKAGES)
		return false;
	for (i = 0; i < countof(listed); i++)
		if (has_word(listed[i].modules, name))
			return true;
	for (i = 0; i < countof(required); i++)
		if (str_is(name, required[i]))
			return true;
	return false;
}

/* One character of a name in the form to compare, and behind it; 0 at the end. */
static char next_normal(struct str *s)
{
	char c = '\0';

	if (s->n == 0)
		return c;
	c = s->p[0];
	*s = str_from(*s, 1);
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	if (c != '-' && c != '_' && c != '.')
		return c;
	while (s->n && strchr("-_.", s->p[0]))
		*s = str_from(*s, 1);
	return '-';
}

bool python_same_distribution(struct str a, struct str b)
{
	char x, y;

	do {
		x = next_normal(&a);
		y = next_normal(&b);
	} while (x == y && x != '\0');
	return x == y;
}

bool python_runtime_brings(struct str distribution, unsigned minor, unsigned *major)
{
	size_t i;

	for (i = 0; i < countof(listed) && minor >= FIRST_WITH_PACKAGES; i++)
		if (python_same_distribution(distribution, str_of(listed[i].distribution))) {
			*major = listed[i].major;
			return true;
		}
	return false;
}

struct str python_distribution(struct str module)
{
	size_t i;

	for (i = 0; i < countof(renamed); i++)
		if (str_is(module, renamed[i].module))
			return str_of(renamed[i].distribution);
	return module;
}

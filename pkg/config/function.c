#include "config/schema.h"

/* Between the slashes of a name in a sequence. */
enum { MAX_PARTS = 3 };

/* "f", "p/f", "/ns/f" and "/ns/p/f", each part a name. */
static bool is_component(struct str name)
{
	bool absolute = str_starts(name, "/");
	struct str rest = str_from(name, absolute ? 1 : 0), part;
	size_t parts = 0;

	while (str_next(&rest, '/', &part)) {
		if (!name_is_valid(part) || ++parts > MAX_PARTS)
			return false;
	}
	return absolute ? parts >= 2 : parts == 1 || parts == 2;
}

static void add_component(struct config_reader *r, struct function *f,
			  const struct yaml_node *item)
{
	struct component c = {.pos = item->pos};

	if (item->filled == YAML_FILL_FAILED)
		return;
	if (!config_is_string(item)) {
		config_report(r, item,
			      "an item of 'sequence' must be the name of a function, not %s%s",
			      yaml_type_name(item), config_quote_hint(item));
		return;
	}
	if (!is_component(item->text)) {
		config_report(r, item,
			      "%s is not the name of a function; write 'p/f', 'f' for one "
			      "without a package, or '/namespace/p/f'",
			      config_quote(r, item));
		return;
	}
	c.name = arena_strdup(&r->project->arena, item->text.p);
	c.filled_in = item->filled != YAML_AS_WRITTEN;
	vec_push(&f->sequence, c);
}

void config_read_sequence(struct config_reader *r, const struct config_key *key,
			  const struct yaml_node *value, void *object)
{
	const struct yaml_node *item;

	size_t n = 0;

	if (value->count == 0)
		config_report(r, value, "'%s' is empty; name the functions or remove the key",
			      key->name);
	for (item = value->child; item; item = item->next) {
		if (++n > PROJECT_MAX_SEQUENCE) {
			config_report(r, item,
				      "'%s' has %zu functions; the platform takes at most %d",
				      key->name, value->count, PROJECT_MAX_SEQUENCE);
			break;
		}
		add_component(r, object, item);
	}
}

void config_read_file(struct config_reader *r, const struct config_key *key,
		      const struct yaml_node *value, void *object)
{
	struct function *f = object;

	config_read_string(r, key, value, object);
	f->file_filled_in = value->filled != YAML_AS_WRITTEN;
}

static void check_sequence(struct config_reader *r, const struct yaml_node *item)
{
	static const char *const of_code[] = {"runtime", "main",        "binary",    "file",
					      "docker",  "remoteBuild", "localBuild"};
	const struct yaml_node *value;
	size_t i;

	for (i = 0; i < countof(of_code); i++) {
		value = yaml_get(item, of_code[i]);
		if (value && !config_is_blank(value))
			config_report(r, value->key,
				      "'%s' does not go with 'sequence', which has no code of "
				      "its own",
				      of_code[i]);
	}
}

static void check_builds(struct config_reader *r, const struct function *f,
			 const struct yaml_node *item)
{
	if (f->remote_build && f->local_build)
		config_report(r, yaml_get(item, "localBuild")->key,
			      "'localBuild' and 'remoteBuild' cannot both be true");
}

/* The existing tool sends the image as what runs the code, and no runtime. */
static void check_docker(struct config_reader *r, const struct function *f,
			 const struct yaml_node *item)
{
	if (f->docker && f->runtime)
		diags_add(r->diags, DIAG_WARNING, &r->project->config,
			  yaml_get(item, "runtime")->key->pos,
			  "'runtime' has no effect beside 'docker', whose image runs the code; "
			  "remove one");
}

static struct function *add_function(struct config_reader *r, struct package *pkg,
				     const struct yaml_node *item)
{
	const char *name = config_read_name(r, item, "function");
	const struct function *first = name ? package_function(pkg, name) : NULL;

	if (first)
		config_report_second(r, item, "function", first->pos);
	if (first || !name)
		pkg = project_add_package(&r->scratch, "");
	return package_add_function(r->project, pkg, name ? name : "");
}

static void read_function(struct config_reader *r, struct package *pkg,
			  const struct yaml_node *item)
{
	struct function *f = add_function(r, pkg, item);

	f->pos = item->pos;
	config_read_keys(r, CONFIG_FUNCTION, item, f);
	if (f->at.sequence.line)
		check_sequence(r, item);
	else
		check_docker(r, f, item);
	check_builds(r, f, item);
}

void config_read_functions(struct config_reader *r, const struct config_key *key,
			   const struct yaml_node *value, void *object)
{
	const struct yaml_node *item;

	for (item = value->child; item; item = item->next)
		if (config_is_item(r, key, item))
			read_function(r, object, item);
}

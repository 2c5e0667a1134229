#include <elf.h>
#include <string.h>

#include "base/str.h"
#include "verify/binary.h"

enum { SECTIONS_MAX = 4096, NAME_MAX_BYTES = 32 };

struct sections {
	binary_read_fn *read;
	void *arg;
	Elf64_Shdr names; /* of the section with their names */
};

static bool read_section(const struct sections *s, const Elf64_Ehdr *header, size_t i,
			 Elf64_Shdr *out)
{
	uint64_t at;

	return !__builtin_add_overflow(header->e_shoff, (uint64_t)i * sizeof(*out), &at) &&
	       s->read(s->arg, at, out, sizeof(*out));
}

static void read_name(const struct sections *s, uint64_t at, char name[NAME_MAX_BYTES])
{
	uint64_t n, offset;

	memset(name, 0, NAME_MAX_BYTES);
	if (at >= s->names.sh_size || __builtin_add_overflow(s->names.sh_offset, at, &offset))
		return;
	n = s->names.sh_size - at;
	if (n > NAME_MAX_BYTES - 1)
		n = NAME_MAX_BYTES - 1;
	if (!s->read(s->arg, offset, name, n))
		memset(name, 0, NAME_MAX_BYTES);
}

/* What "strip" takes away of a library. */
static bool is_debug(const struct sections *s, const Elf64_Shdr *section)
{
	char name[NAME_MAX_BYTES];
	struct str shown;

	if (section->sh_flags & SHF_ALLOC || section->sh_type == SHT_NOBITS)
		return false;
	if (section->sh_type == SHT_SYMTAB)
		return true;
	read_name(s, section->sh_name, name);
	shown = str_of(name);
	return str_starts(shown, ".debug_") || str_starts(shown, ".zdebug_") ||
	       str_is(shown, ".strtab");
}

static bool is_readable(const Elf64_Ehdr *header)
{
	return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
	       header->e_ident[EI_CLASS] == ELFCLASS64 &&
	       header->e_ident[EI_DATA] == ELFDATA2LSB &&
	       header->e_shentsize == sizeof(Elf64_Shdr) && header->e_shoff != 0;
}

uint64_t binary_debug_bytes(binary_read_fn *read, void *arg, uint64_t size)
{
	struct sections s = {.read = read, .arg = arg};
	uint64_t sum = 0;
	Elf64_Ehdr header;
	Elf64_Shdr section;
	size_t i;

	if (!read(arg, 0, &header, sizeof(header)) || !is_readable(&header) ||
	    !read_section(&s, &header, header.e_shstrndx, &s.names))
		return 0;
	for (i = 0; i < header.e_shnum && i < SECTIONS_MAX; i++)
		if (read_section(&s, &header, i, &section) && is_debug(&s, &section) &&
		    (section.sh_size > size ||
		     __builtin_add_overflow(sum, section.sh_size, &sum)))
			return 0; /* a section beyond the file's end: nothing it says holds */
	return sum < size ? sum : size;
}

#include "verify/binary.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { HEADERS_MAX = 256, DYNAMIC_MAX = 1024, VERSIONS_MAX = 1024, NAME_MAX_BYTES = 64 };

struct elf {
	binary_read_fn *read;
	void *arg;
	struct binary *out;
	Elf64_Phdr headers[HEADERS_MAX];
	size_t n;
	uint64_t strings, strings_size; /* offset and size of the names */
	uint64_t needs;                 /* offset of the table of versions */
	size_t needs_count;
};

/* Where in the file what is loaded at `address` stands; false when nowhere. */
static bool find_offset(const struct elf *elf, uint64_t address, uint64_t *offset)
{
	size_t i;

	for (i = 0; i < elf->n; i++) {
		const Elf64_Phdr *h = &elf->headers[i];

		if (h->p_type == PT_LOAD && address >= h->p_vaddr &&
		    address - h->p_vaddr < h->p_filesz)
			return !__builtin_add_overflow(h->p_offset, address - h->p_vaddr,
						       offset);
	}
	return false;
}

/* The name at this place in the table of names; empty when there is none. */
static void read_name(const struct elf *elf, uint64_t at, char name[NAME_MAX_BYTES])
{
	uint64_t n, offset;

	memset(name, 0, NAME_MAX_BYTES);
	if (at >= elf->strings_size || __builtin_add_overflow(elf->strings, at, &offset))
		return;
	n = elf->strings_size - at;
	if (n > NAME_MAX_BYTES - 1)
		n = NAME_MAX_BYTES - 1;
	if (!elf->read(elf->arg, offset, name, n))
		memset(name, 0, NAME_MAX_BYTES);
}

/* "GLIBC_2.34" */
static void take_version(struct elf *elf, const char *name)
{
	static const char prefix[] = "GLIBC_2.";
	struct str rest = str_of(name), minor;
	uint64_t n;

	if (strcmp(name, "GLIBC_ABI_DT_RELR") == 0 && elf->out->glibc < 36)
		elf->out->glibc = 36; /* the version that reads such files */
	if (!str_starts(rest, prefix))
		return;
	rest = str_from(rest, sizeof(prefix) - 1);
	if (str_next(&rest, '.', &minor) && str_to_u64(minor, &n) && n < 1000 &&
	    n > elf->out->glibc)
		elf->out->glibc = (unsigned)n;
}

/* The versions that are needed of one library; *budget bounds files that lead in circles. */
static void read_versions(struct elf *elf, uint64_t at, size_t count, size_t *budget)
{
	char name[NAME_MAX_BYTES];
	Elf64_Vernaux aux;

	for (; count > 0 && *budget > 0; count--, (*budget)--) {
		if (!elf->read(elf->arg, at, &aux, sizeof(aux)))
			return;
		read_name(elf, aux.vna_name, name);
		take_version(elf, name);
		if (aux.vna_next == 0 || __builtin_add_overflow(at, aux.vna_next, &at))
			return;
	}
}

static void read_needs(struct elf *elf)
{
	size_t budget = VERSIONS_MAX, left = elf->needs_count;
	uint64_t at = elf->needs, aux;
	Elf64_Verneed need;

	for (; left > 0 && budget > 0; left--, budget--) {
		if (!elf->read(elf->arg, at, &need, sizeof(need)))
			return;
		if (!__builtin_add_overflow(at, need.vn_aux, &aux))
			read_versions(elf, aux, need.vn_cnt, &budget);
		if (need.vn_next == 0 || __builtin_add_overflow(at, need.vn_next, &at))
			return;
	}
}

static void read_libraries(struct elf *elf, const Elf64_Dyn *dynamic, size_t n)
{
	char name[NAME_MAX_BYTES];
	size_t i;

	for (i = 0; i < n; i++)
		if (dynamic[i].d_tag == DT_NEEDED) {
			read_name(elf, dynamic[i].d_un.d_val, name);
			elf->out->musl |= strncmp(name, "libc.musl-", 10) == 0;
		}
}

static void read_dynamic(struct elf *elf, const Elf64_Phdr *header)
{
	size_t n = header->p_filesz / sizeof(Elf64_Dyn), i;
	Elf64_Dyn dynamic[DYNAMIC_MAX];

	if (n > DYNAMIC_MAX)
		n = DYNAMIC_MAX;
	if (!elf->read(elf->arg, header->p_offset, dynamic, n * sizeof(*dynamic))) {
		elf->out->is_broken = true;
		return;
	}
	for (i = 0; i < n && dynamic[i].d_tag != DT_NULL; i++) {
		uint64_t value = dynamic[i].d_un.d_val;

		if (dynamic[i].d_tag == DT_STRTAB && !find_offset(elf, value, &elf->strings))
			return;
		if (dynamic[i].d_tag == DT_STRSZ)
			elf->strings_size = value;
		if (dynamic[i].d_tag == DT_VERNEED && !find_offset(elf, value, &elf->needs))
			return;
		if (dynamic[i].d_tag == DT_VERNEEDNUM)
			elf->needs_count = value < VERSIONS_MAX ? (size_t)value : VERSIONS_MAX;
	}
	read_libraries(elf, dynamic, i);
	if (elf->needs)
		read_needs(elf);
}

static void judge_elf(struct elf *elf, const Elf64_Ehdr *header)
{
	size_t i;

	elf->out->is_x86_64 = header->e_ident[EI_CLASS] == ELFCLASS64 &&
			      header->e_ident[EI_DATA] == ELFDATA2LSB &&
			      header->e_machine == EM_X86_64;
	if (!elf->out->is_x86_64)
		return;
	elf->n = header->e_phnum < HEADERS_MAX ? header->e_phnum : HEADERS_MAX;
	if (header->e_phentsize != sizeof(Elf64_Phdr) ||
	    !elf->read(elf->arg, header->e_phoff, elf->headers,
		       elf->n * sizeof(*elf->headers))) {
		elf->out->is_broken = true;
		return;
	}
	for (i = 0; i < elf->n; i++)
		if (elf->headers[i].p_type == PT_DYNAMIC) {
			read_dynamic(elf, &elf->headers[i]);
			return;
		}
}

/* Mach-O: one machine in both byte orders, or several; Java's classes share the last one. */
static bool is_macos(const unsigned char *p)
{
	static const unsigned char magics[][4] = {
		{0xfe, 0xed, 0xfa, 0xce}, {0xfe, 0xed, 0xfa, 0xcf}, {0xce, 0xfa, 0xed, 0xfe},
		{0xcf, 0xfa, 0xed, 0xfe}, {0xca, 0xfe, 0xba, 0xbe}, {0xca, 0xfe, 0xba, 0xbf},
	};
	size_t i;

	for (i = 0; i < countof(magics); i++)
		if (memcmp(p, magics[i], 4) == 0)
			return i < 4 || p[7] < 32; /* that many machines */
	return false;
}

void binary_judge(binary_read_fn *read, void *arg, struct binary *out)
{
	struct elf elf = {.read = read, .arg = arg, .out = out};
	unsigned char magic[8];
	Elf64_Ehdr header;

	*out = (struct binary){0};
	if (!read(arg, 0, magic, sizeof(magic)))
		return;
	if (memcmp(magic, ELFMAG, SELFMAG) == 0)
		out->kind = BINARY_ELF;
	else if (is_macos(magic))
		out->kind = BINARY_MACOS;
	else if (magic[0] == 'M' && magic[1] == 'Z')
		out->kind = BINARY_WINDOWS;
	if (out->kind != BINARY_ELF)
		return;
	if (read(arg, 0, &header, sizeof(header)))
		judge_elf(&elf, &header);
	else
		out->is_broken = true;
}

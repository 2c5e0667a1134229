#ifndef TESTS_ELVES_H
#define TESTS_ELVES_H
/* elves.h - small ELF files with what tells their system */
#include <elf.h>
#include <string.h>

#include "base/str.h"

struct made_elf {
	Elf64_Ehdr header;
	Elf64_Phdr program[2];
	Elf64_Dyn dynamic[6];
	Elf64_Verneed need;
	Elf64_Vernaux versions[2];
	char strings[96];
};

/* Needs this library, and of it these two versions. */
static inline void make_elf(struct made_elf *m, const char *library, const char *one,
			    const char *two)
{
	size_t at = 1;
	const char *const names[] = {library, one, two};
	size_t places[3], i;

	memset(m, 0, sizeof(*m));
	memcpy(m->header.e_ident, ELFMAG, SELFMAG);
	m->header.e_ident[EI_CLASS] = ELFCLASS64;
	m->header.e_ident[EI_DATA] = ELFDATA2LSB;
	m->header.e_machine = EM_X86_64;
	m->header.e_type = ET_DYN;
	m->header.e_phoff = offsetof(struct made_elf, program);
	m->header.e_phentsize = sizeof(Elf64_Phdr);
	m->header.e_phnum = 2;
	for (i = 0; i < 3; i++) {
		places[i] = at;
		memcpy(m->strings + at, names[i], strlen(names[i]) + 1);
		at += strlen(names[i]) + 1;
	}
	m->program[0] =
		(Elf64_Phdr){.p_type = PT_LOAD, .p_vaddr = 0x1000, .p_filesz = sizeof(*m)};
	m->program[1] = (Elf64_Phdr){.p_type = PT_DYNAMIC,
				     .p_offset = offsetof(struct made_elf, dynamic),
				     .p_filesz = sizeof(m->dynamic)};
	m->dynamic[0] = (Elf64_Dyn){DT_STRTAB, {0x1000 + offsetof(struct made_elf, strings)}};
	m->dynamic[1] = (Elf64_Dyn){DT_STRSZ, {sizeof(m->strings)}};
	m->dynamic[2] = (Elf64_Dyn){DT_VERNEED, {0x1000 + offsetof(struct made_elf, need)}};
	m->dynamic[3] = (Elf64_Dyn){DT_VERNEEDNUM, {1}};
	m->dynamic[4] = (Elf64_Dyn){DT_NEEDED, {places[0]}};
	m->need =
		(Elf64_Verneed){.vn_version = 1, .vn_cnt = 2, .vn_aux = sizeof(Elf64_Verneed)};
	m->versions[0] = (Elf64_Vernaux){.vna_name = (Elf64_Word)places[1],
					 .vna_next = sizeof(Elf64_Vernaux)};
	m->versions[1] = (Elf64_Vernaux){.vna_name = (Elf64_Word)places[2]};
}

/* For binary_judge(): reads from a struct str. */
static inline bool read_memory(void *arg, uint64_t offset, void *to, size_t n)
{
	const struct str *bytes = arg;

	if (offset > bytes->n || n > bytes->n - offset)
		return false;
	if (n)
		memcpy(to, bytes->p + offset, n);
	return true;
}
#endif

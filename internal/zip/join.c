#include "zip/write.h"

enum { VERSION_ZIP64 = 45 };
enum { ENDS_SIZE = END64_SIZE + LOCATOR_SIZE + END_SIZE };

static int write_piece(void *arg, struct str piece, struct err *e)
{
	struct zip_join *j = arg;

	j->n += piece.n;
	return j->write(j->arg, piece, e);
}

/* Offsets count from the start of the whole from now on. */
static void add_central(struct zip_join *j, const struct strbuf *central)
{
	size_t at = j->central.len;

	strbuf_addstr(&j->central, strbuf_str(central));
	while (at < j->central.len) {
		char *p = j->central.buf + at;

		put32(p + CENTRAL_LOCAL, (uint32_t)(get32(p + CENTRAL_LOCAL) + j->n));
		at += zip_central_size(p);
	}
}

/* So that what has begun to come out can also be ended. */
static int check_room(struct zip_join *j, const struct zip_part *part, struct err *e)
{
	uint64_t max = zip_ceiling(j->max);

	if (!j->central.buf)
		j->central = STRBUF_INIT;
	if (j->n + part->data.n + j->central.len + part->central.len + ENDS_SIZE > max)
		return zip_too_large(max, e);
	j->entries += part->entries;
	return 0;
}

int zip_join_add(struct zip_join *j, struct zip_part *part, struct err *e)
{
	if (check_room(j, part, e) < 0)
		return -1;
	add_central(j, &part->central);
	return spool_each(&part->data, 0, part->data.n, write_piece, j, e);
}

/* What more than 65535 entries need: their number in 64 bits, and where that is. */
static void add_end64(struct strbuf *out, const struct zip_join *j, uint64_t directory)
{
	char end[END64_SIZE + LOCATOR_SIZE] = {0}, *locator = end + END64_SIZE;

	put32(end, SIGNATURE_END64);
	put64(end + END64_REST, END64_SIZE - 12); /* without what is up to here */
	put16(end + END64_MADE_BY, HOST_UNIX << 8 | VERSION_ZIP64);
	put16(end + END64_NEEDED, VERSION_ZIP64);
	put64(end + END64_ENTRIES - 8, j->entries); /* on this disk: there is one */
	put64(end + END64_ENTRIES, j->entries);
	put64(end + END64_DIRECTORY_N, j->central.len);
	put64(end + END64_DIRECTORY, directory);
	put32(locator, SIGNATURE_LOCATOR);
	put64(locator + LOCATOR_END64, directory + j->central.len);
	put32(locator + LOCATOR_DISKS, 1);
	strbuf_add(out, end, sizeof(end));
}

static void add_end(struct strbuf *out, const struct zip_join *j, uint64_t directory)
{
	uint16_t entries = j->entries < UINT16_MAX ? (uint16_t)j->entries : UINT16_MAX;
	char end[END_SIZE] = {0};

	put32(end, SIGNATURE_END);
	put16(end + END_ENTRIES - 2, entries); /* on this disk */
	put16(end + END_ENTRIES, entries);
	put32(end + END_DIRECTORY_N, (uint32_t)j->central.len);
	put32(end + END_DIRECTORY, (uint32_t)directory);
	strbuf_add(out, end, sizeof(end));
}

int zip_join_end(struct zip_join *j, struct err *e)
{
	struct strbuf ends = STRBUF_INIT;
	uint64_t directory = j->n;
	int rc;

	if (j->entries >= UINT16_MAX)
		add_end64(&ends, j, directory);
	add_end(&ends, j, directory);
	rc = j->central.len ? write_piece(j, strbuf_str(&j->central), e) : 0;
	if (rc == 0)
		rc = write_piece(j, strbuf_str(&ends), e);
	strbuf_release(&ends);
	return rc;
}

uint64_t zip_end_size(size_t entries)
{
	return entries >= UINT16_MAX ? ENDS_SIZE : END_SIZE;
}

void zip_part_sizes(const struct zip_part *part, uint64_t *bytes)
{
	const char *p = part->central.buf, *next;
	uint64_t end;
	size_t i;

	for (i = 0; i < part->entries; i++, p = next) {
		next = p + zip_central_size(p);
		end = i + 1 < part->entries ? get32(next + CENTRAL_LOCAL) : part->data.n;
		bytes[i] = end - get32(p + CENTRAL_LOCAL) + zip_central_size(p);
	}
}

void zip_join_release(struct zip_join *j)
{
	if (j->central.buf)
		strbuf_release(&j->central);
}

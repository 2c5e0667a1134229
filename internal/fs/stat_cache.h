/*
 * stat_cache.h - the SHA-256 of files that are the same as when they were read last
 *
 * A file counts as the same while its path, size, device, inode and both time
 * stamps are.  What had not settled when it was read (fs_stamp_is_settled()) is
 * not remembered; so a hash that is found is right unless somebody sets the
 * clock back.
 *
 * One table, a file, for each tree of files.  Runs at the same time each write
 * a whole table, the last one stays.  A damaged table is as none; whatever goes
 * wrong costs reading files again, and nothing else.
 */
#ifndef FS_STAT_CACHE_H
#define FS_STAT_CACHE_H
#include "base/hash.h"
#include "fs/fs.h"

/* Files that a table remembers; tables that a folder keeps (the latest ones). */
enum { STAT_CACHE_FILES = 200000, STAT_CACHE_TABLES = 64 };

struct stat_cache;

/*
 * The table for `tree`, any text such as a folder's real path; paths are
 * relative to it.  `folder` (made when missing) holds the tables; NULL: no table
 * is kept.
 */
struct stat_cache *stat_cache_open(const char *folder, const char *tree) NODISCARD;
bool stat_cache_find(struct stat_cache *c, struct str path, const struct fs_stamp *stamp,
		     unsigned char hash[SHA256_SIZE]);
/* began_ns: clock_realtime_ns() before the file was opened and found to have that stamp. */
void stat_cache_add(struct stat_cache *c, struct str path, const struct fs_stamp *stamp,
		    const unsigned char hash[SHA256_SIZE], uint64_t began_ns);
/* Writes the table when it has learnt something, and frees it; NULL is allowed. */
void stat_cache_close(struct stat_cache *c);
#endif

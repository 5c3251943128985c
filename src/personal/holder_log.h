/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was done with a credential, for its holder: a file beside it, one line for each event, only ever appended to.
 *
 *     {"n":1,"time":"2026-11-22T01:02:03Z","event":"sign","operation":"...","portal":"...","title":"...",
 *      "shown":"...","digest":"SHA-256","hash":"..."}
 *
 * By which way the code came is in "code": "sms", "app" (an authenticator), or "mail", which is of the lower level and
 * says so: "level":"lower". Where no code was wanted (entities' seals), "sign" has "proof":"password"; what such a seal
 * was made by, "of":"entity". Of documents that were authorised by their own hash, "document" is that, and "hash" what
 * was signed for it: of its signed attributes.
 *
 * Each line is chained to the one before: the first head is SHA-256("Refrenda holder log 1\n" ‖ credential), and each
 * next one SHA-256(head ‖ line without its end). Whoever has the lines can compute the last head, and compare it with
 * the one that the attestation key signed: the text of holder_log_put_statement(), ECDSA with SHA-256.
 *
 * On disk each line begins with an HMAC over its head, so that nothing can be changed, put in or left out; and the file
 * begins with the number of lines, their length and the last head, under an HMAC, written after the lines are on disk:
 * a file with less than that was cut. What a crash leaves behind the last whole line is cut off: nobody was told of it.
 * A whole file that is put back as it once was is only noticed by who has a later head.
 *
 * Whoever opens a log reads the whole of it. Afterwards memory has a mark of every so many lines, so that a piece of it
 * is read from the mark before it, not from its beginning; and what was appended never changes, so that it is read
 * while others append.
 */
#ifndef PERSONAL_HOLDER_LOG_H
#define PERSONAL_HOLDER_LOG_H

#include "base/secret.h"
#include "keeper/key_folder.h"

enum { HOLDER_LOG_HEAD_SIZE = 32, HOLDER_LOG_LINE_MAXIMUM = 4096, HOLDER_LOG_MARK_LINES = 256 };

/** Between two lines: so many, and octets of them, are before it, and the head that they have. */
struct holder_log_point {
    uint64_t count, length;
    uint8_t head[HOLDER_LOG_HEAD_SIZE];
};
/** Where a log's end is; zeros until it is opened. One thread at a time for each. */
struct holder_log {
    bool open;
    struct holder_log_point end;
    struct holder_log_point *marks; /* behind each HOLDER_LOG_MARK_LINES lines */
    size_t marked, room;
};
/** Of a log as it was at one moment, what follows some of its lines. */
struct holder_log_part {
    struct holder_log_point from, end;
    uint64_t skip;
};
/** Where the files are, what authenticates them, and whose log it is. */
struct holder_log_place {
    const struct key_folder *folder;
    const struct secret *key;
    const char *credential;
};

/** A new log, whose first lines make its file. */
rfd_status holder_log_begin(struct holder_log *l, const char *credential, struct rfd_error *error) RFD_MUST_CHECK;
/** Reads the whole file, once. RFD_E_KEYSTORE_DAMAGED, also when there is none. */
rfd_status holder_log_open(struct holder_log *l, const struct holder_log_place *where,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Appends a line for each of the `count` texts in `lines` (each ended by a zero octet), which are the
 * members of its object behind "n"; all are on disk when it returns. Opens the log when it has to. RFD_E_IO_WRITE. */
rfd_status holder_log_append(struct holder_log *l, const struct holder_log_place *where, slice lines, size_t count,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on zeros. */
void holder_log_dispose(struct holder_log *l);
/** What follows the first `skip` lines. Opens the log when it has to. */
rfd_status holder_log_look(struct holder_log *l, const struct holder_log_place *where, uint64_t skip,
                           struct holder_log_part *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Calls `each` with every line of it (without its end), checked, until it says false: what comes behind is not looked
 * at. Needs no holder_log: others may append meanwhile. RFD_E_KEYSTORE_DAMAGED. */
typedef bool holder_log_each(void *context, slice line);
rfd_status holder_log_walk(const struct holder_log_part *part, const struct holder_log_place *where,
                           holder_log_each *each, void *context, struct rfd_error *error) RFD_MUST_CHECK;
/** What the attestation key signs. */
void holder_log_put_statement(struct buf *b, const char *credential, uint64_t count,
                              const uint8_t head[HOLDER_LOG_HEAD_SIZE]);

#endif

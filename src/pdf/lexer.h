/* SPDX-License-Identifier: EUPL-1.2
 *
 * Tokens and direct objects (ISO 32000-2 §7.2-7.3), read forward from an offset of a source or from a slice of memory.
 * Depth of nesting is limited to 64, the number of values by the arena.
 */
#ifndef PDF_LEXER_H
#define PDF_LEXER_H

#include "base/arena.h"
#include "base/source.h"
#include "pdf/object.h"

struct lexer {
    struct source *source; /* NULL when reading memory */
    uint64_t position;     /* of the next byte: source offset, or offset in `memory` */
    slice memory;          /* memory: all bytes; source: what is ready at `ready_at` */
    uint64_t ready_at;
    struct arena *arena;
    bool duplicate_key; /* set when a dictionary had a key twice; the first one counts */
};

void lexer_at(struct lexer *l, struct source *source, uint64_t offset, struct arena *arena);
void lexer_memory(struct lexer *l, slice bytes, struct arena *arena);

/** The next byte, or -1 at the end (or after a read error: see source_status). */
int lexer_peek(struct lexer *l);
void lexer_skip_space(struct lexer *l); /* white space and comments */
/** Takes a keyword such as "obj" when it is next and ends at a delimiter. */
bool lexer_keyword(struct lexer *l, const char *keyword);
/** Takes an unsigned integer token. */
bool lexer_unsigned(struct lexer *l, uint64_t maximum, uint64_t *out);
/** Reads one direct object or reference ("n g R"); never a stream. */
rfd_status lexer_value(struct lexer *l, struct pdf_value *out, struct rfd_error *error) RFD_MUST_CHECK;

bool lexer_is_space(int c);     /* §7.2.3 table 1 */
bool lexer_is_delimiter(int c); /* table 2 */

#endif

/* SPDX-License-Identifier: EUPL-1.2
 *
 * Messages between processes. On the wire a message is
 *
 *   length   4 octets, big-endian: of all that follows
 *   type     2 octets
 *   descriptors  2 octets: how many open files travel with it
 *   request  8 octets: chosen by who asks, repeated in the answer
 *   body     fields one after the other, without names or padding
 *
 * A field is an unsigned number of 1, 4 or 8 octets, a signed one of 8, or bytes after their length (4 octets). The
 * reader's error is sticky: take all fields, then ask message_end() once, which also demands that nothing is left over.
 * What a field means is not checked here.
 */
#ifndef IPC_MESSAGE_H
#define IPC_MESSAGE_H

#include "base/buf.h"

enum {
    MESSAGE_HEADER_SIZE = 16,
    MESSAGE_MAXIMUM = 1 << 20, /* of a message with its header, whatever a channel allows */
    MESSAGE_DESCRIPTORS = 4,   /* open files with one message */
};

/** A message that arrived; body borrows from the channel. */
struct message {
    uint16_t type;
    uint64_t request;
    slice body;
    size_t descriptor_count;
    int descriptors[MESSAGE_DESCRIPTORS]; /* whoever takes the message closes them */
};

/** Closes the open files that came with `m`; -1 marks one that was taken. */
void message_close_descriptors(struct message *m);

/* ---- Writing: into a buf whose maximum bounds the message; its sticky status says whether all fitted ---- */

/** Writes the header; give what it returns to message_finish() after the fields. */
size_t message_begin(struct buf *b, uint16_t type, uint64_t request, size_t descriptors);
/** Fills in the length. */
void message_finish(struct buf *b, size_t begun);
void message_put_u8(struct buf *b, uint8_t value);
void message_put_u32(struct buf *b, uint32_t value);
void message_put_u64(struct buf *b, uint64_t value);
void message_put_i64(struct buf *b, int64_t value);
void message_put_bytes(struct buf *b, slice bytes);
/** The same as bytes; the terminating zero does not travel. */
void message_put_text(struct buf *b, const char *text);

/* ---- Reading ---- */

struct message_reader {
    slice left;
    bool failed; /* short, too long, or not the text it should be; all further fields are empty */
};

static inline struct message_reader message_read(slice body)
{
    return (struct message_reader){body, false};
}

/** Zero when the field is not there. */
uint8_t message_get_u8(struct message_reader *r);
uint32_t message_get_u32(struct message_reader *r);
uint64_t message_get_u64(struct message_reader *r);
int64_t message_get_i64(struct message_reader *r);
/** At most `maximum` octets; borrowed from the body. Empty when the field is not there. */
slice message_get_bytes(struct message_reader *r, size_t maximum);
/** The same for text: well-formed UTF-8 without control characters. */
slice message_get_text(struct message_reader *r, size_t maximum);
/** RFD_OK when every field was there and nothing is left; else RFD_E_PROTOCOL naming `what`. */
rfd_status message_end(const struct message_reader *r, const char *what, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Frames ---- */

enum message_frame { MESSAGE_WHOLE, MESSAGE_INCOMPLETE, MESSAGE_WRONG };

/**
 * Looks at the beginning of a stream. MESSAGE_WHOLE: `out` (without descriptors; descriptor_count is what the header
 * announces) and its `length` on the wire. MESSAGE_INCOMPLETE: more octets are needed. MESSAGE_WRONG: no message that
 * may be longer than `maximum` octets, or one with too many descriptors: the stream is of no more use.
 */
enum message_frame message_parse(slice stream, size_t maximum, struct message *out, size_t *length);

#endif

/* SPDX-License-Identifier: EUPL-1.2
 *
 * COS objects (ISO 32000-2 §7.3) as parsed values. Values are immutable and live in their document's arena; `raw` is
 * the exact text that a value was read from (in the file, or in a decoded object stream), so that unchanged parts can
 * be copied byte for byte (of a stream: its dictionary's text). In an encrypted document `bytes` of a string is
 * decrypted, `raw` is not.
 */
#ifndef PDF_OBJECT_H
#define PDF_OBJECT_H

#include "base/slice.h"

enum pdf_kind {
    PDF_NULL,
    PDF_BOOLEAN,
    PDF_INTEGER,
    PDF_REAL,
    PDF_NAME,
    PDF_STRING,
    PDF_ARRAY,
    PDF_DICTIONARY,
    PDF_STREAM,
    PDF_REFERENCE
};

struct pdf_reference {
    uint32_t number; /* 0 is never a reference */
    uint32_t generation;
};

struct pdf_entry;
struct pdf_stream;

struct pdf_value {
    enum pdf_kind kind;
    bool hexadecimal; /* a string written as <...> */
    uint32_t count;   /* items of an array, entries of a dictionary or of a stream's dictionary */
    slice raw;
    union {
        bool boolean;
        int64_t integer; /* out-of-range integers are reals */
        double real;
        slice bytes; /* a name without '/', #xx decoded; a string decoded */
        const struct pdf_value *items;
        const struct pdf_entry *entries; /* in file order */
        const struct pdf_stream *stream;
        struct pdf_reference reference;
    };
};

struct pdf_entry {
    slice key; /* decoded, without '/' */
    slice raw_key;
    struct pdf_value value;
};

struct pdf_stream {
    const struct pdf_entry *entries; /* `count` of the value */
    struct pdf_value dictionary;     /* the same entries as a PDF_DICTIONARY value */
    slice encoded;                   /* the bytes between stream and endstream, as in the file; `data` is NULL while
                                        a large stream was not read from its file: see pdf_stream_encoded() */
    uint64_t offset;                 /* of `encoded` in the source */
    struct pdf_reference owner;      /* whose key decrypts it */
};

/** The one PDF_NULL that stands for "absent". */
extern const struct pdf_value pdf_null;

/** The direct value of a key in a dictionary or in a stream's dictionary; &pdf_null when absent or another kind. */
const struct pdf_value *pdf_find_entry(const struct pdf_value *dictionary, slice key);

static inline const struct pdf_value *pdf_entry_of(const struct pdf_value *dictionary, const char *key)
{
    return pdf_find_entry(dictionary, slice_text(key));
}

bool pdf_is_name(const struct pdf_value *v, const char *name);
/** The entries of a dictionary or stream (count in v->count), or NULL. */
const struct pdf_entry *pdf_entries(const struct pdf_value *v);
/** Integer, or a real that is whole; false otherwise. */
bool pdf_integer(const struct pdf_value *v, int64_t *out);
bool pdf_number(const struct pdf_value *v, double *out);

#endif

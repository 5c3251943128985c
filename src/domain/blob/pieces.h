/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of blobs: the form of a file.
 *
 *   "RFDBLOB1"  label (16 random octets)  length of the wrapped key (1 octet)  wrapped key
 *   pieces: 64 KiB of AES-256-GCM, the last one shorter (or as long, or empty), each with its 16 octets of tag
 *
 * The key is of this file alone. A piece's nonce is its number and whether it is the last (the STREAM construction of
 * Hoang, Reyhanitabar, Rogaway and Vizár): pieces that were exchanged, left out or cut off do not open. The head is
 * authenticated with each piece.
 */
#ifndef DOMAIN_BLOB_PIECES_H
#define DOMAIN_BLOB_PIECES_H

#include "domain/blob/blob.h"

enum {
    PIECES_LABEL = 16,
    PIECES_WRAPPED_MOST = 255,
    PIECES_HEAD_MOST = 8 + PIECES_LABEL + 1 + PIECES_WRAPPED_MOST,
    PIECES_KEY = 32,
    PIECES_TAG = 16,
    PIECES_SAMPLE = 4096 /* octets of the beginning, by which the type is known */
};

struct pieces_head {
    uint8_t bytes[PIECES_HEAD_MOST];
    size_t length;
};
void pieces_head_write(const uint8_t label[PIECES_LABEL], slice wrapped, struct pieces_head *out);
/** The head at the beginning of `bytes`; false when there is none. */
bool pieces_head_read(slice bytes, struct pieces_head *out);
slice pieces_label(const struct pieces_head *head);
slice pieces_wrapped(const struct pieces_head *head);

struct pieces;
rfd_status pieces_new(const uint8_t key[PIECES_KEY], bool encrypts, const struct pieces_head *head, struct pieces **out,
                      struct rfd_error *error) RFD_MUST_CHECK;
void pieces_free(struct pieces *p);
/** `to` has room for the tag, too. */
rfd_status pieces_seal(struct pieces *p, slice plain, bool last, uint8_t *to, struct rfd_error *error) RFD_MUST_CHECK;
/** `sealed` with its tag; RFD_E_KEYSTORE_DAMAGED when it is not what was sealed. */
rfd_status pieces_open(struct pieces *p, slice sealed, bool last, uint8_t *to, struct rfd_error *error) RFD_MUST_CHECK;

/** By the first PIECES_SAMPLE octets of the content. */
slice pieces_type(slice sample);

/* ---- The keeper ---- */

rfd_status pieces_new_key(const struct blob_options *options, slice label, uint8_t key[PIECES_KEY],
                          uint8_t wrapped[PIECES_WRAPPED_MOST], size_t *length, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status pieces_unwrap_key(const struct blob_options *options, slice label, slice wrapped, uint8_t key[PIECES_KEY],
                             struct rfd_error *error) RFD_MUST_CHECK;

/* ---- The folder ---- */

enum { BLOB_PATH = 4096 };
struct blob_store {
    struct blob_options options;
    char *folder, *key;
};
/** False for what is no id. */
bool blob_is_id(slice id);
/** FOLDER/ab/abcdef...; in `path`. */
rfd_status blob_path(const struct blob_store *store, slice id, char path[BLOB_PATH],
                     struct rfd_error *error) RFD_MUST_CHECK;

#endif

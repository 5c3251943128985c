/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation lists. The list comes as a sealed memory file, which nobody can change or shorten while it is read. Which
 * numbers were signed is on disk before a signature leaves, in a small file for each list (KEY.PARTITION.crl, .delta):
 * a list's number never goes back. The records are not part of a backup: after a restore the first number is taken as
 * it comes.
 */
#include "keeper/operations.h"

#include "base/error.h"
#include "keeper/crl_check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define NUMBER_MAGIC SLICE("RFDCRL01")

enum { LIST_MAXIMUM = 1 << 30, RECORD_MAXIMUM = 64, ALGORITHM_MAXIMUM = 128 };

/* ---- The file ---- */

static rfd_status map_list(int fd, slice *out, struct rfd_error *error)
{
    const int wanted = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
    struct stat st;
    if (fd < 0) return error_set(error, RFD_E_PROTOCOL, "sign-crl without a list");
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & wanted) != wanted)
        return error_set(error, RFD_E_KEY_REFUSED, "the list is not in a sealed memory file");
    if (fstat(fd, &st) != 0) return error_errno(error, RFD_E_IO_READ, errno, "list");
    if (st.st_size <= 0 || st.st_size > LIST_MAXIMUM)
        return error_set(error, RFD_E_LIMIT, "a list of %lld octets", (long long)st.st_size);
    void *mapped = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (mapped == MAP_FAILED) return error_errno(error, RFD_E_IO_READ, errno, "list");
    *out = slice_of(mapped, (size_t)st.st_size);
    return RFD_OK;
}

static void unmap_list(slice list)
{
    if (list.length > 0) (void)munmap((void *)(uintptr_t)list.data, list.length);
}

/* ---- Numbers ---- */

static void file_name(const struct keeper_key *key, const struct crl_facts *facts, char name[KEY_FOLDER_NAME_SIZE])
{
    (void)snprintf(name, KEY_FOLDER_NAME_SIZE, "%s.%u.%s", key->description->name, facts->partition,
                   facts->delta ? "delta" : "crl");
}

/** Of two INTEGER contents that are positive and in their shortest form. */
static int compare_numbers(slice a, slice b)
{
    if (a.length != b.length) return a.length < b.length ? -1 : 1;
    return slice_compare(a, b);
}

static rfd_status check_number(const struct keeper *k, const char *name, slice number, struct rfd_error *error)
{
    struct buf record;
    if (!key_folder_has(k->store->folder, name)) return RFD_OK;
    buf_init(&record, KEY_FOLDER_FILE_MAXIMUM);
    rfd_status status = key_folder_read(k->store->folder, name, &record, error);
    slice last = slice_from(buf_slice(&record), NUMBER_MAGIC.length);
    if (status == RFD_OK && !key_folder_begins(buf_slice(&record), NUMBER_MAGIC))
        status = error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s is no number of a list", name);
    if (status == RFD_OK && compare_numbers(number, last) < 0)
        status = error_set(error, RFD_E_KEY_REFUSED, "list: a number below the last one");
    buf_dispose(&record);
    return status;
}

static rfd_status write_number(const struct keeper *k, const char *name, slice number, struct rfd_error *error)
{
    struct buf record;
    buf_init(&record, RECORD_MAXIMUM);
    buf_put_slice(&record, NUMBER_MAGIC);
    buf_put_slice(&record, number);
    rfd_status status = buf_check(&record, "number of a list", error);
    if (status == RFD_OK) status = key_folder_write(k->store->folder, name, buf_slice(&record), true, error);
    buf_dispose(&record);
    return status;
}

/* ---- Signing ---- */

static rfd_status check_list(const struct keeper_key *key, slice list, slice algorithm, rfd_time now,
                             struct crl_facts *facts, struct rfd_error *error)
{
    const struct crl_rule rule = {.issuer = key->certificate->subject,
                                  .key_id = key->certificate->subject_key_id,
                                  .algorithm = algorithm,
                                  .policy = &key->authority.policy};
    TRY(crl_check(&rule, list, now, facts, error));
    if (facts->delta && compare_numbers(facts->base, facts->number) >= 0)
        return error_set(error, RFD_E_KEY_REFUSED, "list: a delta to a list that is not older");
    return RFD_OK;
}

static rfd_status sign_list(struct keeper *k, struct keeper_key *key, slice list, struct buf *answer,
                            struct rfd_error *error)
{
    uint8_t bytes[ALGORITHM_MAXIMUM];
    char name[KEY_FOLDER_NAME_SIZE];
    struct buf algorithm = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    struct crl_facts facts;
    rfd_time now;
    signature_algorithm_put(&algorithm, &key->algorithm);
    TRY(buf_check(&algorithm, "algorithm", error));
    TRY(keeper_key_time(key, &now, error));
    TRY(check_list(key, list, buf_slice(&algorithm), now, &facts, error));
    file_name(key, &facts, name);
    TRY(check_number(k, name, facts.number, error));
    TRY(keeper_key_use(k, key, now, error));
    TRY(write_number(k, name, facts.number, error));
    return keeper_key_answer(key, list, answer, error);
}

rfd_status keeper_sign_crl(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                           struct rfd_error *error)
{
    slice list = SLICE_EMPTY;
    TRY(message_end(r, "sign-crl", error));
    TRY(keeper_authority_ready(key, true, error));
    TRY(map_list(k->descriptor, &list, error));
    rfd_status status = sign_list(k, key, list, answer, error);
    unmap_list(list);
    return status;
}

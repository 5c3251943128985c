/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the ca commands share.
 */
#include "base/error.h"
#include "base/number.h"
#include "base/source.h"
#include "base/text.h"
#include "cli/ca.h"
#include "pki/certificate/pem.h"

#include <unistd.h>

enum { EXIT_REFUSED = 1, EXIT_SERVER = 3, EXIT_FILE = 4, SERIAL_OCTETS = 20 };

int ca_exit(const char *about, const struct rfd_error *error)
{
    message_status(about, error);
    switch (error->code) {
    case RFD_E_STORE:
    case RFD_E_STORE_UNKNOWN:
    case RFD_E_PEER_GONE:
    case RFD_E_DEADLINE:
    case RFD_E_BUSY: return EXIT_SERVER;
    case RFD_E_NOT_FOUND:
    case RFD_E_DER:
    case RFD_E_PLAN:
    case RFD_E_PACK:
    case RFD_E_SETTINGS: return EXIT_FILE;
    case RFD_E_STATE:
    case RFD_E_PROFILE: return EXIT_REFUSED;
    default: return exit_of_status(error->code);
    }
}

rfd_status ca_find_authority(struct ca_home *home, const char *name, struct authority *out, struct rfd_error *error)
{
    struct authority_list list;
    const struct authority *found = NULL;
    TRY(authority_list(&home->domain, &home->arena, &list, error));
    for (size_t i = 0; i < list.count; i++) {
        const struct authority *item = &list.items[i];
        if (name != NULL ? !slice_is(item->name, name) : item->key.length == 0) continue;
        if (found != NULL)
            return error_set(error, RFD_E_ARGUMENT, "several authorities issue here: name one with --authority");
        found = item;
    }
    if (found == NULL) return error_set(error, RFD_E_NOT_FOUND, "no authority %s", name == NULL ? "that issues" : name);
    *out = *found;
    return RFD_OK;
}

rfd_status ca_find_certificate(struct ca_home *home, const char *digits, struct certificate_row *out,
                               struct rfd_error *error)
{
    const struct authority_search search = {.text = slice_text(digits), .ends_before = RFD_TIME_NONE, .limit = 50};
    struct certificate_row *rows;
    size_t count = 0;
    const struct certificate_row *found = NULL;
    TRY(authority_search(&home->domain, &search, &home->arena, &rows, &count, error));
    for (size_t i = 0; i < count; i++) {
        char text[CA_SERIAL_SIZE];
        (void)ca_serial_text(rows[i].serial, text);
        if (strncasecmp(text, digits, strlen(digits)) != 0) continue;
        if (found != NULL) return error_set(error, RFD_E_ARGUMENT, "several serial numbers begin with %s", digits);
        found = &rows[i];
    }
    if (found == NULL) return error_set(error, RFD_E_NOT_FOUND, "no certificate with serial number %s", digits);
    *out = *found;
    return RFD_OK;
}

const char *ca_serial_text(slice serial, char text[CA_SERIAL_SIZE])
{
    size_t length = serial.length > SERIAL_OCTETS ? SERIAL_OCTETS : serial.length;
    number_to_hex(slice_part(serial, 0, length), false, (uint8_t *)text);
    text[2 * length] = '\0';
    return text;
}

const char *ca_text(struct arena *a, slice s)
{
    struct buf printable;
    buf_init(&printable, 1 << 16);
    text_put_printable(&printable, s);
    const char *text = printable.status == RFD_OK ? arena_text(a, buf_slice(&printable)) : NULL;
    buf_dispose(&printable);
    return text == NULL ? "" : text;
}

rfd_status ca_read_object(const char *path, size_t maximum, struct buf *out, struct rfd_error *error)
{
    struct buf file;
    struct pem_block block;
    buf_init(&file, maximum);
    rfd_status status = source_read_file(path, maximum, &file, error);
    slice text = buf_slice(&file);
    if (status == RFD_OK && pem_next(&text, &block))
        status = pem_decode(&block, out, error);
    else if (status == RFD_OK)
        buf_put_slice(out, buf_slice(&file));
    buf_dispose(&file);
    return status == RFD_OK ? buf_check(out, path, error) : status;
}

rfd_status ca_read_certificate(const char *path, const struct certificate **out, struct rfd_error *error)
{
    struct certificate_list list = {.count = 0};
    struct buf file;
    buf_init(&file, CA_FILE_MAXIMUM);
    rfd_status status = source_read_file(path, CA_FILE_MAXIMUM, &file, error);
    if (status == RFD_OK) status = certificate_list_read(&list, buf_slice(&file), error);
    if (status == RFD_OK && list.count == 0) status = error_set(error, RFD_E_KEY_READ, "%s has no certificate", path);
    if (status == RFD_OK) *out = certificate_ref(list.items[0]);
    certificate_list_dispose(&list);
    buf_dispose(&file);
    return status;
}

bool ca_confirm(const struct arguments *a, const char *question)
{
    char answer[16];
    if (a->yes) return true;
    if (isatty(STDIN_FILENO) == 0) {
        message_error("%s", tr(N_("Nobody is there to ask whether you are sure: give --yes")));
        return false;
    }
    (void)fprintf(stderr, "%s [%s] ", question, tr(N_("yes/no")));
    if (fgets(answer, sizeof answer, stdin) == NULL) return false;
    answer[strcspn(answer, "\r\n")] = '\0';
    if (strcmp(answer, tr(N_("yes"))) == 0 || strcmp(answer, "yes") == 0) return true;
    message_error("%s", tr(N_("Nothing was changed.")));
    return false;
}

/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda ca crl.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/output.h"
#include "cli/ca.h"

enum { PARTITION_MAXIMUM = 4095 };

static rfd_status make_now(const struct arguments *a, struct ca_home *home, struct rfd_error *error)
{
    struct authority_list list;
    size_t all = 0;
    TRY(authority_list(&home->domain, &home->arena, &list, error));
    for (size_t i = 0; i < list.count; i++) {
        size_t made = 0;
        if (list.items[i].key.length == 0) continue;
        if (a->authority != NULL && !slice_is(list.items[i].name, a->authority)) continue;
        TRY(authority_make_crls(&home->domain, list.items[i].id, INT64_MAX / 4, true, &made, error));
        all += made;
    }
    if (!a->quiet) (void)printf(tr_count("%zu list made\n", "%zu lists made\n", all), all);
    return RFD_OK;
}

static rfd_status write_newest(const struct arguments *a, struct ca_home *home, struct rfd_error *error)
{
    struct authority authority;
    struct authority_crl crl;
    uint64_t partition = 0;
    if (a->partition != NULL && !number_unsigned(slice_text(a->partition), PARTITION_MAXIMUM, &partition))
        return error_set(error, RFD_E_ARGUMENT, "--partition %s", a->partition);
    TRY(ca_find_authority(home, a->authority, &authority, error));
    TRY(authority_crl(home->store, authority.id, (uint32_t)partition, a->delta, &home->arena, &crl, error));
    if (strcmp(a->output, "-") != 0) return output_whole(a->output, a->force, crl.der, error);
    (void)fwrite(crl.der.data, 1, crl.der.length, stdout);
    return RFD_OK;
}

int ca_crl(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    if (!a->now && a->output == NULL) {
        message_error("%s", tr(N_("Give --now, or a file with -o")));
        return EXIT_USAGE;
    }
    rfd_status status = ca_home_open(a, CA_HOME_STORE | (a->now ? CA_HOME_KEEPER : 0), &home, &error);
    if (status == RFD_OK && a->now) status = make_now(a, &home, &error);
    if (status == RFD_OK && a->output != NULL) status = write_newest(a, &home, &error);
    ca_home_close(&home);
    return status == RFD_OK ? 0 : ca_exit(NULL, &error);
}

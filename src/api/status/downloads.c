/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lists, authorities' certificates, and how the process is. These handlers may block: they run in the pool, but for
 * health, which has to be told when the pool is full, too.
 */
#include "api/status/lists.h"
#include "api/status/service.h"

#include "base/clock.h"
#include "base/error.h"

rfd_status status_crl_get(struct http_request *request, struct http_response *response, void *context,
                          struct rfd_error *error)
{
    struct status_service *s = context;
    struct list_name name;
    struct http_prepared *list = NULL;
    struct status_authorities *all = status_authorities_now(s);
    rfd_status status = RFD_E_NOT_FOUND;
    if (all != NULL && list_name_parse(all, http_request_part(request, "file"), &name))
        status = status_lists_get(s->lists, &name, clock_now(), &list, error);
    else
        (void)error_set(error, RFD_E_NOT_FOUND, "no authority has a list of that name");
    if (status == RFD_OK) http_response_prepared(response, list);
    http_prepared_release(list);
    status_authorities_release(all);
    return status;
}

rfd_status status_certificate_get(struct http_request *request, struct http_response *response, void *context,
                                  struct rfd_error *error)
{
    struct status_authorities *all = status_authorities_now(context);
    slice file = http_request_part(request, "file");
    bool chain = slice_ends(file, SLICE(".p7c"));
    bool known = all != NULL && (chain || slice_ends(file, SLICE(".cer")));
    const struct status_authority *a =
        known ? status_authorities_find(all, slice_part(file, 0, file.length - 4)) : NULL;
    if (a != NULL) http_response_prepared(response, chain ? a->p7c : a->cer);
    status_authorities_release(all);
    return a != NULL ? RFD_OK : error_set(error, RFD_E_NOT_FOUND, "no authority has a certificate of that name");
}

/* ---- Health ---- */

/** What load balancers ask: whether this process is of use for all it is asked. */
rfd_status status_ready_get(struct http_request *request, struct http_response *response, void *context,
                            struct rfd_error *error)
{
    struct status_service *s = context;
    bool stamps = s->settings->status.tsa_key[0] != '\0';
    (void)request, (void)error;
    if (!status_memory_trusted(s))
        http_response_text(response, 503, SLICE("not ready: the database cannot be followed\n"));
    else if (!keeper_client_ready(s->signers))
        http_response_text(response, 503, SLICE("not ready: no signer is connected\n"));
    else if (stamps && atomic_load(&s->stamps) != STATUS_STAMPS_READY)
        http_response_text(response, 503, SLICE("not ready: no time-stamps are made\n"));
    else if (stamps && !trusted_clock_good(&s->clock, status_uptime()))
        http_response_text(response, 503, SLICE("not ready: the clock cannot be trusted\n"));
    else
        http_response_text(response, 200, SLICE("ready\n"));
    return RFD_OK;
}

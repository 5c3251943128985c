/* SPDX-License-Identifier: EUPL-1.2
 *
 * The issued certificate, for who asked for it: the page joins it with the key, in the browser, into the .p12. Nothing
 * of the key comes here.
 */
#include "web/registration/registration_pages.h"

#include "base/number.h"
#include "domain/list/list.h"

enum { CHAIN_MAXIMUM = 64 << 10, NAME_MAXIMUM = 64 };

static const struct applicant_door door = {N_("Join certificate and key"), "registration/join-find",
                                           "/firma/certificado"};

struct joining {
    struct page *page;
    struct applicant_pass pass;
    bool issued;
    slice code;
    struct applicant applicant;
    slice name;
    struct holding holding;
    struct buf pem;
};

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct joining *j = context;
    struct request request;
    struct actor house = actor_system("web"); /* the pass was looked at: it is the applicant's own */
    const struct registration_settings settings = page_registration(j->page);
    buf_reset(&j->pem);
    const struct applicant *applicant = NULL;
    TRY(request_find(t, j->pass.request, &request, error));
    TRY(applicant_of_pass(&request, &j->pass, &applicant, error));
    j->code = page_keep(j->page, request.code);
    if (applicant->certificate == 0) return RFD_OK;
    j->applicant = *applicant;
    j->name = page_keep(j->page, applicant_name(&j->applicant, j->page->arena));
    TRY(holding_find(t, &house, &settings, j->applicant.certificate, &j->holding, error));
    TRY(holding_chain(t, &j->holding, &j->pem, error));
    j->issued = true;
    view_text(j->page->view, "key_id", applicant_key_id(j->page, j->applicant.spki));
    struct view *facts = view_list(j->page->view, "facts");
    const struct certificate_row *row = &j->holding.row;
    uint8_t digits[64];
    slice serial = slice_part(row->serial, 0, sizeof digits / 2);
    number_to_hex(serial, true, digits);
    page_fact(j->page, facts, N_("Holder"), j->name, NULL);
    page_fact(j->page, facts, N_("Serial number"), slice_of(digits, 2 * serial.length), NULL);
    page_fact(j->page, facts, N_("Valid from"), page_time(j->page, row->not_before), NULL);
    page_fact(j->page, facts, N_("Valid until"), page_time(j->page, row->not_after), NULL);
    view_flag(j->page->view, "not_valid", row->state != CERTIFICATE_VALID || row->not_after < j->page->now);
    return RFD_OK;
}

/** "juan-perez-nunez": letters and digits of ASCII, for names of files. Of what has no accent but an ñ, an n is left.
 */
static const char *file_name(const struct page *page, slice name)
{
    struct list_words words;
    char text[NAME_MAXIMUM];
    size_t used = 0;
    list_words(&name, 1, &words);
    for (size_t i = 0; i < words.count; i++) {
        if (used > 0 && used < sizeof text - 1) text[used++] = '-';
        for (const char *at = words.words[i]; *at != '\0' && used < sizeof text - 1; at++) {
            if (at[0] == '\xc3' && at[1] == '\xb1') text[used++] = 'n';
            if ((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9')) text[used++] = *at;
        }
    }
    const char *copy = used == 0 ? NULL : arena_text(page->arena, slice_of(text, used));
    return copy == NULL ? "certificado" : copy;
}

/* The base64 of the PEM's certificates, separated by blanks: what the script wants. */
static slice bare_chain(const struct page *page, slice pem)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";
    uint8_t *to = arena_allocate(page->arena, pem.length + 1);
    size_t used = 0;
    while (to != NULL) {
        const uint8_t *start = memmem(pem.data, pem.length, begin, sizeof begin - 1);
        if (start == NULL) break;
        pem = slice_from(pem, (size_t)(start - pem.data) + sizeof begin - 1);
        const uint8_t *stop = memmem(pem.data, pem.length, end, sizeof end - 1);
        if (stop == NULL) break;
        for (const uint8_t *at = pem.data; at < stop; at++)
            if (*at > ' ') to[used++] = *at;
        to[used++] = ' ';
        pem = slice_from(pem, (size_t)(stop - pem.data));
    }
    return to == NULL ? SLICE_EMPTY : slice_of(to, used);
}

static rfd_status begin(struct page *page, struct joining *j, struct rfd_error *error)
{
    *j = (struct joining){.page = page};
    buf_init(&j->pem, CHAIN_MAXIMUM);
    TRY(applicant_request(page, &j->pass, error));
    return j->pass.request == 0 ? RFD_OK : page_read(page, load, j, error);
}

static rfd_status show_joining(struct joining *j, struct rfd_error *error)
{
    struct page *page = j->page;
    view_text(page->view, "code", j->code);
    if (!j->issued) return applicant_show(page, N_("Join certificate and key"), "registration/join-not-yet", error);
    TRY(buf_check(&j->pem, "a chain of certificates", error));
    const char *file = file_name(page, j->name);
    view_text(page->view, "chain", bare_chain(page, buf_slice(&j->pem)));
    view_text(page->view, "name", j->name);
    view_string(page->view, "file", file);
    return applicant_show(page, N_("Join certificate and key"), "registration/join", error);
}

rfd_status join_show(struct page *page, struct rfd_error *error)
{
    struct joining j;
    slice folio = http_field_get(&page->request->query, "folio", 0);
    rfd_status status = begin(page, &j, error);
    bool another = folio.length > 0 && !slice_equal(folio, j.code);
    bool inside = j.pass.request != 0 && !another;
    if (status == RFD_OK) status = inside ? show_joining(&j, error) : applicant_door_show(page, &door, error);
    buf_dispose(&j.pem);
    return status;
}

rfd_status join_send(struct page *page, struct rfd_error *error)
{
    return applicant_door_send(page, &door, error);
}

rfd_status join_chain(struct page *page, struct rfd_error *error)
{
    struct joining j;
    rfd_status status = begin(page, &j, error);
    if (status == RFD_OK && !j.issued) status = error_set(error, RFD_E_NOT_FOUND, NULL);
    if (status == RFD_OK) status = buf_check(&j.pem, "a chain of certificates", error);
    const char *name = arena_print(page->arena, "%s.pem", file_name(page, j.name));
    if (status == RFD_OK && name == NULL) status = arena_failed(page->arena, error);
    if (status == RFD_OK) status = page_attach(page, "application/x-pem-file", buf_slice(&j.pem), name, error);
    buf_dispose(&j.pem);
    return status;
}

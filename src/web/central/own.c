/* SPDX-License-Identifier: EUPL-1.2
 *
 * Documents of one's own: uploaded here, signed in the same steps as those that a portal asks for.
 */
#include "web/central/central_pages.h"

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "personal/operation.h"

#define FILES "documentos"
enum { REASON_MAXIMUM = 120 };

static const struct form_field fields[] = {
    {.name = FILES,
     .label = N_("PDF documents"),
     .hint = N_("One or several, at most 50; each of 50 MB at most"),
     .kind = FORM_FILE,
     .maximum = SIGNING_DOCUMENT_MAXIMUM},
    {.name = "nivel",
     .label = N_("What the signature has to prove"),
     .kind = FORM_RADIO,
     .required = true,
     .group = "options"},
    {.name = "visible",
     .label = N_("Put a visible stamp on the document"),
     .hint =
         N_("With your name and the date, where you say in the next step. The signature is worth the same without it"),
     .kind = FORM_TICK,
     .group = "options"},
    {.name = "motivo",
     .label = N_("Reason"),
     .hint = N_("Such as: I agree, or: author of the document"),
     .maximum = REASON_MAXIMUM,
     .group = "options"},
    {.name = "lugar", .label = N_("Place"), .maximum = REASON_MAXIMUM, .group = "options"},
};
enum { FIELDS = sizeof fields / sizeof *fields };

static const struct {
    const char *value, *title; /* N_() */
    int level;
} levels[] = {
    {"T", N_("Who signed, and when: with a time stamp"), SIGNING_B_T},
    {"LT", N_("The same, to be checked for many years"), SIGNING_B_LT},
    {"B", N_("Who signed"), SIGNING_B_B},
};
enum { LEVELS = sizeof levels / sizeof *levels };

/* ---- The form ---- */

static void put_choices(const struct page *page, struct form *form, bool sent)
{
    struct form_choice *all = arena_zeroed(page->arena, LEVELS, sizeof *all);
    if (all == NULL) return;
    for (size_t i = 0; i < LEVELS; i++)
        all[i] = (struct form_choice){slice_text(levels[i].value), slice_text(page_text(page, levels[i].title))};
    form_choices(form, "nivel", all, LEVELS, sent);
}

static rfd_status show(struct page *page, struct form *form, struct rfd_error *error)
{
    bool done = false;
    struct list_query fixed = {0};
    list_fix_number(&fixed, page->arena, "person", page->actor.person);
    const struct page_list list = {.definition = &signing_list,
                                   .link = SIGNING "/%s",
                                   .key = "token",
                                   .empty = N_("You have not signed anything here yet."),
                                   .fixed = &fixed};
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    form_show(page, form);
    if (form->wrong) page->response->status = 422;
    return page_show(page, N_("Sign documents"), "central/own", error); /* es: "Firmar documentos" */
}

rfd_status signing_own_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, fields, FIELDS);
    form_set(&form, "nivel", slice_text(levels[0].value));
    put_choices(page, &form, false);
    return show(page, &form, error);
}

/* ---- What was sent ---- */

struct uploading {
    struct page *page;
    struct blob blobs[SIGNING_DOCUMENTS];
    struct signing_document documents[SIGNING_DOCUMENTS];
    struct signing wanted, made;
    struct faults faults;
    const char *bad; /* what is said of documents that cannot be signed; "" */
};

slice signing_file_title(const struct page *page, slice name)
{
    for (size_t i = name.length; i > 0; i--) {
        if (name.data[i - 1] != '/' && name.data[i - 1] != '\\') continue;
        name = slice_from(name, i);
        break;
    }
    if (name.length > 4 && http_equal_any_case(slice_from(name, name.length - 4), SLICE(".pdf"))) name.length -= 4;
    while (name.length > OPERATION_TITLE_MAXIMUM || (name.length > 0 && !text_is_utf8(name))) name.length--;
    bool good = name.length > 0 && text_is_printable(name);
    return good ? page_keep(page, name) : slice_text(page_text(page, N_("Document")));
}

/** "Contract: it is encrypted." after what is said of others. */
static void tell_document(struct uploading *u, const struct signing_document *d, const char *message)
{
    const char *all = arena_print(u->page->arena, "%s%s%.*s: %s.", u->bad, u->bad[0] == '\0' ? "" : " ",
                                  (int)d->title.length, (const char *)d->title.data, page_text(u->page, message));
    if (all != NULL) u->bad = all;
}

static void look(struct uploading *u, struct signing_document *d, slice content, struct rfd_error *error)
{
    rfd_status status = signing_look(content, &d->pages, error);
    if (status != RFD_OK) tell_document(u, d, rfd_status_message(status));
    error_clear(error);
}

static rfd_status take_files(struct uploading *u, struct form *form, struct rfd_error *error)
{
    struct page *page = u->page;
    for (size_t i = 0; i < page->parts.count; i++) {
        const struct http_part *part = &page->parts.items[i];
        if (part->file_name.data == NULL || !slice_is(part->name, FILES) || part->body.length == 0) continue;
        if (u->wanted.count == SIGNING_DOCUMENTS) {
            form_fail(form, FILES, N_("These are too many: sign 50 documents at a time"));
            return RFD_OK;
        }
        if (part->body.length > SIGNING_DOCUMENT_MAXIMUM) {
            form_fail(form, FILES, N_("One of the documents is larger than 50 MB"));
            return RFD_OK;
        }
        struct signing_document *d = &u->documents[u->wanted.count];
        TRY(page_keep_file(page, part, &u->blobs[u->wanted.count], error));
        *d = (struct signing_document){.place = (unsigned)u->wanted.count + 1,
                                       .title = signing_file_title(page, part->file_name),
                                       .blob = slice_text(u->blobs[u->wanted.count].id),
                                       .size = part->body.length};
        look(u, d, part->body, error);
        u->wanted.count++;
    }
    if (u->bad[0] != '\0') form_fail(form, FILES, u->bad);
    if (u->wanted.count == 0) form_fail(form, FILES, N_("Choose at least one PDF document"));
    return RFD_OK;
}

static void take_options(struct uploading *u, struct form *form)
{
    slice level = form_text(form, "nivel");
    struct signing_options *o = &u->wanted.options;
    for (size_t i = 0; i < LEVELS; i++)
        if (slice_is(level, levels[i].value)) o->level = levels[i].level;
    o->visible = form_value(form, "visible")->ticked;
    o->reason = form_text(form, "motivo");
    o->location = form_text(form, "lugar");
}

static rfd_status put(struct transaction *t, void *context, struct rfd_error *error)
{
    struct uploading *u = context;
    u->faults.count = 0;
    for (size_t i = 0; i < u->wanted.count; i++) TRY(blob_record(t, &u->blobs[i], error));
    TRY(signing_new(t, &u->page->actor, NULL, &u->wanted, &u->faults, &u->made, error));
    u->made.token = page_keep(u->page, u->made.token);
    return RFD_OK;
}

/** "contract.pdf: ..." for each document that cannot be signed, all at the field that they came from. */
static void tell_faults(struct uploading *u, struct form *form)
{
    for (unsigned i = 0; i < u->faults.count; i++) {
        const struct fault *f = &u->faults.items[i];
        uint64_t place = 0;
        slice name = slice_text(f->field);
        bool one = slice_starts(name, SLICE("document-")) &&
                   number_unsigned(slice_from(name, strlen("document-")), u->wanted.count, &place) && place > 0;
        if (!one) {
            form_fail(form, f->field, f->message);
            continue;
        }
        tell_document(u, &u->documents[place - 1], f->message);
    }
    if (u->bad[0] != '\0') form_fail(form, FILES, u->bad);
}

rfd_status signing_own_send(struct page *page, struct rfd_error *error)
{
    struct form form;
    struct uploading *u = arena_zeroed(page->arena, 1, sizeof *u);
    if (u == NULL) return arena_failed(page->arena, error);
    u->page = page;
    u->wanted.documents = u->documents;
    u->wanted.ends = page->now + (rfd_time)page_settings(page)->central.operation_hours * 3600 * RFD_SECOND;
    u->bad = "";
    TRY(form_read(page, fields, FIELDS, &form, error));
    put_choices(page, &form, true);
    if (!form.wrong) TRY(take_files(u, &form, error));
    if (form.wrong) return show(page, &form, error);
    take_options(u, &form);
    rfd_status status = page_write(page, put, u, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        tell_faults(u, &form);
        return show(page, &form, error);
    }
    TRY(status);
    return page_redirect(page, NULL, error, SIGNING "/%.*s", (int)u->made.token.length,
                         (const char *)u->made.token.data);
}

/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests of certificates on their way, each taken so far by the same calls that pages make. Their keys are made here
 * and forgotten: nobody will sign with them.
 */
#include "base/error.h"
#include "base/memory.h"
#include "domain/demo/demo_internal.h"
#include "domain/demo/demo_picture.h"
#include "domain/organisation/organisation.h"
#include "domain/registration/agency.h"
#include "domain/registration/evidence.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

enum { PAPER_MAXIMUM = 1 << 20, DAYS_OF_DOCUMENT = 900 };

static const struct demo_ask {
    const char *number, *given_names, *surname, *second_surname, *unit, *mail;
    enum request_state state;
    const char *note;
} asks[] = {
#define DEMO_ASK(number, given, surname, second, unit, mail, state, note)                                              \
    {number, given, surname, second, unit, mail, REQUEST_##state, note},
#include "domain/demo/demo_registration.def"
#undef DEMO_ASK
};
static const struct demo_ticket {
    const char *kind, *motive, *description;
    enum request_state state;
    const char *note;
} tickets[] = {
#define DEMO_TICKET(kind, motive, description, state, note) {kind, motive, description, REQUEST_##state, note},
#include "domain/demo/demo_registration.def"
#undef DEMO_TICKET
};
static const struct demo_ticket_for {
    unsigned ticket;
    const char *number, *post;
} ticket_people[] = {
#define DEMO_TICKET_FOR(ticket, number, post) {ticket, number, post},
#include "domain/demo/demo_registration.def"
#undef DEMO_TICKET_FOR
};
enum {
    ASKS = sizeof asks / sizeof *asks,
    TICKETS = sizeof tickets / sizeof *tickets,
    TICKET_PEOPLE = sizeof ticket_people / sizeof *ticket_people
};
static const struct demo_kind {
    const char *kind, *file, *title;
} papers[] = {{"identity-front", "documento-anverso.pdf", "Documento de identidad (anverso)"},
              {"identity-back", "documento-reverso.pdf", "Documento de identidad (reverso)"},
              {"proof-of-address", "recibo.pdf", "Recibo de luz"}};
static const struct demo_kind handed[] = {{"signature-image", "firma.png", NULL},
                                          {"photograph", "fotografia.png", NULL},
                                          {"sworn-statement", "declaracion.pdf", "Declaración jurada"}};
enum { PAPERS = sizeof papers / sizeof *papers, HANDED = sizeof handed / sizeof *handed };

/* ---- Files ---- */

struct demo_files {
    struct arena arena;
    struct evidence_file asks[ASKS][PAPERS], people[TICKET_PEOPLE][HANDED];
};

static rfd_status keep(struct demo_files *files, struct blob_store *blobs, const struct demo_kind *kind, slice content,
                       struct evidence_file *out, struct rfd_error *error)
{
    struct blob_writer *writer;
    TRY(blob_begin(blobs, &writer, error));
    rfd_status status = blob_write(writer, content, error);
    if (status != RFD_OK) {
        blob_abandon(writer);
        return status;
    }
    *out = (struct evidence_file){.kind = slice_text(kind->kind), .name = slice_text(kind->file)};
    return blob_finish(writer, &files->arena, &out->blob, error);
}

static rfd_status keep_paper(struct demo_files *files, struct blob_store *blobs, struct fonts *fonts,
                             const struct demo_kind *kind, const char *name, const char *number,
                             struct evidence_file *out, struct rfd_error *error)
{
    struct buf paper;
    buf_init(&paper, PAPER_MAXIMUM);
    rfd_status status = demo_paper(fonts, kind->title, name, number, &paper, error);
    if (status == RFD_OK) status = keep(files, blobs, kind, buf_slice(&paper), out, error);
    buf_dispose(&paper);
    return status;
}

static rfd_status keep_picture(struct demo_files *files, struct blob_store *blobs, const struct demo_kind *kind,
                               enum demo_picture picture, unsigned seed, struct evidence_file *out,
                               struct rfd_error *error)
{
    struct buf png;
    buf_init(&png, PAPER_MAXIMUM);
    rfd_status status = demo_picture(picture, seed, &png, error);
    if (status == RFD_OK) status = keep(files, blobs, kind, buf_slice(&png), out, error);
    buf_dispose(&png);
    return status;
}

static rfd_status keep_asked(struct demo_files *files, struct blob_store *blobs, struct fonts *fonts,
                             struct rfd_error *error)
{
    for (size_t i = 0; i < ASKS; i++) {
        const char *name =
            arena_print(&files->arena, "%s %s %s", asks[i].given_names, asks[i].surname, asks[i].second_surname);
        if (name == NULL) return arena_failed(&files->arena, error);
        for (size_t k = 0; k < PAPERS; k++)
            TRY(keep_paper(files, blobs, fonts, &papers[k], name, asks[i].number, &files->asks[i][k], error));
    }
    return RFD_OK;
}

static rfd_status keep_handed(struct demo_files *files, struct blob_store *blobs, struct fonts *fonts,
                              struct rfd_error *error)
{
    for (unsigned i = 0; i < TICKET_PEOPLE; i++) {
        const struct demo_ticket_for *p = &ticket_people[i];
        struct evidence_file *to = files->people[i];
        TRY(keep_picture(files, blobs, &handed[0], DEMO_SIGNATURE, i + 3, &to[0], error));
        TRY(keep_picture(files, blobs, &handed[1], DEMO_PHOTOGRAPH, i, &to[1], error));
        TRY(keep_paper(files, blobs, fonts, &handed[2], p->post, p->number, &to[2], error));
    }
    return RFD_OK;
}

rfd_status demo_files_new(const struct demo_options *options, struct demo_files **out, struct rfd_error *error)
{
    struct fonts *fonts = NULL;
    struct demo_files *files = memory_zeroed(1, sizeof *files);
    if (files == NULL) return error_memory(error);
    arena_init(&files->arena, 1 << 20);
    rfd_status status = fonts_new(NULL, &fonts, error);
    if (status == RFD_OK) status = keep_asked(files, options->blobs, fonts, error);
    if (status == RFD_OK) status = keep_handed(files, options->blobs, fonts, error);
    fonts_free(fonts);
    if (status != RFD_OK) {
        demo_files_free(files);
        return status;
    }
    *out = files;
    return RFD_OK;
}

void demo_files_free(struct demo_files *files)
{
    if (files == NULL) return;
    arena_dispose(&files->arena);
    memory_free(files);
}

static rfd_status record(struct transaction *t, const struct evidence_file *files, size_t count,
                         struct rfd_error *error)
{
    for (size_t i = 0; i < count; i++) TRY(blob_record(t, &files[i].blob, error));
    return RFD_OK;
}

/* ---- On line ---- */

/** A PKCS#10 of a new key. */
static rfd_status make_pkcs10(struct arena *a, slice *out, struct rfd_error *error)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509_REQ *request = X509_REQ_new();
    unsigned char *der = NULL;
    int length = -1;
    bool fine = key != NULL && request != NULL && X509_REQ_set_pubkey(request, key) == 1 &&
                X509_REQ_sign(request, key, EVP_sha256()) > 0;
    if (fine) length = i2d_X509_REQ(request, &der);
    *out = length > 0 ? arena_copy(a, slice_of(der, (size_t)length)) : SLICE_EMPTY;
    OPENSSL_free(der);
    X509_REQ_free(request);
    EVP_PKEY_free(key);
    return out->length > 0 ? RFD_OK : error_set(error, RFD_E_INTERNAL, "a key of the demonstration");
}

static rfd_status confirm(struct transaction *t, const struct filling *f, int64_t id, struct rfd_error *error)
{
    char token[REQUEST_TOKEN_SIZE];
    TRY(request_link(t, LINK_CONFIRM, id, f->now + 3600 * RFD_SECOND, token, error));
    return request_confirm(t, slice_text(token), f->now, &id, error);
}

/** As far as its row says. */
static rfd_status attend(struct transaction *t, const struct filling *f, const struct demo_ask *ask, int64_t id,
                         struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    struct actor agent;
    slice note = slice_text(ask->note);
    if (ask->state == REQUEST_UNVERIFIED) return RFD_OK;
    TRY(confirm(t, f, id, error));
    if (ask->state == REQUEST_STARTED) return RFD_OK;
    TRY(demo_actor(t, f, ROLE_CERTIFYING_AGENT, "AL", &agent, error));
    TRY(request_take(t, &agent, id, error));
    rfd_status status = RFD_OK;
    if (ask->state == REQUEST_OBSERVED) status = request_observe(t, &agent, id, note, &faults, error);
    if (ask->state == REQUEST_REJECTED) status = request_cancel(t, &agent, id, true, note, &faults, error);
    return demo_tell(status, &faults, ask->number, error);
}

static rfd_status put_ask(struct transaction *t, const struct filling *f, size_t row, struct rfd_error *error)
{
    const struct demo_ask *ask = &asks[row];
    struct faults faults = {.count = 0};
    const struct actor nobody = {.account = 0};
    int64_t id = 0;
    const char *mail = arena_print(store_arena(t), "%s@ciudad-inventada.example", ask->mail);
    const char *mobile = arena_print(store_arena(t), "+51900000%s", ask->number + 5);
    if (mail == NULL || mobile == NULL) return arena_failed(store_arena(t), error);
    struct applicant person = {.country = SLICE(DEMO_COUNTRY),
                               .document = SLICE("dni"),
                               .number = slice_text(ask->number),
                               .document_issued = RFD_TIME_NONE,
                               .given_names = slice_text(ask->given_names),
                               .surname = slice_text(ask->surname),
                               .second_surname = slice_text(ask->second_surname),
                               .mail = slice_text(mail),
                               .mail_again = slice_text(mail),
                               .mobile = slice_text(mobile),
                               .locality = SLICE("150101"),
                               .address = SLICE("Calle Inventada 12"),
                               .installation_at = RFD_TIME_NONE};
    TRY(make_pkcs10(store_arena(t), &person.pkcs10, error));
    const struct request request = {.way = WAY_ONLINE,
                                    .kind = SLICE("issue"),
                                    .motive = SLICE("first-issue"),
                                    .country = SLICE(DEMO_COUNTRY),
                                    .entity = f->entity,
                                    .unit = demo_unit(f, ask->unit),
                                    .language = SLICE("es"),
                                    .applicants = &person,
                                    .applicant_count = 1};
    TRY(record(t, f->files->asks[row], PAPERS, error));
    TRY(demo_tell(
        request_ask(t, &nobody, f->options->registration, &request, f->files->asks[row], PAPERS, &faults, &id, error),
        &faults, ask->number, error));
    return attend(t, f, ask, id, error);
}

/* ---- Of a unit ---- */

static rfd_status put_for(struct transaction *t, const struct filling *f, const struct actor *lead, int64_t ticket,
                          size_t row, struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    struct person person;
    int64_t id = 0;
    TRY(person_find(t, demo_person(f, ticket_people[row].number), &person, error));
    const struct applicant applicant = {.request = ticket,
                                        .country = person.country,
                                        .document = person.document,
                                        .number = person.number,
                                        .document_issued = f->now - DAYS_OF_DOCUMENT * 86400 * RFD_SECOND,
                                        .given_names = person.given_names,
                                        .surname = person.surname,
                                        .second_surname = person.second_surname,
                                        .mail = person.mail,
                                        .mobile = person.mobile,
                                        .unit = demo_unit(f, "SOP"),
                                        .post = slice_text(ticket_people[row].post),
                                        .way_of_working = SLICE("on-site"),
                                        .locality = SLICE("150101"),
                                        .installed_at = SLICE("workplace"),
                                        .device = SLICE("software"),
                                        .installation_at = RFD_TIME_NONE};
    const struct registration_settings *settings = f->options->registration;
    TRY(demo_tell(agency_put_applicant(t, lead, settings, &applicant, &faults, &id, error), &faults,
                  ticket_people[row].number, error));
    TRY(record(t, f->files->people[row], HANDED, error));
    for (size_t i = 0; i < HANDED; i++)
        TRY(demo_tell(agency_add_file(t, lead, settings, id, 0, &f->files->people[row][i], &faults, error), &faults,
                      handed[i].kind, error));
    return RFD_OK;
}

static rfd_status work(struct transaction *t, const struct filling *f, const struct demo_ticket *ticket, int64_t id,
                       struct rfd_error *error)
{
    struct faults faults = {.count = 0};
    struct actor agent;
    if (ticket->state != REQUEST_OBSERVED) return RFD_OK;
    TRY(demo_actor(t, f, ROLE_CERTIFYING_AGENT, "AL", &agent, error));
    TRY(request_take(t, &agent, id, error));
    return demo_tell(request_observe(t, &agent, id, slice_text(ticket->note), &faults, error), &faults,
                     ticket->description, error);
}

static rfd_status put_ticket(struct transaction *t, const struct filling *f, unsigned row, struct rfd_error *error)
{
    const struct demo_ticket *ticket = &tickets[row];
    struct faults faults = {.count = 0};
    struct actor lead;
    int64_t id = 0;
    const struct request request = {.way = WAY_AGENCY,
                                    .kind = slice_text(ticket->kind),
                                    .motive = slice_text(ticket->motive),
                                    .description = slice_text(ticket->description),
                                    .unit = demo_unit(f, "SOP"),
                                    .language = SLICE("es")};
    const struct registration_settings *settings = f->options->registration;
    TRY(demo_actor(t, f, ROLE_CERTIFICATION_LEAD, "SOP", &lead, error));
    TRY(demo_tell(agency_put(t, &lead, settings, &request, &faults, &id, error), &faults, ticket->description, error));
    for (size_t i = 0; i < TICKET_PEOPLE; i++)
        if (ticket_people[i].ticket == row) TRY(put_for(t, f, &lead, id, i, error));
    if (ticket->state == REQUEST_DRAFT) return RFD_OK;
    TRY(demo_tell(agency_send(t, &lead, settings, id, &faults, error), &faults, ticket->description, error));
    return work(t, f, ticket, id, error);
}

rfd_status demo_registration(struct transaction *t, const struct filling *f, struct rfd_error *error)
{
    for (size_t i = 0; i < ASKS; i++) TRY(put_ask(t, f, i, error));
    for (unsigned i = 0; i < TICKETS; i++) TRY(put_ticket(t, f, i, error));
    return RFD_OK;
}

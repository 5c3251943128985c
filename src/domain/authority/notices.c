/* SPDX-License-Identifier: EUPL-1.2
 *
 * Mails about what ends: to holders, and to those who run the service. Each certificate gets one mail for each stage
 * (thirty days before, twenty, ten, then daily), as far as a stage was gone through is remembered, and the outbox takes
 * no identity twice: so nobody is told twice, however often this runs and whenever it breaks off.
 */
#include "domain/authority/register.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/outbox/outbox.h"

enum { TOGETHER = 500, TEXT_MAXIMUM = 8192 /* a name has half of it */, IDENTITY_SIZE = 96, DATE_SIZE = 48 };

/* Days before the end; each stage goes from its day to the next one's. */
static const int stages[] = {30, 20, 10, 5, 4, 3, 2, 1};
enum { STAGES = sizeof stages / sizeof *stages };

struct noticing {
    slice operator_mail;
    rfd_time now;
    size_t stage;
    size_t seen, done; /* of this transaction */
};

/* --- Texts -------------------------------------------------------------------------------------------------------- */

/** "22 de noviembre de 2026". */
static const char *date_text(rfd_time t, char text[DATE_SIZE])
{
    static const char *const months[] = {"enero", "febrero", "marzo",      "abril",   "mayo",      "junio",
                                         "julio", "agosto",  "septiembre", "octubre", "noviembre", "diciembre"};
    struct civil c = clock_civil(t);
    (void)snprintf(text, DATE_SIZE, "%d de %s de %d", c.day, months[c.month - 1], c.year);
    return text;
}

/** Whole days that are left, counted as people do: less than a day is "today or tomorrow", hence 1. */
static int days_left(rfd_time now, rfd_time end)
{
    rfd_time left = end - now;
    return left <= 0 ? 0 : (int)((left + DAY - 1) / DAY);
}

static void put_subject_line(struct buf *b, const char *what, int days)
{
    buf_print(b, days == 1 ? "%s termina mañana" : "%s termina en %d días", what, days);
}

static void put_holder_text(struct buf *b, const struct certificate_row *row, int days)
{
    char date[DATE_SIZE];
    buf_print(b, "Buenos días:\n\nSu certificado digital termina el %s (hora universal), %s %d %s.\n\n",
              date_text(row->not_after, date), "dentro de", days, days == 1 ? "día" : "días");
    buf_put_text(b, "Titular: ");
    buf_put_slice(b, row->subject);
    buf_put_text(b, "\nNúmero de serie: ");
    buf_put_hex(b, row->serial, false);
    buf_put_text(b,
                 "\n\nPara seguir firmando después de esa fecha, pida su renovación a la entidad que se lo entregó. Lo "
                 "que ya firmó sigue siendo válido.\nSi ya pidió un certificado nuevo, no necesita hacer nada: "
                 "cuando lo reciba, no le enviaremos más avisos.\n\nEste es un mensaje automático; no lo responda.\n");
}

static void put_operator_text(struct buf *b, const char *what, slice name, rfd_time end, int days)
{
    char date[DATE_SIZE];
    buf_print(b, "Buenos días:\n\n%s «%.*s» termina el %s (hora universal), dentro de %d %s.\n\n", what,
              (int)name.length, (const char *)name.data, date_text(end, date), days, days == 1 ? "día" : "días");
    buf_put_text(b, "Renuévelo antes de esa fecha; el manual de operación explica cómo.\n\nEste es un mensaje "
                    "automático.\n");
}

/* --- Holders ------------------------------------------------------------------------------------------------------ */

/** A certificate of the same person and kind that ends later, and is not revoked. */
static rfd_status has_successor(struct transaction *t, const struct certificate_row *row, bool *out,
                                struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_text(row->subject_id), store_text(row->profile),
                                         store_integer(row->not_after), store_integer(CERTIFICATE_VALID)};
    *out = false;
    if (row->subject_id.length == 0) return RFD_OK;
    TRY(store_run(t,
                  "SELECT c.id FROM certificate c "
                  "JOIN certificate_status s ON s.serial = c.serial AND s.authority = c.authority "
                  "WHERE c.subject_id = $1 AND c.subject_id <> '' AND c.profile = $2 AND c.not_after > $3 "
                  "AND s.state = $4 LIMIT 1",
                  values, 4, &rows, error));
    *out = rows.count > 0;
    return RFD_OK;
}

/** Puts a mail about `row`: to its holder, or, of a service's certificate, to the operators. */
static rfd_status put_notice(struct transaction *t, struct noticing *n, const struct certificate_row *row,
                             struct rfd_error *error)
{
    char identity[IDENTITY_SIZE];
    struct buf subject, text;
    bool holder = row->mail.length > 0;
    slice to = holder ? row->mail : n->operator_mail;
    int days = days_left(n->now, row->not_after);
    rfd_status status;
    if (to.length == 0) return RFD_OK;
    buf_init(&subject, TEXT_MAXIMUM);
    buf_init(&text, TEXT_MAXIMUM);
    put_subject_line(&subject, holder ? "Su certificado digital" : "Un certificado de servicio", days);
    if (holder)
        put_holder_text(&text, row, days);
    else
        put_operator_text(&text, "El certificado del servicio", row->subject, row->not_after, days);
    (void)snprintf(identity, sizeof identity, "certificate-%lld-ends-%d", (long long)row->id, stages[n->stage]);
    TRY_OUT(buf_check(&subject, "mail", error));
    TRY_OUT(buf_check(&text, "mail", error));
    status = outbox_put_mail(
        t,
        &(struct outbox_mail){
            .to = to, .subject = buf_slice(&subject), .text = buf_slice(&text), .identity = slice_text(identity)},
        error);
    /* An address that is none is not for us to mend now, and no reason to leave the others without notice. */
    if (status == RFD_E_ARGUMENT)
        status = RFD_OK;
    else if (status == RFD_OK)
        n->done++;
out:
    buf_dispose(&subject);
    buf_dispose(&text);
    return status;
}

struct progress {
    rfd_time not_after;
    int64_t certificate;
};

static rfd_status find_progress(struct transaction *t, const struct noticing *n, struct progress *out,
                                struct rfd_error *error)
{
    struct store_rows rows;
    struct store_value days = store_integer(stages[n->stage]);
    rfd_time lowest = n->now + (n->stage + 1 < STAGES ? stages[n->stage + 1] * DAY : 0);
    TRY(store_run(t, "SELECT not_after, certificate FROM notice WHERE days = $1", &days, 1, &rows, error));
    *out = (struct progress){lowest, INT64_MAX};
    if (rows.count == 0 || store_cell(&rows, 0, 0)->integer < lowest) return RFD_OK;
    *out = (struct progress){store_cell(&rows, 0, 0)->integer, store_cell(&rows, 0, 1)->integer};
    return RFD_OK;
}

static rfd_status remember_progress(struct transaction *t, const struct noticing *n, struct progress p,
                                    struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(stages[n->stage]), store_integer(p.not_after),
                                         store_integer(p.certificate)};
    return store_run(t,
                     "INSERT INTO notice(days, not_after, certificate) VALUES ($1, $2, $3) ON CONFLICT (days) DO "
                     "UPDATE SET not_after = excluded.not_after, certificate = excluded.certificate",
                     values, 3, NULL, error);
}

static rfd_status notice_row(struct transaction *t, struct noticing *n, const struct store_value *values,
                             struct rfd_error *error)
{
    struct certificate_row row;
    bool succeeded;
    TRY(register_read(values, store_arena(t), &row, error));
    if (row.state != CERTIFICATE_VALID) return RFD_OK;
    TRY(has_successor(t, &row, &succeeded, error));
    return succeeded ? RFD_OK : put_notice(t, n, &row, error);
}

/** Some certificates of a stage, from where it was left, and how far it came. */
static rfd_status notice_some(struct transaction *t, void *context, struct rfd_error *error)
{
    struct noticing *n = context;
    struct progress p;
    struct store_rows rows;
    n->seen = n->done = 0;
    TRY(find_progress(t, n, &p, error));
    rfd_time until = n->now + stages[n->stage] * DAY;
    const struct store_value values[] = {store_integer(p.not_after), store_integer(p.certificate), store_integer(until),
                                         store_integer(TOGETHER)};
    TRY(store_run(t,
                  REGISTER_COLUMNS
                  "FROM certificate_ending e JOIN certificate c ON c.id = e.certificate " REGISTER_JOINS
                  "WHERE e.not_after >= $1 AND e.not_after <= $3 "
                  "AND (e.not_after > $1 OR e.certificate > $2) "
                  /* who asked for theirs here is told by registration, with a link to renew it */
                  "AND NOT EXISTS (SELECT 1 FROM certificate_agent a WHERE a.certificate = e.certificate) "
                  "ORDER BY e.not_after, e.certificate LIMIT $4",
                  values, 4, &rows, error));
    n->seen = rows.count;
    for (size_t i = 0; i < rows.count; i++) TRY(notice_row(t, n, store_cell(&rows, i, 0), error));
    struct progress next = {until, INT64_MAX};
    if (n->seen == TOGETHER)
        next =
            (struct progress){store_cell(&rows, n->seen - 1, 8)->integer, store_cell(&rows, n->seen - 1, 0)->integer};
    return remember_progress(t, n, next, error);
}

/* --- Authorities and lists ---------------------------------------------------------------------------------------- */

/** The stage in which a certificate that ends then is; STAGES: none. */
static size_t stage_of(rfd_time now, rfd_time end)
{
    int days = days_left(now, end);
    size_t stage = STAGES;
    for (size_t i = 0; i < STAGES && days > 0; i++) {
        if (days <= stages[i]) stage = i;
    }
    return stage;
}

static rfd_status put_operator_mail(struct transaction *t, struct noticing *n, slice subject, slice text,
                                    const char *identity, struct rfd_error *error)
{
    n->done++;
    return outbox_put_mail(
        t,
        &(struct outbox_mail){
            .to = n->operator_mail, .subject = subject, .text = text, .identity = slice_text(identity)},
        error);
}

static rfd_status notice_certificate(struct transaction *t, struct noticing *n, const char *what, slice name, slice der,
                                     struct rfd_error *error)
{
    const struct certificate *certificate = NULL;
    char identity[IDENTITY_SIZE], line[DATE_SIZE];
    struct buf text;
    if (der.length == 0) return RFD_OK;
    TRY(certificate_parse(der, &certificate, error));
    rfd_time end = certificate->not_after;
    certificate_unref(certificate);
    size_t stage = stage_of(n->now, end);
    if (stage == STAGES) return RFD_OK;
    buf_init(&text, TEXT_MAXIMUM);
    put_operator_text(&text, what, name, end, days_left(n->now, end));
    (void)snprintf(identity, sizeof identity, "authority-%.*s-%c-%lld-%d", (int)name.length, (const char *)name.data,
                   what[0] == 'L' ? 'a' : 'o', (long long)(end / RFD_SECOND), stages[stage]);
    (void)snprintf(line, sizeof line, "%s termina pronto", what[0] == 'L' ? "Una autoridad" : "Un servicio OCSP");
    rfd_status status = buf_check(&text, "mail", error);
    if (status == RFD_OK) status = put_operator_mail(t, n, slice_text(line), buf_slice(&text), identity, error);
    buf_dispose(&text);
    return status;
}

/** A list that comes close to its end was not made again: something is wrong with the worker or the keeper. */
static rfd_status notice_lists(struct transaction *t, struct noticing *n, struct rfd_error *error)
{
    struct store_rows rows;
    char identity[IDENTITY_SIZE], text[512], date[CLOCK_TEXT_SIZE];
    const struct store_value values[] = {store_boolean(true), store_integer(n->now)};
    TRY(store_run(t,
                  "SELECT a.name, max(l.this_update), max(l.next_update), l.part FROM crl l "
                  "JOIN authority a ON a.id = l.authority WHERE l.whole = $1 GROUP BY a.name, l.part, l.delta "
                  "HAVING max(l.next_update) < $2 + (max(l.next_update) - max(l.this_update)) / 10",
                  values, 2, &rows, error));
    for (size_t i = 0; i < rows.count; i++) {
        slice name = store_cell(&rows, i, 0)->bytes;
        rfd_time end = store_cell(&rows, i, 2)->integer;
        (void)snprintf(identity, sizeof identity, "crl-%.*s-%lld-%lld", (int)name.length, (const char *)name.data,
                       (long long)store_cell(&rows, i, 3)->integer, (long long)(end / RFD_SECOND));
        (void)snprintf(
            text, sizeof text,
            "Buenos días:\n\nLa lista de revocación de la autoridad «%.*s» (partición %lld) vale hasta "
            "%s y no se ha generado una nueva.\n\nCompruebe que los procesos «worker» y «keeper» funcionan.\n\n"
            "Este es un mensaje automático.\n",
            (int)name.length, (const char *)name.data, (long long)store_cell(&rows, i, 3)->integer,
            clock_iso(end, date));
        TRY(put_operator_mail(t, n, SLICE("Una lista de revocación no se ha renovado"), slice_text(text), identity,
                              error));
    }
    return RFD_OK;
}

static rfd_status notice_operators(struct transaction *t, void *context, struct rfd_error *error)
{
    struct noticing *n = context;
    struct store_rows rows;
    n->done = 0;
    TRY(store_run(t, "SELECT name, certificate, ocsp_certificate FROM authority ORDER BY id", NULL, 0, &rows, error));
    for (size_t i = 0; i < rows.count; i++) {
        slice name = store_cell(&rows, i, 0)->bytes;
        TRY(notice_certificate(t, n, "La autoridad", name, store_cell(&rows, i, 1)->bytes, error));
        TRY(notice_certificate(t, n, "El servicio OCSP de la autoridad", name, store_cell(&rows, i, 2)->bytes, error));
    }
    return notice_lists(t, n, error);
}

rfd_status authority_put_notices(struct authority_domain *d, slice operator_mail, size_t *done, struct rfd_error *error)
{
    struct noticing n = {.operator_mail = operator_mail, .now = clock_now()};
    size_t all = 0;
    for (n.stage = 0; n.stage < STAGES; n.stage++) {
        do {
            TRY(store_write(d->store, notice_some, &n, error));
            all += n.done;
        } while (n.seen == TOGETHER);
    }
    if (operator_mail.length > 0) {
        TRY(store_write(d->store, notice_operators, &n, error));
        all += n.done;
    }
    *done = all;
    return RFD_OK;
}

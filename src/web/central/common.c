/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/central/central_pages.h"

#include "base/error.h"

/** Of stamps and receipts: the installation's first, whatever the one reads in who signs. */
static const struct rfd_language *house_language(const struct page *page)
{
    const struct web_options *o = &page->web->options;
    return o->language_count > 0 ? o->languages[0] : NULL;
}

void page_signing(struct page *page, struct central *out)
{
    const struct settings *s = page_settings(page);
    *out = (struct central){.store = page_store(page),
                            .keeper = page_keeper(page),
                            .personal = page->web->options.personal,
                            .blobs = page_blobs(page),
                            .packs = page_packs(page),
                            .settings = s,
                            .spool = s->web.blobs,
                            .language = house_language(page),
                            .fonts = page->web->fonts,
                            .zone = page->web->zone};
}

rfd_status page_central(struct page *page, struct central *out, struct rfd_error *error)
{
    page_signing(page, out);
    if (out->personal == NULL) return error_set(error, RFD_E_PEER_GONE, "no personal keeper runs here");
    return RFD_OK;
}

struct holding_search {
    struct page *page;
    slice holder;
    struct enrolment *enrolment;
};

static rfd_status find_holder(struct transaction *t, void *context, struct rfd_error *error)
{
    struct holding_search *s = context;
    slice holder = SLICE_EMPTY;
    if (s->page->actor.person == 0) return RFD_OK;
    rfd_status status = central_holder_of(t, page_packs(s->page), s->page->actor.person, &holder, error);
    if (status == RFD_E_NOT_FOUND) {
        error_clear(error);
        return RFD_OK;
    }
    s->holder = page_keep(s->page, holder);
    return status;
}

rfd_status page_holder(struct page *page, slice *out, struct rfd_error *error)
{
    struct holding_search s = {.page = page};
    TRY(page_read(page, find_holder, &s, error));
    *out = s.holder;
    return RFD_OK;
}

rfd_status page_credentials(struct page *page, struct central_credential **out, size_t *count, struct rfd_error *error)
{
    struct central c;
    slice holder;
    *count = 0;
    *out = NULL;
    TRY(page_central(page, &c, error));
    TRY(page_holder(page, &holder, error));
    if (holder.length == 0) return RFD_OK;
    return central_credentials(&c, page->arena, holder, out, count, error);
}

static rfd_status find_enrolment(struct transaction *t, void *context, struct rfd_error *error)
{
    struct holding_search *s = context;
    *s->enrolment = (struct enrolment){.id = 0};
    TRY(find_holder(t, s, error));
    if (s->holder.length == 0) return RFD_OK;
    TRY(central_enrolment_of(t, s->holder, s->page->now, s->enrolment, error));
    s->enrolment->profile = page_keep(s->page, s->enrolment->profile);
    s->enrolment->holder = s->holder;
    s->enrolment->approval_count = 0; /* whoever uses them reads them again */
    return RFD_OK;
}

rfd_status page_enrolment(struct page *page, struct enrolment *out, bool *weak, struct rfd_error *error)
{
    struct holding_search s = {.page = page, .enrolment = out};
    TRY(page_read(page, find_enrolment, &s, error));
    *weak = out->id != 0 && page->actor.level < LEVEL_ADVANCED;
    if (*weak) out->id = 0;
    return RFD_OK;
}

/* ---- How a credential is ---- */

static const struct {
    const char *title, *tone, *advice; /* N_() */
} conditions[] = {
    {N_("In force"), "good", NULL},
    {N_("Being made"), "warn", N_("Its certificate is on its way: it is ready in a moment.")},
    {N_("Key locked"), "bad",
     N_("Too many wrong passwords. Go to an office with your identity document, where it is unlocked; or, if you forgot "
        "the password, destroy it and make another one.")},
    {N_("Key destroyed"), "neutral", N_("It cannot sign any more. Make another one.")},
    {N_("Revoked"), "bad", N_("It cannot sign any more. Make another one.")},
    {N_("Suspended"), "warn", N_("It cannot sign while it is suspended. Ask the office that suspended it.")},
    {N_("Expired"), "bad", N_("It cannot sign any more. Make another one.")},
    {N_("Not in force yet"), "warn", N_("It can sign from its first day on.")},
    {N_("Codes are refused"), "warn", N_("There were too many wrong codes. Wait until the time that is shown.")},
    {N_("Ends soon"), "warn", NULL},
};
enum { IN_FORCE, MAKING, LOCKED, DESTROYED, REVOKED, SUSPENDED, EXPIRED, EARLY, REFUSED, ENDING, ENDING_DAYS = 30 };

static unsigned condition_of(const struct page *page, const struct central_credential *c)
{
    if (c->state == PERSONAL_DESTROYED) return DESTROYED;
    if (c->state == PERSONAL_LOCKED) return LOCKED;
    if (c->state == PERSONAL_WAITING || c->certificate.length == 0) return MAKING;
    if (c->revoked) return REVOKED;
    if (c->held) return SUSPENDED;
    if (c->not_after < page->now) return EXPIRED;
    if (c->not_before > page->now) return EARLY;
    if (c->codes_refused_until > page->now) return REFUSED;
    return c->not_after - page->now < (rfd_time)ENDING_DAYS * 86400 * RFD_SECOND ? ENDING : IN_FORCE;
}

const char *credential_hindrance(const struct page *page, const struct central_credential *credential)
{
    if (credential->entity && credential->state == PERSONAL_LOCKED)
        return N_("Too many wrong PINs. It is unlocked when certifying agents approve it again; or, if the PIN was "
                  "forgotten, destroy it and make another one.");
    const char *advice = conditions[condition_of(page, credential)].advice;
    if (advice != NULL) return advice;
    return central_credential_is_usable(credential, page->now) ? NULL : N_("It cannot sign now.");
}

static const char *channel_text(const struct page *page, const struct central_credential *c)
{
    const char *text = NULL;
    const slice mobile = c->masked_mobile, mail = c->masked_mail;
    if (c->channel == PERSONAL_TOTP) return page_text(page, N_("Authenticator app")); /* es: "Aplicación de códigos" */
    if (c->channel == PERSONAL_MAIL)
        text = arena_print(page->arena, "%s: %.*s", page_text(page, N_("E-mail")), (int)mail.length,
                           (const char *)mail.data);
    else if (mobile.length > 0)
        text = arena_print(page->arena, "SMS: %.*s", (int)mobile.length, (const char *)mobile.data);
    return text == NULL ? "" : text;
}

void credential_put(struct page *page, const struct central_credential *c, struct view *view)
{
    unsigned condition = condition_of(page, c);
    const char *hindrance = credential_hindrance(page, c);
    struct view *badge = view_object(view, "badge");
    view_string(badge, "label", page_text(page, conditions[condition].title));
    view_string(badge, "tone", conditions[condition].tone);
    view_string(view, "id", c->id);
    view_text(view, "kind", page_profile(page, c->profile));
    view_text(view, "from", page_day(page, c->not_before));
    view_text(view, "until", page_day(page, c->not_after));
    view_text(view, "refused_until",
              c->codes_refused_until > page->now ? page_time(page, c->codes_refused_until) : SLICE_EMPTY);
    view_flag(view, "usable", hindrance == NULL);
    view_flag(view, "seal", c->entity);
    view_flag(view, "certified", c->certificate.length > 0);
    view_flag(view, "destroyed", c->state == PERSONAL_DESTROYED);
    view_flag(view, "locked", c->state == PERSONAL_LOCKED);
    view_flag(view, "waits", condition == MAKING);
    const char *ending = condition == ENDING ? N_("It signs until its last day. Make another one in time.") : NULL;
    const char *advice = hindrance != NULL ? hindrance : ending;
    view_string(view, "advice", advice == NULL ? "" : page_text(page, advice));
    view_string(view, "channel", channel_text(page, c));
    view_number(view, "registered", c->registered);
}

/* ---- What pages have in common ---- */

void signing_stepper(struct page *page, const struct signing *signing, enum signing_step current)
{
    static const char *const titles[] = {
        [STEP_DOCUMENTS] = N_("Documents"),         /* es: "Documentos" */
        [STEP_PLACE] = N_("Place of the stamp"),    /* es: "Lugar del sello" */
        [STEP_CERTIFICATE] = N_("Certificate"),     /* es: "Certificado" */
        [STEP_AUTHORISE] = N_("Password and code"), /* es: "Contraseña y código" */
        [STEP_RESULT] = N_("Result"),               /* es: "Resultado" */
    };
    struct view *steps = view_list(page->view, "steps");
    unsigned number = 0;
    view_flag(page->view, "stepped", true);
    for (unsigned i = STEP_DOCUMENTS; i < STEP_OVER; i++) {
        if (i == STEP_PLACE && !signing_has_place(signing)) continue;
        struct view *step = view_item(steps);
        view_string(step, "title", page_text(page, titles[i]));
        view_number(step, "number", ++number);
        view_flag(step, "done", i < (unsigned)current);
        view_flag(step, "current", i == (unsigned)current);
    }
}

slice page_size(const struct page *page, uint64_t octets)
{
    const char *text;
    unsigned long long tenths = (unsigned long long)(octets + 50000) / 100000;
    if (octets < 1000000)
        text = arena_print(page->arena, "%llu kB", (unsigned long long)(octets + 999) / 1000);
    else
        text = arena_print(page->arena, "%llu.%llu MB", tenths / 10, tenths % 10);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

slice address_host(slice address)
{
    size_t at = 0, end;
    while (at + 2 < address.length && memcmp(address.data + at, "://", 3) != 0) at++;
    if (at + 3 >= address.length) return SLICE_EMPTY;
    end = at + 3;
    while (end < address.length && memchr("/?#", address.data[end], 3) == NULL) end++;
    return slice_part(address, at + 3, end - at - 3);
}

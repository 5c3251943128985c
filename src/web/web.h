/* SPDX-License-Identifier: EUPL-1.2
 *
 * The pages. A request's way is one direction, no turning back:
 *
 *   listener → limits → route (page_route) → session → policy → typed form (CSRF, fields) → one domain call → view →
 * template
 *
 * Nothing decides here: handlers read a form, call the domain, and fill a view. Pages work without script. Each area of
 * the house is a folder with its own table of routes (web/account, web/access ...), joined in web.c.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "domain/access/access.h"
#include "domain/account/account.h"
#include "domain/blob/blob.h"
#include "http/listener.h"
#include "http/response.h"
#include "packs/identity.h"
#include "settings/settings.h"
#include "template/template.h"
#include "web/service.h"

struct page;
typedef rfd_status page_handler(struct page *page, struct rfd_error *error);

enum page_flags {
    PAGE_SPOOL = 1,      /* uploads: the body goes to a file */
    PAGE_NO_SESSION = 2, /* no session is looked for, none begun: static answers */
    PAGE_NO_CSRF = 4,    /* POST by programs, which carry no cookie */
    PAGE_PENDING = 8,    /* also for who is in the midst of signing in */
    PAGE_DEMO = 16,      /* only in demo mode; 404 elsewhere */
    PAGE_TLS = 32,       /* only on the listener for certificates */
    PAGE_QUICK = 64,     /* on the listener's thread: answers from memory */
    PAGE_BOTH = 128,     /* programs that prove themselves: on both listeners, and only refusals (401) count as tries */
};
struct page_route {
    enum http_method method;
    const char *pattern; /* in Spanish, as people see it: "/accesos/solicitudes/{id}" */
    const char *name;
    enum action
        action; /* asked of the policy table before the handler runs (any scope); the domain asks for the object */
    uint64_t body_maximum; /* 0: 64 KiB for POST */
    unsigned flags;
    page_handler *handler;
};
/** Tables of the areas; a zero pattern ends each. Add a line here and one in web.c for a new one. */
extern const struct page_route account_routes[], home_routes[], organisation_routes[], access_routes[], audit_routes[],
    administration_routes[], help_routes[], demo_routes[], oidc_routes[], applicant_routes[], desk_routes[],
    agency_routes[], holding_routes[], catalogue_routes[], viewer_routes[], central_routes[], csc_routes[],
    csc_api_routes[], portal_routes[];

/** Tables of routes one after the other, those of web.c too; NULL behind the last. For tests. */
const struct page_route *web_area(size_t number);

/* ---- What a handler has ---- */

struct page {
    struct web *web;
    struct http_request *request;
    struct http_response *response;
    struct arena *arena;
    const struct page_route *route;
    const struct rfd_language *language;
    struct session session;    /* id 0: none */
    struct actor actor;        /* account 0: nobody is signed in */
    struct http_fields fields; /* of a POST form (multipart: the parts that are no files); the CSRF token was checked */
    struct http_parts parts;
    struct view *view; /* the page's; the layout's part is filled in by page_show() */
    rfd_time now;
    const char *policy;    /* another Content-Security-Policy than http_response_page()'s; NULL: that one */
    rfd_time last_sign_in; /* of the account, before this session */
    /* This folder's own: */
    struct account_settings account_settings;
    slice account_language, unit;
    slice visitor; /* secret of who has no session */
    unsigned retry_after;
};
struct store *page_store(const struct page *page);
const struct settings *page_settings(const struct page *page);
const struct packs *page_packs(const struct page *page);
struct keeper_client *page_keeper(const struct page *page);
struct blob_store *page_blobs(const struct page *page);
/** NULL: there is no identity service. */
struct identity_client *page_identity(const struct page *page);
/** With the installation's key; its `key` is empty while the keeper is away. */
const struct account_settings *page_account_settings(struct page *page);
/** The key of security codes (domain/account/security_code.h); empty while the keeper is away. */
slice page_security_key(struct page *page);
/** Whether the form came with the right answer to one, which is good once. */
rfd_status page_security_code(struct page *page, bool *right, struct rfd_error *error) RFD_MUST_CHECK;
/** The message in the page's language. */
const char *page_text(const struct page *page, const char *message);
/** For the query of an address: percent-encoded. In the arena. */
slice page_escape(const struct page *page, slice text);
/** A link to `path`; to the page's own, the query goes along, but for `name` (and the language). `value` empty: it is
 * left out. In the arena. */
slice page_link(const struct page *page, slice path, const char *name, slice value);
/** From now on this language, in this browser, for who is signed in now. */
void page_language(struct page *page, const struct rfd_language *language);
/** A number that is a part of the path; RFD_E_NOT_FOUND when it is none. */
rfd_status page_id(const struct page *page, const char *part, int64_t *out, struct rfd_error *error) RFD_MUST_CHECK;
/** A plain field of the form that was sent; empty when there is none. */
slice page_field(const struct page *page, const char *name);
/** A number that a form or an address names something by; 0: it is none. */
int64_t page_number(slice text);
/** A text of a transaction, kept for the page; empty without memory. */
slice page_keep(const struct page *page, slice text);
/** One more fact, label (N_()) and text, for the part "facts"; `link` NULL: none. The text is kept. */
void page_fact(const struct page *page, struct view *facts, const char *label, slice text, const char *link);
/** One more thing that happened, title (N_()), text and who did it, for the part "timeline"; tone as of badges. */
void page_event(const struct page *page, struct view *events, rfd_time time, const char *title, slice text, slice actor,
                const char *tone);
/** One more tab, title (N_()) and link, for the part "tabs". */
void page_tab(const struct page *page, struct view *tabs, const char *title, const char *link, bool current);
/** As people write it in the installation's zone: "21/11/2026 18:50"; a day only: "21/11/2026". In the arena. */
slice page_time(const struct page *page, rfd_time moment);
slice page_day(const struct page *page, rfd_time moment);

/** Renders `template` inside the layout. `title` is N_(). */
rfd_status page_show(struct page *page, const char *title, const char *template,
                     struct rfd_error *error) RFD_MUST_CHECK;
/** 303; a notice (N_()) is shown on the next page, NULL: none. */
rfd_status page_redirect(struct page *page, const char *notice, struct rfd_error *error, const char *format, ...)
    RFD_PRINTF(4, 5) RFD_MUST_CHECK;
/** The session gets a new cookie, after a domain call that made a new token; NULL takes it away. */
void page_cookie(struct page *page, const char token[ACCOUNT_TOKEN_SIZE]);
/** When somebody leaves who came with a certificate: its opened key goes from the browser, whatever their scripts do
 * (Clear-Site-Data). Others keep nothing for a session, but perhaps the key of a request that is under way. */
void page_forget_keys(struct page *page);
/** Begins a session for a visitor who has none: when something of theirs has to be kept, such as how far they have come
 * with signing in. Forms need none: who has no session has a cookie of their own for CSRF tokens, so that a GET of the
 * sign-in page writes nothing. */
rfd_status page_begin_session(struct page *page, struct rfd_error *error) RFD_MUST_CHECK;
/** JSON for a script of our own pages. */
void page_json(struct page *page, slice json);

/* ---- Forms: form.c ---- */

enum form_kind {
    FORM_TEXT,
    FORM_LONG_TEXT,
    FORM_MAIL,
    FORM_MOBILE,
    FORM_PASSWORD,
    FORM_NEW_PASSWORD,
    FORM_CODE,
    FORM_NUMBER,
    FORM_DAY,
    FORM_CHOICE,
    FORM_RADIO,
    FORM_TICK,
    FORM_MANY /* ticks of one name */,
    FORM_FILE,
    FORM_HIDDEN
};
struct form_field {
    const char *name;
    const char *label; /* N_() */
    const char *hint;  /* N_(), or NULL */
    enum form_kind kind;
    bool required;
    size_t maximum; /* characters; 0: 200, long texts 4,000; of a file octets, which only the browser looks at */
    const char *autocomplete; /* HTML's, or NULL */
    const char *group;        /* it is in the list `form.GROUP`, too; NULL: in none */
    bool conditional;         /* needed now and then, which is found out later: it is not shown as optional */
};
enum { FORM_FIELDS = 64, FORM_CHOICES = 512 };
struct form_choice {
    slice value, label;
};
struct form_value {
    slice text; /* blanks around are gone, but of passwords; empty: nothing */
    int64_t number;
    rfd_time day; /* first instant of the day in the installation's zone; RFD_TIME_NONE */
    bool ticked;
    const struct http_part *file;
    const slice *many;
    size_t many_count;
    const char *error; /* N_() */
    const struct form_choice *choices;
    size_t choice_count;
};
struct form {
    const struct form_field *fields;
    size_t count;
    struct form_value values[FORM_FIELDS];
    const char *error; /* of no field alone */
    bool wrong;
};
/** An empty form, to be shown. */
void form_new(struct form *form, const struct form_field *fields, size_t count);
/** What the page was sent, checked by kind; what is wrong is told by its field. */
rfd_status form_read(struct page *page, const struct form_field *fields, size_t count, struct form *out,
                     struct rfd_error *error) RFD_MUST_CHECK;
struct form_value *form_value(struct form *form, const char *name);
static inline slice form_text(struct form *form, const char *name)
{
    return form_value(form, name)->text;
}
void form_fail(struct form *form, const char *name, const char *message);
/** Faults of the domain, field by field. */
void form_faults(struct form *form, const struct faults *faults);
/** All of them at one field, whatever they are of. */
void form_faults_at(struct form *form, const char *name, const struct faults *faults);
/** Puts it into the page's view as `form`: `form.fields` (all), `form.NAME` (one), `form.errors` (the summary),
 * `form.csrf`. Passwords and files are never sent back. A form that comes too late is shown
 * again with all its fields, unless one of them has "clave", "password" or "secret" in its name. */
void form_show(struct page *page, struct form *form);
/** What a FORM_CHOICE, FORM_RADIO or FORM_MANY chooses from; `sent`: what was chosen otherwise is a fault. */
void form_choices(struct form *form, const char *name, const struct form_choice *choices, size_t count, bool sent);
/** Fills a field with what is known already: before form_show(). */
void form_set(struct form *form, const char *name, slice text);
void form_tick(struct form *form, const char *name, bool ticked);
void form_set_day(const struct page *page, struct form *form, const char *name, rfd_time day);

/* ---- Files that people hand in: files.c ---- */

/** Octets (copied) as a file of this plain name, which is saved and not shown. */
rfd_status page_attach(struct page *page, const char *type, slice octets, const char *name,
                       struct rfd_error *error) RFD_MUST_CHECK;

/** Writes an uploaded file to the blob store piece by piece, at constant memory. The caller's transaction records it
 * (blob_record). */
rfd_status page_keep_file(struct page *page, const struct http_part *file, struct blob *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** Answers with a blob: `name` is what it is called when it is saved. PDF and pictures are shown, all else is saved.
 * page->policy holds, where it is set. */
rfd_status page_send_file(struct page *page, const struct blob *blob, slice name,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** The same, always saved. */
rfd_status page_save_file(struct page *page, const struct blob *blob, slice name,
                          struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Lists: lists.c ---- */

/** What a cell says instead of its value, such as a catalogue's title of a code; empty: the value. */
typedef slice list_text(const struct page *page, const struct list_column *column, slice value, const void *context);
struct page_list {
    const struct list_definition *definition;
    const char *link;               /* of a row, with its id: "/organizacion/personas/%lld"; NULL: none */
    const char *key;                /* name of a column of texts that stands in `link` for the id: "%s"; NULL: the id */
    const char *empty;              /* N_(): what to say and do when there is nothing */
    bool ticks;                     /* rows can be ticked: name "tick" */
    const struct list_query *fixed; /* filters that the page sets itself; NULL: none */
    const char *option;             /* N_(): what the link does, in a last column; NULL: there is none */
    list_text *text;                /* NULL: values as they are */
    const void *context;            /* of `text` */
};
/** Reads search (`buscar`), sort (`sort`, "-name": descending), page (`pagina`), size (`filas`) and filters (by their
 * names) from the query, and puts `list` into the view; with "?formato=csv" the
 * answer is the file and *done is true. Ready to show, links and all. */
rfd_status page_list(struct page *page, const struct page_list *list, bool *done,
                     struct rfd_error *error) RFD_MUST_CHECK;

/** A store transaction for handlers: store_read()/store_write() with the page as context. */
rfd_status page_read(struct page *page, store_work *work, void *context, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status page_write(struct page *page, store_work *work, void *context, struct rfd_error *error) RFD_MUST_CHECK;

#endif

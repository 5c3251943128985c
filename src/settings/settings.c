/* SPDX-License-Identifier: EUPL-1.2
 *
 * From the raw file to struct settings: row by row, each kind by its own function; then what rows say together.
 */
#include "settings/settings.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/source.h"
#include "base/text.h"
#include "settings/settings_load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { ARENA_MAXIMUM = 4 << 20, TOKEN_NAME_MAXIMUM = 24 /* of the name of a process */ };

/** What settings_read() hands out is the first member. */
struct holder {
    struct settings settings;
    struct arena arena;
};
struct reading {
    struct holder *holder;
    const char *path;
    slice text;
    const struct setting_row *row;
};

static rfd_status refuse(const struct reading *r, struct rfd_error *error, const char *what)
{
    unsigned line = settings_line(r->text, r->row->section, r->row->name);
    const char *dot = r->row->section[0] == '\0' ? "" : ".";
    if (line == 0)
        return error_set(error, RFD_E_SETTINGS, "%s: %s%s%s: %s", r->path, r->row->section, dot, r->row->name, what);
    return error_set(error, RFD_E_SETTINGS, "%s, line %u: %s%s%s: %s", r->path, line, r->row->section, dot,
                     r->row->name, what);
}

/* ---- Values ---- */

/** Text without control characters, in the arena; `begin` goes before it, and the instance's folder before a relative
 * path. */
static rfd_status keep_text(const struct reading *r, const char *begin, const char *text, bool is_path,
                            const char **out, struct rfd_error *error)
{
    struct holder *h = r->holder;
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) return refuse(r, error, "has control characters");
    }
    bool relative = is_path && text[0] != '/' && text[0] != '\0';
    const char *kept = relative ? arena_print(&h->arena, "%s%s/%s", begin, h->settings.home, text)
                                : arena_print(&h->arena, "%s%s", begin, text);
    if (kept == NULL) return arena_failed(&h->arena, error);
    *out = kept;
    return RFD_OK;
}

/** Paths after a scheme such as "unix:" are relative to the folder, too. */
static rfd_status keep_after(const struct reading *r, const char *scheme, const char *text, const char **out,
                             struct rfd_error *error)
{
    size_t length = strlen(scheme);
    if (strncmp(text, scheme, length) == 0) return keep_text(r, scheme, text + length, true, out, error);
    return keep_text(r, "", text, false, out, error);
}

static rfd_status keep_one(const struct reading *r, const char *text, const char **out, struct rfd_error *error)
{
    switch (r->row->kind) {
    case SETTING_PATH: return keep_text(r, "", text, true, out, error);
    case SETTING_CREDENTIAL: return keep_text(r, "", text, strchr(text, '/') != NULL, out, error);
    case SETTING_ADDRESS:
    case SETTING_ADDRESSES: return keep_after(r, "unix:", text, out, error);
    case SETTING_DATABASE:
        if (strncmp(text, "sqlite:", 7) != 0 && strncmp(text, "postgresql://", 13) != 0)
            return refuse(r, error, "is neither \"sqlite:PATH\" nor \"postgresql://...\"");
        return keep_after(r, "sqlite:", text, out, error);
    case SETTING_CHOICE:
        if (!setting_is_choice(r->row->choices, slice_text(text))) return refuse(r, error, r->row->choices);
        return keep_text(r, "", text, false, out, error);
    default: return keep_text(r, "", text, false, out, error);
    }
}

static rfd_status keep_number(const struct reading *r, const char *text, unsigned *out, struct rfd_error *error)
{
    uint64_t number = 0;
    char range[80];
    (void)snprintf(range, sizeof range, "has to be a number from %llu to %llu", (unsigned long long)r->row->least,
                   (unsigned long long)r->row->most);
    if (!number_unsigned(slice_text(text), r->row->most, &number) || number < r->row->least)
        return refuse(r, error, range);
    *out = (unsigned)number;
    return RFD_OK;
}

static rfd_status keep_switch(const struct reading *r, const char *text, bool *out, struct rfd_error *error)
{
    if (!setting_is_choice("true|false", slice_text(text))) return refuse(r, error, "has to be true or false");
    *out = text[0] == 't';
    return RFD_OK;
}

static rfd_status keep_list(const struct reading *r, const struct raw_value *raw, struct settings_list *out,
                            struct rfd_error *error)
{
    for (uint32_t i = 0; i < raw->count; i++) {
        if (raw->items[i][0] == '\0') return refuse(r, error, "has an empty entry");
        TRY(keep_one(r, raw->items[i], &out->items[i], error));
    }
    out->count = raw->count;
    return RFD_OK;
}

static bool is_name(const char *name)
{
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name) && name[0] != '-' && name[0] != '\0';
}

static rfd_status keep_tokens(const struct reading *r, const struct raw_value *raw, struct settings *s,
                              struct rfd_error *error)
{
    for (uint32_t i = 0; i < raw->count; i++) {
        const struct raw_token *from = &raw->tokens[i];
        struct settings_token *to = &s->keys.tokens[i];
        TRY(keep_text(r, "", from->name, false, &to->name, error));
        TRY(keep_text(r, "", from->module, true, &to->module, error));
        TRY(keep_text(r, "", from->token, false, &to->token, error));
        TRY(keep_text(r, "", from->pin_file, strchr(from->pin_file, '/') != NULL, &to->pin_file, error));
        to->network = from->network;
        if (strlen(to->name) > TOKEN_NAME_MAXIMUM) return refuse(r, error, "a token's name has at most 24 characters");
        if (!is_name(to->name)) return refuse(r, error, "a name has lower-case letters, digits and inner hyphens");
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(s->keys.tokens[j].name, to->name) == 0) return refuse(r, error, "two tokens have the same name");
        }
    }
    s->keys.token_count = raw->count;
    return RFD_OK;
}

static rfd_status keep(const struct reading *r, const struct raw_value *raw, struct rfd_error *error)
{
    struct settings *s = &r->holder->settings;
    void *to = (uint8_t *)s + r->row->offset;
    const char *text = raw->data == NULL ? r->row->standard : raw->text;
    switch (r->row->kind) {
    case SETTING_NUMBER: return keep_number(r, text, to, error);
    case SETTING_SWITCH: return keep_switch(r, text, to, error);
    case SETTING_LIST:
    case SETTING_ADDRESSES: return keep_list(r, raw, to, error);
    case SETTING_TOKENS: return keep_tokens(r, raw, s, error);
    default: return keep_one(r, text, to, error);
    }
}

/* ---- What settings say together ---- */

/** Browsers keep what is Secure from https, or from this machine itself (W3C Secure Contexts §3.1). */
static bool is_web_address(const char *url)
{
    static const char *const local[] = {"http://localhost", "http://127.0.0.1", "http://[::1]"};
    size_t length = strlen(url);
    if (length > 0 && url[length - 1] == '/') return false;
    if (strncmp(url, "https://", 8) == 0) return url[8] != '\0' && strchr(url + 8, '/') == NULL;
    for (size_t i = 0; i < sizeof local / sizeof *local; i++) {
        size_t begin = strlen(local[i]);
        if (strncmp(url, local[i], begin) == 0 && (url[begin] == '\0' || url[begin] == ':')) return true;
    }
    return false;
}

/** A demonstration shows passwords, and the mails of everybody to anybody: only to who sits before this machine. */
static bool is_of_this_machine(const struct settings *s)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    const struct settings_list *lists[] = {&s->web.listen, &s->web.certificate_listen};
    const char *host = strstr(s->web.url, "://");
    bool local = false;
    for (size_t i = 0; i < sizeof names / sizeof *names && host != NULL; i++) {
        size_t length = strlen(names[i]);
        local = local || (strncmp(host + 3, names[i], length) == 0 && strchr(":", host[3 + length]) != NULL);
    }
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
        for (size_t i = 0; i < lists[l]->count; i++) {
            const char *at = lists[l]->items[i];
            local = local && (strncmp(at, "127.", 4) == 0 || strncmp(at, "[::1]:", 6) == 0);
        }
    }
    return local;
}

static bool is_sqlite(const struct settings *s)
{
    return strncmp(s->database, "sqlite:", 7) == 0;
}

/** OpenID Connect Discovery §3: no query, no fragment. So are the addresses of other services. */
static bool is_service(const char *address)
{
    static const char *const begin[] = {"https://", "http://localhost", "http://127.0.0.1", "http://[::1]"};
    for (size_t i = 0; i < sizeof begin / sizeof *begin; i++) {
        size_t length = strlen(begin[i]);
        if (strncmp(address, begin[i], length) != 0 || strpbrk(address, "?# ") != NULL) continue;
        return i == 0 ? address[length] != '\0' : strchr(":/", address[length]) != NULL;
    }
    return false;
}

struct contradiction {
    const char *section, *name, *what;
};

/** The first one, or none: without a section. */
static struct contradiction find_contradiction(const struct settings *s, const struct settings_served *served)
{
    const struct {
        bool wrong;
        struct contradiction contradiction;
    } rules[] = {
        {s->keys.passphrase_file[0] != '\0' && s->keys.credential[0] != '\0',
         {"keys", "credential", "keys.passphrase_file is there, too: one of them opens the stores"}},
        {served->registration && s->registration.certificate[0] == '\0',
         {"registration", "listen", "needs registration.certificate"}},
        {served->registration && s->registration.key[0] == '\0', {"registration", "listen", "needs registration.key"}},
        {served->registration && s->registration.clients[0] == '\0',
         {"registration", "listen", "needs registration.clients"}},
        {served->web && !is_web_address(s->web.url),
         {"web", "url",
          "has to be https://HOST or https://HOST:PORT (http:// for localhost only), without \"/\" at its end"}},
        {s->web.demo && served->web && (served->by_systemd || !is_of_this_machine(s)),
         {"web", "demo",
          "is for this machine alone: web.url has to be of localhost, and listen has to be of 127.0.0.1 or [::1]"}},
        {served->web && s->web.blobs[0] == '\0', {"web", "listen", "needs web.blobs"}},
        {(s->web.certificate[0] == '\0') != (s->web.key[0] == '\0'),
         {"web", "certificate", "web.certificate and web.key belong together"}},
        {served->certificates && s->web.certificate[0] == '\0',
         {"web", "certificate_listen", "needs web.certificate and web.key"}},
        {served->certificates && s->web.clients[0] == '\0', {"web", "certificate_listen", "needs web.clients"}},
        {served->certificates && !served->web, {"web", "certificate_listen", "needs web.listen"}},
        {s->web.processes > 1 && is_sqlite(s),
         {"web", "processes", "more than 1 needs PostgreSQL: with SQLite one process writes"}},
        {s->access.reminder_days >= s->access.escalation_days,
         {"access", "reminder_days", "has to be less than access.escalation_days"}},
        {s->access.escalation_days >= s->access.denial_days,
         {"access", "escalation_days", "has to be less than access.denial_days"}},
        {s->sms.gateway[0] != '\0' && strncmp(s->sms.gateway, "http://", 7) != 0 &&
             strncmp(s->sms.gateway, "https://", 8) != 0,
         {"sms", "gateway", "begins with http:// or https://"}},
        {s->sso.issuer[0] != '\0' && !is_service(s->sso.issuer),
         {"sso", "issuer", "has to be https://HOST with or without a path (http:// for this machine only)"}},
        {s->sso.issuer[0] != '\0' && s->sso.client_id[0] == '\0', {"sso", "issuer", "needs sso.client_id"}},
        {s->sso.issuer[0] != '\0' && s->sso.claim[0] == '\0', {"sso", "claim", "has to name a claim"}},
        {s->requests.identity_service[0] != '\0' && !is_service(s->requests.identity_service),
         {"requests", "identity_service",
          "has to be https://HOST with or without a path (http:// for this machine only)"}},
        {s->sms.user[0] != '\0' && s->sms.password_file[0] == '\0', {"sms", "user", "needs sms.password_file"}},
        {s->mail.server[0] != '\0' && s->mail.from[0] == '\0', {"mail", "server", "needs mail.from"}},
        {s->mail.server[0] != '\0' && strncmp(s->mail.server, "smtp://", 7) != 0 &&
             strncmp(s->mail.server, "smtps://", 8) != 0,
         {"mail", "server", "begins with smtp:// or smtps://"}},
        {s->mail.user[0] != '\0' && s->mail.password_file[0] == '\0', {"mail", "user", "needs mail.password_file"}},
        {s->authority.overlap_hours >= s->authority.crl_hours,
         {"authority", "overlap_hours", "has to be less than authority.crl_hours"}},
        {s->keys.seal_key[0] == '\0' || s->keys.log_key[0] == '\0',
         {"keys", "seal_key", "seal_key and log_key have to name keys"}},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].wrong) return rules[i].contradiction;
    return (struct contradiction){.section = NULL};
}

static rfd_status check_together(struct reading *r, struct rfd_error *error)
{
    const struct settings *s = &r->holder->settings;
    const struct settings_served served = {.registration = s->registration.listen.count > 0,
                                           .web = s->web.listen.count > 0,
                                           .certificates = s->web.certificate_listen.count > 0};
    const struct contradiction found = find_contradiction(s, &served);
    const struct setting_row row = {.section = found.section, .name = found.name};
    if (found.section == NULL) return RFD_OK;
    r->row = &row; /* cppcheck-suppress autoVariables; refuse() is the last to look */
    return refuse(r, error, found.what);
}

rfd_status settings_check_served(const struct settings *settings, const struct settings_served *served,
                                 struct rfd_error *error)
{
    const struct contradiction found = find_contradiction(settings, served);
    if (found.section == NULL) return RFD_OK;
    return error_set(error, RFD_E_SETTINGS, "%s.%s: %s", found.section, found.name, found.what);
}

/* ---- The file ---- */

static rfd_status read_file(const char *path, struct source **out, struct rfd_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return error_errno(error, RFD_E_IO_READ, errno, "%s", path);
    rfd_status status = source_read_fd(fd, SETTINGS_FILE_MAXIMUM, out, error);
    (void)close(fd);
    return status;
}

static rfd_status find_home(struct holder *h, const char *path, struct rfd_error *error)
{
    char *whole = realpath(path, NULL);
    if (whole == NULL) return error_errno(error, RFD_E_IO_READ, errno, "%s", path);
    char *slash = strrchr(whole, '/');
    h->settings.home = arena_text(&h->arena, slice_of(whole, slash == whole ? 1 : (size_t)(slash - whole)));
    free(whole);
    return h->settings.home == NULL ? arena_failed(&h->arena, error) : RFD_OK;
}

static rfd_status fill(struct reading *r, const struct raw_settings *raw, struct rfd_error *error)
{
    static const struct raw_value nothing;
    for (size_t i = 0; i < setting_row_count; i++) {
        r->row = &setting_rows[i];
        TRY(keep(r, raw == NULL ? &nothing : &raw->values[i], error));
    }
    return check_together(r, error);
}

static bool says_nothing(slice text)
{
    bool comment = false;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        comment = c == '#' || (comment && c != '\n');
        if (!comment && c != ' ' && c != '\n' && c != '\r') return false;
    }
    return true;
}

rfd_status settings_read(const char *path, struct settings **out, struct rfd_error *error)
{
    struct source *source = NULL;
    struct raw_settings *raw = NULL;
    rfd_status status = RFD_OK;
    struct reading r = {.path = path};
    r.holder = memory_zeroed(1, sizeof *r.holder);
    if (r.holder == NULL) return error_memory(error);
    arena_init(&r.holder->arena, ARENA_MAXIMUM);
    TRY_OUT(read_file(path, &source, error));
    TRY_OUT(source_view(source, 0, source_size(source), &r.text, error));
    TRY_OUT(find_home(r.holder, path, error));
    if (!text_is_utf8(r.text)) TRY_OUT(error_set(error, RFD_E_SETTINGS, "%s: not UTF-8", path));
    if (!says_nothing(r.text)) status = settings_load(r.text, &raw, error);
    if (status == RFD_E_SETTINGS) error_wrap(error, RFD_E_SETTINGS, "%s", path);
    if (status == RFD_OK) status = fill(&r, raw, error);
out:
    settings_unload(raw);
    source_close(source);
    if (status == RFD_OK)
        *out = &r.holder->settings;
    else
        settings_free(&r.holder->settings);
    return status;
}

void settings_free(struct settings *settings)
{
    struct holder *h = (struct holder *)settings;
    if (h == NULL) return;
    arena_dispose(&h->arena);
    memory_free(h);
}

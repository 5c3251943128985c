/* SPDX-License-Identifier: EUPL-1.2 */
#include "packs/identity.h"

#include "base/error.h"
#include "packs/packs_internal.h"

#include <sys/stat.h>

#define IDENTITY_NAME "identity.yaml"

/* ---- Reading the file ---- */

static rfd_status check_entry(const struct yaml_file *file, const struct identity_file *content, unsigned n,
                              struct rfd_error *error)
{
    const struct identity_entry *e = &content->documents[n];
    if (!identity_pattern_is_good(e->pattern))
        return yaml_complain(file, RFD_E_PACK, "pattern", e->pattern, error, "%s is no pattern", e->pattern);
    if (e->pad > IDENTITY_LONGEST || e->keep > IDENTITY_LONGEST)
        return yaml_complain(file, RFD_E_PACK, "name", e->name, error, "pad and keep are at most %d", IDENTITY_LONGEST);
    for (unsigned i = 0; i < n; i++) {
        if (strcmp(content->documents[i].name, e->name) == 0)
            return yaml_complain(file, RFD_E_PACK, "name", e->name, error, "there are two documents of the name %s",
                                 e->name);
    }
    return RFD_OK;
}

static void take_document(struct country *country, const struct identity_entry *e)
{
    country->documents[country->document_count] =
        (struct pack_document){.country = country->name,
                               .name = e->name,
                               .label = e->label,
                               .pattern = e->pattern,
                               .hint_es = e->hint.es,
                               .hint_ca = e->hint.ca,
                               .hint_en = e->hint.en,
                               .entity = e->entity,
                               .check_warns = e->check_warns,
                               .subject = e->subject == NULL ? "" : e->subject,
                               .entry = e};
    country->listed[country->document_count] = &country->documents[country->document_count];
    country->document_count++;
}

rfd_status packs_read_identity(struct country *country, const char *folder, struct rfd_error *error)
{
    char path[YAML_PATH_SIZE];
    struct stat about;
    int length = snprintf(path, sizeof path, "%s/%s/" IDENTITY_NAME, folder, country->name);
    if (length < 0 || (size_t)length >= sizeof path || stat(path, &about) != 0) return RFD_OK;
    TRY(yaml_read(path, &identity_schema, RFD_E_PACK, &country->identity, error));
    const struct identity_file *content = country->identity.data;
    for (unsigned i = 0; i < content->document_count; i++) {
        TRY(check_entry(&country->identity, content, i, error));
        take_document(country, &content->documents[i]);
    }
    return RFD_OK;
}

/* ---- Finding ---- */

const struct pack_document *packs_document(const struct packs *packs, slice country, slice name)
{
    const struct country *c = packs_country(packs, country);
    for (size_t i = 0; c != NULL && i < c->document_count; i++) {
        if (slice_is(name, c->documents[i].name)) return &c->documents[i];
    }
    return NULL;
}

const struct pack_document *const *packs_documents(const struct packs *packs, slice country, size_t *count)
{
    const struct country *c = packs_country(packs, country);
    *count = c == NULL ? 0 : c->document_count;
    return c == NULL ? NULL : c->listed;
}

const char *packs_country_name(const struct packs *packs, size_t n)
{
    for (size_t i = 0; i < packs->country_count; i++) {
        if (packs->countries[i].document_count > 0 && n-- == 0) return packs->countries[i].name;
    }
    return NULL;
}

/* ---- Numbers ---- */

/** A number as it is computed with: one byte a character. */
struct plain {
    uint8_t bytes[IDENTITY_LONGEST];
    size_t length;
};

static bool add(struct plain *p, uint8_t c)
{
    if (p->length == sizeof p->bytes) return false;
    p->bytes[p->length++] = c;
    return true;
}

/* Capitals; blanks, dots, dashes and slashes are left out. */
static bool make_plain(slice typed, struct plain *p)
{
    p->length = 0;
    for (size_t i = 0; i < typed.length; i++) {
        uint8_t c = typed.data[i];
        if (c == ' ' || c == '.' || c == '-' || c == '/') continue;
        if (c == 0xC3 && i + 1 < typed.length && (typed.data[i + 1] == 0x91 || typed.data[i + 1] == 0xB1)) {
            c = IDENTITY_ENYE;
            i++;
        } else if (c >= 'a' && c <= 'z') {
            c = (uint8_t)(c - 'a' + 'A');
        } else if (c >= 0x80) {
            return false;
        }
        if (!add(p, c)) return false;
    }
    return true;
}

/* Somebody with a small number leaves out its zeros; behind the letter of a NIE, they are put after that. */
static void pad(struct plain *p, unsigned length)
{
    if (p->length < 2 || p->length >= length || p->bytes[0] < '0' || p->bytes[0] > '9') return;
    size_t zeros = length - p->length;
    memmove(p->bytes + zeros, p->bytes, p->length);
    memset(p->bytes, '0', zeros);
    p->length = length;
}

static bool put_normal(const struct plain *p, size_t length, char normal[IDENTITY_LONGEST + 1])
{
    size_t at = 0;
    for (size_t i = 0; i < length; i++) {
        bool enye = p->bytes[i] == IDENTITY_ENYE;
        if (at + (enye ? 2 : 1) > IDENTITY_LONGEST) return false;
        if (enye) {
            normal[at++] = (char)0xC3;
            normal[at++] = (char)0x91;
        } else {
            normal[at++] = (char)p->bytes[i];
        }
    }
    normal[at] = '\0';
    return true;
}

enum identity_fault packs_identity_check(const struct pack_document *document, slice typed, char normal[33])
{
    const struct identity_entry *e = document->entry;
    struct plain p;
    normal[0] = '\0';
    if (!make_plain(typed, &p)) return IDENTITY_FORM;
    if (e->pad > 0) pad(&p, e->pad);
    slice number = slice_of(p.bytes, p.length);
    if (!identity_pattern_fits(e->pattern, number)) return IDENTITY_FORM;
    enum identity_fault fault = identity_check(e->check, number);
    if (fault == IDENTITY_FORM || !put_normal(&p, e->keep == 0 || e->keep > p.length ? p.length : e->keep, normal))
        return IDENTITY_FORM;
    return fault == IDENTITY_DIGIT && document->check_warns ? IDENTITY_DIGIT_WARNS : fault;
}

/* Several documents may have one prefix: the number's form tells which it is. */
static const struct pack_document *of_country(const struct country *c, slice value, slice *number)
{
    char normal[IDENTITY_LONGEST + 1];
    for (size_t i = 0; i < c->document_count; i++) {
        const struct pack_document *d = &c->documents[i];
        slice prefix = slice_text(d->subject);
        slice rest = slice_from(value, prefix.length);
        if (prefix.length == 0 || !slice_starts(value, prefix)) continue;
        enum identity_fault fault = packs_identity_check(d, rest, normal);
        if ((fault != IDENTITY_FINE && fault != IDENTITY_DIGIT_WARNS) || !slice_is(rest, normal)) continue;
        *number = rest;
        return d;
    }
    return NULL;
}

const struct pack_document *packs_identity_of_subject(const struct packs *packs, slice value, slice *number)
{
    for (size_t i = 0; i < packs->country_count; i++) {
        const struct pack_document *d = of_country(&packs->countries[i], value, number);
        if (d != NULL) return d;
    }
    return NULL;
}

/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which list speaks for which certificate: the certificate's distribution points against the list's issuing
 * distribution point (RFC 5280 §6.3.3 (b)).
 */
#include "pki/revocation/revocation_internal.h"

#include "base/arena.h"
#include "pki/certificate/name_match.h"
#include "pki/oid.h"

enum { POINTS_MAXIMUM = 16, NAMES_MAXIMUM = 32, NAMES_MEMORY = 1 << 17 };
enum { FULL_NAME = DER_CONTEXT_CONSTRUCTED(0), RELATIVE_NAME = DER_CONTEXT_CONSTRUCTED(1) };
enum { DIRECTORY_NAME = DER_CONTEXT_CONSTRUCTED(4) };

/* GeneralNames, each whole; those made here live in the arena. */
struct names {
    slice items[NAMES_MAXIMUM];
    size_t count;
};

static void add_general_names(struct names *n, slice content)
{
    struct der_item item;
    while (n->count < NAMES_MAXIMUM && der_next(&content, &item)) n->items[n->count++] = item.whole;
}

/* A directoryName around the Name `base` with one more RDN (RFC 5280 §4.2.1.13: nameRelativeToCRLIssuer). */
static void add_directory_name(struct names *n, slice base, slice rdn, struct arena *arena)
{
    slice rdns;
    struct buf b;
    if (n->count == NAMES_MAXIMUM || !der_take_optional(&base, DER_SEQUENCE, &rdns)) return;
    buf_init(&b, NAMES_MEMORY);
    size_t outer = der_open(&b, DIRECTORY_NAME);
    size_t name = der_open(&b, DER_SEQUENCE);
    buf_put_slice(&b, rdns);
    if (rdn.length > 0) der_put(&b, DER_SET, rdn);
    der_close(&b, name);
    der_close(&b, outer);
    slice made = buf_status(&b) == RFD_OK ? arena_copy(arena, buf_slice(&b)) : SLICE_EMPTY;
    if (made.length > 0) n->items[n->count++] = made;
    buf_dispose(&b);
}

/* The names of a DistributionPointName; relative ones are completed with `issuer`. */
static void add_point_names(struct names *n, slice point_name, slice issuer, struct arena *arena)
{
    struct der_item item;
    if (!der_next(&point_name, &item)) return;
    if (item.tag == FULL_NAME) add_general_names(n, item.content);
    if (item.tag == RELATIVE_NAME) add_directory_name(n, issuer, item.content, arena);
}

static bool general_name_equal(slice a, slice b)
{
    struct der_item left;
    struct der_item right;
    if (slice_equal(a, b)) return true;
    return der_next(&a, &left) && der_next(&b, &right) && left.tag == DIRECTORY_NAME && right.tag == DIRECTORY_NAME &&
           name_equal(left.content, right.content);
}

static bool share_a_name(const struct names *a, const struct names *b)
{
    for (size_t i = 0; i < a->count; i++) {
        for (size_t j = 0; j < b->count; j++) {
            if (general_name_equal(a->items[i], b->items[j])) return true;
        }
    }
    return false;
}

/* The first directoryName of GeneralNames; empty when there is none. */
static slice first_directory_name(slice general_names)
{
    struct der_item item;
    while (der_next(&general_names, &item)) {
        if (item.tag == DIRECTORY_NAME) return item.content;
    }
    return SLICE_EMPTY;
}

static bool names_match(const struct crl *crl, const struct certificate *c, const struct crl_point *point)
{
    struct names of_list = {.count = 0};
    struct names of_point = {.count = 0};
    struct arena arena;
    arena_init(&arena, NAMES_MEMORY * 2);
    add_point_names(&of_list, crl->idp_name, crl->issuer, &arena);
    slice base = point->crl_issuer.length > 0 ? first_directory_name(point->crl_issuer) : c->issuer;
    if (point->implied) {
        add_directory_name(&of_point, c->issuer, SLICE_EMPTY, &arena);
    } else if (point->name.length > 0) {
        add_point_names(&of_point, point->name, base, &arena);
    } else {
        add_general_names(&of_point, point->crl_issuer);
    }
    bool match = share_a_name(&of_list, &of_point);
    arena_dispose(&arena);
    return match;
}

/* (b)(1): the list is by whom the point says, or by the certificate's issuer. */
static bool issuer_fits(const struct crl *crl, const struct certificate *c, const struct crl_point *point)
{
    struct der_item item;
    slice names = point->crl_issuer;
    if (names.length == 0) return name_equal(crl->issuer, c->issuer);
    if (!crl->indirect) return false;
    while (der_next(&names, &item)) {
        if (item.tag == DIRECTORY_NAME && name_equal(item.content, crl->issuer)) return true;
    }
    return false;
}

bool crl_scope_covers(const struct crl *crl, const struct certificate *c, const struct crl_point *point,
                      unsigned *reasons)
{
    if (crl->unknown_critical || crl->delta_base.length > 0) return false;
    if (!issuer_fits(crl, c, point)) return false;
    if (crl->only_attributes || (crl->only_users && c->is_ca) || (crl->only_authorities && !c->is_ca)) return false;
    if (crl->idp_name.length > 0 && !names_match(crl, c, point)) return false;
    *reasons = crl->reasons & point->reasons;
    return *reasons != 0;
}

static bool read_point(slice in, struct crl_point *out)
{
    slice bits;
    *out = (struct crl_point){.reasons = CRL_REASONS_ALL};
    (void)der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &out->name);
    if (der_take_optional(&in, DER_CONTEXT(1), &bits) && !crl_read_reasons(bits, &out->reasons)) return false;
    (void)der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(2), &out->crl_issuer);
    return in.length == 0;
}

bool crl_scope_point(const struct certificate *c, size_t n, struct crl_point *out)
{
    slice value;
    slice list;
    slice point;
    size_t seen = 0;
    bool present = certificate_extension(c, oid(OID_CRL_DISTRIBUTION_POINTS), &value, NULL);
    if (present && der_take_optional(&value, DER_SEQUENCE, &list)) {
        while (seen < POINTS_MAXIMUM && der_take_optional(&list, DER_SEQUENCE, &point)) {
            if (!read_point(point, out)) continue;
            if (seen++ == n) return true;
        }
    }
    *out = (struct crl_point){.reasons = CRL_REASONS_ALL, .implied = true};
    return n == seen;
}

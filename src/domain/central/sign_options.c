/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/central/sign_options.h"

#include "base/clock.h"
#include "base/error.h"

enum { MINUTE = 60 };

static const enum rfd_level levels[] = {[SIGNING_B_B] = RFD_LEVEL_B_B,
                                        [SIGNING_B_T] = RFD_LEVEL_B_T,
                                        [SIGNING_B_LT] = RFD_LEVEL_B_LT,
                                        [SIGNING_B_LTA] = RFD_LEVEL_B_LTA};

const char *sign_options_service(const struct settings *s, struct arena *a)
{
    bool own = s->status.tsa_key[0] != '\0' && s->status.url[0] != '\0';
    return own ? arena_print(a, "%s/tsa", s->status.url) : s->requests.tsa_url;
}

static rfd_status set_text(slice text, struct arena *a, const char **out, struct rfd_error *error)
{
    if (text.length == 0) return RFD_OK;
    *out = arena_text(a, text);
    return *out == NULL ? arena_failed(a, error) : RFD_OK;
}

static rfd_status make_stamp(const struct central *c, struct sign_options *o, struct rfd_error *error)
{
    struct rfd_stamp_options stamp = RFD_STAMP_OPTIONS_INIT;
    o->place = (struct rfd_place)RFD_PLACE_INIT;
    o->place.kind = RFD_PLACE_FREE;
    o->place.page = -1;
    stamp.style = RFD_STAMP_TEXT;
    stamp.width = SIGNING_STAMP_WIDTH;
    stamp.height = SIGNING_STAMP_HEIGHT;
    stamp.language = c->language;
    stamp.time_zone = zone_offset(c->zone, clock_now()) / MINUTE;
    TRY(rfd_stamp_new(&stamp, &o->stamp, error));
    o->options.stamp = o->stamp;
    o->options.place = &o->place;
    return RFD_OK;
}

rfd_status sign_options_make(const struct central *c, const struct signing *s, struct arena *a,
                             struct sign_options *out, struct rfd_error *error)
{
    const struct rfd_sign_options initial = RFD_SIGN_OPTIONS_INIT;
    struct rfd_sign_options *o = &out->options;
    *out = (struct sign_options){.options = initial};
    o->level = levels[s->options.level];
    o->digest = RFD_DIGEST_SHA256;
    /* The register says whether the certificate is revoked; the network is for what goes into the document. */
    o->offline = o->level < RFD_LEVEL_B_LT;
    TRY(set_text(s->options.reason, a, &o->reason, error));
    TRY(set_text(s->options.location, a, &o->location, error));
    if (o->level >= RFD_LEVEL_B_T) {
        o->tsa_url = sign_options_service(c->settings, a);
        if (o->tsa_url == NULL) return arena_failed(a, error);
        if (o->tsa_url[0] == '\0') return error_set(error, RFD_E_TSA_MISSING, NULL);
    }
    return s->options.visible ? make_stamp(c, out, error) : RFD_OK;
}

void sign_options_dispose(struct sign_options *options)
{
    rfd_stamp_free(options->stamp);
    options->stamp = NULL;
}

/* SPDX-License-Identifier: EUPL-1.2
 *
 * Prepare and embed. Embedding trusts neither the session nor the prepared file: the file is hashed again, the field's
 * own /ByteRange and /Contents must be where the session says, and the finished CMS is verified against that digest
 * before anything is written.
 */
#include "base/append.h"
#include "base/error.h"
#include "base/memory.h"
#include "pades/sign/session.h"
#include "pades/sign/sign_steps.h"

#include <unistd.h>

/** Room for the time stamp that embedding may add: the hole cannot grow any more then. */
enum { TWO_STEP_TOKEN = 16 * 1024 };

/** Writes the update with an empty hole and fills the session. */
static rfd_status prepare(struct sign_run *run, struct session *session, struct rfd_error *error)
{
    struct certificate_list own = {0};
    const struct certificate_list *certificates;
    struct signature_dictionary dictionary;
    struct signature_hole hole;
    struct pdf_field_lock lock;
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    size_t reserve = 0, token = run->options.level >= RFD_LEVEL_B_T ? TWO_STEP_TOKEN : 0;
    rfd_status status = RFD_OK;
    TRY_OUT(sign_steps_prepare(run, error));
    TRY_OUT(sign_steps_certificates(run, &own, &certificates, error));
    TRY_OUT(sign_steps_reserve(run, certificates, token, &reserve, error));
    TRY_OUT(sign_steps_dictionary(run, reserve, &lock, &dictionary, error));
    TRY_OUT(sign_run_update(run, &dictionary, &hole, error));
    TRY_OUT(sign_run_digest(run, &hole, digest, error));
    struct cms_attributes attributes = sign_steps_attributes(run, slice_of(digest, digest_size(run->digest)));
    cms_put_signed_attributes(&session->signed_attributes, &attributes);
    TRY_OUT(buf_check(&session->signed_attributes, "signed attributes", error));
    for (size_t i = 0; i < certificates->count; i++)
        TRY_OUT(certificate_list_add(&session->certificates, certificates->items[i], error));
    session->algorithm = run->algorithm;
    session->level = run->options.level;
    session->digest_length = digest_size(run->digest);
    memcpy(session->digest, digest, session->digest_length);
    session->hole_offset = source_size(run->source) + hole.contents;
    session->hole_length = hole.length;
    session->size = source_size(run->source) + run->tail.length;
    status = session_set_field(session, run->field, error);
out:
    certificate_list_dispose(&own);
    return status;
}

static rfd_status prepare_with_key(const char *input, const char *prepared, struct sign_run *run, rfd_bytes *out,
                                   struct rfd_error *error)
{
    struct session session;
    struct output *file = NULL;
    rfd_bytes text = {0};
    rfd_status status = RFD_OK;
    session_init(&session);
    TRY_OUT(append_recover(input, error));
    TRY_OUT(source_open_file(input, &run->source, error));
    TRY_OUT(output_open(prepared, run->options.replace, &file, error));
    TRY_OUT(prepare(run, &session, error));
    TRY_OUT(session_write(&session, &text, error));
    struct output *finished = file;
    file = NULL;
    TRY_OUT(sign_run_output(run, finished, error));
    *out = text;
    text = (rfd_bytes){0};
out:
    rfd_bytes_free(&text);
    output_abandon(file);
    session_dispose(&session);
    return status;
}

rfd_status rfd_prepare_file(const char *input, const char *prepared, rfd_slice certificates,
                            const struct rfd_sign_options *options, rfd_bytes *session, struct rfd_error *error)
{
    struct sign_run run;
    struct rfd_key *own = NULL;
    rfd_status status = sign_run_begin(&run, options, error);
    if (status != RFD_OK) goto out;
    run.may_repair = true;
    TRY_OUT(sign_run_key(&run, certificates, &own, error));
    status = prepare_with_key(input, prepared, &run, session, error);
out:
    sign_run_dispose(&run);
    rfd_key_free(own);
    return status;
}

rfd_status rfd_session_to_sign(rfd_slice session, rfd_bytes *message, rfd_bytes *digest, struct rfd_error *error)
{
    struct session s;
    rfd_bytes text = {0}, hash = {0};
    rfd_status status = RFD_OK;
    TRY(session_read(session, &s, error));
    slice attributes = buf_slice(&s.signed_attributes);
    bool hashed = s.algorithm.scheme != SCHEME_ED25519 && s.algorithm.scheme != SCHEME_ED448;
    TRY_OUT(rfd_bytes_new(attributes.length, &text, error));
    memcpy(text.data, attributes.data, attributes.length);
    TRY_OUT(rfd_bytes_new(hashed ? digest_size(s.algorithm.digest) : 0, &hash, error));
    if (hashed) TRY_OUT(digest_of(s.algorithm.digest, attributes, hash.data, error));
    *message = text;
    *digest = hash;
    text = hash = (rfd_bytes){0};
out:
    rfd_bytes_free(&text);
    rfd_bytes_free(&hash);
    session_dispose(&s);
    return status;
}

/** The prepared file must be the one that the session is about. */
static rfd_status check_prepared(struct sign_run *run, const struct session *session, struct rfd_error *error)
{
    uint64_t after = session->hole_offset + session->hole_length;
    if (source_size(run->source) != session->size)
        return error_set(error, RFD_E_INPUT_CHANGED, "the prepared file has %llu bytes, not %llu",
                         (unsigned long long)source_size(run->source), (unsigned long long)session->size);
    for (size_t i = 0; i < run->place.field_count; i++) {
        const struct pdf_field *field = &run->place.fields[i];
        struct pdf_signature s;
        if (!slice_is(field->name, session->field) || pdf_entries(field->value) == NULL) continue;
        TRY(pdf_signature_read(&run->view, field->value, field->value_reference, &s, error));
        bool fits = s.contents_offset == session->hole_offset && s.contents_raw.length == session->hole_length &&
                    s.byte_range_count == 4 && s.byte_range[0] == 0 &&
                    (uint64_t)s.byte_range[1] == session->hole_offset && (uint64_t)s.byte_range[2] == after &&
                    (uint64_t)s.byte_range[3] == session->size - after;
        for (size_t k = 0; fits && k < s.contents.length; k++) fits = s.contents.data[k] == 0;
        return fits ? RFD_OK
                    : error_set(error, RFD_E_INPUT_CHANGED, "field %s is not as it was prepared", session->field);
    }
    return error_set(error, RFD_E_FIELD_MISSING, "%s", session->field);
}

static rfd_status add_piece(void *context, slice piece, struct rfd_error *error)
{
    return digest_add(context, piece, error);
}

static rfd_status check_digest(struct sign_run *run, const struct session *session, struct rfd_error *error)
{
    struct digest *d = NULL;
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    uint64_t after = session->hole_offset + session->hole_length;
    rfd_status status = RFD_OK;
    TRY_OUT(digest_start(session->algorithm.digest, &d, error));
    TRY_OUT(source_stream(run->source, 0, session->hole_offset, add_piece, d, error));
    TRY_OUT(source_stream(run->source, after, session->size - after, add_piece, d, error));
    TRY_OUT(digest_finish(d, digest, error));
    if (!slice_equal(slice_of(digest, digest_size(session->algorithm.digest)),
                     slice_of(session->digest, session->digest_length)))
        status = error_set(error, RFD_E_INPUT_CHANGED, "the prepared file's digest is not the session's");
out:
    digest_free(d);
    return status;
}

/** Everything that a reader of the result will check, checked on the finished CMS. */
static rfd_status verify_result(const struct session *session, slice cms, struct rfd_error *error)
{
    struct cms c;
    struct cms_check check;
    TRY(cms_parse(cms, &c, error));
    cms_verify(&c, c.signer, slice_of(session->digest, session->digest_length), &check);
    cms_dispose(&c);
    if (check.no_memory) return error_memory(error);
    if (check.digest_matches && check.signature_matches && check.signing_certificate_matches &&
        check.content_type_matches && check.algorithms_consistent)
        return RFD_OK;
    return error_set(error, RFD_E_SIGNING, "the signature given is not right: %s", check.detail);
}

static rfd_status build(struct sign_run *run, const struct session *session, slice signature, struct buf *cms,
                        struct rfd_error *error)
{
    struct buf token;
    struct cms_signed content = {.signed_attributes = buf_slice(&session->signed_attributes),
                                 .signature = signature,
                                 .algorithm = session->algorithm,
                                 .signer = session->certificates.items[0],
                                 .certificates = &session->certificates};
    rfd_status status = RFD_OK;
    buf_init(&token, SIGN_CMS_MAXIMUM);
    cms_put_signed_data(cms, &content);
    TRY_OUT(buf_check(cms, "CMS", error));
    TRY_OUT(verify_result(session, buf_slice(cms), error));
    if (run->options.level >= RFD_LEVEL_B_T) {
        if (run->options.tsa_url == NULL) {
            status = error_set(error, RFD_E_TSA_MISSING, NULL);
            goto out;
        }
        TRY_OUT(sign_steps_timestamp(run, signature, &token, error));
        content.timestamp_token = buf_slice(&token);
        buf_reset(cms);
        cms_put_signed_data(cms, &content);
        TRY_OUT(buf_check(cms, "CMS", error));
    }
    if (2 * cms->length + 2 > session->hole_length)
        status = error_set(error, RFD_E_CMS_SPACE, "%zu bytes into %llu", cms->length,
                           (unsigned long long)(session->hole_length / 2 - 1));
out:
    buf_dispose(&token);
    return status;
}

/** The prepared file with its hole filled, as a file. Uses `file` up. */
static rfd_status write_embedded(struct sign_run *run, const struct session *session, slice cms, struct output *file,
                                 struct rfd_error *error)
{
    uint64_t from = session->hole_offset + 1 + 2 * (uint64_t)cms.length;
    rfd_status status = RFD_OK;
    uint8_t *digits = memory_allocate(2 * cms.length + 1);
    if (digits == NULL) {
        status = error_memory(error);
        goto out;
    }
    signature_fill_contents(digits, cms);
    TRY_OUT(output_copy(file, run->source, 0, session->hole_offset + 1, error));
    TRY_OUT(output_write(file, slice_of(digits + 1, 2 * cms.length), error));
    TRY_OUT(output_copy(file, run->source, from, session->size - from, error));
    TRY_OUT(source_unchanged(run->source, error));
    struct output *finished = file;
    file = NULL;
    status = output_commit(finished, error);
out:
    output_abandon(file);
    memory_free(digits);
    return status;
}

/** From B-LT on the signed file gets further updates: it is kept under a name of its own until they are done. */
static rfd_status raise_level(struct sign_run *run, const struct session *session, slice cms, struct output *file,
                              const char *output, struct rfd_error *error)
{
    struct output *part = NULL;
    struct source *source = NULL;
    rfd_status status = RFD_OK;
    char *path = arena_print(&run->arena, "%s.%ld.part", output, (long)getpid());
    if (path == NULL) {
        output_abandon(file);
        return arena_failed(&run->arena, error);
    }
    TRY_OUT(output_open(path, false, &part, error));
    struct output *whole = part;
    part = NULL;
    TRY_OUT(write_embedded(run, session, cms, whole, error));
    status = source_open_file(path, &source, error);
    (void)unlink(path);
    if (status != RFD_OK) goto out;
    pdf_close(run->doc);
    run->doc = NULL;
    source_close(run->source);
    run->source = source;
    TRY_OUT(sign_run_document(run, error));
    TRY_OUT(sign_steps_level(run, error));
    whole = file;
    file = NULL;
    status = sign_run_output(run, whole, error);
out:
    output_abandon(file);
    return status;
}

static rfd_status embed(struct sign_run *run, const struct session *session, slice signature, struct output *file,
                        const char *output, struct rfd_error *error)
{
    struct buf cms;
    rfd_status status = RFD_OK;
    buf_init(&cms, SIGN_CMS_MAXIMUM);
    TRY_OUT(sign_run_document(run, error));
    TRY_OUT(check_prepared(run, session, error));
    TRY_OUT(check_digest(run, session, error));
    run->field = session->field;
    run->digest = session->algorithm.digest;
    report_sign_field(run->report, session->field);
    TRY_OUT(build(run, session, signature, &cms, error));
    report_sign_check(run->report, "signature", RFD_CHECK_PASSED, RFD_OK, "verified before it was embedded");
    report_sign_level(run->report, run->options.level >= RFD_LEVEL_B_T ? RFD_LEVEL_B_T : RFD_LEVEL_B_B);
    struct output *finished = file;
    file = NULL;
    if (run->options.level >= RFD_LEVEL_B_LT)
        status = raise_level(run, session, buf_slice(&cms), finished, output, error);
    else
        status = write_embedded(run, session, buf_slice(&cms), finished, error);
out:
    output_abandon(file);
    buf_dispose(&cms);
    return status;
}

rfd_status rfd_embed_file(const char *prepared, const char *output, rfd_slice session, rfd_slice signature,
                          const struct rfd_sign_options *options, struct rfd_sign_report **report,
                          struct rfd_error *error)
{
    struct sign_run run;
    struct session s;
    struct output *file = NULL;
    struct rfd_error failure = RFD_ERROR_INIT;
    session_init(&s);
    rfd_status status = sign_run_begin(&run, options, &failure);
    if (status != RFD_OK) goto out;
    if (report != NULL) TRY_OUT(report_sign_new("embed", &run.report, &failure));
    TRY_OUT(session_read(session, &s, &failure));
    if (run.options.level == RFD_LEVEL_B_B) run.options.level = s.level;
    TRY_OUT(source_open_file(prepared, &run.source, &failure));
    TRY_OUT(output_open(output, run.options.replace, &file, &failure));
    struct output *finished = file;
    file = NULL;
    status = embed(&run, &s, signature, finished, output, &failure);
out:
    output_abandon(file);
    report_sign_result(run.report, status == RFD_OK ? NULL : &failure);
    if (report != NULL) *report = run.report;
    sign_run_dispose(&run);
    session_dispose(&s);
    if (status != RFD_OK && error != NULL) *error = failure;
    return status;
}

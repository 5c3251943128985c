/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files that came with a form that had something else wrong. Browsers do not send a file twice by themselves, so what
 * was taken is kept: the content is in the blob store, where it is swept away after a day if no request comes of it,
 * and the form carries what is needed to go on, sealed for this kind of file and this browser.
 *
 *   TIME "." SIZE "." BLOB "." base64url(TYPE) "." base64url(WRAPPED KEY) "." base64url(NAME) "." SEAL
 */
#include "web/registration/registration_pages.h"

#include "base/number.h"
#include "base/text.h"
#include "base/url.h"

#define SUFFIX "-recibido"
enum { KEPT_HOURS = 12, REFERENCE_MAXIMUM = 4096, NAME_MAXIMUM = 120, PARTS = 6, MEGABYTE = 1 << 20 };

/* ---- What a catalogue wants ---- */

rfd_status kept_of_catalogue(struct transaction *t, struct page *page, slice country, kept_wanted *wanted,
                             struct kept_file files[KEPT_FILES], size_t *count, struct rfd_error *error)
{
    struct catalogue_entry *all = NULL;
    size_t entries = 0, found = 0;
    TRY(catalogue_read(t, page_packs(page), country, "evidence", false, &all, &entries, error));
    for (size_t i = 0; i < entries && found < KEPT_FILES; i++) {
        struct kept_file file = {0};
        catalogue_evidence(&all[i], &file.pack);
        if (!wanted(&file.pack)) continue;
        file.pack.code = applicant_text(page, all[i].code);
        file.title = applicant_text(page, catalogue_title(&all[i], slice_text(language_code(page->language))));
        file.file.kind = slice_text(file.pack.code);
        files[found++] = file;
    }
    *count = found;
    return RFD_OK;
}

static const char *wanted_hint(const struct pack_evidence *pack)
{
    if (pack->pdf && pack->image) return N_("PDF, JPEG or PNG, at most 10 MB");
    return pack->pdf ? N_("PDF, at most 10 MB") : N_("JPEG or PNG, at most 10 MB");
}

/** "Received: dni.pdf, 210 kB. Choose a file only to replace it". */
static const char *hint_of(const struct page *page, const struct kept_file *file)
{
    if (!file->there) return wanted_hint(&file->pack);
    const slice name = file->file.name;
    unsigned long long kilobytes = (unsigned long long)(file->file.blob.size + 999) / 1000;
    const char *text =
        arena_print(page->arena, "%s %.*s (%llu kB). %s", page_text(page, N_("We have this file:")), (int)name.length,
                    (const char *)name.data, kilobytes, page_text(page, N_("Choose another one only to replace it.")));
    return text == NULL ? wanted_hint(&file->pack) : text;
}

void kept_fields(const struct page *page, struct kept_file *files, size_t count, bool required,
                 struct form_field *fields)
{
    for (size_t i = 0; i < count; i++)
        fields[i] = (struct form_field){.name = files[i].pack.code,
                                        .label = files[i].title,
                                        .hint = hint_of(page, &files[i]),
                                        .kind = FORM_FILE,
                                        .required = required && files[i].pack.required,
                                        .maximum = EVIDENCE_FILE_MAXIMUM,
                                        .group = "files"};
}

/* ---- References ---- */

static rfd_status seal_of(struct page *page, const struct kept_file *file, slice text, slice *out,
                          struct rfd_error *error)
{
    slice browser = csrf_seal(page, "evidence");
    const char *all = arena_print(page->arena, "%s %.*s %.*s", file->pack.code, (int)browser.length,
                                  (const char *)browser.data, (int)text.length, (const char *)text.data);
    if (all == NULL || browser.length == 0) return arena_failed(page->arena, error);
    return applicant_seal(page, "file", slice_text(all), out, error);
}

static rfd_status reference_of(struct page *page, const struct kept_file *file, slice *out, struct rfd_error *error)
{
    const struct blob *blob = &file->file.blob;
    slice seal, text = SLICE_EMPTY;
    struct buf b;
    buf_init(&b, REFERENCE_MAXIMUM);
    buf_print(&b, "%lld.%llu.%s.", (long long)(page->now / RFD_SECOND), (unsigned long long)blob->size, blob->id);
    url_put_base64(&b, blob->type);
    buf_put_byte(&b, '.');
    url_put_base64(&b, blob->wrapped);
    buf_put_byte(&b, '.');
    url_put_base64(&b, file->file.name);
    rfd_status status = buf_status(&b) != RFD_OK ? buf_check(&b, "a reference", error) : RFD_OK;
    if (status == RFD_OK) status = seal_of(page, file, buf_slice(&b), &seal, error);
    if (status == RFD_OK) {
        buf_put_byte(&b, '.');
        buf_put_slice(&b, seal);
        text = buf_status(&b) == RFD_OK ? arena_copy(page->arena, buf_slice(&b)) : SLICE_EMPTY;
        if (text.data == NULL) status = arena_failed(page->arena, error);
    }
    buf_dispose(&b);
    *out = text;
    return status;
}

/** What was sealed here is as it was written: what does not fit is no reference. */
static bool read_parts(const struct page *page, slice text, struct kept_file *file)
{
    slice parts[PARTS];
    uint64_t time = 0, size = 0;
    for (size_t i = 0; i < PARTS; i++) parts[i] = http_cut(&text, '.');
    if (!number_unsigned(parts[0], UINT32_MAX, &time) || !number_unsigned(parts[1], INT64_MAX, &size)) return false;
    rfd_time taken = (rfd_time)time * RFD_SECOND;
    if (taken + (rfd_time)KEPT_HOURS * 3600 * RFD_SECOND < page->now) return false;
    if (parts[2].length != BLOB_ID_SIZE - 1) return false;
    struct blob blob = {.size = size,
                        .type = url_read_base64(parts[3], page->arena),
                        .wrapped = url_read_base64(parts[4], page->arena)};
    memcpy(blob.id, parts[2].data, parts[2].length);
    file->file.name = url_read_base64(parts[5], page->arena);
    file->file.blob = blob;
    return blob.type.data != NULL && blob.wrapped.data != NULL && file->file.name.data != NULL;
}

static rfd_status read_reference(struct page *page, struct kept_file *file, struct rfd_error *error)
{
    slice wanted;
    const char *name = arena_print(page->arena, "%s" SUFFIX, file->pack.code);
    slice text = name == NULL ? SLICE_EMPTY : page_field(page, name);
    size_t end = text.length;
    if (text.length == 0 || text.length > REFERENCE_MAXIMUM) return RFD_OK;
    while (end > 0 && text.data[end - 1] != '.') end--;
    if (end == 0) return RFD_OK;
    slice sealed = slice_part(text, 0, end - 1);
    TRY(seal_of(page, file, sealed, &wanted, error));
    file->there = secret_equal(wanted, slice_from(text, end)) && read_parts(page, sealed, file);
    return RFD_OK;
}

/* ---- New files ---- */

/** The last part of a path, for people: some browsers send where the file was. */
static slice plain_name(slice name)
{
    for (size_t i = name.length; i > 0; i--)
        if (name.data[i - 1] == '/' || name.data[i - 1] == '\\') return slice_from(name, i);
    return name;
}

static slice name_for_people(const struct page *page, const struct kept_file *file, slice sent)
{
    slice name = plain_name(sent);
    while (name.length > NAME_MAXIMUM || (name.length > 0 && !text_is_utf8(name))) name.length--;
    return name.length > 0 && text_is_printable(name) ? page_keep(page, name) : slice_text(file->pack.code);
}

/** What is kept of nobody in particular fills a disk: so many megabytes a minute of a network. Who is signed in is
 * known. */
static bool may_keep(struct page *page, size_t size)
{
    if (page->actor.account != 0) return true;
    for (size_t left = size; left > 0; left -= left < MEGABYTE ? left : MEGABYTE)
        if (limit_take(page->web->kept_limit, &page->request->client, page->now) != 0) return false;
    return true;
}

static rfd_status take_new(struct page *page, struct kept_file *file, const struct http_part *part, struct form *form,
                           struct rfd_error *error)
{
    const char *why = NULL;
    struct blob blob;
    TRY(evidence_check(part->body, &file->pack, &why, error));
    if (why != NULL) {
        form_fail(form, file->pack.code, why);
        return RFD_OK;
    }
    if (!may_keep(page, part->body.length)) {
        form_fail(form, file->pack.code,
                  N_("So much came from your network just now that this file has to wait: send it again in a minute"));
        return RFD_OK;
    }
    TRY(page_keep_file(page, part, &blob, error));
    file->file.blob = blob;
    file->file.name = name_for_people(page, file, part->file_name);
    file->there = true;
    return RFD_OK;
}

rfd_status kept_read(struct page *page, struct kept_file *files, size_t count, struct form *form,
                     struct rfd_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const struct http_part *part = form_value(form, files[i].pack.code)->file;
        TRY(read_reference(page, &files[i], error));
        if (part != NULL) TRY(take_new(page, &files[i], part, form, error));
        bool wrong = form_value(form, files[i].pack.code)->error != NULL;
        if (!files[i].there && !wrong && files[i].pack.required)
            form_fail(form, files[i].pack.code, N_("Choose this file"));
    }
    return RFD_OK;
}

rfd_status kept_show(struct page *page, const struct kept_file *files, size_t count, struct rfd_error *error)
{
    struct view *list = view_list(page->view, "kept");
    for (size_t i = 0; i < count; i++) {
        slice reference;
        if (!files[i].there) continue;
        TRY(reference_of(page, &files[i], &reference, error));
        struct view *item = view_item(list);
        view_string(item, "name", arena_print(page->arena, "%s" SUFFIX, files[i].pack.code));
        view_text(item, "value", reference);
    }
    return RFD_OK;
}

size_t kept_files(const struct kept_file *files, size_t count, struct evidence_file out[KEPT_FILES])
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        if (files[i].there) out[used++] = files[i].file;
    return used;
}

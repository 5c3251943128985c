/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was typed, checked by the kind of its field. What is wrong is told beside the field; what was typed stays.
 */
#include "web/form.h"

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"

enum { TEXT_MAXIMUM = 200, LONG_TEXT_MAXIMUM = 4000, MAIL_MAXIMUM = 254, MOBILE_DIGITS = 15, MOBILE_LEAST = 6 };

void form_new(struct form *form, const struct form_field *fields, size_t count)
{
    *form = (struct form){.fields = fields, .count = count < FORM_FIELDS ? count : FORM_FIELDS};
    for (size_t i = 0; i < form->count; i++) form->values[i].day = RFD_TIME_NONE;
}

static size_t find(const struct form *form, const char *name)
{
    size_t i = 0;
    while (i < form->count && strcmp(form->fields[i].name, name) != 0) i++;
    return i;
}

struct form_value *form_value(struct form *form, const char *name)
{
    size_t i = find(form, name);
    /* Asking for a field that the form has not is a fault of the page: an empty one, that nobody else sees. */
    static const struct form_value nothing = {.day = RFD_TIME_NONE};
    if (i == form->count) {
        form->values[FORM_FIELDS - 1] = nothing;
        return &form->values[FORM_FIELDS - 1];
    }
    return &form->values[i];
}

void form_fail(struct form *form, const char *name, const char *message)
{
    size_t i = find(form, name);
    form->wrong = true;
    if (i == form->count) {
        if (form->error == NULL) form->error = message;
    } else if (form->values[i].error == NULL) {
        form->values[i].error = message;
    }
}

void form_faults(struct form *form, const struct faults *faults)
{
    for (unsigned i = 0; i < faults->count; i++) form_fail(form, faults->items[i].field, faults->items[i].message);
}

void form_faults_at(struct form *form, const char *name, const struct faults *faults)
{
    for (unsigned i = 0; i < faults->count; i++) form_fail(form, name, faults->items[i].message);
}

/* ---- Text ---- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static slice trim(slice s)
{
    while (s.length > 0 && is_blank(s.data[0])) s = slice_from(s, 1);
    while (s.length > 0 && is_blank(s.data[s.length - 1])) s.length--;
    return s;
}

/** No control characters; line breaks and tabs in long texts only. */
static bool is_clean(slice s, bool lines)
{
    for (size_t i = 0; i < s.length; i++) {
        uint8_t c = s.data[i];
        if ((c < 0x20 && !(lines && is_blank(c))) || c == 0x7F) return false;
    }
    return true;
}

/** Browsers send line ends as CR LF (HTML §4.10.21.3); kept is LF. Without memory: empty. */
static slice plain_lines(struct arena *a, slice s)
{
    uint8_t *to = arena_allocate(a, s.length + 1);
    size_t used = 0;
    for (size_t i = 0; to != NULL && i < s.length; i++)
        if (s.data[i] != '\r') to[used++] = s.data[i];
    return slice_of(to, used);
}

/** Without the characters that people put in between to read it better. */
static slice without(struct arena *a, slice s, const char *separators)
{
    uint8_t *to = arena_allocate(a, s.length + 1);
    size_t used = 0;
    for (size_t i = 0; to != NULL && i < s.length; i++)
        if (strchr(separators, s.data[i]) == NULL) to[used++] = s.data[i];
    return slice_of(to, used);
}

static size_t maximum_of(const struct form_field *field)
{
    if (field->maximum > 0) return field->maximum;
    return field->kind == FORM_LONG_TEXT ? LONG_TEXT_MAXIMUM : TEXT_MAXIMUM;
}

/* ---- Kinds: each says what is wrong, or NULL ---- */

typedef const char *check(struct page *page, const struct form_field *field, struct form_value *value);

static const char *check_text(struct page *page, const struct form_field *field, struct form_value *value)
{
    (void)page;
    (void)field;
    value->text = trim(value->text);
    return is_clean(value->text, false) ? NULL : N_("This has characters that cannot be used here");
}

static const char *check_long_text(struct page *page, const struct form_field *field, struct form_value *value)
{
    (void)field;
    value->text = plain_lines(page->arena, trim(value->text));
    return is_clean(value->text, true) ? NULL : N_("This has characters that cannot be used here");
}

/** Only what keeps a mail from going anywhere: the rest is for its server to say (RFC 5321 §4.1.2). */
static const char *check_mail(struct page *page, const struct form_field *field, struct form_value *value)
{
    static const char wrong[] = N_("Write an e-mail address such as name@example.org");
    const char *text = check_text(page, field, value);
    slice domain = value->text;
    if (text != NULL || value->text.length == 0) return text;
    slice local = http_cut(&domain, '@');
    bool good = local.length > 0 && domain.length > 2 && value->text.length <= MAIL_MAXIMUM &&
                memchr(domain.data, '@', domain.length) == NULL && memchr(domain.data, '.', domain.length) != NULL &&
                domain.data[0] != '.' && domain.data[domain.length - 1] != '.';
    for (size_t i = 0; i < value->text.length; i++)
        good = good && value->text.data[i] > ' ' && strchr("<>,;:\"()[]\\", value->text.data[i]) == NULL;
    return good ? NULL : wrong;
}

static const char *check_mobile(struct page *page, const struct form_field *field, struct form_value *value)
{
    (void)field;
    value->text = without(page->arena, trim(value->text), " -.()/\t");
    slice digits = slice_starts(value->text, SLICE("+")) ? slice_from(value->text, 1) : value->text;
    bool good = digits.length >= MOBILE_LEAST && digits.length <= MOBILE_DIGITS;
    for (size_t i = 0; i < digits.length; i++) good = good && digits.data[i] >= '0' && digits.data[i] <= '9';
    return good || value->text.length == 0 ? NULL : N_("Write a mobile number such as +51 987 654 321");
}

static const char *check_code(struct page *page, const struct form_field *field, struct form_value *value)
{
    value->text = without(page->arena, value->text, " -\t\r\n");
    return check_text(page, field, value);
}

static const char *check_number(struct page *page, const struct form_field *field, struct form_value *value)
{
    const char *wrong = check_text(page, field, value);
    if (wrong != NULL || value->text.length == 0) return wrong;
    return number_signed(value->text, &value->number) ? NULL : N_("Write a whole number");
}

static bool number_at(slice s, size_t from, size_t length, int *out)
{
    uint64_t number = 0;
    slice part = slice_part(s, from, length);
    if (part.length != length || !number_unsigned(part, 9999, &number)) return false;
    *out = (int)number;
    return true;
}

/** "2026-11-21" of a date field, "21/11/2026" or "1/3/2026" typed where the browser has none. */
static bool read_day(slice s, struct civil *day)
{
    if (s.length == 10 && s.data[4] == '-' && s.data[7] == '-')
        return number_at(s, 0, 4, &day->year) && number_at(s, 5, 2, &day->month) && number_at(s, 8, 2, &day->day);
    slice rest = s;
    slice first = http_cut(&rest, '/');
    slice second = http_cut(&rest, '/');
    return rest.length == 4 && number_at(first, 0, first.length, &day->day) &&
           number_at(second, 0, second.length, &day->month) && number_at(rest, 0, 4, &day->year);
}

static const char *check_day(struct page *page, const struct form_field *field, struct form_value *value)
{
    struct civil day = {0};
    const char *wrong = check_text(page, field, value);
    if (wrong != NULL || value->text.length == 0) return wrong;
    if (read_day(value->text, &day) && moment_of_day(page, &day, &value->day)) return NULL;
    value->day = RFD_TIME_NONE;
    return N_("Write a date such as 21/11/2026");
}

/** Passwords are taken as they come: blanks count. */
static const char *check_password(struct page *page, const struct form_field *field, struct form_value *value)
{
    (void)page;
    (void)field;
    return is_clean(value->text, false) ? NULL : N_("This has characters that cannot be used here");
}

static const struct {
    check *check;
    const char *missing;
} kinds[] = {
    [FORM_TEXT] = {check_text, N_("Fill in this field")},
    [FORM_LONG_TEXT] = {check_long_text, N_("Fill in this field")},
    [FORM_MAIL] = {check_mail, N_("Write an e-mail address")},
    [FORM_MOBILE] = {check_mobile, N_("Write a mobile number")},
    [FORM_PASSWORD] = {check_password, N_("Write the password")},
    [FORM_NEW_PASSWORD] = {check_password, N_("Write the new password")},
    [FORM_CODE] = {check_code, N_("Write the code")},
    [FORM_NUMBER] = {check_number, N_("Write a number")},
    [FORM_DAY] = {check_day, N_("Choose a date")},
    [FORM_CHOICE] = {check_text, N_("Choose one")},
    [FORM_RADIO] = {check_text, N_("Choose one")},
    [FORM_TICK] = {check_text, N_("Tick this box to go on")},
    [FORM_MANY] = {check_text, N_("Choose at least one")},
    [FORM_FILE] = {check_text, N_("Choose a file")},
    [FORM_HIDDEN] = {check_text, N_("Something is missing: open the page again")},
};

/* ---- Reading ---- */

static rfd_status read_many(struct page *page, const char *name, struct form_value *value, struct rfd_error *error)
{
    size_t count = http_field_count(&page->fields, name);
    slice *many = arena_zeroed(page->arena, count == 0 ? 1 : count, sizeof *many);
    if (many == NULL) return arena_failed(page->arena, error);
    if (count > FORM_CHOICES) return error_set(error, RFD_E_LIMIT, "%zu values of one field", count);
    for (size_t i = 0; i < count; i++) many[i] = http_field_get(&page->fields, name, i);
    value->many = many;
    value->many_count = count;
    value->text = count > 0 ? many[0] : SLICE_EMPTY;
    return RFD_OK;
}

/** Browsers send a part without name and content where no file was chosen. */
static void read_file(const struct page *page, const char *name, struct form_value *value)
{
    for (size_t i = 0; i < page->parts.count && value->file == NULL; i++) {
        const struct http_part *part = &page->parts.items[i];
        if (part->file_name.data == NULL || !slice_is(part->name, name)) continue;
        if (part->file_name.length > 0 || part->body.length > 0) value->file = part;
    }
    if (value->file != NULL) value->text = value->file->file_name;
}

static rfd_status read_value(struct page *page, const struct form_field *field, struct form_value *value,
                             struct rfd_error *error)
{
    if (field->kind == FORM_MANY) return read_many(page, field->name, value, error);
    if (field->kind == FORM_FILE) {
        read_file(page, field->name, value);
        return RFD_OK;
    }
    if (http_field_count(&page->fields, field->name) > 1)
        return error_set(error, RFD_E_REQUEST, "the form has %s more than once", field->name);
    value->text = http_field_get(&page->fields, field->name, 0);
    value->ticked = field->kind == FORM_TICK && value->text.length > 0;
    return RFD_OK;
}

static bool is_there(const struct form_field *field, const struct form_value *value)
{
    if (field->kind == FORM_FILE) return value->file != NULL;
    if (field->kind == FORM_MANY) return value->many_count > 0;
    return value->text.length > 0;
}

rfd_status form_read(struct page *page, const struct form_field *fields, size_t count, struct form *out,
                     struct rfd_error *error)
{
    form_new(out, fields, count);
    for (size_t i = 0; i < out->count; i++) {
        const struct form_field *field = &fields[i];
        struct form_value *value = &out->values[i];
        TRY(read_value(page, field, value, error));
        const char *wrong = kinds[field->kind].check(page, field, value);
        if (wrong == NULL && field->required && !is_there(field, value)) wrong = kinds[field->kind].missing;
        if (wrong == NULL && field->kind != FORM_FILE && text_characters(value->text) > maximum_of(field))
            wrong = N_("This is too long");
        if (wrong != NULL) form_fail(out, field->name, wrong);
    }
    return RFD_OK;
}

/* ---- Filling ---- */

void form_set(struct form *form, const char *name, slice text)
{
    form_value(form, name)->text = text;
}

void form_tick(struct form *form, const char *name, bool ticked)
{
    form_value(form, name)->ticked = ticked;
}

void form_set_day(const struct page *page, struct form *form, const char *name, rfd_time day)
{
    struct form_value *value = form_value(form, name);
    value->day = day;
    value->text = moment_iso_day(page, day);
}

bool form_is_chosen(const struct form_value *value, slice choice)
{
    for (size_t i = 0; i < value->many_count; i++)
        if (slice_equal(value->many[i], choice)) return true;
    return value->many_count == 0 && slice_equal(value->text, choice);
}

static bool has_choice(const struct form_choice *choices, size_t count, slice wanted)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(choices[i].value, wanted)) return true;
    return false;
}

void form_choices(struct form *form, const char *name, const struct form_choice *choices, size_t count, bool sent)
{
    struct form_value *value = form_value(form, name);
    value->choices = choices;
    value->choice_count = count < FORM_CHOICES ? count : FORM_CHOICES;
    bool good = value->text.length == 0 || value->many != NULL || has_choice(choices, count, value->text);
    for (size_t i = 0; i < value->many_count; i++) good = good && has_choice(choices, count, value->many[i]);
    if (sent && !good) form_fail(form, name, N_("Choose one of those that are offered"));
}

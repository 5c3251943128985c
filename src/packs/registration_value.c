/* SPDX-License-Identifier: EUPL-1.2 */
#include "packs/registration_value.h"

#include "base/i18n.h"
#include "base/number.h"

enum { NUMBER_MAXIMUM = 100000, REASON_LAST = 9 };

static const struct {
    const char *name, *title;
} catalogues[] = {
#define CATALOGUE(name, english) {name, english},
#include "packs/registration_catalogues.def"
#undef CATALOGUE
};
const struct pack_value_rule pack_value_rules[] = {
#define VALUE(catalogue, name, words, english) {catalogue, name, words, english},
#include "packs/registration_values.def"
#undef VALUE
};
#define COUNT(table) (sizeof(table) / sizeof *(table))
const size_t pack_value_rule_count = COUNT(pack_value_rules);

const char *pack_catalogue_name(size_t n)
{
    return n < COUNT(catalogues) ? catalogues[n].name : NULL;
}

const char *pack_catalogue_title(slice name)
{
    for (size_t i = 0; i < COUNT(catalogues); i++) {
        if (slice_is(name, catalogues[i].name)) return catalogues[i].title;
    }
    return NULL;
}

bool pack_catalogue_is_known(slice name)
{
    return pack_catalogue_title(name) != NULL;
}

static bool is_letter_or_digit(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool pack_code_is_good(slice code)
{
    if (code.length == 0 || code.length > PACK_CODE_MAXIMUM) return false;
    if (!is_letter_or_digit(code.data[0]) || !is_letter_or_digit(code.data[code.length - 1])) return false;
    for (size_t i = 0; i < code.length; i++) {
        if (!is_letter_or_digit(code.data[i]) && code.data[i] != '-') return false;
    }
    return true;
}

/* ---- Reading ---- */

/* The part up to the next `mark`, taken off. */
static slice next_part(slice *rest, char mark)
{
    const uint8_t *end = rest->length == 0 ? NULL : memchr(rest->data, mark, rest->length);
    size_t length = end == NULL ? rest->length : (size_t)(end - rest->data);
    slice part = slice_part(*rest, 0, length);
    *rest = slice_from(*rest, length + 1);
    return part;
}

slice pack_value(slice value, const char *name, bool *said)
{
    *said = false;
    while (value.length > 0) {
        slice text = next_part(&value, ' ');
        slice key = next_part(&text, '=');
        if (!slice_is(key, name)) continue;
        *said = true;
        return text;
    }
    return SLICE_EMPTY;
}

static bool list_has(slice list, slice item)
{
    while (list.length > 0) {
        if (slice_equal(next_part(&list, ','), item)) return true;
    }
    return false;
}

bool pack_value_has(slice value, const char *name, slice item)
{
    bool said;
    return list_has(pack_value(value, name, &said), item);
}

static unsigned number_of(slice value, const char *name)
{
    bool said;
    uint64_t number = 0;
    slice text = pack_value(value, name, &said);
    return said && number_unsigned(text, NUMBER_MAXIMUM, &number) ? (unsigned)number : 0;
}

struct pack_evidence pack_evidence_of(slice value)
{
    bool said;
    bool all = pack_value(value, "types", &said).length == 0;
    return (struct pack_evidence){.code = "",
                                  .online = pack_value_has(value, "for", SLICE("online")),
                                  .agency = pack_value_has(value, "for", SLICE("agency")),
                                  .payment = pack_value_has(value, "for", SLICE("payment")),
                                  .required = pack_value_has(value, "required", SLICE("yes")),
                                  .pdf = all || pack_value_has(value, "types", SLICE("pdf")),
                                  .image = all || pack_value_has(value, "types", SLICE("image")),
                                  .picture = pack_value_has(value, "picture", SLICE("yes")),
                                  .pixels = number_of(value, "pixels"),
                                  .sharpness = number_of(value, "sharpness")};
}

/* ---- Checking ---- */

static const struct pack_value_rule *find_rule(slice catalogue, slice name)
{
    for (size_t i = 0; i < COUNT(pack_value_rules); i++) {
        if (slice_is(catalogue, pack_value_rules[i].catalogue) && slice_is(name, pack_value_rules[i].name))
            return &pack_value_rules[i];
    }
    return NULL;
}

/* Reason codes of RFC 5280 §5.3.1: 7 is not used; 6 and 8 are for lists, not for certificates that end. */
static bool is_number_good(slice name, slice text)
{
    uint64_t number;
    if (!number_unsigned(text, NUMBER_MAXIMUM, &number)) return false;
    if (!slice_is(name, "reason")) return true;
    return number <= REASON_LAST && number != 6 && number != 7 && number != 8;
}

static bool are_words_good(const struct pack_value_rule *rule, slice list)
{
    if (list.length == 0) return false;
    while (list.length > 0) {
        slice item = next_part(&list, ',');
        if (rule->words[0] == '\0' ? !pack_code_is_good(item) : !list_has(slice_text(rule->words), item)) return false;
    }
    return true;
}

static const char *part_wrong(slice catalogue, slice part)
{
    slice text = part;
    slice name = next_part(&text, '=');
    const struct pack_value_rule *rule = find_rule(catalogue, name);
    if (rule == NULL) return N_("One of the settings is none of this catalogue");
    bool good = rule->words[0] == '#' ? is_number_good(name, text) : are_words_good(rule, text);
    return good ? NULL : N_("One of the settings has a value that it cannot have");
}

const char *pack_value_wrong(slice catalogue, slice value, slice *part)
{
    slice rest = value;
    bool said = false;
    *part = value;
    if (value.length > PACK_VALUE_MAXIMUM) return N_("The settings are too long");
    while (rest.length > 0) {
        *part = next_part(&rest, ' ');
        const char *wrong = part->length == 0 ? NULL : part_wrong(catalogue, *part);
        if (wrong != NULL) return wrong;
    }
    if (slice_is(catalogue, "revocation")) (void)pack_value(value, "reason", &said);
    *part = value;
    return said || !slice_is(catalogue, "revocation") ? NULL : N_("Say the reason code, as in reason=5");
}

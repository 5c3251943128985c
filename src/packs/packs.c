/* SPDX-License-Identifier: EUPL-1.2
 *
 * A pack's file becomes, by libcyaml's schema (profile_schema.c), structures of plain values; from each of them a
 * profile is made here, whose strings are the file's. The files stay until the packs are closed.
 */
#include "packs/packs.h"

#include "base/error.h"
#include "base/memory.h"
#include "packs/packs_internal.h"
#include "packs/profile_schema.h"

#include <dirent.h>
#include <sys/stat.h>

#define PROFILES_NAME "profiles.yaml"

enum { PROFILES_MAXIMUM = 512 };

/* ---- Which countries there are ---- */

static bool is_country_folder(const char *path, const char *name)
{
    char file[YAML_PATH_SIZE];
    struct stat about;
    if (name[0] == '.' || strlen(name) >= PACKS_COUNTRY_SIZE) return false;
    int length = snprintf(file, sizeof file, "%s/%s/" PROFILES_NAME, path, name);
    return length > 0 && (size_t)length < sizeof file && stat(file, &about) == 0 && S_ISREG(about.st_mode);
}

static int by_country(const void *a, const void *b)
{
    return strcmp(((const struct country *)a)->name, ((const struct country *)b)->name);
}

static rfd_status list_countries(struct packs *packs, const char *path, struct rfd_error *error)
{
    DIR *folder = opendir(path);
    rfd_status status = RFD_OK;
    if (folder == NULL) return error_set(error, RFD_E_PACK, "%s: no such folder", path);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (!is_country_folder(path, entry->d_name)) continue;
        if (packs->country_count == PACKS_COUNTRIES_MAXIMUM) {
            status = error_set(error, RFD_E_PACK, "%s: more than %d countries", path, PACKS_COUNTRIES_MAXIMUM);
            break;
        }
        struct country *country = &packs->countries[packs->country_count++];
        memcpy(country->name, entry->d_name, strlen(entry->d_name)); /* shorter: is_country_folder() */
    }
    (void)closedir(folder);
    qsort(packs->countries, packs->country_count, sizeof *packs->countries, by_country);
    if (status == RFD_OK && packs->country_count == 0)
        status = error_set(error, RFD_E_PACK, "%s: no country with a " PROFILES_NAME, path);
    return status;
}

static rfd_status read_countries(struct packs *packs, const char *path, size_t *profiles, struct rfd_error *error)
{
    *profiles = 0;
    for (size_t i = 0; i < packs->country_count; i++) {
        struct country *country = &packs->countries[i];
        char file[YAML_PATH_SIZE];
        (void)snprintf(file, sizeof file, "%s/%s/" PROFILES_NAME, path, country->name);
        TRY(yaml_read(file, &profiles_schema, RFD_E_PACK, &country->file, error));
        TRY(packs_read_identity(country, path, error));
        TRY(packs_read_holidays(country, path, error));
        const struct pack_file *content = country->file.data;
        *profiles += content->profile_count;
    }
    if (*profiles > PROFILES_MAXIMUM) return error_set(error, RFD_E_PACK, "%s: %zu profiles", path, *profiles);
    return RFD_OK;
}

/* ---- Profiles ---- */

static int by_name(const void *a, const void *b)
{
    const struct pack_profile *const *one = a;
    const struct pack_profile *const *other = b;
    return strcmp((*one)->profile.name, (*other)->profile.name);
}

static const struct yaml_file *file_of(const struct packs *packs, const struct pack_profile *p)
{
    size_t i = 0;
    while (strcmp(packs->countries[i].name, p->country) != 0) i++;
    return &packs->countries[i].file;
}

static rfd_status check_names(const struct packs *packs, struct rfd_error *error)
{
    for (size_t i = 1; i < packs->count; i++) {
        const struct pack_profile *p = packs->sorted[i];
        if (strcmp(p->profile.name, packs->sorted[i - 1]->profile.name) != 0) continue;
        return yaml_complain(file_of(packs, p), RFD_E_PACK, "name", p->profile.name, error,
                             "there are two profiles of the name %s", p->profile.name);
    }
    return RFD_OK;
}

static rfd_status make_profiles(struct packs *packs, size_t count, struct rfd_error *error)
{
    packs->profiles = memory_zeroed(count, sizeof *packs->profiles);
    packs->sorted = memory_zeroed(count, sizeof *packs->sorted);
    if (packs->profiles == NULL || packs->sorted == NULL) return error_memory(error);
    for (size_t i = 0; i < packs->country_count; i++) {
        const struct country *country = &packs->countries[i];
        const struct pack_file *content = country->file.data;
        for (unsigned n = 0; n < content->profile_count; n++) {
            struct pack_profile *p = &packs->profiles[packs->count];
            TRY(pack_profile_make(&country->file, &content->profiles[n], p, error));
            p->country = country->name;
            packs->sorted[packs->count++] = p;
        }
    }
    qsort(packs->sorted, packs->count, sizeof(const struct pack_profile *), by_name);
    return check_names(packs, error);
}

/* ---- Outside ---- */

rfd_status packs_open(const char *path, struct packs **out, struct rfd_error *error)
{
    struct packs *packs = memory_zeroed(1, sizeof *packs);
    size_t count = 0;
    rfd_status status = RFD_OK;
    if (packs == NULL) return error_memory(error);
    TRY_OUT(list_countries(packs, path, error));
    TRY_OUT(read_countries(packs, path, &count, error));
    TRY_OUT(make_profiles(packs, count, error));
    TRY_OUT(packs_read_registration(packs, path, error));
    *out = packs;
    packs = NULL;
out:
    packs_close(packs);
    return status;
}

void packs_close(struct packs *packs)
{
    if (packs == NULL) return;
    for (size_t i = 0; i < packs->country_count; i++) {
        yaml_dispose(&packs->countries[i].file);
        yaml_dispose(&packs->countries[i].identity);
        yaml_dispose(&packs->countries[i].holidays);
        packs_dispose_registration(&packs->countries[i]);
    }
    memory_free(packs->profiles);
    memory_free(packs->sorted);
    memory_free(packs);
}

const struct pack_profile *packs_profile(const struct packs *packs, slice name)
{
    size_t low = 0;
    size_t high = packs->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(name, slice_text(packs->sorted[middle]->profile.name));
        if (order == 0) return packs->sorted[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const struct pack_profile *const *packs_profiles(const struct packs *packs, size_t *count)
{
    *count = packs->count;
    return packs->sorted;
}

const struct country *packs_country(const struct packs *packs, slice name)
{
    for (size_t i = 0; i < packs->country_count; i++) {
        if (slice_is(name, packs->countries[i].name)) return &packs->countries[i];
    }
    return NULL;
}

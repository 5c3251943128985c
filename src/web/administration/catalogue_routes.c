/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/administration/catalogue.h"

#define ONE   CATALOGUES "/{country}/{catalogue}"
#define ENTRY ONE "/entradas/{code}"

const struct page_route catalogue_routes[] = {
    {HTTP_GET, CATALOGUES, "catalogues", ACTION_CATALOGUE_EDIT, 0, 0, catalogues_show},
    {HTTP_GET, ONE, "catalogue", ACTION_CATALOGUE_EDIT, 0, 0, catalogue_show},
    {HTTP_GET, ONE "/nueva", "catalogue-new", ACTION_CATALOGUE_EDIT, 0, 0, catalogue_new},
    {HTTP_POST, ONE "/nueva", "catalogue-add", ACTION_CATALOGUE_EDIT, 0, 0, catalogue_add},
    {HTTP_GET, ENTRY, "catalogue-entry", ACTION_CATALOGUE_EDIT, 0, 0, catalogue_edit},
    {HTTP_POST, ENTRY, "catalogue-save", ACTION_CATALOGUE_EDIT, 0, 0, catalogue_save},
    {HTTP_GET, ENTRY "/original", "catalogue-reset", ACTION_CATALOGUE_EDIT, 0, 0, catalogue_reset_ask},
    {HTTP_POST, ENTRY "/original", "catalogue-reset-do", ACTION_CATALOGUE_EDIT, 0, 0, catalogue_reset_do},
    {.pattern = NULL},
};

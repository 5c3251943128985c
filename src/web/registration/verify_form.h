/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef WEB_REGISTRATION_VERIFY_FORM_H
#define WEB_REGISTRATION_VERIFY_FORM_H

#include "web/web.h"

#define VERIFY "/verificar"

/* A file of 10 MB, and the form around it. */
enum { VERIFY_MAXIMUM = 12 << 20 };

page_handler verify_form_show, verify_form_send, verify_form_code;

#endif

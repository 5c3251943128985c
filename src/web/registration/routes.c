/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/registration/registration_pages.h"
#include "web/registration/verify_form.h"

/* Nine files of 10 MB, and the form around them. */
enum { REQUEST_MAXIMUM = 96 << 20, KEY_MAXIMUM = 128 << 10 };

#define F      "/firma"
#define PUBLIC ACTION_PUBLIC

const struct page_route applicant_routes[] = {
    {HTTP_GET, F, "signature", PUBLIC, 0, 0, applicant_start},
    {HTTP_GET, F "/solicitud", "signature-ask", PUBLIC, 0, 0, ask_show},
    {HTTP_POST, F "/solicitud", "signature-ask-send", PUBLIC, REQUEST_MAXIMUM, PAGE_SPOOL, ask_send},
    {HTTP_GET, F "/solicitud/recibida", "signature-received", PUBLIC, 0, 0, received_show},
    {HTTP_GET, F "/solicitud/constancia", "signature-receipt", PUBLIC, 0, 0, received_form},
    {HTTP_GET, F "/confirmar", "signature-confirm-again-ask", PUBLIC, 0, 0, confirm_again_show},
    {HTTP_POST, F "/confirmar", "signature-confirm-again", PUBLIC, 0, 0, confirm_again_send},
    {HTTP_GET, F "/confirmar/{token}", "signature-confirm", PUBLIC, 0, 0, confirm_link_show},
    {HTTP_POST, F "/confirmar/{token}", "signature-confirm-send", PUBLIC, 0, 0, confirm_link_send},
    {HTTP_GET, F "/seguimiento", "signature-follow", PUBLIC, 0, 0, follow_show},
    {HTTP_POST, F "/seguimiento", "signature-follow-send", PUBLIC, 0, 0, follow_send},
    {HTTP_POST, F "/seguimiento/respuesta", "signature-answer", PUBLIC, REQUEST_MAXIMUM, PAGE_SPOOL, answer_send},
    {HTTP_POST, F "/seguimiento/salir", "signature-leave", PUBLIC, 0, 0, follow_leave},
    {HTTP_GET, F "/clave/{token}", "signature-key", PUBLIC, 0, 0, key_show},
    {HTTP_POST, F "/clave/{token}", "signature-key-send", PUBLIC, KEY_MAXIMUM, 0, key_send},
    {HTTP_GET, F "/certificado", "signature-join", PUBLIC, 0, 0, join_show},
    {HTTP_POST, F "/certificado", "signature-join-send", PUBLIC, 0, 0, join_send},
    {HTTP_GET, F "/certificado/cadena.pem", "signature-chain", PUBLIC, 0, 0, join_chain},
    {HTTP_GET, VERIFY, "verify-form", PUBLIC, 0, 0, verify_form_show},
    {HTTP_POST, VERIFY, "verify-form-send", PUBLIC, VERIFY_MAXIMUM, PAGE_SPOOL, verify_form_send},
    {HTTP_GET, VERIFY "/{code}", "verify-form-code", PUBLIC, 0, 0, verify_form_code},
    {.pattern = NULL},
};

/* SPDX-License-Identifier: EUPL-1.2
 *
 * The server's settings: one YAML file (refrenda.yaml), read by libcyaml; docs/settings.md is printed from the same
 * descriptions (settings.def). Relative paths are relative to the file's folder. An instance may live in one folder
 * ("home"): refrenda.yaml, keys/, data/, run/.
 */
#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H

#include "base/buf.h"

enum { SETTINGS_LIST = 16, SETTINGS_NAME_SIZE = 41 };

struct settings_list {
    const char *items[SETTINGS_LIST];
    unsigned count;
};
struct settings_token {
    const char *name;     /* of the store that its keys make */
    const char *module;   /* path of the PKCS#11 module */
    const char *token;    /* label */
    const char *pin_file; /* or credential */
    bool network;         /* the module needs the network */
};
/* Strings are never NULL: "" when the file does not say. */
struct settings {
    const char *home;     /* the file's folder */
    const char *database; /* as store_open wants it */
    const char *packs;    /* folder */
    struct {
        const char *folder;             /* stores: "authority", "personal", "signer-0", "signer-1", ... below it */
        const char *passphrase_file;    /* one of these two */
        const char *credential;         /* a file with 32 octets or more, or a name in $CREDENTIALS_DIRECTORY */
        unsigned signers;               /* 0: one a processor */
        const char *seal_key, *log_key; /* names; "seal", "log" */
        struct settings_token tokens[SETTINGS_LIST];
        unsigned token_count;
    } keys;
    struct {
        struct settings_list listen; /* http_address_listen() */
        const char *url;             /* how the world calls it: "http://ca.example" */
        unsigned memory_megabytes;   /* of OCSP answers; 256 */
        unsigned ocsp_hours;         /* an answer holds; 24 */
        bool extended_revoke;
        const char *tsa_key;     /* "" : no time stamps */
        const char *clock;       /* "adjtimex", "chrony", "unchecked" (demonstrations only) */
        unsigned clock_bound_ms; /* 500 */
        struct settings_list proxies;
        unsigned connections; /* 0: 4,096 */
    } status;
    struct {
        struct settings_list listen;
        const char *certificate, *key; /* of TLS: PEM files */
        const char *clients;           /* PEM file with the authorities of registration clients */
        unsigned connections;
    } registration;
    struct {
        struct settings_list listen;
        const char *url; /* "https://firma.example", without "/" at its end */
        const char *name;
        const char *country; /* "pe" */
        const char *zone;    /* "America/Lima" */
        const char *certificate, *key;
        struct settings_list certificate_listen;
        const char *clients;
        struct settings_list proxies;
        unsigned connections, processes;
        unsigned idle_minutes, session_hours;
        unsigned argon_kib, argon_passes;
        unsigned posts_per_minute; /* 0: no limit */
        const char *blobs;
        bool demo;
    } web;
    struct {
        const char *gateway, *user, *password_file, *from;
    } sms;
    struct {
        const char *issuer; /* "": none */
        const char *client_id, *secret_file, *authorities, *scope, *claim, *names, *label;
    } sso;
    struct {
        unsigned reminder_days, escalation_days, denial_days, review_months;
    } access;
    struct {
        const char *authority; /* "": the first on line */
        unsigned link_hours, return_days, resend_days;
        const char *scanner, *tsa_url; /* "": none */
        const char *identity_service;  /* "": none */
        const char *identity_token, *identity_authorities;
    } requests;
    struct {
        const char *algorithm; /* of people's keys */
        unsigned argon_kib, argon_passes;
        unsigned code_seconds, sign_seconds, again_seconds;
        unsigned wrong_passwords, wrong_codes;
        bool mail; /* codes may go by mail */
        unsigned messages;
        unsigned operation_hours;
        bool private_webhooks; /* notices to portals may go into private networks, and to this machine */
        bool explicit;         /* auth/login, and seals by PIN over the CSC API */
        unsigned requests;     /* of a portal to the CSC API, a minute */
    } central;
    struct {
        const char *listen; /* metrics and health of all processes: loopback or Unix socket; "": none */
    } metrics;
    struct {
        const char *server; /* smtp://host:port, smtps://...; "": mails wait */
        const char *user, *password_file;
        const char *authorities; /* PEM file with those that the server's certificate comes from; "": the machine's */
        const char *from;
        const char *operator_mail;
    } mail;
    struct {
        unsigned crl_hours;     /* between thisUpdate and nextUpdate; 24 */
        unsigned overlap_hours; /* made again that long before; 12 */
    } authority;
    struct {
        const char *level, *format; /* "info"; "json" */
        const char *keys;           /* folder with a line for each use of a key; "": in each store */
    } log;
    const char *user; /* that processes become; "": nobody's change */
};

/** RFD_E_SETTINGS names line and field. Free with settings_free. */
rfd_status settings_read(const char *path, struct settings **out, struct rfd_error *error) RFD_MUST_CHECK;
void settings_free(struct settings *settings);

/** What is served: by addresses of the settings, or on sockets that systemd opened. */
struct settings_served {
    bool registration, web, certificates, by_systemd;
};
/** Sockets that somebody else opened ask the same of settings as addresses do. RFD_E_SETTINGS. */
rfd_status settings_check_served(const struct settings *settings, const struct settings_served *served,
                                 struct rfd_error *error) RFD_MUST_CHECK;

/** Appends what is in effect, as YAML that settings_read() takes. */
void settings_print(const struct settings *settings, struct buf *out);
/** Appends docs/settings.md. */
void settings_describe(struct buf *out);

#endif

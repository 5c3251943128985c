-- SPDX-License-Identifier: EUPL-1.2

-- The authorities. Lists never get a number below `crl_floor` (20 octets, big-endian); `journal_position` is how far
-- the keeper's journal has been compared with the register, and `journal_serial` what was there: a keeper
-- that was restored begins a new journal.
CREATE TABLE authority(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  name {text} NOT NULL UNIQUE,
  certificate {bytes} NOT NULL,
  key_name {text} UNIQUE,
  policy {bytes} NOT NULL,
  parent {integer} REFERENCES authority(id),
  ocsp_key {text} NOT NULL,
  ocsp_certificate {bytes} NOT NULL,
  not_before {integer} NOT NULL,
  crl_floor {bytes} NOT NULL,
  journal_position {integer} NOT NULL,
  journal_serial {bytes} NOT NULL
) {strict};

-- What a certificate says; never changed. Rows are appended, and narrow, so that a search can walk them.
CREATE TABLE certificate(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  authority {integer} NOT NULL,
  serial {bytes} NOT NULL,
  profile {text} NOT NULL,
  subject {text} NOT NULL,
  subject_id {text} NOT NULL,
  mail {text} NOT NULL,
  not_before {integer} NOT NULL,
  not_after {integer} NOT NULL,
  issued_at {integer} NOT NULL,
  request {text} NOT NULL,
  client {text} NOT NULL
) {strict};
CREATE INDEX certificate_subject ON certificate(subject_id) WHERE subject_id <> ''; -- sqlite
CREATE INDEX certificate_subject ON certificate(subject_id text_pattern_ops) WHERE subject_id <> ''; -- postgresql

CREATE TABLE certificate_der(
  certificate {integer} PRIMARY KEY,
  der {bytes} NOT NULL
) {strict};

-- What became of it, by serial number: all that OCSP asks for in one place. Serial numbers are random, so that each
-- certificate touches another page of this table: it has no second such index.
CREATE TABLE certificate_status(
  serial {bytes} NOT NULL,
  authority {integer} NOT NULL,
  certificate {integer} NOT NULL,
  state {integer} NOT NULL,
  part {integer} NOT NULL,
  revoked_at {integer},
  reason {integer},
  invalid_since {integer},
  PRIMARY KEY (serial, authority)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
-- What lists are made of, in their order.
CREATE INDEX certificate_revoked ON certificate_status(authority, part, serial, state, revoked_at, reason, invalid_since) WHERE revoked_at IS NOT NULL;

-- Certificates whose end has not come yet, by it.
CREATE TABLE certificate_ending(
  not_after {integer} NOT NULL,
  certificate {integer} NOT NULL,
  PRIMARY KEY (not_after, certificate)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql

-- Public keys that were seen: the first eight octets of SHA-256 of the SubjectPublicKeyInfo; the first certificate with
-- it; and whether the key was lost to somebody.
CREATE TABLE public_key(
  hash {integer} PRIMARY KEY,
  certificate {integer} NOT NULL,
  compromised {boolean} NOT NULL
) {strict};

-- What was asked for under an idempotency key: the first eight octets of SHA-256 of client and key; SHA-256 of the
-- request.
CREATE TABLE issue_request(
  identity {integer} PRIMARY KEY,
  request {bytes} NOT NULL,
  certificate {integer} NOT NULL
) {strict};

-- Changes of certificates' states, numbered without gaps in the order of their commits: who changes the counter, last
-- in his transaction, keeps others from it until he has committed.
CREATE TABLE status_counter(
  id {integer} PRIMARY KEY CHECK (id = 1),
  number {integer} NOT NULL
) {strict};
INSERT INTO status_counter(id, number) VALUES (1, 0);
CREATE TABLE status_change(
  number {integer} PRIMARY KEY,
  authority {integer} NOT NULL,
  part {integer} NOT NULL,
  serial {bytes} NOT NULL,
  state {integer} NOT NULL,
  time {integer} NOT NULL
) {strict};

-- Processes that answer from memory, and which changes they have taken into account.
CREATE TABLE status_node(
  name {text} PRIMARY KEY,
  seen {integer} NOT NULL,
  alive_at {integer} NOT NULL
) {strict};

-- Revocation lists; `change` is the last change of state that is in it. Only with `whole` all its pieces are there.
CREATE TABLE crl(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  authority {integer} NOT NULL REFERENCES authority(id),
  part {integer} NOT NULL,
  delta {boolean} NOT NULL,
  number {bytes} NOT NULL,
  this_update {integer} NOT NULL,
  next_update {integer} NOT NULL,
  change {integer} NOT NULL,
  size {integer} NOT NULL,
  whole {boolean} NOT NULL,
  UNIQUE (authority, part, delta, number)
) {strict};
CREATE TABLE crl_piece(
  crl {integer} NOT NULL REFERENCES crl(id) ON DELETE CASCADE,
  position {integer} NOT NULL,
  bytes {bytes} NOT NULL,
  PRIMARY KEY (crl, position)
) {strict};

-- How far notices of so many days before the end have been put into the outbox: all certificates up to this end, and of
-- those with the same end up to this one.
CREATE TABLE notice(
  days {integer} PRIMARY KEY,
  not_after {integer} NOT NULL,
  certificate {integer} NOT NULL
) {strict};

CREATE TABLE registration_client(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  name {text} NOT NULL UNIQUE,
  certificate_hash {bytes} NOT NULL UNIQUE,
  certificate {bytes} NOT NULL,
  enabled {boolean} NOT NULL
) {strict};

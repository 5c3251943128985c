-- SPDX-License-Identifier: EUPL-1.2

-- Requests of certificates (registration_states.def): on line and at the desk, by agencies, and to revoke. Who a
-- certificate is for is an applicant of the request: an agency's has several, the others one. `unit` is whose agents
-- attend it (NULL: any agent of the entity), `requester` who filed it (NULL: nobody who has an account), `taker` the
-- agent who has it, or had it when it was concluded. `token` is of the form that made it: sent twice, it makes one.
-- `sort_name` is the first applicant's, or the description's. `due`: when the worker looks at it next, NULL: not at all.
-- `counted` and `counted_place`: as what the statistics know it (registration_count); where it is something else by now
-- it is counted anew by the worker.
CREATE TABLE request(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  code {text} NOT NULL UNIQUE,
  token {text} UNIQUE,
  way {text} NOT NULL,
  kind {text} NOT NULL,
  motive {text} NOT NULL,
  description {text} NOT NULL,
  country {text} NOT NULL,
  state {text} NOT NULL,
  entity {integer} NOT NULL REFERENCES entity(id),
  unit {integer} REFERENCES unit(id),
  requester {integer} REFERENCES person(id),
  language {text} NOT NULL,
  in_person {boolean} NOT NULL,
  created {integer} NOT NULL,
  sent {integer},
  taken {integer},
  taker {integer} REFERENCES person(id),
  concluded {integer},
  note {text} NOT NULL,
  external {boolean} NOT NULL,
  due {integer},
  counted {text} NOT NULL DEFAULT '',
  counted_place {integer} NOT NULL DEFAULT 0,
  sort_name {text} NOT NULL DEFAULT ''
) {strict};
CREATE INDEX request_uncounted ON request(id) WHERE counted <> state OR counted_place <> coalesce(unit, -entity);
-- Each way is a table of its own, as it were, so that SQLite, which has no figures, does not take a way for something
-- rare. What lists choose by is in them, so that rows need not be read to be passed over (the way itself, too: SQLite looks
-- at it again).
CREATE INDEX request_online ON request(created, id, unit, entity, state, way) WHERE way = 'online';
CREATE INDEX request_online_name ON request(sort_name, id, unit, entity, state, way) WHERE way = 'online';
CREATE INDEX request_online_state ON request(state, created, id, unit, entity, way) WHERE way = 'online';
CREATE INDEX request_online_state_name ON request(state, sort_name, id, unit, entity, way) WHERE way = 'online';
CREATE INDEX request_agency ON request(created, id, unit, entity, state, way) WHERE way = 'agency';
CREATE INDEX request_agency_state ON request(state, created, id, unit, entity, way) WHERE way = 'agency';
CREATE INDEX request_revocation ON request(created, id, unit, entity, state, way) WHERE way = 'revocation';
CREATE INDEX request_revocation_code ON request(code, id, unit, entity, state, way) WHERE way = 'revocation';
CREATE INDEX request_shared ON request(entity, way, state, created, id, unit) WHERE unit IS NULL;
CREATE INDEX request_unit ON request(unit, way, state, created, id);
CREATE INDEX request_taker ON request(taker, way, state, created, id);
CREATE INDEX request_requester ON request(requester, way, created, id);
CREATE INDEX request_due ON request(due) WHERE due IS NOT NULL;
CREATE INDEX request_concluded ON request(concluded, id) WHERE concluded IS NOT NULL;
CREATE TABLE request_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX request_word_id ON request_word(id, word);

-- The last number of the codes of a series and year, without gaps.
CREATE TABLE request_number(
  series {text} NOT NULL,
  year {integer} NOT NULL,
  number {integer} NOT NULL,
  PRIMARY KEY (series, year)
) {strict};

-- For whom. `spki` and `pkcs10` when the key was made (pkcs10: as it came, its proof of possession was checked):
-- `certificate` the one that came of it, or, of a revocation, that it is about; `renews` the one that it takes over
-- from. `approved`: the signed approval, `attempt` how often there was one: the approval's number is CODE-place-attempt.
CREATE TABLE applicant(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  request {integer} NOT NULL REFERENCES request(id),
  place {integer} NOT NULL,
  person {integer} REFERENCES person(id),
  country {text} NOT NULL,
  document {text} NOT NULL,
  number {text} NOT NULL,
  second_document {text} NOT NULL,
  second_number {text} NOT NULL,
  document_issued {integer},
  given_names {text} NOT NULL,
  surname {text} NOT NULL,
  second_surname {text} NOT NULL,
  mail {text} NOT NULL,
  mobile {text} NOT NULL,
  organisation {text} NOT NULL,
  unit {integer} REFERENCES unit(id),
  post {text} NOT NULL,
  way_of_working {text} NOT NULL,
  locality {text} NOT NULL,
  address {text} NOT NULL,
  installed_at {text} NOT NULL,
  device {text} NOT NULL,
  payment {integer},
  profile {text} NOT NULL,
  central {boolean} NOT NULL,
  spki {bytes} NOT NULL,
  pkcs10 {bytes} NOT NULL,
  approved {bytes} NOT NULL,
  approved_again {bytes} NOT NULL,
  attempt {integer} NOT NULL,
  certificate {integer},
  external_certificate {bytes} NOT NULL,
  external_approval {text} NOT NULL,
  renews {integer},
  installation {text} NOT NULL,
  installation_at {integer},
  installation_phone {text} NOT NULL,
  UNIQUE (request, place)
) {strict};
CREATE INDEX applicant_number ON applicant(number, id);
CREATE INDEX applicant_certificate ON applicant(certificate) WHERE certificate IS NOT NULL;
CREATE INDEX applicant_renews ON applicant(renews) WHERE renews IS NOT NULL;

-- What was handed in: `kind` is the pack's ("identity-front", "proof-of-address", "photograph", "sworn-statement",
-- "signed-form" ...), `blob` its content, `replaced`: not the one in force any more. `scan` is none, waiting, clean or
-- infected; the three marks are the agent's.
CREATE TABLE evidence(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  request {integer} NOT NULL REFERENCES request(id),
  applicant {integer} REFERENCES applicant(id),
  payment {integer},
  kind {text} NOT NULL,
  blob {text} NOT NULL REFERENCES blob(id),
  name {text} NOT NULL,
  type {text} NOT NULL,
  size {integer} NOT NULL,
  added {integer} NOT NULL,
  adder {text} NOT NULL,
  replaced {boolean} NOT NULL,
  scan {text} NOT NULL,
  legible {boolean} NOT NULL,
  complete {boolean} NOT NULL,
  current {boolean} NOT NULL,
  checker {integer} REFERENCES person(id)
) {strict};
CREATE INDEX evidence_request ON evidence(request, id);
CREATE INDEX evidence_blob ON evidence(blob);
CREATE INDEX evidence_waiting ON evidence(id) WHERE scan = 'waiting';

-- Proofs of payment: an operation of a bank pays once.
CREATE TABLE payment(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  request {integer} NOT NULL REFERENCES request(id),
  kind {text} NOT NULL,
  day {integer} NOT NULL,
  operation {text} NOT NULL,
  agency {text} NOT NULL,
  cashier {text} NOT NULL,
  amount {integer} NOT NULL,
  UNIQUE (kind, operation)
) {strict};
CREATE INDEX payment_request ON payment(request);

-- What happened to a request, for its timeline. `public`: its applicant may read the note.
CREATE TABLE request_event(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  request {integer} NOT NULL REFERENCES request(id),
  time {integer} NOT NULL,
  event {text} NOT NULL,
  state {text} NOT NULL,
  person {integer} REFERENCES person(id),
  note {text} NOT NULL,
  public {boolean} NOT NULL
) {strict};
CREATE INDEX request_event_request ON request_event(request, id);

-- Links of mails and of the page that is handed to an applicant, as hashes: `purpose` confirm (of a request), key (of one of
-- its applicants), renew (of a certificate). Each once.
CREATE TABLE request_link(
  hash {bytes} PRIMARY KEY,
  request {integer} REFERENCES request(id),
  applicant {integer} REFERENCES applicant(id),
  certificate {integer},
  purpose {text} NOT NULL,
  made {integer} NOT NULL,
  ends {integer} NOT NULL,
  used {boolean} NOT NULL
) {strict};
CREATE INDEX request_link_request ON request_link(request) WHERE request IS NOT NULL;
CREATE INDEX request_link_certificate ON request_link(certificate) WHERE certificate IS NOT NULL;
CREATE INDEX request_link_ends ON request_link(ends);

-- A revocation: what was signed, by whom, and the receipt's number. `request` is its request (way 'revocation'); of a
-- certificate there is one that was not rejected. It is begun when its request is due, and done with `revoked`. `asker`
-- is who asked, for people; `serial` the certificate's number in hexadecimal; `reason` the catalogue's, `rfc_reason` what
-- that is by RFC 5280 §5.3.1.
CREATE TABLE revocation(
  request {integer} PRIMARY KEY REFERENCES request(id),
  certificate {integer} NOT NULL,
  reason {text} NOT NULL,
  rfc_reason {integer} NOT NULL,
  asker {text} NOT NULL,
  agent {integer} REFERENCES person(id),
  serial {text} NOT NULL,
  signed_text {text} NOT NULL,
  signature {bytes} NOT NULL,
  rejected {boolean} NOT NULL,
  revoked {integer}
) {strict};
CREATE UNIQUE INDEX revocation_certificate ON revocation(certificate) WHERE NOT rejected;

-- Who issued a certificate here, for lists by agent. `state` and `revoked` follow the register's (certificate_status),
-- `counted` is the state in which statistics know it, `way` its request's, `took` the time from the request to the
-- certificate, `serial` its number in hexadecimal.
CREATE TABLE certificate_agent(
  certificate {integer} PRIMARY KEY,
  request {integer} NOT NULL REFERENCES request(id),
  applicant {integer} NOT NULL REFERENCES applicant(id),
  entity {integer} NOT NULL REFERENCES entity(id),
  unit {integer} REFERENCES unit(id),
  agent {integer} NOT NULL REFERENCES person(id),
  issued {integer} NOT NULL,
  revoker {integer} REFERENCES person(id),
  revoked {integer},
  state {integer} NOT NULL DEFAULT 1,
  counted {integer} NOT NULL DEFAULT 0,
  way {text} NOT NULL,
  took {integer} NOT NULL,
  serial {text} NOT NULL,
  number {text} NOT NULL,
  sort_name {text} NOT NULL DEFAULT ''
) {strict};
CREATE INDEX certificate_agent_agent ON certificate_agent(agent, issued, certificate);
CREATE INDEX certificate_agent_agent_name ON certificate_agent(agent, sort_name, certificate);
CREATE INDEX certificate_agent_revoker ON certificate_agent(revoker, revoked, certificate) WHERE revoker IS NOT NULL;
CREATE INDEX certificate_agent_issued ON certificate_agent(issued, certificate);
CREATE INDEX certificate_agent_way ON certificate_agent(way, issued, certificate);
CREATE INDEX certificate_agent_name ON certificate_agent(sort_name, certificate);
CREATE INDEX certificate_agent_valid ON certificate_agent(issued, certificate, unit, entity, state) WHERE state <= 2;
CREATE INDEX certificate_agent_valid_name ON certificate_agent(sort_name, certificate, unit, entity, state) WHERE state <= 2;
CREATE INDEX certificate_agent_revoked ON certificate_agent(revoked, certificate, unit, entity) WHERE revoked IS NOT NULL;
CREATE INDEX certificate_agent_revoked_issued ON certificate_agent(issued, certificate, unit, entity, revoked) WHERE revoked IS NOT NULL;
CREATE INDEX certificate_agent_revoked_name ON certificate_agent(sort_name, certificate, unit, entity, revoked) WHERE revoked IS NOT NULL;
CREATE INDEX certificate_agent_revoked_unit ON certificate_agent(unit, revoked, certificate) WHERE revoked IS NOT NULL;
CREATE INDEX certificate_agent_revoker_name ON certificate_agent(revoker, sort_name, certificate) WHERE revoker IS NOT NULL;
CREATE INDEX certificate_agent_uncounted ON certificate_agent(certificate) WHERE counted <> state;
CREATE INDEX certificate_agent_unit ON certificate_agent(unit, issued, certificate);
CREATE TABLE certificate_agent_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX certificate_agent_word_id ON certificate_agent_word(id, word);

-- How many there are, for the statistics, so that nobody counts a million rows (statistics.c): `kind` is 'request' or
-- 'certificate', `name` the state ('issued'; of certificates '1' to '4'). `place` is the unit, or -entity where there is
-- none; `month` is 202611, of when it was made.
CREATE TABLE registration_count(
  kind {text} NOT NULL,
  way {text} NOT NULL,
  place {integer} NOT NULL,
  month {integer} NOT NULL,
  name {text} NOT NULL,
  number {integer} NOT NULL,
  PRIMARY KEY (kind, way, place, month, name)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX registration_count_month ON registration_count(kind, way, month, name, place, number);

-- What certificates were used for here: signing in, approving, revoking.
CREATE TABLE certificate_use(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  certificate {integer} NOT NULL,
  time {integer} NOT NULL,
  use {text} NOT NULL,
  detail {text} NOT NULL
) {strict};
CREATE INDEX certificate_use_certificate ON certificate_use(certificate, time);

-- What administrators changed of the packs' catalogues (packs/COUNTRY/registration.yaml): one row replaces or adds an
-- entry, or closes it. `value` is the entry as the pack's file writes it.
CREATE TABLE catalogue_entry(
  country {text} NOT NULL,
  catalogue {text} NOT NULL,
  code {text} NOT NULL,
  place {integer} NOT NULL,
  closed {boolean} NOT NULL,
  es {text} NOT NULL,
  ca {text} NOT NULL,
  en {text} NOT NULL,
  value {text} NOT NULL,
  changed {integer} NOT NULL,
  PRIMARY KEY (country, catalogue, code)
) {strict};

-- Printed forms that were sealed: found by the code that stands on them.
CREATE TABLE printed_form(
  code {text} PRIMARY KEY,
  kind {text} NOT NULL,
  request {integer} REFERENCES request(id),
  certificate {integer},
  blob {text} NOT NULL REFERENCES blob(id),
  language {text} NOT NULL,
  made {integer} NOT NULL,
  maker {text} NOT NULL
) {strict};
CREATE UNIQUE INDEX printed_form_of ON printed_form(kind, certificate, language) WHERE certificate IS NOT NULL;
CREATE UNIQUE INDEX printed_form_of_request ON printed_form(kind, request, language) WHERE certificate IS NULL;
CREATE INDEX printed_form_blob ON printed_form(blob);
CREATE INDEX printed_form_request ON printed_form(request);

-- For whose account a program of another system acts (registration_client), beside asking for certificates.
CREATE TABLE registration_client_account(
  client {integer} PRIMARY KEY REFERENCES registration_client(id),
  account {integer} NOT NULL REFERENCES account(id)
) {strict};

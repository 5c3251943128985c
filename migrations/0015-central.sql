-- SPDX-License-Identifier: EUPL-1.2

-- Agents' approvals for keys that are kept centrally: by one, its holder may make keys until it ends. `number` is the
-- approval's (keeper/approval.h), which names request and applicant, `holder` the serialNumber of its certificates.
CREATE TABLE central_enrolment(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  number {text} NOT NULL UNIQUE,
  holder {text} NOT NULL,
  person {integer} REFERENCES person(id),
  profile {text} NOT NULL,
  approval {bytes} NOT NULL,
  approval_again {bytes} NOT NULL,
  time {integer} NOT NULL,
  ends {integer} NOT NULL,
  entered {integer} NOT NULL
) {strict};
CREATE INDEX central_enrolment_holder ON central_enrolment(holder, time, id);

-- Keys that the personal keeper has made: what it attested, so that whoever dies before the certificate is there can be
-- gone on for. `certificate` is the register's, `due`: when the worker tries again, NULL: there is nothing to do. Nothing
-- in here signs.
CREATE TABLE central_key(
  credential {text} PRIMARY KEY,
  enrolment {integer} NOT NULL REFERENCES central_enrolment(id),
  person {integer} NOT NULL REFERENCES person(id),
  spki {bytes} NOT NULL,
  attestation {bytes} NOT NULL,
  signature {bytes} NOT NULL,
  certificate {integer},
  created {integer} NOT NULL,
  due {integer}
) {strict};
CREATE INDEX central_key_due ON central_key(due) WHERE due IS NOT NULL;

-- Who sends people here to sign. `key`: SubjectPublicKeyInfo, hashes are hexadecimal SHA-256 ('': none).
CREATE TABLE portal(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  entity {integer} NOT NULL REFERENCES entity(id),
  name {text} NOT NULL,
  client {text} NOT NULL UNIQUE,
  key {bytes} NOT NULL,
  certificate_hash {text} NOT NULL,
  secret_hash {text} NOT NULL,
  webhook {text} NOT NULL,
  quota {integer} NOT NULL,
  closed {boolean} NOT NULL,
  created {integer} NOT NULL
) {strict};
CREATE INDEX portal_name ON portal(name, id);
CREATE TABLE portal_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX portal_word_id ON portal_word(id, word);

-- Where its people may be sent back to: exactly these addresses.
CREATE TABLE portal_return(
  portal {integer} NOT NULL REFERENCES portal(id),
  place {integer} NOT NULL,
  address {text} NOT NULL,
  PRIMARY KEY (portal, place)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql

-- Documents to be signed by one person. `token` is that of the address. `operation` and `text` are of the authorisation
-- that was begun last with the personal keeper (personal/operation.h). `busy`: somebody is at signing, until then.
-- `failure` what its last try ended with. `statement` is the portal's own signature of what it wants signed.
CREATE TABLE signing(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  token {text} NOT NULL UNIQUE,
  portal {integer} REFERENCES portal(id),
  account {integer} REFERENCES account(id),
  person {integer} REFERENCES person(id),
  holder {text} NOT NULL,
  purpose {text} NOT NULL,
  reference {text} NOT NULL,
  state {text} NOT NULL,
  level {integer} NOT NULL,
  visible {boolean} NOT NULL,
  page {text} NOT NULL,
  reason {text} NOT NULL,
  location {text} NOT NULL,
  return_address {text} NOT NULL,
  error_address {text} NOT NULL,
  statement {text} NOT NULL,
  credential {text} NOT NULL,
  certificate {integer},
  operation {bytes} NOT NULL,
  operation_text {text} NOT NULL,
  busy {integer},
  failure {text} NOT NULL,
  created {integer} NOT NULL,
  ends {integer} NOT NULL,
  concluded {integer}
) {strict};
CREATE INDEX signing_person ON signing(person, created, id);
CREATE INDEX signing_portal ON signing(portal, created, id);
CREATE INDEX signing_open ON signing(ends) WHERE state IN ('waiting', 'prepared');

-- `blob` is what was handed in and shown, `result` what came of it. `prepared` is the file of the spool that waits for its
-- signature, `session` what is to be signed of it (include/refrenda/sign.h). `failure`: the name of what went wrong.
CREATE TABLE signing_document(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  signing {integer} NOT NULL REFERENCES signing(id),
  place {integer} NOT NULL,
  title {text} NOT NULL,
  blob {text} NOT NULL REFERENCES blob(id),
  size {integer} NOT NULL,
  pages {integer} NOT NULL,
  result {text} REFERENCES blob(id),
  failure {text} NOT NULL,
  prepared {text} NOT NULL,
  session {text} NOT NULL,
  UNIQUE (signing, place)
) {strict};
CREATE INDEX signing_document_blob ON signing_document(blob);
CREATE INDEX signing_document_result ON signing_document(result) WHERE result IS NOT NULL;

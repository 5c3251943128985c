-- SPDX-License-Identifier: EUPL-1.2

-- When the account proved who it is, by a password or anything else: what programs with single sign-on are told.
ALTER TABLE session ADD COLUMN signed_in {integer};

-- An OpenID provider that people may sign in with, as the worker found it last: its metadata and its keys, both JSON.
CREATE TABLE provider(
  issuer {text} PRIMARY KEY,
  metadata {text} NOT NULL,
  keys {text} NOT NULL,
  fetched {integer} NOT NULL
) {strict};

-- Who is on the way to that provider and back, by the SHA-256 of the request's `state`. `stage` is begun (sent there),
-- asked (came back with `code`), working (a worker redeems it), done (`holder` is whom the provider named) or failed.
CREATE TABLE provider_visit(
  hash {bytes} PRIMARY KEY,
  session {integer} NOT NULL,
  nonce {text} NOT NULL,
  verifier {text} NOT NULL,
  back {text} NOT NULL,
  stage {text} NOT NULL,
  code {text} NOT NULL,
  holder {text} NOT NULL,
  ends {integer} NOT NULL
) {strict};
CREATE INDEX provider_visit_session ON provider_visit(session);
CREATE INDEX provider_visit_asked ON provider_visit(ends) WHERE stage = 'asked';
CREATE INDEX provider_visit_ends ON provider_visit(ends);

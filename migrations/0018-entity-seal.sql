-- SPDX-License-Identifier: EUPL-1.2

-- Enrolments of seals: the entity that the seal is of; `person` is who answers for it. NULL: the enrolment is a person's.
ALTER TABLE central_enrolment ADD COLUMN entity {integer} REFERENCES entity(id);
CREATE INDEX central_enrolment_person ON central_enrolment(person, holder, time, id);

-- Which portal may have which entity's seal sign, without a person: until `ends` (NULL: no end), `daily` signatures a day
-- (0: no limit). `used` of them were on `day` (days since 1970, UTC). One of each portal and seal is in force.
CREATE TABLE seal_grant(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  portal {integer} NOT NULL REFERENCES portal(id),
  entity {integer} NOT NULL REFERENCES entity(id),
  credential {text} NOT NULL REFERENCES central_key(credential),
  holder {text} NOT NULL,
  daily {integer} NOT NULL,
  ends {integer},
  day {integer} NOT NULL,
  used {integer} NOT NULL,
  created {integer} NOT NULL,
  withdrawn {integer}
) {strict};
CREATE UNIQUE INDEX seal_grant_one ON seal_grant(portal, credential) WHERE withdrawn IS NULL;
CREATE INDEX seal_grant_portal ON seal_grant(portal, created, id);
CREATE INDEX seal_grant_credential ON seal_grant(credential, created, id);

-- What agents are asked to approve: that an entity has a seal here, and who answers for it. `text` is the approval's
-- (keeper/approval.h), the same for each; `basis` the document that says who answers for it. `enrolment`: what became of
-- it; `concluded`: when, or when it was withdrawn.
CREATE TABLE seal_order(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  entity {integer} NOT NULL REFERENCES entity(id),
  person {integer} NOT NULL REFERENCES person(id),
  number {text} NOT NULL UNIQUE,
  profile {text} NOT NULL,
  basis {text} NOT NULL,
  text {text} NOT NULL,
  agent {integer} REFERENCES person(id),
  signed {bytes} NOT NULL,
  created {integer} NOT NULL,
  enrolment {integer} REFERENCES central_enrolment(id),
  concluded {integer}
) {strict};
CREATE INDEX seal_order_entity ON seal_order(entity, created, id);

-- SPDX-License-Identifier: EUPL-1.2

-- Who is what, where, from `starts` (its first instant) to `ends` (the first instant after; NULL: open). `entity` and
-- `unit` NULL: everywhere. `home` is the unit whose head answers for it: the unit itself, or of a role that is held
-- everywhere the one that asked. Rows are never deleted. `told`: its end was told to the person, or was not to be told.
-- `sort_name` is the person's, as it was.
CREATE TABLE role_assignment(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  person {integer} NOT NULL REFERENCES person(id),
  role {text} NOT NULL,
  entity {integer} REFERENCES entity(id),
  unit {integer} REFERENCES unit(id),
  home {integer} REFERENCES unit(id),
  starts {integer} NOT NULL,
  ends {integer},
  request {integer},
  giver {text} NOT NULL,
  ender {text} NOT NULL,
  end_reason {text} NOT NULL,
  end_request {integer},
  sort_name {text} NOT NULL,
  told {boolean} NOT NULL
) {strict};
CREATE INDEX role_assignment_person ON role_assignment(person, starts);
CREATE INDEX role_assignment_unit ON role_assignment(unit, role);
CREATE INDEX role_assignment_home ON role_assignment(home, starts);
CREATE INDEX role_assignment_starts ON role_assignment(starts, id);
CREATE INDEX role_assignment_sort ON role_assignment(sort_name, id);
CREATE INDEX role_assignment_role ON role_assignment(role, id);
CREATE INDEX role_assignment_ending ON role_assignment(ends) WHERE NOT told AND ends IS NOT NULL;
CREATE TABLE role_assignment_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX role_assignment_word_id ON role_assignment_word(id, word);

-- Whoever changes a person's roles adds one, so that two who do so at once come one after the other and the second sees
-- what conflicts with the first.
CREATE TABLE role_person(
  person {integer} PRIMARY KEY REFERENCES person(id),
  changes {integer} NOT NULL
) {strict};

-- Requests of roles (access_states.def). `tray` is the unit whose head decides now, NULL: the certification department
-- (`agent`). `token` is of the form that made it: sent twice, it makes one. `remind`, `escalate` and `deny` are when the worker does so next, NULL: not at all.
CREATE TABLE access_request(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  code {text} UNIQUE,
  token {text} UNIQUE,
  state {text} NOT NULL,
  requester {integer} NOT NULL REFERENCES person(id),
  subject {integer} NOT NULL REFERENCES person(id),
  entity {integer} NOT NULL REFERENCES entity(id),
  unit {integer} NOT NULL REFERENCES unit(id),
  reason {text} NOT NULL,
  decision {text} NOT NULL,
  created {integer} NOT NULL,
  sent {integer},
  decided {integer},
  approver {integer} REFERENCES person(id),
  agent {boolean} NOT NULL,
  tray {integer} REFERENCES unit(id),
  escalated {integer} NOT NULL,
  remind {integer},
  escalate {integer},
  deny {integer},
  letter {text} NOT NULL,
  signed_text {text} NOT NULL,
  signature {bytes} NOT NULL
) {strict};
-- With unit and entity, what an asker may see is known without looking at the rows.
CREATE INDEX access_request_requester ON access_request(requester, created, id, unit, entity);
CREATE INDEX access_request_state ON access_request(requester, state, created, id, unit, entity);
CREATE INDEX access_request_subject ON access_request(subject, created, id);
CREATE INDEX access_request_unit ON access_request(unit, created, id);
CREATE INDEX access_request_created ON access_request(created, id);
CREATE INDEX access_request_sent ON access_request(sent, id);
CREATE INDEX access_request_tray ON access_request(tray, sent, id) WHERE state = 'sent';
CREATE INDEX access_request_agent ON access_request(entity, sent, id) WHERE state = 'sent' AND agent;
CREATE INDEX access_request_remind ON access_request(remind) WHERE state = 'sent';
CREATE INDEX access_request_escalate ON access_request(escalate) WHERE state = 'sent';
CREATE INDEX access_request_deny ON access_request(deny) WHERE state = 'sent';
CREATE TABLE access_request_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX access_request_word_id ON access_request_word(id, word);

-- What is asked for: roles to add, and assignments to end. `starts` NULL: at once.
CREATE TABLE access_line(
  request {integer} NOT NULL REFERENCES access_request(id),
  place {integer} NOT NULL,
  withdraw {boolean} NOT NULL,
  role {text} NOT NULL,
  unit {integer} REFERENCES unit(id),
  starts {integer},
  ends {integer},
  assignment {integer} REFERENCES role_assignment(id),
  PRIMARY KEY (request, place)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql

-- What happened to a request, for its timeline.
CREATE TABLE access_event(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  request {integer} NOT NULL REFERENCES access_request(id),
  time {integer} NOT NULL,
  event {text} NOT NULL,
  person {integer} REFERENCES person(id),
  note {text} NOT NULL
) {strict};
CREATE INDEX access_event_request ON access_event(request, id);

-- The last number of the codes of a year, without gaps: who changes it keeps others from it until he has committed.
CREATE TABLE access_number(
  year {integer} PRIMARY KEY,
  number {integer} NOT NULL
) {strict};

-- Since when the roles of a unit's people have not been confirmed: the last review, or the first role.
CREATE TABLE access_review_unit(
  unit {integer} PRIMARY KEY REFERENCES unit(id),
  since {integer} NOT NULL
) {strict};
CREATE INDEX access_review_unit_since ON access_review_unit(since);
-- An assignment to be kept or ended: `state` is open, kept, ended, or over (it ended by itself). `remind`: when the
-- head is reminded next.
CREATE TABLE access_review(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  assignment {integer} NOT NULL REFERENCES role_assignment(id),
  person {integer} NOT NULL REFERENCES person(id),
  unit {integer} NOT NULL REFERENCES unit(id),
  tray {integer} NOT NULL REFERENCES unit(id),
  state {text} NOT NULL,
  opened {integer} NOT NULL,
  until {integer} NOT NULL,
  remind {integer} NOT NULL,
  decided {integer},
  decider {integer} REFERENCES person(id),
  sort_name {text} NOT NULL
) {strict};
CREATE UNIQUE INDEX access_review_open ON access_review(assignment) WHERE state = 'open';
CREATE INDEX access_review_tray ON access_review(tray, sort_name, id) WHERE state = 'open';
CREATE INDEX access_review_remind ON access_review(remind) WHERE state = 'open';
CREATE INDEX access_review_sort ON access_review(sort_name, id);
CREATE INDEX access_review_opened ON access_review(opened, id);

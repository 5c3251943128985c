-- SPDX-License-Identifier: EUPL-1.2

-- Lists of what is one agent's, and of what was asked for in person: walked by indexes of their own, in each order, which
-- hold what scopes ask for, so that rows need not be read to be passed over.
DROP INDEX request_taker;
CREATE INDEX request_taker ON request(taker, way, state, created, id, unit, entity);
CREATE INDEX request_taker_created ON request(taker, way, created, id, unit, entity, state);
CREATE INDEX request_taker_name ON request(taker, way, sort_name, id, unit, entity, state);
CREATE INDEX request_in_person ON request(in_person, created, id, unit, entity, state, way) WHERE way = 'online';
CREATE INDEX request_in_person_name ON request(in_person, sort_name, id, unit, entity, state, way) WHERE way = 'online';
DROP INDEX request_requester;
CREATE INDEX request_requester ON request(requester, way, created, id, unit, entity, state);

DROP INDEX certificate_agent_agent;
DROP INDEX certificate_agent_agent_name;
CREATE INDEX certificate_agent_agent ON certificate_agent(agent, issued, certificate, unit, entity);
CREATE INDEX certificate_agent_agent_name ON certificate_agent(agent, sort_name, certificate, unit, entity);
DROP INDEX certificate_agent_revoker;
DROP INDEX certificate_agent_revoker_name;
CREATE INDEX certificate_agent_revoker ON certificate_agent(revoker, revoked, certificate, unit, entity) WHERE revoker IS NOT NULL;
CREATE INDEX certificate_agent_revoker_issued ON certificate_agent(revoker, issued, certificate, unit, entity) WHERE revoker IS NOT NULL;
CREATE INDEX certificate_agent_revoker_name ON certificate_agent(revoker, sort_name, certificate, unit, entity) WHERE revoker IS NOT NULL;

// SPDX-License-Identifier: EUPL-1.2
// What the page needs to know of an X.509 certificate (RFC 5280 §4.1): whose, from when to when, which key, who issued
// it. It verifies nothing: that is the server's work.

import { TAG, context, expect, inside, read, readOid, readTime, stringOctets } from './der.js';

const COMMON_NAME = '2.5.4.3';
const BASIC_CONSTRAINTS = '2.5.29.19';

function text(element) {
  if (element.tag !== TAG.BMP) return new TextDecoder(element.tag === TAG.UTF8 ? 'utf-8' : 'latin1').decode(element.content);
  return new TextDecoder('utf-16be').decode(element.content);
}

function commonName(name) {
  for (const relative of inside(name)) {
    for (const attribute of inside(relative)) {
      const [type, value] = inside(attribute);
      if (readOid(type) === COMMON_NAME) return text(value);
    }
  }
  return '';
}

/** Whether basicConstraints says that it is an authority's (RFC 5280 §4.2.1.9). */
function isAuthority(fields) {
  const wrapped = fields.find((field) => field.tag === context(3));
  if (!wrapped) return false;
  for (const extension of inside(inside(wrapped)[0])) {
    const parts = inside(extension);
    if (readOid(parts[0]) !== BASIC_CONSTRAINTS) continue;
    const [flag] = inside(expect(read(stringOctets(parts.at(-1))), TAG.SEQUENCE));
    return flag?.tag === TAG.BOOLEAN && flag.content[0] !== 0;
  }
  return false;
}

export function readCertificate(der) {
  const [body] = inside(expect(read(der), TAG.SEQUENCE));
  const fields = inside(body);
  if (fields[0].tag === context(0)) fields.shift(); // the version
  const [serial, , issuer, validity, subject, publicKey] = fields;
  const [from, to] = inside(validity).map(readTime);
  const [algorithm] = inside(inside(publicKey)[0]);
  return {
    der,
    serial: expect(serial, TAG.INTEGER).whole,
    issuer: issuer.whole,
    from,
    to,
    name: commonName(subject),
    publicKey: publicKey.whole,
    keyType: readOid(algorithm),
    authority: isAuthority(fields),
  };
}

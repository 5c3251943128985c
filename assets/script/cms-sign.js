// SPDX-License-Identifier: EUPL-1.2
// A CMS SignedData (RFC 5652 §5) around a text, signed in the page with an opened certificate: what an approver signs is in it.

import { context, nothing, octetString, oid, sequence, setOf, time, write } from './der.js';

const OID = {
  data: oid('1.2.840.113549.1.7.1'),
  signedData: oid('1.2.840.113549.1.7.2'),
  contentType: oid('1.2.840.113549.1.9.3'),
  messageDigest: oid('1.2.840.113549.1.9.4'),
  signingTime: oid('1.2.840.113549.1.9.5'),
  signingCertificateV2: oid('1.2.840.113549.1.9.16.2.47'),
  sha256: oid('2.16.840.1.101.3.4.2.1'),
  rsa: oid('1.2.840.113549.1.1.1'),
  ecdsaWithSha256: oid('1.2.840.10045.4.3.2'),
};
const VERSION_1 = Uint8Array.of(2, 1, 1);
const SHA256 = sequence(OID.sha256); // without parameters (RFC 5754 §2)

async function sha256(octets) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', octets));
}

const attribute = (type, value) => sequence(type, setOf(value));

/** SigningCertificateV2: one ESSCertIDv2 with its default, SHA-256, left out; issuer and serial beside it (RFC 5035 §4). */
export async function signingCertificate(certificate) {
  const issuerSerial = sequence(sequence(write(context(4), certificate.issuer)), certificate.serial);
  const entry = sequence(octetString(await sha256(certificate.der)), issuerSerial);
  return sequence(sequence(entry));
}

async function signedAttributes(certificate, content, now) {
  return [
    attribute(OID.contentType, OID.data),
    attribute(OID.messageDigest, octetString(await sha256(content))),
    attribute(OID.signingTime, time(now)),
    attribute(OID.signingCertificateV2, await signingCertificate(certificate)),
  ];
}

/** DER of the ContentInfo. `opened`: an OpenedCertificate; `text` is signed as UTF-8, byte by byte. */
export async function cmsSign(opened, text, now = new Date()) {
  const { certificate } = opened;
  const content = new TextEncoder().encode(text);
  const set = setOf(...(await signedAttributes(certificate, content, now)));
  const signature = await opened.sign(set); // the signature is over SET OF, not over [0] (RFC 5652 §5.4)
  const implicit = set.slice();
  implicit[0] = context(0);
  const signer = sequence(
    VERSION_1,
    sequence(certificate.issuer, certificate.serial),
    SHA256,
    implicit,
    opened.algorithm === 'ECDSA' ? sequence(OID.ecdsaWithSha256) : sequence(OID.rsa, nothing()),
    octetString(signature),
  );
  const signedData = sequence(
    VERSION_1,
    setOf(SHA256),
    sequence(OID.data, write(context(0), octetString(content))),
    write(context(0), certificate.der),
    setOf(signer),
  );
  return sequence(OID.signedData, write(context(0), signedData));
}

// SPDX-License-Identifier: EUPL-1.2
// 3DES and RC2, which WebCrypto rightly lacks and old certificate files have. Loaded only for those.

import forge from 'node-forge/lib/forge.js';
import 'node-forge/lib/des.js';
import 'node-forge/lib/rc2.js';

function toBinary(octets) {
  return Array.from(octets, (octet) => String.fromCharCode(octet)).join('');
}

/** CBC with padding; null when the padding is wrong. */
export function decrypt(cipher, key, iv, encrypted) {
  const machine = cipher === 'RC2'
    ? forge.rc2.createDecryptionCipher(toBinary(key), key.length * 8)
    : forge.cipher.createDecipher('3DES-CBC', toBinary(key));
  if (cipher === 'RC2') machine.start(toBinary(iv));
  else machine.start({ iv: toBinary(iv) });
  machine.update(forge.util.createBuffer(toBinary(encrypted)));
  if (!machine.finish()) return null;
  return Uint8Array.from(machine.output.getBytes(), (letter) => letter.charCodeAt(0));
}

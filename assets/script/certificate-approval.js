// SPDX-License-Identifier: EUPL-1.2
// Approving with a signature: each text that the page shows is signed with the person's certificate (CMS), and only the
// signatures are sent. A form without such texts, or a button that says data-unsigned (to reject), is sent as it is.

import { CertificateForm } from './certificate-form.js';
import { cmsSign } from './cms-sign.js';
import { toBase64 } from './encoding.js';
import { whileBusy } from './page.js';

async function sign(page, fields) {
  const opened = await page.open();
  page.say('signing');
  for (const field of fields) field.value = toBase64(await cmsSign(opened, field.dataset.signText));
  page.forget();
  page.say('sending');
}

function wanted(form) {
  return [...form.querySelectorAll('input[data-sign-text]')].filter((field) => !field.disabled);
}

export default function certificateApproval(form) {
  const page = new CertificateForm(form);
  let signed = false;
  form.addEventListener('submit', (event) => {
    const fields = wanted(form);
    if (signed || fields.length === 0 || event.submitter?.hasAttribute('data-unsigned')) return;
    event.preventDefault();
    const by = event.submitter;
    whileBusy(form, () => sign(page, fields))
      .then(() => {
        signed = true;
        form.requestSubmit(by);
      })
      .catch((cause) => page.complain(cause));
  });
}

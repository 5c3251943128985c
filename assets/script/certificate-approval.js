// SPDX-License-Identifier: EUPL-1.2
// Approving with a signature: each text that the page shows is signed with the person's certificate (CMS), and only the
// signatures are sent. A form without such texts, a button that says data-unsigned (to reject), or a signature made elsewhere and
// attached: sent as it is.

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

function isAttached(form) {
  return [...form.querySelectorAll('input[type="file"][name]')].some((input) => input.files.length > 0);
}

export default function certificateApproval(form) {
  const page = new CertificateForm(form);
  let signed = false;
  form.addEventListener('submit', (event) => {
    const fields = wanted(form);
    if (signed || fields.length === 0 || event.submitter?.hasAttribute('data-unsigned')) return;
    if (isAttached(form) && !page.hasFile) return;
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

// SPDX-License-Identifier: EUPL-1.2
// Gives the person a file that was made in the page.

const MINUTE = 60_000;

export function download(name, type, ...parts) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.download = name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), MINUTE); // browsers read it a little later
}

// SPDX-License-Identifier: EUPL-1.2
// The menu beside the page is never taller than the window, and scrolls by itself: the page that one is on is in sight.

export default function menu(nav) {
  const current = nav.querySelector('[aria-current="page"]');
  if (!current) return;
  const below = current.getBoundingClientRect().bottom - nav.getBoundingClientRect().bottom;
  if (below > 0) nav.scrollTop += below + nav.clientHeight / 3;
}

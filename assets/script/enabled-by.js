// SPDX-License-Identifier: EUPL-1.2
// A button that works only when a box of its form is ticked (data-enabled-by: the box's name). Without script the server asks.

export default function enabledBy(button) {
  const box = button.form.elements[button.dataset.enabledBy];
  const follow = () => {
    button.disabled = !box.checked;
  };
  box.addEventListener('change', follow);
  follow();
}

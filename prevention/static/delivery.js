// The register: one button that answers every activity at once. Without it, each is tapped by itself.
//   data-choose-all="full"   chooses this value in every group of the form, where nothing is chosen yet
"use strict";

for (const button of document.querySelectorAll("[data-choose-all]")) {
  button.parentElement.hidden = false;
  button.addEventListener("click", () => {
    const form = button.closest("form");
    const wanted = form.querySelectorAll(`input[type=radio][value="${CSS.escape(button.dataset.chooseAll)}"]`);
    for (const radio of wanted) {
      if (!form.querySelector(`input[name="${CSS.escape(radio.name)}"]:checked`)) {
        radio.checked = true;
      }
    }
  });
}

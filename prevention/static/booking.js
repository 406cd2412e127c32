// Writes the usual number of pupils of the chosen class into the field, as long as nobody typed another one.
"use strict";

for (const form of document.querySelectorAll("[data-pupils-of]")) {
  const usual = JSON.parse(form.dataset.pupilsOf);
  const choice = form.querySelector("[name=school_class]");
  const field = form.querySelector("[name=pupils]");
  let written = "";

  const fill = () => {
    if (field.value === "" || field.value === written) {
      written = field.value = String(usual[choice.value] || "");
    }
  };

  choice.addEventListener("change", fill);
  fill();
}

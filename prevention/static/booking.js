// Writes the usual number of pupils of the chosen class into the field, as long as nobody typed another one.
"use strict";

for (const form of document.querySelectorAll("[data-pupils-of]")) {
  const usual = JSON.parse(form.dataset.pupilsOf);
  const field = form.querySelector("[name=pupils]");
  let written = "";

  const fill = () => {
    const chosen = form.querySelector("[name=school_class]:checked");
    if (chosen && (field.value === "" || field.value === written)) {
      written = field.value = String(usual[chosen.value] || "");
    }
  };

  form.addEventListener("change", (event) => {
    if (event.target.name === "school_class") fill();
  });
  fill();
}

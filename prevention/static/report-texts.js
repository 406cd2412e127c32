/* Saves the office's texts while one writes: a little after the last letter, once at a time, under the version that the
   page began with. Without script the button saves. */
(() => {
  "use strict";

  const QUIET_MS = 1500;
  const RETRY_MS = 8000;

  const follow = (box) => {
    const form = box.querySelector("form");
    const version = form.querySelector('[name="version"]');
    const said = box.querySelector("[data-saved]");
    let timer = 0;
    let isSaving = false;
    let isDirty = false;

    const save = async () => {
      if (isSaving) return;
      isSaving = true;
      isDirty = false;
      try {
        const answer = await fetch(form.action || window.location.href, {
          method: "POST",
          body: new FormData(form),
          headers: { Accept: "application/json" },
          redirect: "error",
        });
        const told = await answer.json();
        if (answer.ok) {
          version.value = told.version;
          said.textContent = told.words;
        } else {
          said.textContent = told.refused;
        }
      } catch {
        said.textContent = box.dataset.failed;
        isDirty = true;
        timer = window.setTimeout(save, RETRY_MS);
      }
      isSaving = false;
      if (isDirty && !timer) timer = window.setTimeout(save, QUIET_MS);
    };

    form.addEventListener("input", () => {
      isDirty = true;
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        timer = 0;
        save();
      }, QUIET_MS);
    });
  };

  document.querySelectorAll("[data-autosave]").forEach(follow);
})();

/* Follows a report that is being made: asks how far it is and reloads the page once it is over.
   Without script the page reloads itself (see the template). */
(() => {
  "use strict";

  const EVERY_MS = 2000;
  // After this many answers in a row that did not come, the page says nothing and tries more slowly.
  const SLOW_AFTER = 3;
  const SLOW_MS = 15000;

  const follow = (box) => {
    const bar = box.querySelector("progress");
    const words = bar.nextElementSibling;
    const left = box.querySelector("[data-left]");
    let failures = 0;

    const ask = async () => {
      try {
        const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" }, redirect: "error" });
        if (!answer.ok) throw new Error(String(answer.status));
        const state = await answer.json();
        failures = 0;
        if (state.is_over) {
          window.location.reload();
          return;
        }
        bar.value = state.done;
        bar.setAttribute("aria-label", state.step);
        words.textContent = state.step;
        if (left.textContent !== state.left) left.textContent = state.left;
      } catch {
        failures += 1;
      }
      window.setTimeout(ask, failures > SLOW_AFTER ? SLOW_MS : EVERY_MS);
    };

    window.setTimeout(ask, EVERY_MS);
  };

  document.querySelectorAll("[data-progress]").forEach(follow);
})();

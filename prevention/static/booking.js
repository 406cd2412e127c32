// Opens what belongs to a class when it is ticked, so that its numbers are seen before they are sent.
"use strict";

for (const party of document.querySelectorAll(".party")) {
  const tick = party.querySelector("input[type=checkbox]");
  const people = party.querySelector("details");

  tick.addEventListener("change", () => {
    people.open = tick.checked;
  });
}

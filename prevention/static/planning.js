// Dragging a date to another day opens the same page that its link "Move to…" opens, with the day filled in: the
// hour is chosen there, and without script or mouse nothing is missing.
"use strict";

for (const days of document.querySelectorAll("[data-plan-days]")) {
  let dragged = null;

  for (const card of days.querySelectorAll("[data-move]")) {
    card.draggable = true;
    card.addEventListener("dragstart", (event) => {
      dragged = card;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", card.id);
    });
    card.addEventListener("dragend", () => {
      dragged = null;
    });
  }

  for (const day of days.querySelectorAll("[data-day]")) {
    day.addEventListener("dragover", (event) => {
      if (dragged === null || day.contains(dragged)) return;
      event.preventDefault();
      day.classList.add("is-target");
    });
    day.addEventListener("dragleave", () => day.classList.remove("is-target"));
    day.addEventListener("drop", (event) => {
      day.classList.remove("is-target");
      if (dragged === null) return;
      event.preventDefault();
      window.location.assign(`${dragged.dataset.move}?day=${encodeURIComponent(day.dataset.day)}`);
    });
  }
}

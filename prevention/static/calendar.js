// The calendar with the keyboard: arrow keys move between days, Page Up and Page Down between pages.
(() => {
  "use strict";
  const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, Home: "first", End: "last" };

  const moved = (iso, days) => {
    const day = new Date(`${iso}T12:00:00Z`);
    day.setUTCDate(day.getUTCDate() + days);
    return day.toISOString().slice(0, 10);
  };

  const follow = (name) => {
    const link = document.querySelector(`[data-calendar-${name}]`);
    if (link) window.location.assign(link.href);
  };

  document.querySelectorAll("[data-calendar]").forEach((calendar) => {
    calendar.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (event.key === "PageUp" || event.key === "PageDown") {
        event.preventDefault();
        follow(event.key === "PageUp" ? "before" : "after");
        return;
      }
      const step = STEPS[event.key];
      const here = event.target.closest("[data-day]");
      if (step === undefined || !here) return;
      event.preventDefault();
      const links = [...calendar.querySelectorAll("[data-day]")];
      const target =
        step === "first" ? links[0]
        : step === "last" ? links[links.length - 1]
        : calendar.querySelector(`[data-day="${moved(here.dataset.day, step)}"]`);
      if (target) target.focus();
      else follow(step < 0 ? "before" : "after");
    });
  });

  document.querySelectorAll("[data-select]").forEach((field) => {
    field.addEventListener("focus", () => field.select());
  });
})();

// What our pages do in the browser. Every page works without it; nothing here talks to another site.
//   data-focus-first    the element takes the focus when the page opens (error summary)
//   data-confirm="…"    the form asks this question before it is sent
//   data-leave          sending the form signs out: pages kept on this device for later are thrown away
//   data-once           the form is sent once, however often its button is pressed
//   data-submit-on-change  the form is sent when one of its fields changes (filters)
//   data-poll="2"       the element (it needs an id) is fetched anew from this page's address every 2 seconds
//                       until the new one has no data-poll (progress of a report)
//   data-print          the button prints the page
//   data-copy="…"       the button copies this text
"use strict";

document.documentElement.classList.remove("no-js");

for (const element of document.querySelectorAll("[data-focus-first]")) {
  element.focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
    event.preventDefault();
    return;
  }
  if ("leave" in form.dataset && window.caches) {
    window.caches.delete("register-pages");
    // The worker outlives this page, which may be gone before that is done.
    navigator.serviceWorker?.controller?.postMessage({ leave: true });
  }
  if ("once" in form.dataset) {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button[type=submit]")) {
      button.setAttribute("aria-disabled", "true");
    }
  }
});

// A page that comes back from the history must be sendable again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[aria-disabled]")) {
      button.removeAttribute("aria-disabled");
    }
  }
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submit-on-change]");
  if (form) {
    form.requestSubmit();
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-print], [data-copy]");
  if (!button) {
    return;
  }
  if ("print" in button.dataset) {
    window.print();
  } else if (navigator.clipboard) {
    navigator.clipboard.writeText(button.dataset.copy);
  }
});

async function refresh(id) {
  try {
    const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(id);
      const stale = document.getElementById(id);
      if (fresh && stale && fresh.outerHTML !== stale.outerHTML) {
        stale.replaceWith(fresh);
      }
    }
  } catch {
    // The network is away for a moment: the next turn tries again.
  }
  poll(document.getElementById(id));
}

function poll(element) {
  const seconds = Number(element?.dataset.poll);
  if (seconds > 0) {
    window.setTimeout(refresh, seconds * 1000, element.id);
  }
}

for (const element of document.querySelectorAll("[data-poll][id]")) {
  poll(element);
}

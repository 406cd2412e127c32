// Registers without a connection. What is filled in is written into this browser's own store first and sent from
// there, under an id of its own: whatever breaks on the way, it arrives, and it arrives once.
//
//   #register                 the form; its submit goes through the store
//   #register-of[data-meeting][data-label]   which meeting it is, in an id and in words
//   #kept[data-person]        the list of what waits here, with the words of its states in data attributes
//   [data-keep]               addresses of register pages to keep for opening without a connection
//
// Without a service worker, a store or a secure address nothing here runs, and the form is sent as forms are.
"use strict";

(() => {
  const kept = document.getElementById("kept");
  if (!kept || !("serviceWorker" in navigator) || !window.indexedDB || !window.crypto?.randomUUID) {
    return;
  }
  const person = kept.dataset.person;
  const form = document.getElementById("register");
  const about = document.getElementById("register-of")?.dataset;
  const PATIENCE_MS = 6000;
  const AGAIN_MS = 30000;

  // The store: one entry for each meeting; a newer one takes the place of one that has not left yet.
  function store() {
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open("registers", 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore("waiting", { keyPath: "meeting" });
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
  }

  async function within(mode, action) {
    const base = await store();
    return new Promise((resolve, reject) => {
      const transaction = base.transaction("waiting", mode);
      const asked = action(transaction.objectStore("waiting"));
      transaction.oncomplete = () => {
        base.close();
        resolve(asked.result);
      };
      transaction.onerror = transaction.onabort = () => {
        base.close();
        reject(transaction.error);
      };
    });
  }

  const put = (entry) => within("readwrite", (entries) => entries.put(entry));
  const drop = (meeting) => within("readwrite", (entries) => entries.delete(meeting));
  const mine = async () =>
    (await within("readonly", (entries) => entries.getAll())).filter((entry) => entry.person === person);

  // Take an entry out only if it is still the one that was sent: a newer one stays.
  const dropSent = (sent) =>
    within("readwrite", (entries) => {
      const asked = entries.get(sent.meeting);
      asked.onsuccess = () => {
        if (asked.result?.submission === sent.submission) {
          entries.delete(sent.meeting);
        }
      };
      return asked;
    });

  // Ask for a token: null without a connection, false when somebody else or nobody is signed in.
  async function token() {
    try {
      const answer = await fetch(kept.dataset.token, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.status >= 500) {
        return null;
      }
      const given = answer.ok && !answer.redirected ? await answer.json() : {};
      return given.person === person ? given.token : false;
    } catch {
      return null;
    }
  }

  async function sendAll() {
    const entries = (await mine()).filter((entry) => entry.state === "waiting");
    if (entries.length) {
      const given = await token();
      for (const entry of given ? entries : []) {
        if (!(await sendOne(entry, given))) {
          break;
        }
      }
      // The list was made before they arrived; what the form itself handed over is in it already.
      const left = new Set((await mine()).map((entry) => entry.meeting));
      if (kept.dataset.keep && entries.some((entry) => !left.has(entry.meeting) && !entry.isHandedOver)) {
        location.reload();
        return;
      }
    }
    await show();
  }

  // Say whether there was an answer; whatever it was, the server has decided.
  async function sendOne(entry, given) {
    const body = new URLSearchParams(entry.fields.filter(([name]) => name !== "csrf_token"));
    body.set("csrf_token", given);
    try {
      const answer = await fetch(entry.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (![200, 404, 409, 422].includes(answer.status)) {
        return false;
      }
      const said = await answer.json();
      if (said.outcome === "saved") {
        await dropSent(entry);
      } else {
        await put({ ...entry, state: said.outcome, words: said.words });
      }
      return true;
    } catch {
      return false;
    }
  }

  async function show() {
    const entries = await mine();
    const list = kept.querySelector("ul");
    kept.hidden = entries.length === 0;
    list.replaceChildren(...entries.map(line));
  }

  function line(entry) {
    const item = document.createElement("li");
    const title = document.createElement("strong");
    title.textContent = entry.label;
    const words = document.createElement("p");
    words.textContent = [kept.dataset[entry.state], ...(entry.words || [])].join(" ");
    item.append(title, words);
    if (entry.state !== "waiting") {
      const open = document.createElement("a");
      open.className = "btn btn-outline-primary btn-sm";
      open.href = entry.action;
      open.textContent = kept.dataset.open;
      const away = document.createElement("button");
      away.type = "button";
      away.className = "btn btn-outline-danger btn-sm";
      away.textContent = kept.dataset.drop;
      away.addEventListener("click", () => drop(entry.meeting).then(show));
      item.append(open, " ", away);
    }
    return item;
  }

  function renew() {
    form.elements.submission_id.value = crypto.randomUUID();
  }

  async function submitted() {
    const entry = {
      meeting: about.meeting,
      person,
      label: about.label,
      action: location.pathname,
      fields: [...new FormData(form)].map(([name, value]) => [name, String(value)]),
      submission: form.elements.submission_id.value,
      state: "waiting",
    };
    try {
      await put(entry);
    } catch {
      form.submit(); // a full or forbidden store: as forms are sent
      return;
    }
    const given = await token();
    if (given) {
      await put({ ...entry, isHandedOver: true });
      if (form.elements.csrf_token) {
        form.elements.csrf_token.value = given; // a page that was kept has an old one
      }
      form.submit();
      return;
    }
    const told = document.getElementById("kept-here");
    told.hidden = false;
    told.querySelector("p").textContent = given === null ? kept.dataset.offline : kept.dataset.signedOut;
    form.hidden = true;
    told.focus();
  }

  async function start() {
    if (form) {
      if (document.querySelector(".error-summary")) {
        await drop(about.meeting); // the server has answered it, here on the page
      }
      renew();
      // A page that comes back from the browser's memory is a new submission.
      window.addEventListener("pageshow", (event) => event.persisted && renew());
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        event.stopPropagation();
        submitted();
      });
      form.setAttribute("data-is-ready", "");
    }
    window.addEventListener("online", sendAll);
    setInterval(sendAll, AGAIN_MS);
    await sendAll();
    await navigator.serviceWorker.register(kept.dataset.worker, { scope: "/registers" });
    const ready = await navigator.serviceWorker.ready;
    if (kept.dataset.keep) {
      const files = performance
        .getEntriesByType("resource")
        .map((entry) => entry.name)
        .filter((name) => new URL(name).pathname.startsWith("/static/"));
      const channel = new MessageChannel();
      channel.port1.onmessage = () => kept.setAttribute("data-is-ready", "");
      ready.active.postMessage({ pages: JSON.parse(kept.dataset.keep), files }, [channel.port2]);
    }
  }

  start();
})();

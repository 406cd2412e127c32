// The service worker of the registers: pages of meetings near today open without a connection.
//
// It keeps copies of the list, of the registers that the list names, and of the files they need. The network always
// goes first; a copy is shown only where there is none. What is filled in waits in the page's own store
// (register-offline.js), never here.
"use strict";

const PAGES = "register-pages";
const FILES = "register-files";
const LIST = "/registers";
const NOWHERE = "/registers/offline";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// Set while nobody is signed in: a page that is still on its way then is not kept.
let hasLeft = false;

self.addEventListener("message", (event) => {
  if (event.data.leave) {
    event.waitUntil(forget());
  }
  if (event.data.pages) {
    event.waitUntil(keep(event.data.pages, event.data.files).then(() => event.ports[0]?.postMessage("kept")));
  }
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) {
    return;
  }
  if (address.pathname.startsWith("/static/")) {
    event.respondWith(fileOf(event.request));
  } else if (event.request.mode === "navigate" && isPage(address.pathname)) {
    event.respondWith(pageOf(event.request, address.pathname));
  }
});

function isPage(path) {
  return path === LIST || /^\/registers\/[0-9a-f-]{36}$/.test(path);
}

// Keep exactly these pages, and these files beside those that are kept.
async function keep(pages, files) {
  hasLeft = false;
  const [kept, store] = await Promise.all([caches.open(PAGES), caches.open(FILES)]);
  const wanted = new Set([LIST, NOWHERE, ...pages]);
  for (const request of await kept.keys()) {
    if (!wanted.has(new URL(request.url).pathname)) {
      await kept.delete(request);
    }
  }
  for (const address of wanted) {
    await copy(kept, address);
  }
  for (const address of new Set([...files, ...(await filesOf(kept))])) {
    if (!(await store.match(address))) {
      await copy(store, address);
    }
  }
}

// The files that the kept pages name: a page that was never opened has not fetched its own yet.
async function filesOf(kept) {
  const found = [];
  for (const answer of await kept.matchAll()) {
    for (const [, address] of (await answer.text()).matchAll(/(?:src|href)="(\/static\/[^"#]+)/g)) {
      found.push(address);
    }
  }
  return found;
}

async function copy(store, address) {
  try {
    const answer = await fetch(address, { credentials: "same-origin", redirect: "manual" });
    if (answer.ok) {
      await store.put(address, answer);
    }
  } catch {
    // No connection now: what was kept before stays.
  }
}

async function pageOf(request, path) {
  try {
    const answer = await fetch(request);
    if (answer.ok) {
      keepOne(path, answer.clone());
    } else if (answer.type === "opaqueredirect") {
      forget();
    }
    return answer;
  } catch {
    const store = await caches.open(PAGES);
    return (await store.match(path)) || (await store.match(NOWHERE)) || Response.error();
  }
}

async function keepOne(path, answer) {
  const store = await caches.open(PAGES);
  await store.put(path, answer);
  if (hasLeft) {
    await caches.delete(PAGES);
  }
}

// Nobody is signed in any more: what was theirs is not for whoever holds the phone next.
async function forget() {
  hasLeft = true;
  await caches.delete(PAGES);
}

async function fileOf(request) {
  const store = await caches.open(FILES);
  try {
    const answer = await fetch(request);
    if (answer.ok && answer.status === 200) {
      store.put(request, answer.clone());
    }
    return answer;
  } catch {
    return (await store.match(request, { ignoreSearch: true })) || Response.error();
  }
}

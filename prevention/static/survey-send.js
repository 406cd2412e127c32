/* Sending: a credential is bought on the way, and the answers go under it at the end, without the code.
   Both wait for the connection if they must, and both can be repeated: the server knows them again.

   Where the browser cannot draw a credential (an old one, or a page without https) the answers go with the code, as
   they do without any script. All of it is held in this page's memory alone and forgotten when the page is left. */

(function () {
  "use strict";

  var survey = window.survey;
  var RETRY_MS = 5000;
  var ticket = null; // what was bought, and how far buying got
  var payAt = null; // the place of the question at which the code pays, drawn once for a pupil
  var isSending = false;
  var timer = null;

  if (!window.fetch || !window.URLSearchParams || !window.Promise) {
    return;
  }

  function post(address, pairs) {
    var body = new URLSearchParams();
    pairs.forEach(function (pair) {
      body.append(pair[0], pair[1]);
    });
    return fetch(address, {
      method: "POST",
      body: body,
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer"
    }).then(function (response) {
      if (response.status >= 500) {
        throw new Error("not now");
      }
      return response;
    });
  }

  function asJson(response) {
    return response.json();
  }

  function loadLibrary(address) {
    if (window.blindCredential) {
      return Promise.resolve();
    }
    return new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = function () {
        reject(new Error("not now"));
      };
      document.head.appendChild(script);
    });
  }

  /* Go on with buying where it stopped. Resolves when there is an outcome: a carrier, or the plain way. */
  function buy(form) {
    var code = form.elements.code.value;
    if (!ticket) {
      ticket = { code: code, start: form.getAttribute("data-start"), carrier: null, isPlain: !canBlind() };
    }
    var mine = ticket;
    if (mine.carrier || mine.isPlain) {
      return Promise.resolve(mine);
    }
    if (!mine.underWay) {
      mine.underWay = draw(mine, form.getAttribute("data-blind"))
        .then(function () {
          mine.sent = [["code", mine.code], ["blinded", mine.drawn.blinded]];
          return post(mine.start + "credential", mine.sent).then(asJson);
        })
        .then(function (sold) {
          if (!sold.signature) {
            mine.isPlain = true; // somebody else used the slip: the plain way says so
            return mine;
          }
          return mine.drawn.finish(sold.signature).then(function (signature) {
            mine.carrier = [["key", mine.mark], ["credential", mine.drawn.credential], ["signature", signature]];
            return mine;
          });
        })
        .then(settle, function (error) {
          settle();
          throw error;
        });
    }
    return mine.underWay;

    function settle() {
      mine.underWay = null;
      var details = form.querySelector("[data-payload]");
      if (details.open && survey.live && survey.live.form === form) {
        showPayload(details); // it was opened before the credential came
      }
      return mine;
    }
  }

  /* The code pays at a question drawn from the first third. Not at the first one: a telephone that dies there, or a page
     that is loaded anew, has not used the slip. Not at the end: who then pays and sends within a second is easy to
     join. Before the quickest of a class is done even the slowest is past the first third, so that every ballot comes
     after all codes of the class; and the order of paying is not even the order of beginning. */
  function placeToPay(form) {
    var places = Math.max(1, Math.floor(form.querySelectorAll("[data-item]").length / 3));
    var drawn = canBlind() ? window.crypto.getRandomValues(new Uint32Array(1))[0] : 0;
    return 1 + (drawn % places);
  }

  function canBlind() {
    return Boolean(window.crypto && window.crypto.subtle && window.Uint8Array && window.TextEncoder);
  }

  /* Draw once; what was drawn is kept for every later try, so that the code is never asked to pay twice. */
  function draw(mine, library) {
    if (mine.drawn) {
      return Promise.resolve();
    }
    return loadLibrary(library)
      .then(function () {
        return post(mine.start + "key", [["code", mine.code]]).then(asJson);
      })
      .then(function (key) {
        if (!key.modulus) {
          mine.isPlain = true;
          throw new Error("no key");
        }
        mine.mark = key.mark;
        return window.blindCredential(key.modulus).catch(function (error) {
          mine.isPlain = true; // this browser cannot: nothing has been spent yet
          throw error;
        });
      })
      .then(function (drawn) {
        mine.drawn = drawn;
      });
  }

  /* The two parcels that leave this device: what was sent when the pupil began, and what goes at the end. */
  function parcel(live) {
    var form = live.form;
    var language = [["language", form.elements.language.value]];
    return ticket && ticket.carrier
      ? ticket.carrier.concat(language, live.answers())
      : [["code", form.elements.code.value], ["submission", form.elements.submission.value]].concat(
          language,
          live.answers()
        );
  }

  function address(live) {
    return ticket && ticket.carrier ? ticket.start + "ballot" : live.form.action;
  }

  survey.send = function () {
    var live = survey.live;
    var form = live.form;
    if (isSending) {
      return;
    }
    isSending = true;
    form.querySelector("[data-send]").disabled = true;
    buy(form)
      .catch(function (error) {
        if (!ticket || !ticket.isPlain) {
          throw error;
        }
      })
      .then(function () {
        return post(address(live), parcel(live));
      })
      .then(function (response) {
        return response.text();
      })
      .then(function (page) {
        isSending = false;
        if (survey.live === live) {
          survey.replacePage(page);
        }
      })
      .catch(function () {
        isSending = false;
        if (survey.live === live) {
          wait(form);
        }
      });
  };

  /* No connection: say so, keep everything, try again by oneself. */
  function wait(form) {
    var offline = form.querySelector("[data-offline]");
    offline.textContent = form.getAttribute("data-words-offline");
    offline.hidden = false;
    form.querySelector("[data-send]").disabled = false;
    clearTimeout(timer);
    timer = setTimeout(tryAgain, RETRY_MS);
  }

  function tryAgain() {
    var form = survey.live && survey.live.form;
    if (form && !form.querySelector("[data-offline]").hidden) {
      survey.send();
    }
  }

  function showPayload(details) {
    var live = survey.live;
    var lines = [];
    if (ticket && ticket.sent) {
      lines.push(details.getAttribute("data-words-first"));
      lines = lines.concat(ticket.sent.map(asLine), "");
    }
    lines.push(details.getAttribute("data-words-last"));
    details.querySelector("pre").textContent = lines.concat(parcel(live).map(asLine)).join("\n");
    details.querySelector("[data-class-key]").textContent = ticket && ticket.mark ? ticket.mark.slice(0, 6) : "–";
  }

  function asLine(pair) {
    return pair[0] + " = " + pair[1];
  }

  survey.hooks.start.push(function (live) {
    survey.live = live;
    clearTimeout(timer);
    if (!live) {
      ticket = payAt = null;
      return;
    }
    payAt = payAt || placeToPay(live.form);
    if (ticket && live.form.elements.code.value && live.form.elements.code.value !== ticket.code) {
      ticket = null;
    }
    if (ticket) {
      live.form.elements.code.value = ticket.code;
    }
    var details = live.form.querySelector("[data-payload]");
    details.hidden = false;
    details.addEventListener("toggle", function () {
      if (details.open) {
        showPayload(details);
      }
    });
  });

  survey.hooks.step.push(function (live) {
    if (payAt && live.place() >= payAt) {
      buy(live.form).catch(function () {}); // no connection now: the next step tries again
    }
  });

  survey.hooks.forget.push(function () {
    ticket = payAt = null;
    clearTimeout(timer);
  });

  window.addEventListener("online", tryAgain);
})();

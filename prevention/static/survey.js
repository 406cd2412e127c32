/* The pupil's page, made easier: one question at a time, routing as one goes, Back and Next. Everything works without
   this file, as one long page. survey-send.js sends, survey-aids.js speaks other languages and reads aloud; they find
   the questionnaire in `window.survey`.

   Answers live in the page's own fields and nowhere else: no storage of the browser is touched. They are emptied when
   the page is left, however it is left. Written for old phones: no syntax younger than 2015. */

(function () {
  "use strict";

  var AFTER_A_TAP_MS = 280; // long enough to see one's own choice
  var TAP_MS = 700; // a change this soon after a touch was made by it, not by the keyboard
  var live = null; // the questionnaire on this page, if there is one
  var leaving = false; // true once the person has chosen to leave, so that nothing asks again

  // What the other two files hang themselves onto: called with the questionnaire when a page starts, at every step,
  // and when everything is to be forgotten.
  var hooks = { start: [], step: [], forget: [] };

  document.documentElement.className += " js";

  function tell(name) {
    hooks[name].forEach(function (listener) {
      listener(live);
    });
  }

  function all(place, selector) {
    return Array.prototype.slice.call(place.querySelectorAll(selector));
  }

  function start() {
    var form = document.querySelector("[data-questionnaire]");
    var entry = document.querySelector("[data-entry]");
    live = form ? questionnaire(form) : null;
    if (live) {
      live.begin();
    }
    tell("start");
    if (entry) {
      takeCodeFromAddress(entry);
    }
    each("[data-quick-exit]", "click", leave);
    each("[data-wipe]", "click", leave);
    each("[data-close]", "click", function (event) {
      window.close(); // allowed only in some browsers; where it is not, the page is emptied instead
      leave(event);
    });
  }

  function each(selector, event, listener) {
    all(document, selector).forEach(function (element) {
      element.addEventListener(event, listener);
    });
  }

  /* The code of a QR stands behind the # of the address, which is never sent. Take it, and take it out of sight. */
  function takeCodeFromAddress(entry) {
    var code = location.hash.slice(1);
    if (code) {
      entry.elements.code.value = code.replace(/[^0-9A-Za-z-]/g, "").slice(0, 40);
      history.replaceState(null, "", location.pathname);
    }
  }

  function forget() {
    if (live) {
      live.wipe();
    }
    tell("forget");
  }

  function leave(event) {
    var target = event.currentTarget.href;
    event.preventDefault();
    leaving = true;
    forget();
    document.body.hidden = true;
    location.replace(target); // the way back must not lead here
  }

  function questionnaire(form) {
    var items = all(form, "[data-item]").map(function (fieldset) {
      return {
        code: fieldset.getAttribute("data-item"),
        fieldset: fieldset,
        askedIf: JSON.parse(fieldset.getAttribute("data-asked-if") || "null"),
        skippedIf: JSON.parse(fieldset.getAttribute("data-skipped-if") || "null")
      };
    });
    var assent = form.getAttribute("data-assent");
    var assentGiven = form.getAttribute("data-assent-given");
    var sending = form.querySelector("[data-sending]");
    var progress = form.querySelector("[data-progress]");
    var steps = form.querySelector("[data-steps]");
    var nextButton = form.querySelector("[data-next]");
    var backButton = form.querySelector("[data-back]");
    var refusal = form.querySelector(".refusal");
    var current = 0; // place in items; items.length is the sending screen
    var touchedAt = 0;
    var isSwitching = false;
    var hasSentinel = false;

    function chosen(item) {
      return all(item.fieldset, "input, select").reduce(function (values, field) {
        if (field.type === "radio" || field.type === "checkbox" ? field.checked : field.value) {
          values.push(field.value);
        }
        return values;
      }, []);
    }

    function holds(alternative, answers) {
      return Object.keys(alternative).every(function (code) {
        return (answers[code] || []).some(function (value) {
          return alternative[code].indexOf(value) >= 0;
        });
      });
    }

    function someHolds(alternatives, answers) {
      return alternatives.some(function (alternative) {
        return holds(alternative, answers);
      });
    }

    /* The same rule as rules.is_asked; the server decides in the end. Gives true or false for every item. */
    function routing() {
      var answers = {};
      return items.map(function (item) {
        var isAsked =
          (!assent || item.code === assent || (answers[assent] || [])[0] === assentGiven) &&
          !(item.skippedIf && someHolds(item.skippedIf, answers)) &&
          (!item.askedIf || someHolds(item.askedIf, answers));
        if (isAsked) {
          answers[item.code] = chosen(item);
        }
        return isAsked;
      });
    }

    function takesPart() {
      var first = items[0];
      return !assent || first.code !== assent || chosen(first)[0] === assentGiven;
    }

    function show(place, takesFocus) {
      var isAsked = routing();
      var isEnd = place >= items.length;
      current = place;
      items.forEach(function (item, index) {
        item.fieldset.classList.toggle("current", index === place);
      });
      sending.classList.toggle("current", isEnd);
      form.classList.toggle("at-start", place === 0);
      sending.querySelector("[data-if-answered]").hidden = !takesPart();
      sending.querySelector("[data-if-not-answered]").hidden = takesPart();
      form.elements.at.value = isEnd ? "end" : items[place].code;
      progress.querySelector("progress").value = (100 * place) / items.length;
      progress.querySelector("span").textContent = isEnd
        ? ""
        : form.getAttribute("data-words-step").replace(
            "{n}",
            isAsked.slice(0, place + 1).filter(Boolean).length
          );
      backButton.hidden = place === 0;
      showNext();
      if (refusal && takesFocus) {
        refusal.hidden = true;
      }
      if (takesFocus) {
        (isEnd ? sending.querySelector("h2") : items[place].fieldset.querySelector("legend")).focus();
        window.scrollTo(0, 0);
      }
      keepBack();
      if (live) {
        tell("step");
      }
    }

    function showNext() {
      // The first question is the only one that wants an answer before one goes on.
      var wants = current < items.length && items[current].code === assent && !chosen(items[current]).length;
      nextButton.hidden = current >= items.length || wants;
    }

    function next() {
      var isAsked = routing();
      var place = current + 1;
      while (place < items.length && !isAsked[place]) {
        place += 1;
      }
      show(place, true);
    }

    function back() {
      var isAsked = routing();
      var place = current - 1;
      while (place > 0 && !isAsked[place]) {
        place -= 1;
      }
      show(Math.max(place, 0), true);
    }

    /* The telephone's own Back goes to the question before, not out of the questionnaire. */
    function keepBack() {
      if (current > 0 && !hasSentinel) {
        history.pushState({ isQuestion: true }, "");
        hasSentinel = true;
      }
    }

    function wipe() {
      all(form, "input, select").forEach(function (field) {
        if (field.type === "radio" || field.type === "checkbox") {
          field.checked = field.defaultChecked = false;
        } else {
          field.value = "";
        }
      });
    }

    function hasAnswers() {
      return items.some(function (item) {
        return chosen(item).length > 0;
      });
    }

    /* What would be sent now: of the questions that are asked, what was chosen. */
    function answers() {
      var isAsked = routing();
      return items.reduce(function (pairs, item, index) {
        return isAsked[index]
          ? pairs.concat(
              chosen(item).map(function (value) {
                return [item.code, value];
              })
            )
          : pairs;
      }, []);
    }

    function everythingChosen() {
      return items.reduce(function (pairs, item) {
        return pairs.concat(
          chosen(item).map(function (value) {
            return [item.code, value];
          })
        );
      }, []);
    }

    form.addEventListener("submit", function (event) {
      if (isSwitching) {
        leaving = true;
        return;
      }
      if (window.survey.send) {
        event.preventDefault();
        window.survey.send();
        return;
      }
      leaving = true;
      var isAsked = routing();
      items.forEach(function (item, index) {
        item.fieldset.disabled = !isAsked[index];
      });
    });

    form.addEventListener("change", function (event) {
      var field = event.target;
      if (field.type === "checkbox" && field.checked) {
        all(field.form, 'input[name="' + field.name + '"]').forEach(function (other) {
          if (other !== field && (field.hasAttribute("data-alone") || other.hasAttribute("data-alone"))) {
            other.checked = false;
          }
        });
      }
      showNext();
      if (field.type === "radio" && Date.now() - touchedAt < TAP_MS) {
        var from = current;
        setTimeout(function () {
          if (from === current && live) {
            next();
          }
        }, AFTER_A_TAP_MS);
      }
    });

    ["pointerdown", "touchstart", "mousedown"].forEach(function (name) {
      form.addEventListener(name, function () {
        touchedAt = Date.now();
      }, { passive: true });
    });

    form.addEventListener("keydown", function (event) {
      touchedAt = 0;
      if (event.key === "Enter" && /^(radio|checkbox|select-one)$/.test(event.target.type || "")) {
        event.preventDefault();
        if (!nextButton.hidden) {
          next();
        }
      }
    });

    all(document, 'button[name="switch"]').forEach(function (button) {
      button.addEventListener("click", function () {
        isSwitching = !window.survey.switchesLanguage;
      });
    });
    nextButton.addEventListener("click", next);
    backButton.addEventListener("click", back);

    function begin() {
      var at = form.elements.at.value;
      var place = 0;
      items.forEach(function (item, index) {
        if (item.code === at) {
          place = index;
        }
      });
      progress.hidden = steps.hidden = false;
      show(at === "end" ? items.length : place, false);
    }

    return {
      form: form,
      begin: begin,
      wipe: wipe,
      answers: answers,
      everythingChosen: everythingChosen,
      place: function () {
        return current;
      },
      question: function () {
        return current < items.length ? items[current].fieldset : null;
      },
      hasAnswers: hasAnswers,
      goneBack: function () {
        hasSentinel = false;
        if (current > 0) {
          back();
        }
      }
    };
  }

  /* Put the page that the server answered in the place of this one, without a line in the history. */
  function replacePage(text, prepare) {
    var page = new DOMParser().parseFromString(text, "text/html");
    var heading;
    if (live) {
      live.wipe();
    }
    document.title = page.title;
    document.documentElement.lang = page.documentElement.lang;
    document.documentElement.dir = page.documentElement.dir;
    document.documentElement.replaceChild(document.importNode(page.body, true), document.body);
    if (prepare) {
      prepare(document.querySelector("[data-questionnaire]"));
    }
    start();
    heading = document.querySelector("h1");
    if (heading) {
      heading.tabIndex = -1;
      heading.focus();
    }
    window.scrollTo(0, 0);
  }

  window.survey = { hooks: hooks, replacePage: replacePage };

  window.addEventListener("popstate", function () {
    if (live) {
      live.goneBack();
    } else if (document.querySelector("[data-done]")) {
      location.replace(document.querySelector("[data-close]").href);
    }
  });

  /* A second slip scanned in the same tab changes only what stands behind the #: begin anew with it. */
  window.addEventListener("hashchange", function () {
    var entry = document.querySelector("[data-entry]");
    if (entry) {
      takeCodeFromAddress(entry);
    } else if (location.hash.length > 8 && /^#[0-9A-Za-z-]+$/.test(location.hash) && location.hash.indexOf("#q-") !== 0) {
      leaving = true;
      forget();
      location.replace(location.pathname.replace(/[^/]*$/, "") + "?" + location.hash);
    }
  });

  window.addEventListener("beforeunload", function (event) {
    if (live && !leaving && live.hasAnswers()) {
      event.preventDefault();
      event.returnValue = "";
    }
  });

  /* What a browser keeps of a page that was left (for its Back button) must be empty. */
  window.addEventListener("pagehide", forget);
  window.addEventListener("pageshow", function (event) {
    if (event.persisted && (live || document.querySelector("[data-done]"))) {
      location.replace(live ? document.querySelector("[data-questionnaire]").getAttribute("data-start") : location.pathname);
    }
  });

  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();

/* Aids on the pupil's pages: another language without losing the place, larger letters, letters set wider, reading
   aloud. They last as long as the page: nothing is stored. Only voices that live on the device read: others would send
   the question to whoever runs them. */

(function () {
  "use strict";

  var survey = window.survey;
  var root = document.documentElement;
  var isReading = false;

  function all(place, selector) {
    return Array.prototype.slice.call(place.querySelectorAll(selector));
  }

  /* ---- Letters: the style sheet does it alone where it knows :has, a class does it everywhere. */

  function keepAids() {
    all(document, "[data-aid]").forEach(function (box) {
      var name = box.getAttribute("data-aid");
      box.checked = name === "read" ? isReading : root.classList.contains(name);
      box.addEventListener("change", function () {
        if (name === "read") {
          isReading = box.checked;
          read(survey.live);
        } else {
          root.classList.toggle(name, box.checked);
        }
      });
    });
    offerReading();
  }

  /* ---- Reading aloud */

  function voice() {
    var language = root.lang;
    var found = window.speechSynthesis.getVoices().filter(function (one) {
      return one.localService && one.lang.replace("_", "-").split("-")[0] === language;
    });
    return found[0] || null;
  }

  function offerReading() {
    var place = document.querySelector("[data-aid-read]");
    if (place && window.speechSynthesis) {
      place.hidden = !voice();
    }
  }

  function words(fieldset) {
    var parts = all(fieldset, "legend, .hint, .choices label").map(function (element) {
      return element.textContent.trim();
    });
    return parts.filter(Boolean).join(". ");
  }

  function read(live) {
    if (!window.speechSynthesis) {
      return;
    }
    window.speechSynthesis.cancel();
    var speaks = isReading && live && live.question() ? voice() : null;
    if (speaks) {
      var utterance = new SpeechSynthesisUtterance(words(live.question()));
      utterance.voice = speaks;
      utterance.lang = speaks.lang;
      window.speechSynthesis.speak(utterance);
    }
  }

  /* ---- Another language: the page of the same form, filled in here; the answers do not leave the device. */

  function switchLanguage(live, language) {
    var form = live.form;
    var note = form.querySelector("[data-note]");
    var before = {
      code: form.elements.code.value,
      submission: form.elements.submission.value,
      at: form.elements.at.value,
      chosen: live.everythingChosen()
    };
    fetch(form.getAttribute("data-page") + "?language=" + encodeURIComponent(language), {
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer"
    })
      .then(function (response) {
        if (!response.ok) {
          throw new Error("not now");
        }
        return response.text();
      })
      .then(function (page) {
        survey.replacePage(page, function (fresh) {
          fresh.elements.code.value = before.code;
          fresh.elements.submission.value = before.submission;
          fresh.elements.at.value = before.at;
          fill(fresh, before.chosen);
        });
      })
      .catch(function () {
        note.textContent = form.getAttribute("data-words-no-language");
        note.hidden = false;
      });
  }

  function fill(form, pairs) {
    pairs.forEach(function (pair) {
      all(form, "input, select").forEach(function (field) {
        if (field.name === pair[0]) {
          if (field.type === "radio" || field.type === "checkbox") {
            field.checked = field.checked || field.value === pair[1];
          } else {
            field.value = pair[1];
          }
        }
      });
    });
  }

  survey.switchesLanguage = Boolean(window.fetch && window.DOMParser);

  survey.hooks.start.push(function (live) {
    survey.live = live;
    keepAids();
    if (live && survey.switchesLanguage) {
      all(document, 'button[name="switch"]').forEach(function (button) {
        button.addEventListener("click", function (event) {
          event.preventDefault();
          switchLanguage(live, button.value);
        });
      });
    }
  });
  survey.hooks.step.push(read);
  survey.hooks.forget.push(function () {
    isReading = false;
    if (window.speechSynthesis) {
      window.speechSynthesis.cancel();
    }
  });

  if (window.speechSynthesis && window.speechSynthesis.addEventListener) {
    window.speechSynthesis.addEventListener("voiceschanged", offerReading);
  }
})();

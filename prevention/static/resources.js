// Sends the file of a form in pieces, by the tus protocol, from the moment it is chosen: it goes on where it stopped
// when the line breaks, also after the browser was closed and the same file is chosen again. The form then names the
// file instead of carrying it. Without script, or where pieces do not get through, the form carries the file itself.
//   .file-sending[data-upload]  beside the file's field: where to send it, sizes in bytes, and the words of each state
"use strict";

{
  const KEPT_MS = 24 * 60 * 60 * 1000;

  class Sending {
    constructor(box) {
      this.box = box;
      this.words = box.dataset;
      this.form = box.closest("form");
      this.input = box.parentElement.querySelector("input[type=file]");
      this.name = this.input.name;
      this.id = this.form.elements.upload_id;
      this.status = box.querySelector(".file-sending-words");
      this.bar = box.querySelector("progress");
      this.stopper = box.querySelector("button");
      this.upload = null;
      this.isRunning = false;
      this.isAwaited = false;
      this.input.addEventListener("change", () => this.begin());
      this.stopper.addEventListener("click", () => this.stop());
      this.form.addEventListener("submit", (event) => this.holdBack(event));
      box.hidden = false;
      // A browser that comes back to the page may have the file chosen still.
      if (this.input.files.length && !this.id.value) {
        this.begin();
      }
    }

    say(words, { isFault = false } = {}) {
      this.status.textContent = words;
      this.status.classList.toggle("is-fault", isFault);
    }

    show(isRunning) {
      this.isRunning = isRunning;
      this.bar.hidden = this.stopper.hidden = !isRunning;
    }

    async begin() {
      const [file] = this.input.files;
      this.upload?.abort();
      this.isAwaited = false;
      this.id.value = "";
      this.input.name = this.name;
      this.box.parentElement.querySelector(".file-sent")?.remove();
      this.show(false);
      this.say("");
      if (!file || !file.size) {
        return;
      }
      if (file.size > Number(this.words.most)) {
        this.input.value = "";
        this.say(this.words.tooLarge, { isFault: true });
        return;
      }
      this.show(true);
      this.tell(0, file.size);
      const upload = new window.TusUpload(file, {
        endpoint: this.words.upload,
        chunkSize: Number(this.words.piece),
        retryDelays: [0, 1000, 3000, 5000, 10000, 20000],
        // Some schools' filters let neither PATCH nor DELETE through.
        overridePatchMethod: true,
        headers: { "X-CSRFToken": this.form.elements.csrf_token?.value ?? "" },
        metadata: { filename: file.name },
        onProgress: (sent, all) => upload === this.upload && this.tell(sent, all),
        onSuccess: () => upload === this.upload && this.finish(),
        onError: (error) => upload === this.upload && this.fail(error, file),
      });
      this.upload = upload;
      const [before] = await upload.findPreviousUploads();
      if (before) {
        upload.resumeFromPreviousUpload(before);
      }
      if (upload === this.upload) {
        upload.start();
      }
    }

    tell(sent, all) {
      const done = Math.floor((100 * sent) / all);
      this.bar.value = done;
      // Read out in steps of ten: nobody wants to hear each hundredth.
      const words = this.words.sending.replace("{done}", `${done - (done % 10)} %`);
      if (!this.isAwaited && this.status.textContent !== words) {
        this.say(words);
      }
    }

    finish() {
      this.id.value = this.upload.url.split("/").pop();
      this.input.removeAttribute("name");
      this.show(false);
      this.say(this.words.sent);
      if (this.isAwaited) {
        this.form.requestSubmit();
      }
    }

    fail(error, file) {
      const answer = error.originalResponse;
      const status = answer?.getStatus() ?? 0;
      const isSentence = answer?.getHeader("Content-Type")?.startsWith("text/plain");
      this.show(false);
      this.isAwaited = false;
      if (isSentence) {
        this.input.value = "";
        this.say(answer.getBody(), { isFault: true });
      } else if (status && file.size <= Number(this.words.plain)) {
        this.say(this.words.byForm);
      } else {
        this.input.value = "";
        this.say(this.words.broken, { isFault: true });
      }
    }

    stop() {
      // What the server has of it is thrown away too; if the line is broken, a day later by itself.
      this.upload?.abort(true).catch(() => undefined);
      this.upload = null;
      this.input.value = "";
      this.show(false);
      this.say("");
    }

    holdBack(event) {
      if (!this.isRunning) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      this.isAwaited = true;
      this.say(this.words.waiting);
    }
  }

  // What was remembered of files longer ago than the server keeps them.
  try {
    for (const key of Object.keys(window.localStorage).filter((name) => name.startsWith("tus::"))) {
      const begun = Date.parse(JSON.parse(window.localStorage.getItem(key)).creationTime);
      if (!(Date.now() - begun < KEPT_MS)) {
        window.localStorage.removeItem(key);
      }
    }
  } catch {
    // A browser that keeps nothing sends from the start.
  }

  for (const box of document.querySelectorAll(".file-sending[data-upload]")) {
    new Sending(box);
  }
}

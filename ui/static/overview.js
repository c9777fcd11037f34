/* The overview that a language model writes of the document in the reader, on request; the document's own sentences stay. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const WAIT = 900000; // a model on this machine takes its time
  const written = new Map(); // by document, as long as the reader is open: its places are those of the text shown here
  let asking = null;

  const place = () => document.querySelector("#bq-page .bq-write");

  /* Shows the button where a model is chosen, and what was written of this document before. */
  bq.drawWritten = (doc) => {
    const box = place();
    if (!box) return;
    box.dataset.doc = doc;
    box.hidden = bq.quotes();
    if (written.has(doc)) put(box, written.get(doc));
    else if (asking?.doc === doc) tell(box, "overview_writing", true);
  };

  bq.forgetWritten = () => {
    asking?.control.abort();
    asking = null;
    written.clear();
  };

  function put(box, html) {
    box.hidden = false;
    box.innerHTML = html;
    bq.translate(box);
  }

  function tell(box, key, busy) {
    box.querySelector(".bq-note")?.remove();
    const line = document.createElement("p");
    line.className = "bq-note";
    line.setAttribute("role", busy ? "status" : "alert");
    line.dataset.i18n = key;
    box.append(line);
    box.querySelector("button").disabled = busy;
    bq.translate(box);
  }

  async function write() {
    const box = place();
    const doc = box.dataset.doc;
    asking?.control.abort();
    const mine = (asking = { doc, control: new AbortController() });
    tell(box, "overview_writing", true);
    const body = JSON.stringify({ id: doc, language: bq.language, backend: bq.backend() });
    const timer = setTimeout(() => mine.control.abort(), WAIT);
    let html = "";
    try {
      const answer = await fetch("chat/overview", { method: "POST", headers: { "content-type": "application/json" }, body, signal: mine.control.signal });
      if (answer.ok) html = await answer.text();
    } catch { /* told below */ }
    clearTimeout(timer);
    if (asking !== mine) return; // the reader was closed, or another document is written about
    asking = null;
    if (html) written.set(doc, html);
    const here = place();
    if (here?.dataset.doc !== doc) return;
    if (html) { put(here, html); here.focus({ preventScroll: true }); } else tell(here, "overview_failed", false);
  }

  bq.overviewActions = { "overview-write": write };
})();

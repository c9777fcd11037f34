/* The first view: what is indexed, the way to add to it, and the sample questions, until they are hidden. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const HIDDEN = "babelquote.samples";
  const MOST = 3; // languages that are named
  const COMMAS = { ar: "، ", fa: "، ", zh: "、" }; // between them; elsewhere the Latin one
  let holds = null;
  const suggested = {};

  function drawHoldings() {
    const place = document.querySelector("#bq-live .bq-holds");
    if (!place || !holds?.total) return;
    const tongues = Object.entries(holds.languages ?? {}).sort((one, other) => other[1] - one[1]).map(([code]) => code).filter((code) => code !== "und");
    const named = tongues.slice(0, MOST).map(bq.languageName);
    const rest = tongues.length > MOST ? " …" : "";
    place.textContent = [bq.text("start_holds", { n: holds.total }), named.join(COMMAS[bq.language] ?? ", ") + rest].filter(Boolean).join(" · ");
  }

  /* The samples in the language of the interface come first. */
  function orderSamples() {
    const list = document.querySelector("#bq-live .bq-examples");
    const own = [...(list?.children ?? [])].filter((one) => one.firstElementChild?.lang === bq.language);
    if (own.length && list.firstElementChild !== own[0]) list.prepend(...own);
  }

  function hideSamples() {
    document.querySelector("#bq-live .bq-samples")?.remove();
  }

  /* Questions that what is indexed answers; where it is the samples, there are theirs. */
  async function drawSuggestions() {
    const empty = document.querySelector("#bq-live .bq-empty");
    if (!empty || !holds?.total || empty.querySelector(".bq-examples")) return;
    if (!(bq.language in suggested)) {
      suggested[bq.language] = []; // asked once for each language
      try {
        const answer = await fetch(`chat/suggestions?language=${encodeURIComponent(bq.language)}`);
        if (answer.ok) suggested[bq.language] = (await answer.json()).questions;
      } catch { delete suggested[bq.language]; }
    }
    const questions = suggested[bq.language] ?? [];
    if (!questions.length || !empty.isConnected || empty.querySelector(".bq-examples")) return;
    const box = document.createElement("div");
    box.className = "bq-samples";
    const title = document.createElement("h3");
    title.dataset.i18n = "examples";
    title.textContent = bq.text("examples");
    const head = document.createElement("div");
    head.className = "bq-examples-head";
    head.append(title);
    const list = document.createElement("ul");
    list.className = "bq-examples";
    for (const question of questions) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "bq-example", lang: bq.language, dir: "auto", textContent: question });
      const item = document.createElement("li");
      item.append(button);
      list.append(item);
    }
    box.append(head, list);
    empty.append(box);
  }

  bq.drawStart = () => {
    if (bq.kept(HIDDEN) === "hidden") hideSamples();
    orderSamples();
    drawHoldings();
    drawSuggestions();
  };

  bq.startActions = {
    "hide-samples": () => { bq.keep(HIDDEN, "hidden"); hideSamples(); document.querySelector("#bq-question textarea")?.focus(); },
    "start-add": () => bq.libraryActions.library(document.querySelector(".bq-start-add")),
  };

  /* Asked once: a page that was opened before something was added tells what it held then. */
  bq.startHoldings = async () => {
    if (!document.querySelector("#bq-live .bq-holds")) return;
    try {
      const answer = await fetch("library/documents?query=&language=&offset=0");
      holds = answer.ok ? await answer.json() : null;
    } catch { holds = null; }
    bq.drawStart();
  };
})();

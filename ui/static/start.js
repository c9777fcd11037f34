/* The first view: what is indexed, the way to add to it, and the sample questions, until they are hidden. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const HIDDEN = "babelquote.samples";
  const MOST = 3; // languages that are named
  let holds = null;

  function drawHoldings() {
    const place = document.querySelector("#bq-live .bq-holds");
    if (!place || !holds?.total) return;
    const tongues = Object.entries(holds.languages ?? {}).sort((one, other) => other[1] - one[1]).map(([code]) => code).filter((code) => code !== "und");
    const named = tongues.slice(0, MOST).map(bq.languageName);
    const rest = tongues.length > MOST ? " …" : "";
    place.textContent = [bq.text("start_holds", { n: holds.total }), named.join(", ") + rest].filter(Boolean).join(" · ");
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

  bq.drawStart = () => {
    if (bq.kept(HIDDEN) === "hidden") hideSamples();
    orderSamples();
    drawHoldings();
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

/* Where the page is, in its address and in the browser's history: conversation, document and quote can be opened again,
   and Back closes what was opened last. The page is watched and reports nothing itself: whatever opens or closes a pane,
   the history follows. Addresses are fragments, which no server, proxy or log ever sees. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);
  const shown = (id) => at(id)?.hidden === false;
  /* From the back to the front; what passes leaves no place to come back to once something else is opened. */
  const LAYERS = [
    { name: "library", id: "bq-library", open: () => bq.libraryActions.library(null), close: () => bq.closeLibrary() },
    { name: "check", id: "bq-check", open: () => bq.checkActions.check(null), close: () => bq.closeCheck() },
    { name: "drawer", id: "bq-drawer", passes: true, open: () => bq.openDrawer(), close: () => bq.closeDrawer() },
    { name: "picker", id: "bq-backends", passes: true, open: () => bq.backendActions.backends(), close: () => bq.closeBackends() },
    { name: "reader", id: "bq-reader", open: (state) => bq.openReader(state.reader), close: () => bq.closeReader() },
  ];
  const passes = (name) => LAYERS.find((one) => one.name === name).passes;
  let missing = null; // a conversation that the address names and this browser has not
  let moving = 0; // the page follows the history, not the other way round
  let returning = 0; // the history goes back because something was closed
  let turn = 0;

  const now = () => ({
    babelquote: 1,
    conversation: bq.conversation() ?? missing,
    layers: LAYERS.filter((one) => shown(one.id)).map((one) => one.name),
    reader: bq.readingNow(),
  });
  const key = (state) => JSON.stringify([state.conversation, state.layers]);

  function written(state) {
    if (state.reader) {
      const [doc, start, end, , words] = state.reader.marks[state.reader.place];
      const quote = end > start ? { q: `${start}-${end}`, ...(words && { w: words }) } : {};
      return `#${new URLSearchParams({ d: doc, ...quote })}`;
    }
    if (state.layers.includes("check")) return "#check";
    if (state.layers.includes("library")) return "#library";
    return state.conversation ? `#${new URLSearchParams({ c: state.conversation })}` : "";
  }

  function read(fragment) {
    const params = new URLSearchParams(fragment.slice(1));
    const [, start, end] = /^(\d{1,10})-(\d{1,10})$/.exec(params.get("q") ?? "") ?? [0, 0, 0];
    const doc = params.get("d");
    const last = bq.lastConversation();
    const reader = doc ? { turn: "", place: 0, marks: [[doc, Number(start), Number(end), 0, params.get("w") ?? ""]] } : null;
    return {
      conversation: params.get("c") || (bq.hasConversation(last) ? last : null),
      layers: [...(params.has("library") && at("bq-library") ? ["library"] : []), ...(params.has("check") ? ["check"] : []), ...(reader ? ["reader"] : [])],
      reader,
    };
  }

  const write = (how, state, from) => {
    const address = location.pathname + location.search + written(state);
    try { history[how]({ ...state, from }, "", address); } catch { /* too many changes at once: the next one tells */ }
  };

  /* Brings the history in step with the page. */
  function settle() {
    if (moving || returning) return;
    const state = now();
    const here = history.state?.babelquote ? history.state : null;
    if (!here) return write("replaceState", state, null);
    if (key(state) === key(here)) {
      if (written(state) !== written(here)) write("replaceState", state, here.from);
      return;
    }
    const gone = here.layers.filter((name) => !state.layers.includes(name));
    const come = state.layers.filter((name) => !here.layers.includes(name));
    const same = state.conversation === here.conversation;
    if (same && !come.length && here.from === key(state)) {
      returning = setTimeout(back, 1000);
      return void history.back();
    }
    const begun = !here.conversation && !bq.turns().length; // it had no address before its first question
    const over = here.conversation && !bq.hasConversation(here.conversation);
    const replaces = (same && !come.length) || (gone.length && gone.every(passes)) || (!same && (begun || over));
    write(replaces ? "replaceState" : "pushState", state, replaces ? here.from : key(here));
  }

  function back() {
    clearTimeout(returning);
    returning = 0;
    settle();
  }

  async function follow(wanted) {
    const mine = (turn += 1);
    moving += 1;
    try {
      if (wanted.conversation !== (bq.conversation() ?? missing)) await converse(wanted.conversation);
      if (mine !== turn) return;
      for (const layer of LAYERS) if (shown(layer.id) && !wanted.layers.includes(layer.name)) layer.close();
      for (const layer of LAYERS) if (!shown(layer.id) && wanted.layers.includes(layer.name) && at(layer.id)) layer.open(wanted);
      if (wanted.reader && bq.readingNow() && JSON.stringify(bq.readingNow()) !== JSON.stringify(wanted.reader)) bq.openReader(wanted.reader);
    } finally {
      moving -= 1;
      if (mine === turn) write("replaceState", now(), wanted.from ?? null);
    }
  }

  async function converse(id) {
    missing = null;
    if (id && (await bq.openConversation(id))) return;
    bq.showEmpty();
    if (!id) return;
    missing = id;
    bq.say("conversation_gone");
  }

  bq.placed = () => { if (!moving) missing = null; queueMicrotask(settle); };

  bq.startAddress = () => {
    new MutationObserver(settle).observe(at("bq-shell"), { attributes: true, subtree: true, attributeFilter: ["hidden"] });
    new MutationObserver(settle).observe(at("bq-engine"), { attributes: true, subtree: true, attributeFilter: ["hidden"] });
    addEventListener("popstate", (event) => {
      if (returning) return void back();
      follow(event.state?.babelquote ? event.state : read(location.hash));
    });
    return follow(history.state?.babelquote ? history.state : read(location.hash));
  };
})();

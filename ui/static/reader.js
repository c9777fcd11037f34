/* The reader: a whole document beside the chat, open at the quoted words; and the card that floats over a citation. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const pane = () => document.getElementById("bq-reader");
  const card = () => document.getElementById("bq-float");
  let trail = [];
  let place = 0;
  let opener = null;
  let loading = 0;

  const cited = (article) => [...article.querySelectorAll(".bq-cards > .bq-card[data-cite]")];

  bq.read = (node, from) => {
    const article = node.closest(".bq-turn");
    trail = node.dataset.cite ? cited(article) : [node];
    place = Math.max(0, trail.indexOf(node));
    opener = from ?? document.activeElement;
    show();
  };

  /* A document of the library: no citation leads there. */
  bq.readDocument = (id, from) => bq.read(target([id, 0, 0, 0, ""]), from);

  function target([doc, start, end, cite, words]) {
    const node = document.createElement("i");
    Object.assign(node.dataset, { doc, start, end }, cite && { cite }, words && { words });
    return node;
  }

  /* What is read, for the address: the quotes that the steps lead through, and the turn whose they are. */
  bq.readingNow = () => {
    if (pane()?.hidden !== false || !trail.length) return null;
    const marks = trail.map(({ dataset }) => [dataset.doc, Number(dataset.start), Number(dataset.end), Number(dataset.cite ?? 0), dataset.words ?? ""]);
    return { turn: trail[0].closest(".bq-turn")?.dataset.turn ?? "", place, marks };
  };

  bq.openReader = (state) => {
    const turn = state.turn && document.querySelector(`.bq-turn[data-turn="${CSS.escape(state.turn)}"]`);
    trail = state.marks.map((mark) => (turn && mark[3] && turn.querySelector(`.bq-cards > .bq-card[data-cite="${mark[3]}"]`)) || target(mark));
    place = Math.min(Math.max(0, state.place), trail.length - 1);
    opener = trail[place].isConnected ? trail[place] : null;
    show();
  };

  /* A short sum of words (FNV-1a), by which an address knows them again. */
  const sum = (text) => {
    let value = 0x811c9dc5;
    for (const unit of new TextEncoder().encode(text)) value = Math.imul(value ^ unit, 0x01000193) >>> 0;
    return value.toString(36);
  };

  bq.readerActions = { "overview-point": (node) => bq.read(node, node) };

  bq.step = (by) => {
    if (trail.length < 2) return;
    place = (place + by + trail.length) % trail.length;
    show();
  };

  async function show() {
    const here = trail[place];
    const same = trail.filter((one) => one.dataset.doc === here.dataset.doc);
    const mark = (one) => [one.dataset.cite ?? 0, one.dataset.start, one.dataset.end].join("-");
    const query = new URLSearchParams({
      id: here.dataset.doc, marks: same.map(mark).join(","), current: here.dataset.cite ?? 0, language: bq.language,
    });
    if (here.dataset.answerWords) query.set("answer_words", here.dataset.answerWords);
    bq.closeDrawer();
    hideFloat();
    pane().hidden = false;
    document.body.classList.add("bq-reading");
    const page = document.getElementById("bq-page");
    const mine = (loading += 1);
    page.setAttribute("aria-busy", "true");
    label();
    const [html, trouble] = await fetched(query);
    if (mine !== loading) return; // another one was opened meanwhile
    page.setAttribute("aria-busy", "false");
    if (trouble) page.replaceChildren(note(trouble)); else page.innerHTML = html;
    const words = page.querySelector("mark[aria-current]");
    if (!trouble) check(here, page, [...page.querySelectorAll("mark[aria-current]")]);
    bq.translate(page);
    bq.drawWritten(here.dataset.doc);
    highlight(here);
    bq.pageView(here, trouble ? null : page.querySelector(".bq-reader-head"));
    if (words?.isConnected) { words.scrollIntoView({ block: "center" }); words.focus({ preventScroll: true }); } else page.scrollTop = 0;
    bq.placed?.();
  }

  async function fetched(query) {
    try {
      const answer = await bq.fetch(`chat/document?${query}`);
      if (answer.ok) return [await answer.text(), ""];
      return ["", { 401: "signed_out", 404: "document_gone" }[answer.status] ?? (answer.status < 500 ? "reader_failed" : "lost")];
    } catch { return ["", "lost"]; }
  }

  function note(key) {
    const line = document.createElement("p");
    line.className = "bq-note bq-failed";
    line.setAttribute("role", "alert");
    line.dataset.i18n = key;
    return line;
  }

  /* An address names words by their place; when others stand there by now, nothing is shown as quoted. */
  function check(here, page, marks) { // a quote over several cells of a table has a mark in each
    const quoted = Number(here.dataset.end) > Number(here.dataset.start);
    const digest = sum(marks.map((mark) => mark.textContent).join(""));
    if (here.dataset.words && quoted && (!marks.length || digest !== here.dataset.words)) {
      marks.forEach((mark) => mark.replaceWith(...mark.childNodes));
      page.prepend(note("words_changed"));
    } else if (marks.length) here.dataset.words = digest;
  }

  function label() {
    document.getElementById("bq-nth").textContent = trail.length > 1 ? bq.text("n_of", { n: place + 1, total: trail.length }) : "";
    document.querySelector("#bq-reader .bq-steps").hidden = trail.length < 2;
  }

  function highlight(here) {
    document.querySelectorAll(".bq-card[aria-current], .bq-chip[aria-current]").forEach((one) => one.removeAttribute("aria-current"));
    here?.setAttribute("aria-current", "true");
    const chips = here?.dataset.cite && here.isConnected ? here.closest(".bq-turn").querySelectorAll(`.bq-chip[data-cite="${here.dataset.cite}"]`) : [];
    chips.forEach((one) => one.setAttribute("aria-current", "true"));
  }

  bq.closeReader = () => {
    if (pane()?.hidden !== false) return false;
    pane().hidden = true;
    document.body.classList.remove("bq-reading");
    bq.forgetWritten();
    highlight(null);
    opener?.focus?.({ preventScroll: true });
    return true;
  };

  bq.redraw = () => {
    bq.drawSaved();
    bq.drawLibrary();
    bq.drawBackends();
    bq.drawStart();
    if (pane()?.hidden === false) show();
  };

  bq.cardOf = (chip) => chip.closest(".bq-turn")?.querySelector(`.bq-cards > .bq-card[data-cite="${chip.dataset.cite}"]`);

  bq.float = (chip) => {
    const source = bq.cardOf(chip);
    if (!source) return;
    const box = card();
    box.replaceChildren(...[...source.cloneNode(true).childNodes]);
    box.querySelectorAll("button").forEach((button) => {
      const title = document.createElement("strong");
      title.dir = button.dir;
      title.className = "bq-open";
      title.textContent = button.textContent;
      button.replaceWith(title);
    });
    box.hidden = false;
    const at = chip.getBoundingClientRect();
    const size = box.getBoundingClientRect();
    const room = window.innerWidth - size.width - 12;
    box.style.left = `${Math.max(12, Math.min(at.left + at.width / 2 - size.width / 2, room))}px`;
    const above = at.top - size.height - 10;
    box.style.top = `${above > 8 ? above : at.bottom + 10}px`;
    box.owner = chip;
  };

  function hideFloat() {
    const box = card();
    if (box) { box.hidden = true; box.owner = null; }
  }
  bq.hideFloat = hideFloat;
})();

/* The reader: a whole document beside the chat, open at the quoted words; and the card that floats over a citation. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const pane = () => document.getElementById("bq-reader");
  const card = () => document.getElementById("bq-float");
  let trail = [];
  let place = 0;
  let opener = null;

  const cited = (article) => [...article.querySelectorAll(".bq-cards > .bq-card[data-cite]")];

  bq.read = (target, from) => {
    const article = target.closest(".bq-turn");
    trail = target.dataset.cite ? cited(article) : [target];
    place = Math.max(0, trail.indexOf(target));
    opener = from ?? document.activeElement;
    show();
  };

  /* A document of the library: no citation leads there. */
  bq.readDocument = (id, from) => {
    const target = document.createElement("i");
    Object.assign(target.dataset, { doc: id, start: 0, end: 0 });
    bq.read(target, from);
  };

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
    bq.closeDrawer();
    hideFloat();
    pane().hidden = false;
    document.body.classList.add("bq-reading");
    const page = document.getElementById("bq-page");
    let answer = null;
    try { answer = await fetch(`chat/document?${query}`); } catch { /* the server is gone */ }
    if (answer?.ok) page.innerHTML = await answer.text();
    else {
      const note = document.createElement("p");
      note.className = "bq-note bq-failed";
      note.textContent = bq.text(answer ? "reader_failed" : "lost");
      page.replaceChildren(note);
    }
    bq.translate(page);
    label();
    highlight(here);
    const words = page.querySelector("mark[aria-current]");
    if (words) { words.scrollIntoView({ block: "center" }); words.focus({ preventScroll: true }); } else page.scrollTop = 0;
  }

  function label() {
    document.getElementById("bq-nth").textContent = trail.length > 1 ? bq.text("n_of", { n: place + 1, total: trail.length }) : "";
    document.querySelector("#bq-reader .bq-steps").hidden = trail.length < 2;
  }

  function highlight(here) {
    document.querySelectorAll(".bq-card[aria-current], .bq-chip[aria-current]").forEach((one) => one.removeAttribute("aria-current"));
    here?.setAttribute("aria-current", "true");
    const chips = here?.dataset.cite ? here.closest(".bq-turn").querySelectorAll(`.bq-chip[data-cite="${here.dataset.cite}"]`) : [];
    chips.forEach((one) => one.setAttribute("aria-current", "true"));
  }

  bq.closeReader = () => {
    if (pane()?.hidden !== false) return false;
    pane().hidden = true;
    document.body.classList.remove("bq-reading");
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

/* What is asked: the documents and collections that were picked, shown above the question box until they are let go. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);
  const KEY = "babelquote.scope";
  const SHOWN = 2; // names that are written out
  const OFFERED = 6;
  const NAME = /(^|\s)@([^\s@/,][^@/,\n]{0,59})?$/; // what is being typed before the caret
  const box = () => document.querySelector("#bq-question textarea");
  const text = (value) => typeof value === "string";
  let known = { collections: [], may: false };
  let offered = [];
  let active = 0;
  let typed = 0;

  function picked() {
    const kept = bq.got(KEY);
    const documents = Array.isArray(kept?.documents) ? kept.documents.filter((one) => text(one?.id) && text(one.title)) : [];
    return { documents, collections: Array.isArray(kept?.collections) ? kept.collections.filter(text) : [] };
  }

  function keep(now) {
    bq.put(KEY, now);
    draw();
    if (at("bq-library")?.hidden === false) bq.drawLibrary();
  }

  /* As it goes along with a question; nothing where all is asked. */
  bq.scope = () => {
    const { documents, collections } = picked();
    return documents.length || collections.length ? JSON.stringify({ documents: documents.map((one) => one.id), collections }) : "";
  };
  bq.picked = picked;
  bq.picks = (id) => picked().documents.some((one) => one.id === id);
  bq.picksCollection = (name) => picked().collections.includes(name);
  bq.letGo = () => keep({ documents: [], collections: [] });
  bq.pickOnly = (id, title) => { keep({ documents: [{ id, title }], collections: [] }); box()?.focus(); };
  bq.pick = (id, title) => {
    const now = picked();
    const documents = now.documents.filter((one) => one.id !== id);
    keep({ ...now, documents: documents.length < now.documents.length ? documents : [...documents, { id, title }] });
  };
  bq.pickCollection = (name) => {
    const now = picked();
    const collections = now.collections.filter((one) => one !== name);
    keep({ ...now, collections: collections.length < now.collections.length ? collections : [...collections, name] });
  };

  const names = () => { const now = picked(); return [...now.collections, ...now.documents.map((one) => one.title)]; };

  function draw() {
    const composer = at("bq-composer");
    if (!composer) return;
    if (!at("bq-scope")) composer.append(chip(), Object.assign(bq.make("ul"), { id: "bq-at", hidden: true }));
    const some = names();
    at("bq-scope").hidden = !some.length;
    document.body.classList.toggle("bq-scoped", some.length > 0);
    const list = some.slice(0, SHOWN).flatMap((name, place) => [...(place ? [bq.make("i", "", "·")] : []), Object.assign(bq.make("bdi", "", name), { title: name })]);
    if (some.length > SHOWN) list.push(bq.make("b", "", `+${some.length - SHOWN}`));
    at("bq-scope").querySelector(".bq-scope-names").replaceChildren(...list);
    bq.translate(at("bq-scope"));
    sayWhatIsChecked(some, list);
  }

  /* A text that is brought is held against the same. */
  function sayWhatIsChecked(some, list) {
    const line = at("bq-check-scope");
    if (!line) return;
    line.hidden = !some.length;
    const label = bq.make("span", "bq-scope-label");
    label.dataset.i18n = "scope_only";
    const lift = Object.assign(bq.make("button", "bq-tool"), { type: "button" });
    lift.dataset.do = "scope-lift";
    lift.dataset.i18n = "scope_lift";
    const names = bq.make("span", "bq-scope-names");
    names.append(...list.map((node) => node.cloneNode(true)));
    line.replaceChildren(label, names, lift);
    bq.translate(line);
  }

  function chip() {
    const node = bq.make("div");
    node.id = "bq-scope";
    node.setAttribute("role", "status");
    const open = Object.assign(bq.make("button", "bq-scope-open"), { type: "button" });
    open.dataset.do = "scope-open";
    const label = bq.make("span", "bq-scope-label");
    label.dataset.i18n = "scope_only";
    open.append(bq.make("span", "bq-icon bq-icon-scope"), label, bq.make("span", "bq-scope-names"));
    open.firstElementChild.setAttribute("aria-hidden", "true");
    const lift = Object.assign(bq.make("button", "bq-scope-lift"), { type: "button" });
    lift.dataset.do = "scope-lift";
    lift.dataset.i18nName = "scope_lift";
    lift.append(bq.make("span", "bq-icon bq-icon-close-reader"));
    node.append(open, lift);
    return node;
  }

  bq.scopeActions = {
    "scope-open": () => at("bq-library") && at("bq-library").hidden && document.querySelector('[data-do="library"]').click(),
    "scope-lift": () => { bq.letGo(); (at("bq-check")?.hidden === false ? at("bq-draft") : box())?.focus(); },
    only: (node) => {
      const card = node.closest("[data-doc]");
      bq.pickOnly(card.dataset.doc, (card.querySelector(".bq-open, .bq-title")?.textContent ?? card.dataset.doc).trim());
    },
  };

  bq.askCollections = async () => {
    if (!at("bq-library")) return known;
    try {
      const answer = await bq.fetch("library/collections");
      if (answer.ok) known = await answer.json();
    } catch { /* what was known stays */ }
    const here = picked();
    const left = here.collections.filter((name) => known.collections.some((one) => one.name === name));
    if (left.length < here.collections.length) keep({ ...here, collections: left });
    return known;
  };
  bq.collections = () => known;

  /* `@Name` of a collection, typed to its end, is picked as if it had been chosen from the list. */
  bq.takeNames = (question) => {
    let rest = question;
    for (const { name } of [...known.collections].sort((one, other) => other.name.length - one.name.length)) {
      const place = rest.toLowerCase().indexOf(`@${name.toLowerCase()}`);
      const before = rest[place - 1] ?? " ";
      const after = rest[place + name.length + 1] ?? " ";
      if (place < 0 || /\S/.test(before) || /[\p{L}\p{N}]/u.test(after)) continue;
      const left = `${rest.slice(0, place)}${rest.slice(place + name.length + 1)}`.replace(/\s+/g, " ").trim();
      if (!left) continue;
      rest = left;
      if (!bq.picksCollection(name)) bq.pickCollection(name);
    }
    return rest;
  };

  async function offer() {
    const field = box();
    const found = NAME.exec(field.value.slice(0, field.selectionStart));
    const mine = (typed += 1);
    if (!found || !at("bq-library")) return close();
    const words = (found[2] ?? "").trim();
    if (!known.collections.length) await bq.askCollections();
    const some = known.collections.filter((one) => one.name.toLowerCase().includes(words.toLowerCase())).map((one) => ({ name: one.name, count: one.documents }));
    let documents = [];
    try {
      const answer = await bq.fetch(`library/documents?${new URLSearchParams({ query: words, language: "", offset: 0 })}`);
      if (answer.ok) ({ documents } = await answer.json());
    } catch { /* collections alone */ }
    if (mine !== typed) return undefined;
    offered = [...some, ...documents.filter((one) => one.id).map((one) => ({ id: one.id, name: one.title, source: one.source }))].slice(0, OFFERED);
    active = 0;
    return offered.length ? list() : close();
  }

  function list() {
    const field = box();
    const node = at("bq-at");
    node.setAttribute("role", "listbox");
    node.setAttribute("aria-label", bq.text("scope_at"));
    node.replaceChildren(...offered.map((one, place) => {
      const item = bq.make("li");
      item.id = `bq-at-${place}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(place === active));
      item.append(bq.make("span", `bq-icon bq-icon-${one.id ? "document" : "scope"}`), bq.make("bdi", "", one.name));
      if (!one.id) item.append(bq.make("b", "", String(one.count)));
      item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(place); });
      return item;
    }));
    node.hidden = false;
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", "bq-at");
    field.setAttribute("aria-activedescendant", `bq-at-${active}`);
    return undefined;
  }

  function close() {
    offered = [];
    if (at("bq-at")) at("bq-at").hidden = true;
    box()?.removeAttribute("aria-activedescendant");
  }

  function choose(place) {
    const one = offered[place];
    const field = box();
    const before = field.value.slice(0, field.selectionStart).replace(NAME, "$1");
    const after = field.value.slice(field.selectionStart);
    field.value = before + after;
    field.setSelectionRange(before.length, before.length);
    close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    if (one.id) { if (!bq.picks(one.id)) bq.pick(one.id, one.name); } else if (!bq.picksCollection(one.name)) bq.pickCollection(one.name);
    field.focus();
  }

  /* Before the page's own keys: while names are offered, Enter takes one and asks nothing. */
  document.addEventListener("keydown", (event) => {
    if (event.target !== box() || !offered.length || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { active = (active + step + offered.length) % offered.length; list(); }
    else if (event.key === "Enter" || event.key === "Tab") choose(active);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("input", (event) => { if (event.target === box()) offer(); });
  document.addEventListener("focusout", (event) => { if (event.target === box()) setTimeout(close, 150); });

  bq.startScope = () => { draw(); bq.askCollections(); };
  bq.drawScope = draw;
})();

/* Collections in the library: those there are, and keeping what was ticked, or what a search finds, as one. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);
  const make = bq.make;
  let naming = false;
  let notice = "";

  /* The box before a document: what is ticked is asked. */
  bq.tickOf = (one) => {
    const tick = Object.assign(document.createElement("input"), { type: "checkbox", className: "bq-tick", checked: bq.picks(one.id) });
    tick.setAttribute("aria-label", `${bq.text("scope_tick")}: ${one.title}`);
    tick.dataset.tick = one.id;
    tick.addEventListener("change", () => { bq.pick(one.id, one.title); document.querySelector(`[data-tick="${CSS.escape(one.id)}"]`)?.focus(); });
    return tick;
  };

  const tool = (key, act, kind = "bq-tool") => {
    const node = Object.assign(make("button", kind, bq.text(key)), { type: "button" });
    node.addEventListener("click", act);
    return node;
  };

  function drawList() {
    const box = at("bq-collections");
    const { collections } = bq.collections();
    box.hidden = !collections.length;
    const focused = document.activeElement?.closest?.("#bq-collections button")?.dataset.name;
    const list = make("ul");
    list.setAttribute("aria-labelledby", "bq-collections-title");
    for (const one of collections) {
      const button = Object.assign(make("button", "bq-topic"), { type: "button" });
      button.dataset.name = one.name;
      button.setAttribute("aria-pressed", String(bq.picksCollection(one.name)));
      button.append(make("bdi", "", one.name), " ", make("b", "", String(one.documents)));
      if (one.closed) button.append(" ", make("small", "", bq.text("collection_closed")));
      button.addEventListener("click", () => bq.pickCollection(one.name));
      const item = make("li");
      item.append(button);
      list.append(item);
    }
    box.querySelector("ul").replaceWith(list);
    if (focused) [...list.querySelectorAll("button")].find((one) => one.dataset.name === focused)?.focus();
  }

  /* What was ticked, and what can be done with it; where nothing is, the search that narrows the list can be kept. */
  bq.drawCollections = (search) => {
    drawList();
    const bar = at("bq-picked");
    const { documents, collections } = bq.picked();
    const count = documents.length + collections.length;
    bar.hidden = !count && !(search && bq.collections().may);
    if (bar.hidden) { naming = false; return; }
    if (naming && document.activeElement?.id === "bq-collection-name") return;
    const words = make("span", "bq-picked-n", count ? bq.text("scope_n", { n: count }) : bq.text("found_n", { n: search.found }));
    const able = bq.collections().may && (documents.length || !count);
    bar.replaceChildren(words, ...(naming && able ? [form(documents, search)] : [
      ...(count ? [tool("scope_ask", ask, "bq-primary")] : []),
      ...(able ? [tool("collection_keep", () => { naming = true; bq.drawLibrary(); at("bq-collection-name").focus(); }, "bq-outline")] : []),
      ...(documents.length ? [] : forgetting(collections)),
      ...(count ? [tool("scope_clear", bq.letGo)] : []),
    ]));
    if (notice) bar.append(Object.assign(make("p", "bq-note bq-failed", notice), { role: "alert" }));
  };

  const ask = () => { bq.closeLibrary(); document.querySelector("#bq-question textarea")?.focus(); };

  function forgetting(names) {
    const one = names.length === 1 && bq.collections().collections.find((each) => each.name === names[0] && each.mine);
    return one ? [tool("collection_forget", () => send({ name: one.name, delete: true, ...owner(one) }))] : [];
  }

  const owner = (one) => (one.owner.includes(":") || one.owner === "everyone" ? { owner: one.owner } : {});

  function form(documents, search) {
    const node = make("form", "bq-collection-form");
    const field = Object.assign(document.createElement("input"), { type: "text", id: "bq-collection-name", maxLength: 60, placeholder: bq.text("collection_name_of") });
    field.setAttribute("aria-label", bq.text("collection_name_of"));
    const save = Object.assign(make("button", "bq-primary", bq.text("collection_save")), { type: "submit" });
    node.append(field, save, tool("close", () => { naming = false; notice = ""; field.blur(); bq.drawLibrary(); }));
    node.addEventListener("submit", async (event) => {
      event.preventDefault();
      const held = documents.length ? { documents: documents.map((one) => one.id) } : { matching: search.query };
      const name = field.value.trim().split(/\s+/).join(" ");
      const mine = bq.collections().collections.find((one) => one.mine && one.name.toLowerCase() === name.toLowerCase());
      field.blur();
      if (await send({ name, ...held, ...(mine ? owner(mine) : {}) })) { bq.letGo(); bq.pickCollection(name); }
    });
    return node;
  }

  async function send(body) {
    const told = await bq.send("library/collection", JSON.stringify(body), { "content-type": "application/json" });
    notice = told ? bq.text(told.error) : "";
    naming = Boolean(told);
    await bq.askCollections();
    bq.drawLibrary();
    return !told;
  }
})();

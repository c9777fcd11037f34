/* Collections in the library: those there are, and keeping what was ticked, or what narrows the list, as one. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);
  const make = bq.make;
  const MOST = 60; // letters of a name
  let shown = ""; // the collection whose documents are listed
  let notice = null;

  /* The box before a document: what is ticked is asked. */
  bq.tickOf = (one) => {
    const tick = Object.assign(document.createElement("input"), { type: "checkbox", className: "bq-tick", checked: bq.picks(one.id) });
    tick.setAttribute("aria-label", `${bq.text("scope_tick")}: ${one.title}`);
    tick.dataset.tick = one.id;
    tick.addEventListener("change", () => { bq.pick(one.id, one.title); document.querySelector(`[data-tick="${CSS.escape(one.id)}"]`)?.focus(); });
    return tick;
  };

  const tool = (key, act, kind = "bq-tool", values = {}) => {
    const node = Object.assign(make("button", kind, bq.text(key, values)), { type: "button" });
    node.addEventListener("click", act);
    return node;
  };
  bq.tool = tool;

  bq.shownCollection = () => shown;
  const sameName = (one, other) => one.toLowerCase() === other.toLowerCase();
  const ownerName = (one) => (one.owner === "everyone" ? "" : one.owner.includes(":") ? one.owner.slice(one.owner.indexOf(":") + 1) : "");

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
      if (one.closed) button.append(Object.assign(make("span", "bq-icon bq-icon-closed"), { ariaHidden: "true" }));
      button.append(make("bdi", "", one.name), " ", make("b", "", String(one.documents)));
      const more = [ownerName(one), one.closed && bq.text("collection_closed")].filter(Boolean);
      if (more.length) button.append(" ", Object.assign(make("small", "", more.join(" · ")), { dir: "auto" }));
      button.addEventListener("click", () => bq.pickCollection(one.name));
      const item = make("li");
      item.append(button);
      list.append(item);
    }
    box.querySelector("ul").replaceWith(list);
    if (focused) [...list.querySelectorAll("button")].find((one) => one.dataset.name === focused)?.focus();
  }

  /* What was ticked, and what can be done with it; where nothing is, what narrows the list can be kept. */
  bq.drawCollections = (search) => {
    drawList();
    const bar = at("bq-picked");
    const picked = bq.picked();
    const count = picked.documents.length + picked.collections.length;
    if (shown && !bq.picksCollection(shown)) { shown = ""; bq.listAgain(); }
    const editing = bq.editedCollection();
    bar.hidden = !count && !editing && !notice?.failed && !(search && bq.collections().may);
    if (bar.hidden) { notice = null; return; }
    const typing = editing && document.activeElement?.closest?.("#bq-picked .bq-collection-form");
    if (!typing) bar.replaceChildren(...(editing ? [bq.collectionForm()] : tools(picked, count, search)));
    tell(bar);
  };

  /* What became of a change, once: what is done above, what went wrong below. */
  function tell(bar) {
    if (!notice) return;
    for (const old of bar.querySelectorAll(":scope > :is(.bq-note, .bq-kept)")) old.remove();
    if (notice.failed) bar.append(Object.assign(make("p", "bq-note bq-failed", notice.text), { role: "alert" }));
    else bar.prepend(Object.assign(make("p", "bq-kept", notice.text), { role: "status", dir: "auto" }));
    notice = null;
  }

  function tools({ documents, collections }, count, search) {
    const words = make("span", "bq-picked-n", !count && !search ? "" : count ? bq.text("scope_n", { n: count }) : bq.text("found_n", { n: search.found }));
    const all = bq.collections().collections;
    const meant = collections.length === 1 ? all.filter((one) => sameName(one.name, collections[0])) : [];
    const mine = meant.filter((one) => one.mine);
    const able = bq.collections().may && (documents.length || (!count && search));
    return [words, ...(count ? [tool("scope_ask", ask, "bq-primary")] : []),
      ...(documents.length && mine.length ? [moved(mine[0], documents)] : []),
      ...(able ? [tool("collection_keep", () => keep(documents, search), "bq-outline")] : []),
      ...(meant.length && !documents.length ? [showing(meant[0]), ...mine.map((one) => changing(one, mine.length > 1))] : []),
      ...(count ? [tool("scope_clear", bq.letGo)] : [])];
  }

  const ask = () => { bq.closeLibrary(); document.querySelector("#bq-question textarea")?.focus(); };

  function showing(one) {
    const node = tool("collection_show", () => { shown = shown ? "" : one.name; bq.listAgain(); }, "bq-outline");
    node.setAttribute("aria-pressed", String(Boolean(shown)));
    return node;
  }

  function changing(one, several) {
    const node = tool("collection_change", () => { notice = null; bq.editCollection(one); }, "bq-outline");
    if (several) node.append(` (${ownerName(one) || bq.text("collection_everyone")})`);
    return node;
  }

  /* Ticked documents go into the one collection that is picked, or out of it where its documents are listed. */
  function moved(one, documents) {
    const ids = documents.map((each) => each.id);
    const out = shown && sameName(shown, one.name);
    return tool(out ? "collection_take" : "collection_put", async () => {
      const reply = await bq.changeCollection({ ...bq.whichCollection(one), [out ? "without" : "documents"]: ids });
      if (reply) { for (const each of documents) bq.pick(each.id, each.title); bq.listAgain(); }
    }, "bq-outline", { name: one.name });
  }

  /* A folder is kept as such: what comes into it later is in the collection, too. */
  function keep(documents, search) {
    if (documents.length) return made({ name: documents.length === 1 ? documents[0].title : bq.text("collection_new"), documents: documents.map((one) => one.id) });
    const { query, language, folder, topic } = search.query;
    const alone = folder && !query && !language && !topic && !search.query.collection;
    const name = query.trim() || (folder && bq.folderName()) || (topic && bq.topicName()) || bq.languageName(language);
    return made({ name, ...(alone ? { places: [folder] } : { matching: search.query }) });
  }

  bq.keepUploads = (uploads, names) => made({ name: names.length === 1 ? names[0].replace(/\.[^.]*$/, "") : bq.text("collection_uploaded", { when: bq.today() }), uploads });

  /* It is made at once, under a name that fits; the name can then be changed. */
  async function made({ name, ...held }) {
    const fit = [...name.normalize("NFC").replace(/[@/,\p{Cc}\p{Cs}]/gu, " ").split(/\s+/).join(" ").trim()].slice(0, MOST).join("").trim();
    const reply = await bq.changeCollection({ name: fit || bq.text("collection_new"), fresh: true, ...held });
    if (!reply) return false;
    bq.letGo();
    bq.pickCollection(reply.name);
    notice = { text: bq.text("collection_kept", { name: reply.name }) };
    const mine = bq.collections().collections.find((one) => one.mine && one.name === reply.name);
    if (mine) bq.editCollection(mine); else bq.drawLibrary();
    return true;
  }

  /* Sends a change; gives what the server replied, or null and shows why. */
  bq.changeCollection = async (body) => {
    let reply = null;
    const refused = await bq.send("library/collection", JSON.stringify(body), { "content-type": "application/json" }, (answer) => { reply = answer; });
    await bq.askCollections();
    notice = refused ? { failed: true, text: bq.text(refused.error) } : null;
    bq.drawLibrary();
    return refused ? null : reply;
  };
})();

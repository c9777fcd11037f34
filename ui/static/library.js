/* The library: what is indexed, and for those who may, adding to it, removing from it and bringing it up to date. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);
  const BEHIND = ["bq-past", "bq-live", "bq-composer", "bq-engine"];
  const TOLD = ["added", "changed", "renamed", "removed", "unchanged", "skipped", "failed", "warnings"];
  let rights = {};
  let page = null; // what the server listed last
  let rows = [];
  let leftOut = false; // whether what was left out is listed, instead of what is indexed
  let seen = null; // number of the build whose end was drawn
  let notice = null; // a sentence about the last upload or change
  let since = null; // number of the last build before what is reported on now
  let timer = 0;
  let opener = null;
  let uploaded = []; // what was just uploaded: the server's names and ours

  const open = () => at("bq-library")?.hidden === false;
  const make = bq.make;
  async function get(path) {
    try {
      const answer = await bq.fetch(path);
      return answer.ok ? await answer.json() : null;
    } catch { return null; }
  }

  const change = async (path, body, headers = {}, taken) => bq.send(`library/${path}`, body, { "x-babelquote-token": rights.token ?? "", ...headers }, taken);

  const sentence = (reply) => {
    const words = bq.text(reply.error, { n: reply.detail || Math.round((rights.bytes ?? 0) / 1e6) });
    const why = reply.error === "upload_unreadable" && reply.detail ? bq.reason(reply.detail) : "";
    const more = why ? `${why[0].toLocaleUpperCase(bq.language)}${why.slice(1)}.` : reply.error === "upload_kind" ? `(${reply.detail})` : "";
    return [words, more].filter(Boolean).join(" ");
  };

  const more = () => Object.entries({ topic: bq.topic(), folder: bq.folder(), collection: bq.shownCollection() }).filter(([, value]) => value);
  const wanted = () => ({ query: at("bq-library-find").value, language: at("bq-library-language").value, ...Object.fromEntries(more()) });
  const narrowing = () => (!leftOut && page.found && Object.values(wanted()).some(Boolean) ? { query: wanted(), found: page.found } : null); // what narrows the list, and how much it finds
  async function load(more) {
    const query = new URLSearchParams({ ...wanted(), offset: more ? rows.length : 0 });
    if (leftOut) query.set("state", "skipped");
    const found = await get(`library/documents?${query}`);
    if (!found) { if (!notice?.lost) notice = { failed: true, text: bq.text("library_unreadable") }; return drawBuild(); }
    page = found;
    rows = more ? [...rows, ...found.documents] : found.documents;
    return bq.drawLibrary();
  }

  async function look() {
    clearTimeout(timer);
    const state = await get(`library/state${since === null ? "" : `?since=${since}`}`);
    if (!state) { rights.build = {}; notice = { lost: true, failed: true, text: bq.text("lost") }; drawBuild(); }
    if (state) {
      if (notice?.lost) { notice = null; if (!page) load(); }
      rights = state;
      const ended = !state.build.running && seen !== null && state.build.number !== seen;
      if (!state.build.running) seen = state.build.number;
      drawBuild();
      if (ended) await load();
    }
    if (open()) timer = setTimeout(look, rights.build?.running ? 400 : 4000);
  }

  bq.listAgain = () => load();
  bq.drawLibrary = () => {
    if (!page || !open()) return;
    const nothing = page.total === 0 && !rows.length && !leftOut;
    at("bq-counts").textContent = nothing ? "" : [bq.text("library_counts", { n: page.total, m: page.passages }), bq.span(), bq.when(page.built_at)].filter(Boolean).map((part) => part.replaceAll(" ", "\u00a0")).join(" · "); // a date stays on its line
    at("bq-documents").replaceChildren(...rows.map(row));
    if (nothing) at("bq-documents").append(bq.emptyLibrary(rights.admin, send));
    else if (!rows.length) at("bq-documents").append(make("li", "bq-none", bq.text("library_none")));
    at("bq-library").classList.toggle("bq-holds-nothing", nothing);
    bq.drawPlaces(page.places, send);
    bq.drawTopics(() => load());
    bq.drawFolders(page.folders, () => load());
    bq.drawCollections(narrowing());
    if (!nothing) bq.askTopics(page.generation, () => load());
    document.querySelector('[data-do="library-more"]').hidden = rows.length >= page.found;
    drawLanguages();
    const skipped = page.states.skipped ?? 0;
    const button = make("button", "bq-tool", bq.text("library_left_out", { n: skipped }));
    button.type = "button";
    button.setAttribute("aria-pressed", String(leftOut));
    button.addEventListener("click", () => { leftOut = !leftOut; load(); });
    at("bq-left-out").replaceChildren(...(skipped ? [button] : []));
    at("bq-limits").textContent = bq.text("library_limits", { n: Math.round((rights.bytes ?? 0) / 1e6) });
    drawBuild();
  };

  function drawLanguages() {
    const pick = at("bq-library-language");
    const chosen = pick.value;
    const options = Object.entries(page.languages).map(([code, count]) => {
      const option = make("option", "", `${code === "und" ? "—" : bq.languageName(code)} (${count})`);
      option.value = code;
      return option;
    });
    pick.replaceChildren(pick.firstElementChild, ...options);
    pick.value = chosen;
  }

  function row(one) {
    const line = make("li", "bq-document");
    line.dataset.state = one.state;
    const text = make("div", "bq-document-text");
    const title = make(one.id ? "button" : "span", "bq-document-title", one.title);
    title.dir = "auto";
    if (one.id) { title.type = "button"; title.addEventListener("click", () => bq.readDocument(one.id, title)); }
    const meta = make("p", "bq-meta");
    const parts = [
      one.language !== "und" && bq.languageName(one.language), one.date && bq.dateName(one.date),
      one.id && bq.text("passages_n", { n: one.passages }), one.source !== one.title && one.source,
    ].filter(Boolean).flatMap((part) => [make("span", "bq-dot", "·"), make("bdi", "", part)]);
    meta.append(...parts.slice(1));
    text.append(title, meta);
    if (one.state !== "indexed" || one.reason) {
      const state = make("p", "bq-state");
      const doubts = one.state === "indexed" ? one.warnings : [one.reason];
      const why = one.taken_out ? bq.text("reason_taken_out") : doubts.map(bq.reason).join("\n");
      state.append(make("strong", "", bq.text(`state_${one.state}`)), " ", make("bdi", "", why));
      text.append(state);
    }
    if (one.id) line.append(bq.tickOf(one));
    line.append(text);
    const removal = rights.admin && bq.removalOf(one, line, send);
    if (removal) line.append(removal);
    return line;
  }

  const send = (path, fields, line) => act(path, JSON.stringify(fields), line);

  /* What is reported on from here: this change and what comes while it is worked on. */
  const begin = () => { if (!rights.build?.running) since = rights.build?.number ?? 0; };

  async function act(path, body, line) {
    line?.classList.add("bq-going");
    begin();
    const reply = await change(path, body, { "content-type": "application/json" });
    notice = reply && { failed: true, text: sentence(reply) };
    if (reply) line?.classList.remove("bq-going");
    await look();
    return !reply;
  }

  async function upload(files) {
    const failed = [];
    if (!rights.build?.running) uploaded = [];
    begin();
    for (const file of files) {
      notice = { text: bq.text("stage_uploading", { name: file.name }) };
      drawBuild();
      const large = rights.bytes && file.size > rights.bytes;
      const reply = large ? { error: "upload_large" } : await change(`upload?name=${encodeURIComponent(file.name)}`, file, { "content-type": "application/octet-stream" }, ({ upload: place }) => { uploaded.push([place, file.name]); });
      if (reply) failed.push([file.name, sentence(reply)]);
    }
    notice = failed.length ? { failed: true, text: failed } : null;
    await look();
  }

  function drawBuild() {
    at("bq-admin").hidden = !rights.admin;
    at("bq-adding").hidden = !rights.admin;
    at("bq-add").hidden = !rights.local;
    if (rights.extensions) at("bq-files").accept = rights.extensions.join(",");
    const build = rights.build ?? {};
    const box = at("bq-build");
    const visible = build.running || notice || (build.number && rights.admin);
    box.hidden = !visible;
    box.classList.toggle("bq-working", Boolean(build.running));
    const bar = box.querySelector(".bq-progress");
    bar.hidden = !build.running;
    const share = build.total ? Math.round((100 * build.done) / build.total) : 0;
    bar.setAttribute("aria-valuenow", share);
    bar.setAttribute("aria-label", bq.text("library_update"));
    bar.firstElementChild.style.inlineSize = `${share}%`;
    const words = box.querySelector(".bq-stage");
    const fresh = build.report && (since === null || build.number > since || !notice?.failed);
    const flaw = notice?.failed || build.report?.failed?.length;
    const sending = notice && !notice.failed; // how it went is known when all files have come
    const step = [bq.text(`stage_${build.stage ?? "reading"}`), build.total > 1 ? bq.text("n_of", { n: build.done, total: build.total }) : ""];
    const said = build.running ? step.filter(Boolean).join(": ") : fresh && !sending ? bq.text(flaw ? "build_partly" : "build_done") : "";
    if (words.textContent !== said) words.textContent = said;
    box.querySelector(".bq-report").replaceChildren(...troubles(build), ...(fresh && !build.running ? [report(build.report)] : []));
    box.querySelector(".bq-keep").hidden = !uploaded.length || Boolean(build.running) || !bq.collections().may;
    at("bq-library").classList.toggle("bq-at-work", Boolean(build.running));
    const update = document.querySelector('[data-do="library-update"]');
    if (update) update.setAttribute("aria-disabled", String(Boolean(build.running)));
  }

  function troubles(build) {
    const notes = [];
    const note = (head, text, failed) => {
      const node = make("p", failed ? "bq-note bq-failed" : "bq-note");
      if (failed) node.setAttribute("role", "alert");
      if (head) node.append(make("strong", "", head));
      if (typeof text === "string") node.append(Object.assign(make("span", "", text), { dir: "auto" }));
      else node.append(...text.map(([name, why]) => {
        const line = make("span"); // runs as the interface does, whatever the name is written in
        line.append(make("bdi", "", name), `: ${why}`);
        return line;
      }));
      notes.push(node);
    };
    if (!build.running && build.problem) note(bq.text(build.busy ? "build_busy" : "build_failed"), bq.reason(build.problem), true);
    if (notice) note("", notice.text, notice.failed);
    return notes;
  }

  function report(done) {
    const list = make("ul", "bq-counts");
    for (const kind of TOLD) {
      const names = (done[kind] ?? []).map((one) => (Array.isArray(one) ? one : [one, ""]));
      if (!names.length) continue;
      const item = make("li");
      item.dataset.kind = kind;
      const details = make("details");
      const summary = make("summary", "", `${bq.text(`report_${kind}`)} `);
      summary.append(make("b", "", String(names.length)));
      details.open = kind === "failed" || (["added", "warnings"].includes(kind) && names.length <= 10);
      details.append(summary, ...names.slice(0, 50).map(([name, why]) => {
        const one = make("p");
        one.append(make("bdi", "", kind === "warnings" ? bq.reason(name) : name), ...(why ? [": ", make("bdi", "", bq.reason(why))] : []));
        return one;
      }));
      item.append(details);
      list.append(item);
    }
    return list;
  }

  bq.closeLibrary = () => {
    if (!open()) return false;
    at("bq-library").hidden = true;
    document.body.classList.remove("bq-in-library");
    for (const id of BEHIND) at(id).inert = false;
    clearTimeout(timer);
    opener?.focus?.({ preventScroll: true });
    return true;
  };

  async function show(from) {
    opener = from;
    bq.closeReader();
    bq.closeDrawer();
    bq.closeCheck();
    at("bq-library").hidden = false;
    document.body.classList.add("bq-in-library");
    for (const id of BEHIND) at(id).inert = true;
    at("bq-library").focus({ preventScroll: true });
    notice = null;
    await look();
    await Promise.all([bq.askCollections(), load()]);
    bq.drawLibrary();
  }

  /* Where there is nothing to ask, the page begins with what can be asked. */
  bq.startLibrary = async () => {
    if (!at("bq-library")) return;
    const state = await get("library/state");
    if (state?.empty && !open()) await show(null);
  };

  bq.libraryActions = {
    library: (node) => (open() ? bq.closeLibrary() : show(node)),
    "library-more": () => load(true),
    "library-add": () => at("bq-files").click(),
    "library-update": () => act("update", "{}"),
    "library-place": () => place(),
    "keep-uploads": async () => {
      if (await bq.keepUploads(uploaded.map(([place]) => place), uploaded.map(([, name]) => name))) { uploaded = []; drawBuild(); }
    },
  };

  async function place() {
    const where = at("bq-place").value.trim();
    if (where && (await act("add", JSON.stringify({ place: where })))) at("bq-place").value = "";
  }

  let typing = 0;
  document.addEventListener("input", (event) => {
    if (event.target.id === "bq-library-find") { clearTimeout(typing); typing = setTimeout(load, 150); }
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "bq-library-language") load();
    if (event.target.id === "bq-files") { upload([...event.target.files]); event.target.value = ""; }
  });
  document.addEventListener("submit", (event) => { if (event.target.id === "bq-add") { event.preventDefault(); place(); } });
  bq.mayDrop = () => open() && rights.admin;
  bq.upload = upload;
})();

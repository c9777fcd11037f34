/* The page of a PDF as it looks, beside its text: drawn by the server when it is looked at, the quoted words marked. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);
  const KEY = "babelquote.view";
  let here = null; // what the reader shows
  let page = 0;
  let pages = 0;
  let zoom = 0;
  let asked = 0;

  const wanted = () => bq.kept(KEY) === "page";
  const sheet = () => at("bq-sheet");

  function press() {
    for (const kind of ["page", "text"]) {
      document.querySelector(`[data-do="view-${kind}"]`).setAttribute("aria-pressed", String((kind === "page") === wanted()));
    }
    const looks = wanted() && !at("bq-views").hidden;
    at("bq-page").hidden = looks;
    sheet().hidden = !looks;
    at("bq-sheet-tools").hidden = !looks;
  }

  /* Called by the reader for each document that it has drawn. */
  bq.pageView = (node, head) => {
    here = node;
    page = 0;
    at("bq-views").hidden = !head?.dataset.pages;
    const original = at("bq-original");
    original.hidden = !head?.dataset.original;
    original.href = `chat/original?${new URLSearchParams({ id: node.dataset.doc })}`;
    const web = at("bq-web");
    web.hidden = !head?.dataset.web;
    if (head?.dataset.web) web.href = head.dataset.web;
    at("bq-views-bar").hidden = at("bq-views").hidden && original.hidden && web.hidden;
    press();
    if (!sheet().hidden) draw();
  };

  function note(key) {
    const line = document.createElement("p");
    line.className = "bq-note";
    line.setAttribute("role", "status");
    line.dataset.i18n = key;
    return line;
  }

  async function draw() {
    const mine = (asked += 1);
    const query = new URLSearchParams({ id: here.dataset.doc, start: here.dataset.start ?? 0, end: here.dataset.end ?? 0, page, zoom });
    sheet().setAttribute("aria-busy", "true");
    const sheetData = await fetched(query);
    if (mine !== asked) return;
    sheet().setAttribute("aria-busy", "false");
    if (sheetData.error) {
      // Its text can still be read: that it is shown instead is said above it.
      sheet().hidden = true;
      at("bq-page").hidden = false;
      at("bq-page").querySelector(".bq-no-page")?.remove();
      const line = note(sheetData.error);
      line.classList.add("bq-no-page");
      at("bq-page").prepend(line);
      bq.translate(at("bq-page"));
      return;
    }
    page = sheetData.page;
    pages = sheetData.pages;
    at("bq-sheet-n").textContent = bq.text("n_of", { n: page, total: pages });
    document.querySelector('[data-do="page-back"]').disabled = page <= 1;
    document.querySelector('[data-do="page-on"]').disabled = page >= pages;
    document.querySelector('[data-do="zoom-out"]').disabled = zoom <= 0;
    document.querySelector('[data-do="zoom-in"]').disabled = zoom >= 2;
    show(sheetData);
  }

  function show(sheetData) {
    const frame = document.createElement("div");
    frame.className = "bq-paper";
    frame.style.setProperty("--zoom", [1, 1.5, 2.25][zoom]);
    frame.style.aspectRatio = `${sheetData.width} / ${sheetData.height}`;
    const image = document.createElement("img");
    image.src = sheetData.image;
    image.width = sheetData.width;
    image.height = sheetData.height;
    image.alt = bq.text("page_n", { n: sheetData.page });
    frame.append(image, ...sheetData.boxes.map(([left, top, right, bottom]) => {
      const mark = document.createElement("span");
      mark.className = "bq-box";
      mark.style.cssText = `left:${100 * left}%;top:${100 * top}%;width:${100 * (right - left)}%;height:${100 * (bottom - top)}%`;
      return mark;
    }));
    sheet().replaceChildren(...(sheetData.note ? [note(sheetData.note)] : []), frame);
    bq.translate(sheet());
    const first = frame.querySelector(".bq-box");
    if (first) first.scrollIntoView({ block: "center", inline: "center" }); else sheet().scrollTop = 0;
  }

  async function fetched(query) {
    try {
      const answer = await bq.fetch(`chat/page?${query}`, {}, 40);
      if (answer.status === 401) return { error: "signed_out" };
      return await answer.json();
    } catch { return { error: "lost" }; }
  }

  const turn = (by) => { page = Math.max(1, Math.min(pages, page + by)); draw(); };
  const size = (by) => { zoom = Math.max(0, Math.min(2, zoom + by)); draw(); };
  const view = (kind) => { bq.keep(KEY, kind); press(); if (kind === "page") draw(); };

  bq.pageActions = {
    "view-page": () => view("page"),
    "view-text": () => view("text"),
    "page-back": () => turn(-1),
    "page-on": () => turn(1),
    "zoom-in": () => size(1),
    "zoom-out": () => size(-1),
  };
})();

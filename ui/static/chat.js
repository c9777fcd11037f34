/* Asking, stopping, and every button of the page. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);
  const box = () => document.querySelector("#bq-question textarea");
  const live = () => document.querySelector("#bq-live .bq-turn");
  let empty = null; // the first view, kept to come back to
  let home = null; // the element that the framework fills with the newest turn
  let next = null; // a question that was clicked, not typed
  let run = null;
  let gone = false; // the server went away, and the framework's session with it

  const MOST_SENT = 20_000; // far more than is read; what is longer is refused, and its author finds it again

  const busy = () => live()?.getAttribute("aria-busy") === "true";

  /* Runs in the browser before each question goes out; what it returns is what the server gets. */
  bq.ask = (typed) => {
    const question = (next ?? typed ?? "").trim();
    next = null;
    run = bq.random();
    const context = bq.context();
    clearBox();
    moveToPast();
    drawThinking(question);
    return [question.slice(0, MOST_SENT), context, run, bq.language, bq.backend()];
  };

  bq.askNow = (question) => {
    if (busy()) return;
    if (gone) return void revive(question);
    next = question;
    at("bq-ask").click();
  };

  function clearBox() {
    const field = box();
    field.value = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function moveToPast() {
    const done = live();
    if (done) at("bq-history").append(done.cloneNode(true));
  }

  /* As the server tells them apart (`ui/question_html.py`). */
  const isLong = (text) => text.length > 280 || text.split("\n").length > 5;

  function unfold(node) {
    const open = node.getAttribute("aria-expanded") !== "true";
    node.setAttribute("aria-expanded", String(open));
    node.previousElementSibling.classList.toggle("bq-open-question", open);
  }

  function drawThinking(question) {
    const article = document.createElement("article");
    article.className = "bq-turn";
    article.dataset.state = "thinking";
    article.setAttribute("aria-busy", "true");
    article.innerHTML =
      '<div class="bq-main"><h2 class="bq-question"></h2><p class="bq-thinking" role="status">' +
      '<span class="bq-dots" aria-hidden="true"><i></i><i></i><i></i></span><span data-i18n="thinking"></span></p></div>' +
      '<aside class="bq-sources bq-loading" aria-hidden="true"><div class="bq-bone"><i></i><i></i><i></i></div>' +
      '<div class="bq-bone"><i></i><i></i><i></i></div></aside>';
    const heading = article.querySelector("h2");
    Object.assign(heading, { textContent: question, dir: bq.direction(question) });
    if (isLong(question)) {
      heading.classList.add("bq-long");
      heading.insertAdjacentHTML("afterend", '<button type="button" class="bq-tool bq-fold" data-do="unfold" aria-expanded="false">' +
        '<span class="bq-more" data-i18n="show_all"></span><span class="bq-less" data-i18n="show_less"></span></button>');
    }
    home.replaceChildren(article);
    bq.translate(article);
    sync();
    // Twice: the box loses its lines and the past its place in the frame after this one.
    article.scrollIntoView({ block: "start" });
    requestAnimationFrame(() => live()?.scrollIntoView({ block: "start" }));
  }

  /* Asks a server that is back: the page starts anew, the conversation is still in this browser. */
  async function revive(question) {
    try { if (!(await fetch("health")).ok) return; } catch { return; }
    try { sessionStorage.setItem("babelquote.next", question); } catch { return; }
    location.reload();
  }

  function fail(key) {
    gone = gone || key === "lost";
    const article = live();
    if (!article || !busy()) return;
    article.dataset.state = "failed";
    article.setAttribute("aria-busy", "false");
    const question = article.querySelector(".bq-question").textContent;
    const note = document.createElement("div");
    note.className = "bq-note bq-failed";
    note.setAttribute("role", "alert");
    note.innerHTML = '<strong data-i18n="failed"></strong><span></span>';
    note.lastElementChild.dataset.i18n = key;
    const tools = document.createElement("div");
    tools.className = "bq-tools";
    tools.innerHTML = '<button type="button" class="bq-tool" data-do="retry"><span class="bq-icon bq-icon-retry" aria-hidden="true"></span><span data-i18n="retry"></span></button>';
    article.querySelector(".bq-main").replaceChildren(...article.querySelectorAll(".bq-question, .bq-fold"), note, tools);
    article.querySelector(".bq-sources")?.remove();
    article.dataset.question = question;
    bq.translate(article);
    sync();
  }

  const stop = () => run && fetch(`chat/stop/${run}`, { method: "POST" }).catch(() => fail("lost"));

  bq.showPast = (html) => {
    bq.closeLibrary();
    at("bq-history").innerHTML = html;
    home.replaceChildren();
    bq.closeReader();
    bq.closeDrawer();
    bq.translate(at("bq-history"));
    sync();
    at("bq-history").lastElementChild?.scrollIntoView({ block: "start" });
    box()?.focus();
  };

  bq.startNew = () => {
    if (busy()) stop();
    bq.leave();
    bq.showPast("");
    home.replaceChildren(empty.cloneNode(true));
    bq.translate(document.body);
    window.scrollTo({ top: 0 });
  };

  bq.closeDrawer = () => {
    if (at("bq-drawer")?.hidden !== false) return false;
    at("bq-drawer").hidden = true;
    return true;
  };

  const question = (node) => node.closest(".bq-turn").dataset.question ?? node.closest(".bq-turn").querySelector(".bq-question").textContent;

  function edit(node) {
    const field = box();
    field.value = question(node);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }

  async function copy(node) {
    const turn = JSON.parse(node.closest(".bq-turn").dataset.record);
    try { await navigator.clipboard.writeText(bq.plain(turn)); } catch { return; }
    const words = node.querySelector("[data-i18n]");
    words.textContent = bq.text("copied");
    setTimeout(() => { words.textContent = bq.text("copy"); }, 1600);
  }

  const REASONS = ["wrong", "incomplete", "source", "refused"];
  async function judge(node, rating, reason = "") {
    const tools = node.closest(".bq-tools");
    const record = node.closest(".bq-turn").dataset.record;
    const sent = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ record, rating, reason }) };
    let kept = false;
    try { kept = (await fetch("chat/feedback", sent)).ok; } catch { /* told below */ }
    tools.querySelectorAll(".bq-judge").forEach((one) => one.setAttribute("aria-pressed", String(kept && one.dataset.do === rating)));
    tools.parentElement.querySelector(".bq-reasons")?.remove();
    const box = document.createElement("div");
    box.className = "bq-reasons";
    box.setAttribute("role", "status");
    const line = box.appendChild(document.createElement("span"));
    line.dataset.i18n = kept ? (rating === "bad" && !reason ? "bad_why" : "thanks") : "lost";
    if (line.dataset.i18n === "bad_why") {
      for (const why of REASONS) {
        const button = box.appendChild(document.createElement("button"));
        button.type = "button";
        button.className = "bq-tool";
        button.dataset.do = "because";
        button.dataset.why = why;
        button.dataset.i18n = `bad_${why}`;
      }
    }
    tools.after(box);
    bq.translate(box);
  }

  function theme(wanted) {
    document.documentElement.dataset.theme = wanted;
    document.body.classList.toggle("dark", wanted === "dark");
  }
  const system = matchMedia("(prefers-color-scheme: dark)");
  const followed = () => bq.kept("babelquote.theme") ?? (system.matches ? "dark" : "light");

  const actions = {
    copy, edit, unfold,
    good: (node) => judge(node, "good"),
    bad: (node) => judge(node, "bad"),
    because: (node) => judge(node.closest(".bq-reasons").previousElementSibling, "bad", node.dataset.why),
    retry: (node) => bq.askNow(question(node)),
    new: () => { bq.closeLibrary(); bq.startNew(); },
    ...bq.libraryActions,
    ...bq.backendActions,
    receipt: (node) => bq.saveReceipt(JSON.parse(node.closest(".bq-turn").dataset.record)),
    drawer: () => { bq.closeReader(); bq.drawSaved(); at("bq-drawer").hidden = !at("bq-drawer").hidden; if (!at("bq-drawer").hidden) at("bq-find").focus(); },
    "close-drawer": () => bq.closeDrawer(),
    "close-reader": () => bq.closeReader(),
    previous: () => bq.step(-1),
    next: () => bq.step(1),
    ...Object.fromEntries(["markdown", "html", "json"].map((kind) => [`save-${kind}`, () => bq.save(kind)])),
    "sign-out": () => {
      const form = Object.assign(document.createElement("form"), { method: "post", action: "logout", hidden: true });
      document.body.append(form);
      form.submit();
    },
    theme: () => {
      const wanted = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
      bq.keep("babelquote.theme", wanted);
      theme(wanted);
    },
  };

  document.addEventListener("click", (event) => {
    const node = event.target.closest?.("[data-do], .bq-chip[data-cite], .bq-open, .bq-card, .bq-example, .bq-skip");
    if (!node) return bq.hideFloat?.();
    if (node.dataset.do) return actions[node.dataset.do]?.(node);
    if (node.matches(".bq-skip")) return box()?.focus();
    if (node.matches(".bq-example")) return bq.askNow(node.textContent);
    if (node.matches(".bq-chip")) {
      // A finger has no hover: the first tap shows the card, the next one opens the document.
      if (event.pointerType === "touch" && at("bq-float").owner !== node) return bq.float(node);
      return bq.cardOf(node) && bq.read(bq.cardOf(node), node);
    }
    if (getSelection()?.toString()) return undefined; // words are being selected, not clicked
    const card = node.closest(".bq-turn .bq-card");
    return card && bq.read(card, node);
  });

  const hover = (event) => {
    const chip = event.target.closest?.(".bq-chip[data-cite]");
    if (chip) bq.float(chip); else if (at("bq-float")?.owner && event.type === "mouseover") bq.hideFloat();
  };
  document.addEventListener("mouseover", hover);
  document.addEventListener("focusin", (event) => (event.target.matches?.(".bq-chip[data-cite]:focus-visible") ? bq.float(event.target) : bq.hideFloat?.()));

  /* In the capture phase, before the framework sees it: Enter that picks a word in an input method is no question,
     an empty box asks nothing, and while an answer comes the button stops it. */
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return void (bq.hideFloat(), bq.closeBackends() || bq.closeReader() || bq.closeDrawer() || bq.closeLibrary());
    if (event.target !== box() || event.key !== "Enter" || event.shiftKey) return undefined;
    if (event.isComposing || event.keyCode === 229 || busy() || !event.target.value.trim()) {
      event.stopImmediatePropagation();
      if (!event.isComposing) event.preventDefault();
    }
    if (gone) { event.stopImmediatePropagation(); event.preventDefault(); revive(event.target.value); }
    return undefined;
  }, true);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#bq-ask")) return;
    if (busy()) { event.stopImmediatePropagation(); stop(); }
    else if (next === null && !box()?.value.trim()) { event.stopImmediatePropagation(); box()?.focus(); }
    else if (gone) { event.stopImmediatePropagation(); revive(next ?? box().value); }
  }, true);

  let told = false;
  function sync() {
    const working = busy();
    document.body.classList.toggle("bq-busy", working);
    document.body.classList.toggle("bq-talking", Boolean(live() || at("bq-history")?.childElementCount));
    const button = at("bq-ask");
    const name = bq.text(working ? "stop" : "ask");
    if (button && button.getAttribute("aria-label") !== name) { button.setAttribute("aria-label", name); button.title = name; }
    const record = live()?.dataset.record;
    if (record && told !== record) { told = record; bq.saveTurn(JSON.parse(record)); }
  }

  async function takeUp() {
    await Promise.all([bq.startBackends(), bq.resume()]);
    await bq.startLibrary();
    let waiting = null;
    try { waiting = sessionStorage.getItem("babelquote.next"); sessionStorage.removeItem("babelquote.next"); } catch { /* private window */ }
    if (waiting) bq.askNow(waiting);
  }

  function watch() {
    const first = document.querySelector("#bq-live .bq-empty");
    home = first.parentElement;
    empty = first.cloneNode(true);
    bq.startTexts();
    theme(followed());
    bq.drawSaved();
    document.querySelector("[data-do=sign-out]").hidden = !bq.signedIn();
    sync();
    takeUp();
    at("bq-pick").addEventListener("change", (event) => { bq.keep("babelquote.language", event.target.value); bq.speak(event.target.value); sync(); });
    at("bq-find").addEventListener("input", () => bq.drawSaved());
    document.addEventListener("input", (event) => { if (event.target === box()) bq.turnBox(event.target); });
    system.addEventListener("change", () => theme(followed()));
    new MutationObserver((changes) => {
      for (const change of changes) {
        for (const node of change.addedNodes) {
          if (node.nodeType !== 1) continue;
          if (node.closest("#bq-live, #bq-composer")) bq.translate(node);
          const toast = node.matches?.(".toast-body, .toast-wrap *") ? node : node.querySelector?.(".toast-body");
          if (toast) fail(/busy|full|queue/i.test(toast.textContent) ? "busy" : "lost");
        }
        if (change.type === "characterData" || change.type === "attributes") {
          const around = change.target.nodeType === 1 ? change.target : change.target.parentElement;
          if (around?.closest?.("#bq-live")) bq.translate(around);
        }
      }
      sync();
    }).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["data-state", "aria-busy", "data-record", "data-i18n"] });
    document.documentElement.dataset.ready = "true";
  }

  /* The framework draws the page after the scripts have run. */
  const timer = setInterval(() => {
    if (!at("bq-shell") || !at("bq-pick") || !at("bq-history") || !at("bq-backend") || !box() || !document.querySelector("#bq-live .bq-empty")) return;
    clearInterval(timer);
    watch();
  }, 30);
  document.documentElement.dataset.theme = system.matches ? "dark" : "light";
  const early = bq.kept("babelquote.theme");
  if (early) document.documentElement.dataset.theme = early;
})();

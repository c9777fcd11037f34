/* Every button and key of the page. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);
  const box = () => document.querySelector("#bq-question textarea");
  let empty = null; // the first view, kept to come back to

  bq.showPast = (html) => {
    bq.closeLibrary();
    bq.closeCheck();
    bq.unsay();
    at("bq-history").innerHTML = html;
    bq.home.replaceChildren();
    bq.closeReader();
    bq.closeDrawer();
    bq.translate(at("bq-history"));
    sync();
    at("bq-history").lastElementChild?.scrollIntoView({ block: "start" });
    box()?.focus();
  };

  bq.startNew = () => {
    if (bq.busy()) bq.stop();
    bq.showEmpty();
  };

  bq.showEmpty = () => {
    bq.leave();
    bq.showPast("");
    bq.home.replaceChildren(empty.cloneNode(true));
    bq.translate(document.body);
    bq.drawStart();
    window.scrollTo({ top: 0 });
  };

  bq.openDrawer = () => {
    bq.closeReader();
    bq.drawSaved();
    at("bq-drawer").hidden = false;
    at("bq-find").focus();
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
    try { kept = (await bq.fetch("chat/feedback", sent)).ok; } catch { /* told below */ }
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
    copy, edit,
    unfold: (node) => bq.unfold(node),
    good: (node) => judge(node, "good"),
    bad: (node) => judge(node, "bad"),
    because: (node) => judge(node.closest(".bq-reasons").previousElementSibling, "bad", node.dataset.why),
    retry: (node) => bq.askAgain(node.closest(".bq-turn")),
    "sign-in": () => location.reload(),
    new: () => { bq.closeLibrary(); bq.closeCheck(); bq.startNew(); },
    ...bq.libraryActions,
    ...bq.checkActions,
    ...bq.startActions,
    ...bq.readerActions,
    ...bq.overviewActions,
    ...bq.pageActions,
    ...bq.backendActions,
    ...bq.scopeActions,
    receipt: (node) => bq.saveReceipt(JSON.parse(node.closest(".bq-turn").dataset.record)),
    drawer: () => bq.closeDrawer() || bq.openDrawer(),
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

  function askTyped() {
    const field = box();
    const question = field.value;
    if (!question.trim()) return field.focus();
    field.value = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    return bq.askNow(question);
  }

  /* In the capture phase, so that the framework sees neither key nor click: our own script asks. Enter that picks a word
     in an input method is no question; while an answer comes Enter asks the next one, and the button stops. */
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return void (bq.hideFloat(), bq.closeBackends() || bq.closeReader() || bq.closeDrawer() || bq.closeCheck() || bq.closeLibrary());
    if (event.target !== box() || event.key !== "Enter" || event.shiftKey) return undefined;
    event.stopImmediatePropagation();
    if (event.isComposing || event.keyCode === 229) return undefined;
    event.preventDefault();
    return askTyped();
  }, true);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#bq-ask")) return;
    event.stopImmediatePropagation();
    if (bq.busy()) bq.stop(); else askTyped();
  }, true);

  function sync() {
    const working = bq.busy();
    document.body.classList.toggle("bq-busy", working);
    document.body.classList.toggle("bq-talking", Boolean(bq.live() || at("bq-history")?.childElementCount));
    const button = at("bq-ask");
    const name = bq.text(working ? "stop" : "ask");
    if (button && button.getAttribute("aria-label") !== name) { button.setAttribute("aria-label", name); button.title = name; }
  }
  bq.sync = sync;

  function watch() {
    const first = document.querySelector("#bq-live .bq-empty");
    bq.home = first.parentElement;
    empty = first.cloneNode(true);
    bq.startTexts();
    theme(followed());
    bq.drawSaved();
    bq.drawStart();
    bq.startHoldings();
    document.querySelector("[data-do=sign-out]").hidden = !bq.signedIn();
    sync();
    bq.startBackends();
    bq.startScope();
    bq.startAddress().then(bq.startLibrary);
    at("bq-pick").addEventListener("change", (event) => { bq.keep("babelquote.language", event.target.value); bq.speak(event.target.value); sync(); });
    at("bq-find").addEventListener("input", () => bq.drawSaved());
    document.addEventListener("input", (event) => { if (event.target === box()) bq.turnBox(event.target); });
    system.addEventListener("change", () => theme(followed()));
    new MutationObserver((changes) => {
      for (const change of changes) {
        for (const node of change.addedNodes) {
          if (node.nodeType !== 1) continue;
          if (node.closest("#bq-live, #bq-composer")) bq.translate(node);
        }
        if (change.type === "characterData" || change.type === "attributes") {
          const around = change.target.nodeType === 1 ? change.target : change.target.parentElement;
          if (around?.closest?.("#bq-live")) bq.translate(around);
        }
      }
      sync();
    }).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["data-state", "aria-busy", "data-i18n"] });
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

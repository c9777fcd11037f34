/* Who writes the answer and how long: what the server offers, where the words go, and whether it would answer now. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);
  const KEY = "babelquote.backend";
  const STYLE = "babelquote.style";
  const STYLES = ["short", "normal", "detailed"];
  const NAMES = { ollama: "Ollama", "llama-server": "llama.cpp", openai: "OpenAI", anthropic: "Anthropic" };
  let listing = null; // what the server listed last
  let wanted = ""; // what is asked next
  let timer = 0;

  const make = (tag, name, text) => {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const open = () => at("bq-backends")?.hidden === false;
  const known = (kind) => ["extractive", "local", "ollama", "llama-server", "openai", "openai-compatible", "anthropic", "chain"].includes(kind);
  const kindName = (kind) => NAMES[kind] ?? (known(kind) ? bq.text(`backend_${kind.replace("openai-", "")}`) : kind);
  const detail = (kind) => bq.text(known(kind) ? `backend_${kind.replace("openai-", "")}_detail` : "backend_other_detail");
  const place = (one) => (one.places.length ? bq.text("sent", { name: one.places.join(", ") }) : bq.text("stays"));
  const chosen = () => listing?.offered.find((one) => one.name === wanted) ?? listing?.offered[0];
  const ready = (one) => !["no_key", "no_package", "no_file"].includes(one.state);

  bq.quotes = () => chosen()?.kind === "extractive";
  /* The name that goes along with each question; before the list is there, what was chosen last, never another one. */
  bq.backend = () => chosen()?.name ?? wanted;
  /* How long a model writes: what was chosen here, else what the server was started with. */
  bq.style = () => (STYLES.includes(bq.kept(STYLE)) ? bq.kept(STYLE) : listing?.style ?? "");

  async function load(health) {
    let found = null;
    try {
      const answer = await bq.fetch(`chat/backends${health ? "?health=1" : ""}`);
      if (answer.ok) found = await answer.json();
    } catch { /* the server is gone: so are its backends */ }
    if (found) listing = found; else listing?.offered.forEach((one) => { one.state = "unreachable"; });
    if (listing && !listing.offered.some((one) => one.name === wanted)) wanted = listing.default;
    bq.drawBackends();
  }

  async function watch() {
    clearTimeout(timer);
    await load(true);
    if (open()) timer = setTimeout(watch, listing?.offered.some((one) => one.state === "checking") ? 400 : 5000);
  }

  bq.drawBackends = () => {
    const one = chosen();
    if (!one) return;
    const button = at("bq-backend");
    button.hidden = false;
    at("bq-backend-name").textContent = [kindName(one.kind), one.kind === "local" ? "" : one.model].filter(Boolean).join(" ");
    at("bq-backend-place").textContent = place(one);
    button.dataset.far = String(one.places.length > 0);
    const name = `${bq.text("backend")}: ${button.textContent}`;
    button.setAttribute("aria-label", name);
    button.title = bq.text("backend");
    const style = document.querySelector(".bq-style");
    style.hidden = bq.quotes(); // quotes are as long as they are
    style.title = bq.text("style");
    if (bq.style()) at("bq-style").value = bq.style();
    if (open()) drawList();
  };

  function drawList() {
    const focused = document.activeElement?.dataset?.name;
    at("bq-choices").replaceChildren(...listing.offered.map(choice));
    at("bq-unready").replaceChildren(...listing.others.map(other));
    if (focused) [...at("bq-choices").children].find((one) => one.dataset.name === focused)?.focus();
  }

  function words(kind, model, line) {
    const text = make("span", "bq-choice-text");
    const title = make("span", "bq-choice-name");
    title.append(make("strong", "", kindName(kind)));
    if (model) title.append(" ", make("bdi", "", model));
    text.append(title, make("span", "bq-choice-detail", detail(kind)), line);
    return text;
  }

  function choice(one) {
    const node = make("button", "bq-choice");
    node.type = "button";
    node.dataset.name = one.name;
    node.setAttribute("role", "radio");
    node.setAttribute("aria-checked", String(one === chosen()));
    node.tabIndex = one === chosen() ? 0 : -1;
    if (!ready(one)) node.setAttribute("aria-disabled", "true");
    const line = make("span", "bq-choice-place", "");
    line.dataset.far = String(one.places.length > 0);
    line.append(make("span", "bq-icon bq-icon-place"), make("span", "", place(one)));
    const state = make("span", "bq-choice-state", bq.text(`backend_${one.state}`));
    state.dataset.state = one.state;
    const text = words(one.kind, one.model, line);
    if (one.needs.length) text.append(needs(one));
    node.append(text, state);
    node.addEventListener("click", () => choose(one));
    return node;
  }

  function other(one) {
    const node = make("li", "bq-choice");
    node.append(words(one.kind, "", needs(one)));
    return node;
  }

  function needs(one) {
    const line = make("span", "bq-choice-needs");
    if (one.needs.length) line.append(`${bq.text("backend_needs")} `, ...one.needs.map((need) => Object.assign(make("code", "", need), { dir: "ltr" })));
    else line.append(bq.text("backend_closed"));
    return line;
  }

  function choose(one) {
    if (!ready(one)) return;
    wanted = one.name;
    bq.keep(KEY, wanted);
    bq.drawBackends();
    bq.closeBackends();
  }

  bq.closeBackends = () => {
    if (!open()) return false;
    at("bq-backends").hidden = true;
    at("bq-backend").setAttribute("aria-expanded", "false");
    clearTimeout(timer);
    at("bq-backend").focus({ preventScroll: true });
    return true;
  };

  bq.backendActions = {
    backends: () => {
      if (bq.closeBackends()) return;
      at("bq-backends").hidden = false;
      at("bq-backend").setAttribute("aria-expanded", "true");
      drawList();
      at("bq-choices").querySelector('[aria-checked="true"]')?.focus({ preventScroll: true });
      watch();
    },
  };

  /* The arrows walk through a group of radio buttons; a choice is made by Enter, Space or a click. */
  document.addEventListener("keydown", (event) => {
    const here = event.target.closest?.("#bq-choices .bq-choice");
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!here || !by) return;
    event.preventDefault();
    const all = [...at("bq-choices").children];
    all[(all.indexOf(here) + by + all.length) % all.length].focus();
  });
  document.addEventListener("change", (event) => { if (event.target.id === "bq-style") bq.keep(STYLE, event.target.value); });
  document.addEventListener("pointerdown", (event) => {
    if (open() && !event.target.closest?.(".bq-engine")) bq.closeBackends();
  });

  bq.startBackends = () => {
    wanted = bq.kept(KEY) ?? "";
    return load(false);
  };
})();

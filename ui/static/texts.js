/* Interface texts: the chosen language, and its words put into whatever appears on the page. */
(() => {
  "use strict";
  const bq = (window.babelquote = {});
  const RTL = new Set(["ar", "fa", "he"]);
  let tables = null;

  const all = () => (tables ??= JSON.parse(document.getElementById("bq-texts")?.textContent ?? "{}"));
  const known = (code) => Object.hasOwn(all(), code);
  const kept = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  bq.keep = (key, value) => { try { localStorage.setItem(key, value); return true; } catch { return false; } };
  bq.kept = kept;

  function preferred() {
    for (const wanted of [kept("babelquote.language"), ...(navigator.languages ?? [])]) {
      const code = (wanted ?? "").toLowerCase().split("-")[0];
      if (known(code)) return code;
    }
    return "en";
  }

  /* A sentence of the program itself, said in the interface's language where it is known there. */
  let sentences = [];
  async function learn() {
    sentences = [];
    if (bq.language === "en") return;
    let table = {};
    try { table = await (await fetch(`chat/sentences?language=${bq.language}`)).json(); } catch { return; }
    const own = (english) => english.replace(/\{\w\}/g, "").length;
    sentences = Object.entries(table).sort((one, other) => own(other[0]) - own(one[0])).map(([english, words]) =>
      [new RegExp(`^${english.replace(/[\\^$.*+?()[\]|]/g, "\\$&").replace(/\{(\w)\}/g, "(?<$1>.+?)")}$`, "s"), words, /\p{L}/u.test(english.replace(/\{\w\}/g, ""))]);
    bq.translate(document.body);
    bq.redraw?.();
  }

  function said(text, depth) {
    if (depth > 8 || text.length > 2000) return null;
    for (const [pattern, words, own] of sentences) {
      const found = pattern.exec(text);
      if (!found) continue;
      const parts = Object.entries(found.groups ?? {}).map(([name, part]) => [name, said(part, depth + 1)]);
      if (!own && parts.every(([, part]) => part === null)) continue; // two clauses side by side, and neither is known
      const spoken = Object.fromEntries(parts.map(([name, part]) => [name, part ?? found.groups[name]]));
      return words.replace(/\{(\w)\}/g, (_, name) => spoken[name]);
    }
    return null;
  }

  /* A doubt about a source begins with its name. */
  bq.reason = (text) => {
    const whole = said(text, 0);
    if (whole !== null) return whole;
    for (let at = text.indexOf(": "); at >= 0; at = text.indexOf(": ", at + 1)) {
      const rest = said(text.slice(at + 2), 0);
      if (rest !== null) return `${text.slice(0, at)}: ${rest}`;
    }
    return text;
  };

  bq.text = (key, values = {}) => {
    let entry = all()[bq.language]?.[key] ?? all().en?.[key] ?? key;
    for (const [name, value] of Object.entries(values)) entry = entry.replaceAll(`{${name}}`, value);
    return entry;
  };

  function languageName(code) {
    try { return new Intl.DisplayNames([bq.language], { type: "language" }).of(code) ?? code; } catch { return code; }
  }

  function dateName(iso) {
    const [year, month, day] = iso.split("-").map(Number);
    const parts = { year: "numeric", month: month ? "long" : undefined, day: day ? "numeric" : undefined };
    try {
      const format = new Intl.DateTimeFormat(bq.language, { ...parts, timeZone: "UTC", calendar: "gregory" });
      return format.format(Date.UTC(year, (month || 1) - 1, day || 1));
    } catch { return iso; }
  }

  bq.languageName = languageName;
  bq.dateName = dateName;
  bq.today = () => new Intl.DateTimeFormat(bq.language, { dateStyle: "long", calendar: "gregory" }).format(new Date());
  bq.when = (moment) => {
    try { return new Intl.DateTimeFormat(bq.language, { dateStyle: "medium", timeStyle: "short", calendar: "gregory" }).format(new Date(moment)); } catch { return moment; }
  };

  const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const set = (node, name, value) => { if (node.getAttribute(name) !== value) node.setAttribute(name, value); };

  function values(node) {
    const found = {};
    for (const [name, value] of Object.entries(node.dataset)) {
      if (name.startsWith("value")) found[name.slice(5).toLowerCase()] = name === "valueLanguage" ? languageName(value) : value;
    }
    return found;
  }

  /* Which way a text runs: as most of its letters do, the way the server counts them. */
  const LEFTWARD = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
  bq.direction = (text) => {
    const opens = LEFTWARD.test(text.match(/\p{L}/u)?.[0] ?? "");
    const counted = opens ? text.replace(/https?:\/\/\S+|(?<!\p{L})\p{Lu}[\p{L}\p{N}'’-]*/gu, "") : text;
    const letters = counted.match(/\p{L}/gu) ?? [];
    const leftward = letters.filter((one) => LEFTWARD.test(one)).length;
    const rest = letters.length - leftward;
    return leftward === rest ? "auto" : leftward > rest ? "rtl" : "ltr";
  };

  /* An empty box runs as the interface does, for its placeholder; a filled one as its words do. */
  bq.turnBox = (box) => set(box, "dir", box.value ? "auto" : RTL.has(bq.language) ? "rtl" : "ltr");

  bq.translate = (root) => {
    const each = (selector, act) => {
      if (root.matches?.(selector)) act(root);
      root.querySelectorAll?.(selector).forEach(act);
    };
    each("[data-i18n]", (node) => put(node, bq.text(node.dataset.i18n, values(node))));
    each("[data-i18n-name]", (node) => {
      const name = bq.text(node.dataset.i18nName, values(node));
      const of = node.dataset.i18nOf;
      set(node, "aria-label", of === undefined ? name : `${name}: ${of}`);
      if (node.tagName === "BUTTON" && of === undefined) set(node, "title", name);
    });
    each("[data-i18n-placeholder]", (node) => set(node, "placeholder", bq.text(node.dataset.i18nPlaceholder)));
    if (sentences.length || bq.language === "en") each("[data-said]", (node) => put(node, bq.reason(node.dataset.said)));
    each("[data-lang]", (node) => put(node, languageName(node.dataset.lang)));
    each("time[datetime]", (node) => put(node, dateName(node.getAttribute("datetime"))));
    const box = document.querySelector("#bq-question textarea");
    if (box) {
      set(box, "placeholder", bq.text("placeholder"));
      set(box, "aria-label", bq.text("placeholder"));
      bq.turnBox(box);
      const label = document.querySelector("#bq-question label > span"); // nobody sees it, yet it is read out
      if (label && label.childElementCount === 0) put(label, bq.text("ask"));
    }
  };

  bq.speak = (code) => {
    bq.language = known(code) ? code : "en";
    sentences = [];
    set(document.documentElement, "lang", bq.language);
    set(document.documentElement, "dir", RTL.has(bq.language) ? "rtl" : "ltr");
    const picker = document.getElementById("bq-pick");
    if (picker && picker.value !== bq.language) picker.value = bq.language;
    bq.translate(document.body);
    bq.redraw?.();
    learn();
  };

  bq.startTexts = () => bq.speak(preferred());
})();

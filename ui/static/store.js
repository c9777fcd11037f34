/* Conversations, kept in this browser and nowhere else: saving, finding, opening, exporting. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const whose = document.cookie.match(/(?:^|; )babelquote_whose=([0-9a-f]{16})/)?.[1];
  const named = (key) => (whose ? `${key}.${whose}` : key);
  const KEY = named("babelquote.conversations");
  bq.signedIn = () => Boolean(whose);
  const MOST = 200;
  let current = null;

  /* What this window is at, for the same person only: it survives a reload, and a restart of the server. */
  bq.put = (key, value) => { try { sessionStorage.setItem(named(key), JSON.stringify(value)); } catch { /* private window */ } };
  bq.got = (key) => { try { return JSON.parse(sessionStorage.getItem(named(key))); } catch { return null; } };
  const at = (id) => { current = id; bq.put("babelquote.current", id); bq.placed?.(); };

  const random = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  bq.random = random;

  function read() {
    try {
      const list = JSON.parse(bq.kept(KEY) ?? "[]");
      return Array.isArray(list) ? list.filter((entry) => Array.isArray(entry?.turns) && typeof entry.id === "string") : [];
    } catch { return []; }
  }

  function write(list) {
    const kept = list.sort((a, b) => b.updated - a.updated).slice(0, MOST);
    while (kept.length && !bq.keep(KEY, JSON.stringify(kept))) kept.pop(); // the browser's room is full: the oldest goes
    if (!kept.length) bq.keep(KEY, "[]");
  }

  const find = () => read().find((entry) => entry.id === current);
  bq.turns = () => find()?.turns ?? [];

  /* The conversation that is open, `null` before its first question. */
  bq.conversation = () => current;
  bq.begin = () => { if (!current) at(random()); return current; };

  bq.saveTurn = (turn, conversation) => {
    const list = read();
    let entry = list.find((one) => one.id === conversation);
    if (!entry) list.push((entry = { id: conversation, title: turn.question.slice(0, 120), updated: 0, turns: [] }));
    const place = entry.turns.findIndex((one) => one.id === turn.id);
    if (place < 0) entry.turns.push(turn); else entry.turns[place] = turn;
    entry.updated = Date.now();
    write(list);
    bq.drawSaved();
  };

  bq.leave = () => { at(null); bq.drawSaved(); };

  bq.context = () =>
    JSON.stringify(bq.turns().filter((turn) => turn.state === "answered").slice(-6).map((turn) => [turn.question, turn.text]));

  bq.hasConversation = (id) => Boolean(id) && (bq.hasPending(id) || read().some((one) => one.id === id));
  bq.lastConversation = () => bq.got("babelquote.current");

  let opening = 0;
  /* Opens a conversation of this browser, with what is still under way in it; tells whether there is one. */
  bq.openConversation = async (id) => {
    const entry = read().find((one) => one.id === id);
    if (!entry && !bq.hasPending(id)) return false;
    const mine = (opening += 1);
    const [html, trouble] = await drawn(entry?.turns ?? []);
    if (mine !== opening) return true; // another one was opened meanwhile
    at(id);
    bq.showPast(html);
    if (trouble) bq.say(trouble);
    bq.drawSaved();
    bq.takeUp(id);
    return true;
  };

  /* The server draws what is kept; returns it, or why not. */
  async function drawn(turns) {
    if (!turns.length) return ["", ""];
    const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(turns) };
    try {
      const answer = await bq.fetch(`chat/turns?language=${bq.language}`, sent);
      if (answer.ok) return [await answer.text(), ""];
      return ["", answer.status === 401 ? "signed_out" : answer.status < 500 ? "failed_inside" : "lost"];
    } catch { return ["", "lost"]; }
  }

  bq.forget = (id) => {
    bq.forgetAsked(id);
    write(read().filter((entry) => entry.id !== id));
    if (id === current) bq.startNew(); else bq.drawSaved();
  };

  bq.drawSaved = () => {
    const list = document.getElementById("bq-saved");
    if (!list) return;
    const wanted = (document.getElementById("bq-find")?.value ?? "").trim().toLocaleLowerCase();
    const matches = (entry) => entry.turns.some((turn) => `${turn.question}\n${turn.text}`.toLocaleLowerCase().includes(wanted));
    const entries = read().filter((entry) => !wanted || matches(entry));
    list.replaceChildren(...entries.map(row));
    if (!entries.length) {
      const none = document.createElement("li");
      none.className = "bq-none";
      none.dataset.i18n = "conversations_none";
      none.textContent = bq.text("conversations_none");
      list.append(none);
    }
    document.querySelectorAll('[data-do^="save-"]').forEach((button) => { button.disabled = !bq.turns().length; });
  };

  function row(entry) {
    const line = document.createElement("li");
    const open = document.createElement("button");
    open.type = "button";
    open.className = "bq-saved-open";
    open.dir = "auto";
    open.textContent = entry.title;
    if (entry.id === current) open.setAttribute("aria-current", "true");
    open.addEventListener("click", () => bq.openConversation(entry.id));
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "bq-round bq-small";
    remove.setAttribute("aria-label", `${bq.text("delete")}: ${entry.title}`);
    remove.innerHTML = '<span class="bq-icon bq-icon-trash" aria-hidden="true"></span>';
    remove.addEventListener("click", () => bq.forget(entry.id));
    const rename = document.createElement("button");
    rename.type = "button";
    rename.className = "bq-round bq-small";
    rename.setAttribute("aria-label", `${bq.text("rename")}: ${entry.title}`);
    rename.innerHTML = '<span class="bq-icon bq-icon-edit" aria-hidden="true"></span>';
    rename.addEventListener("click", () => askName(entry, open));
    line.append(open, rename, remove);
    return line;
  }

  function askName(entry, open) {
    const field = document.createElement("input");
    field.className = "bq-name-field";
    field.dir = "auto";
    field.maxLength = 120;
    field.value = entry.title;
    field.setAttribute("aria-label", bq.text("rename"));
    const done = (keep) => {
      const list = read();
      const found = list.find((one) => one.id === entry.id);
      if (keep && found && field.value.trim()) { found.title = field.value.trim(); write(list); }
      bq.drawSaved();
    };
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.stopPropagation();
      if (!event.isComposing) { field.replaceWith(open); done(event.key === "Enter"); }
    });
    field.addEventListener("blur", () => { if (field.isConnected) done(true); });
    open.replaceWith(field);
    field.select();
  }

  bq.sourcesText = (turn) =>
    turn.sources.map((one) => {
      const where = [one.outlet || one.source, one.date, one.location].filter(Boolean).join(", ");
      return `[${one.number}] ${one.title} (${where}): “${one.quote}”`;
    });

  /* Quotes alone say nothing that their list does not say; what answers stands before them. */
  const quoted = (turn) => turn.llm === "extractive" && turn.state === "answered" && turn.sources.length > 0;
  const wordsOf = (turn) => turn.answer_words ?? turn.told ?? [];  // earlier versions kept them as `told`
  const shortText = (turn) => {
    const [first] = wordsOf(turn);
    return first ? [first.quote + (first.number ? ` [${first.number}]` : ""), first.rendered && `≈ ${first.rendered} (${bq.text("ours")})`] : [];
  };
  const otherwise = (turn) => (turn.differs && wordsOf(turn).length ? `\n${bq.text("in_source")} ${shortText(turn).filter(Boolean).join(" ")} (${wordsOf(turn)[0].title})` : "");
  bq.saying = (turn) => (quoted(turn) ? shortText(turn).filter(Boolean).join("\n") : turn.text + otherwise(turn));
  bq.plain = (turn) => [bq.saying(turn), ...(turn.sources.length ? ["", ...bq.sourcesText(turn)] : [])].join("\n").trimStart();

  /* What nobody sees and what turns the text around it, as the server leaves it out. */
  const UNSHOWN = /[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
  const visible = (text) => String(text ?? "").replace(/\r\n|[\r\x0b\x0c\x85\u2028\u2029]/g, "\n").replace(UNSHOWN, "");

  /* A text as Markdown that shows it and does nothing: every sign that means something gets its backslash, in front of an
     address as well, and no line begins with blanks, which would make it code. */
  const plainMarkdown = (text) =>
    visible(text).replace(/[\\`*_{}[\]()<>#+\-=!|~&$:@^"']|www\./gi, (sign) => (sign.length > 1 ? `${sign.slice(0, -1)}\\.` : `\\${sign}`))
      .split("\n").map((line) => line.trim().replace(/^(\d+)([.])/, "$1\\$2"));
  const oneLine = (text) => plainMarkdown(text).filter(Boolean).join(" ");
  const paragraphs = (text) => plainMarkdown(text).map((line, at, lines) => (line && lines[at + 1] ? `${line}\\` : line)).join("\n");

  /* Who made an answer, in the words of the page and in those for programs (`rag.output.notices`). */
  const GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
  const program = () => (document.querySelector('meta[name="generator"]')?.content ?? "Babelquote").split(" ");
  const notice = (turn) => {
    const who = ["extractive", "local"].includes(turn.llm) ? bq.text(`backend_${turn.llm}`) : turn.llm;
    return `${bq.text("by_program")} ${program()[0]}, ${who}`;
  };
  const madeBy = (turn) => {
    const [name, version = ""] = program();
    const kind = turn.llm === "extractive" ? "quotes" : "generated";
    return { program: name, version, llm: turn.llm, kind, digital_source_type: kind === "quotes" ? null : GENERATED };
  };

  const markedUp = ({ program: name, llm, kind, digital_source_type: type }) =>
    ({ dir: "auto", "data-made-by": name, "data-llm": llm, "data-kind": kind, ...(type && { "data-digital-source-type": type }) });

  const markdown = (turns) =>
    turns.map((turn) => {
      const sources = bq.sourcesText(turn).map((line) => `> ${paragraphs(line).replaceAll("\n", "\n> ")}\n`);
      const made = turn.llm ? [`${oneLine(notice(turn))}\n`] : [];
      return [`## ${oneLine(turn.question)}`, "", paragraphs(bq.saying(turn)), "", ...sources, ...made].join("\n");
    }).join("\n");

  /* A page of its own: no script, nothing loaded; each part runs in its own direction, markers lead to their quotes. */
  function webPage(entry) {
    const page = document.implementation.createHTMLDocument(entry.title);
    const make = (parent, tag, text, more = {}) => {
      const node = page.createElement(tag);
      node.textContent = visible(text);
      for (const [name, value] of Object.entries(more)) node.setAttribute(name, value);
      parent.append(node);
      return node;
    };
    page.documentElement.lang = bq.language;
    page.head.prepend(Object.assign(page.createElement("meta"), { name: "viewport", content: "width=device-width" }));
    const meta = page.createElement("meta");
    meta.setAttribute("charset", "utf-8");
    page.head.prepend(meta);
    make(page.head, "meta", "", { name: "generator", content: program().join(" ") });
    make(page.head, "style", "body{font:1.1rem/1.7 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#1d1b18}h2{font-family:serif;font-weight:500;margin-top:3rem}blockquote{margin:.4rem 0;padding-inline-start:1rem;border-inline-start:3px solid #a63a1b}li{margin-block:1rem}a{color:#a63a1b}p,blockquote{white-space:pre-wrap}");
    entry.turns.forEach((turn, at) => {
      make(page.body, "h2", turn.question, { dir: bq.direction(turn.question) });
      for (const part of bq.saying(turn).split(/\n{2,}/)) {
        const words = make(page.body, "p", "", { dir: bq.direction(part) });
        for (const piece of part.split(/(\[\d{1,3}\])/)) {
          const number = Number(piece.slice(1, -1));
          if (turn.sources.some((one) => `[${one.number}]` === piece)) make(words, "a", piece, { href: `#q${at}-${number}` });
          else words.append(piece);
        }
      }
      const list = make(page.body, "ul", "");
      for (const one of turn.sources) {
        const item = make(list, "li", "", { id: `q${at}-${one.number}`, dir: "auto" });
        const where = [one.outlet || one.source, one.date, one.location].filter(Boolean).join(", ");
        make(item, "strong", `[${one.number}] ${one.title}`, { dir: "auto" });
        item.append(" ");
        make(item, "bdi", where);
        make(item, "blockquote", one.quote, { dir: bq.direction(one.quote), ...(one.language !== "und" && { lang: one.language }) });
      }
      if (turn.llm) make(page.body, "p", notice(turn), markedUp(madeBy(turn)));
    });
    return `<!doctype html>\n${page.documentElement.outerHTML}`;
  }

  bq.exported = {
    json: (entry) =>
      JSON.stringify({ ...entry, turns: entry.turns.map((turn) => (turn.llm ? { ...turn, made_by: madeBy(turn) } : turn)) }, null, 2),
    html: webPage,
    markdown: (entry) => markdown(entry.turns),
  };

  bq.save = (kind) => {
    const entry = find();
    if (!entry) return;
    const [type, suffix] = {
      json: ["application/json", "json"],
      html: ["text/html;charset=utf-8", "html"],
      markdown: ["text/markdown;charset=utf-8", "md"],
    }[kind];
    hand(bq.exported[kind](entry), type, `babelquote-${new Date(entry.updated).toISOString().slice(0, 10)}.${suffix}`);
  };

  /* As `rag ask --save` writes it, for `rag verify`; half of a character becomes its escape by itself. */
  bq.saveReceipt = (turn) => hand(`${JSON.stringify(turn.receipt, null, 1)}\n`, "application/json", `receipt-${turn.id.slice(0, 8)}.json`);

  function hand(content, type, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
})();

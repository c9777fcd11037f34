/* A question and its answer on the page: drawn, stopped, told when there is none, and taken up again after a reload. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);
  const KEY = "babelquote.asked";
  const MOST = 8;
  const FRESH = 120000; // a question that was asked so long ago at most is finished without being asked for
  const HEAL = 120000; // how long a turn without an answer looks whether its server is there after all
  const STOPPED = 3000; // a server that does not stop within that time is not waited for
  const DOTS = '<span class="bq-dots" aria-hidden="true"><i></i><i></i><i></i></span>';
  const running = new Map();
  const live = () => document.querySelector("#bq-live .bq-turn");
  bq.live = live;
  bq.busy = () => live()?.getAttribute("aria-busy") === "true";

  /* Questions of this window that have no answer yet, oldest first. */
  const pending = () => {
    const list = bq.got(KEY);
    return Array.isArray(list) ? list.filter((one) => typeof one?.id === "string" && typeof one.question === "string") : [];
  };
  const keep = (run) => {
    const { id, question, conversation, context, backend, style, scope } = run;
    const others = pending().filter((one) => one.id !== id);
    bq.put(KEY, [...others, { id, question, conversation, context, backend, style, scope, at: Date.now() }].slice(-MOST));
  };
  const drop = (id) => bq.put(KEY, pending().filter((one) => one.id !== id));
  bq.hasPending = (conversation) => pending().some((one) => one.conversation === conversation);

  const html = (text) => {
    const template = document.createElement("template");
    template.innerHTML = text;
    return template.content.firstElementChild;
  };
  const button = (action, key, icon) =>
    `<button type="button" data-do="${action}"><span class="bq-icon bq-icon-${icon}" aria-hidden="true"></span><span data-i18n="${key}"></span></button>`;

  /* Asks, now: an answer that still comes is stopped first, its words stay. */
  bq.askNow = (typed) => {
    const question = bq.takeNames(typed.trim());
    if (!question) return;
    if (bq.busy()) bq.stop();
    const run = { id: bq.random(), question, conversation: bq.begin(), context: bq.context(), backend: bq.backend(), style: bq.style(), scope: bq.scope() };
    keep(run);
    carry(run, draw(run));
  };

  bq.askAgain = (article) => {
    const kept = pending().find((one) => one.id === article.dataset.run);
    if (!kept) return bq.askNow(article.dataset.question ?? article.querySelector(".bq-question").textContent);
    if (bq.busy()) bq.stop();
    article.remove();
    keep(kept);
    return carry(kept, draw(kept));
  };

  function draw(run) {
    const article = thinking(run.question);
    bq.unsay();
    show(article);
    return article;
  }

  /* As the server tells them apart (`ui/question_html.py`). */
  const isLong = (text) => text.length > 280 || text.split("\n").length > 5;

  bq.unfold = (node) => {
    const open = node.getAttribute("aria-expanded") !== "true";
    node.setAttribute("aria-expanded", String(open));
    node.previousElementSibling.classList.toggle("bq-open-question", open);
  };

  function thinking(question) {
    const article = html(
      '<article class="bq-turn" data-state="thinking" aria-busy="true"><div class="bq-main"><h2 class="bq-question"></h2>' +
      `<p class="bq-thinking" role="status">${DOTS}<span data-i18n="thinking"></span></p></div>` +
      '<aside class="bq-sources bq-loading" aria-hidden="true"><div class="bq-bone"><i></i><i></i><i></i></div>' +
      '<div class="bq-bone"><i></i><i></i><i></i></div></aside></article>');
    const heading = article.querySelector("h2");
    Object.assign(heading, { textContent: question, dir: bq.direction(question) });
    if (isLong(question)) {
      heading.classList.add("bq-long");
      heading.insertAdjacentHTML("afterend", '<button type="button" class="bq-tool bq-fold" data-do="unfold" aria-expanded="false">' +
        '<span class="bq-more" data-i18n="show_all"></span><span class="bq-less" data-i18n="show_less"></span></button>');
    }
    if (bq.quotes()) { // comes in one column, its proof under it
      article.classList.add("bq-waits");
      article.querySelector(".bq-main").append(article.querySelector(".bq-bone"));
      article.querySelector(".bq-sources").remove();
    }
    bq.translate(article);
    return article;
  }

  function show(article) {
    const before = live();
    if (before && before !== article) at("bq-history").append(before);
    bq.home.replaceChildren(article);
    bq.translate(article);
    bq.sync();
    // Twice: the box loses its lines and the past its place in the frame after this one.
    article.scrollIntoView({ block: "start" });
    requestAnimationFrame(() => live()?.scrollIntoView({ block: "start" }));
  }

  async function carry(run, article) {
    Object.assign(run, { article, done: false, over: false, waiting: (lost) => waiting(run, lost) });
    running.set(run.id, run);
    const key = await bq.follow(run, (text) => { if (!run.over) put(run, html(text)); });
    running.delete(run.id);
    if (run.done || run.over) return;
    if (run.stopping) giveUp(run); else fail(run, key);
  }

  function put(run, article) {
    bq.translate(article);
    run.article.replaceWith(article);
    run.article = article;
    const record = article.dataset.record;
    if (record && !run.done) {
      run.done = true;
      drop(run.id);
      bq.saveTurn(JSON.parse(record), run.conversation);
      further(run.article, JSON.parse(record));
    }
    bq.sync();
  }

  /* What else the documents of an answer are asked about, below it as long as it is the last one. */
  async function further(article, turn) {
    const documents = [...new Set(turn.sources.map((one) => one.document_id))].slice(0, 2);
    if (turn.state !== "answered" || !documents.length) return;
    const query = new URLSearchParams([["language", bq.language], ["question", turn.question], ...documents.map((one) => ["after", one])]);
    let questions = [];
    try {
      const answer = await bq.fetch(`chat/suggestions?${query}`, {}, 60);
      if (answer.ok) ({ questions } = await answer.json());
    } catch { return; }
    if (!questions.length || article !== live()) return;
    const box = html('<nav class="bq-further"><h3 data-i18n="further"></h3><ul></ul></nav>');
    for (const question of questions) {
      const item = html('<li><button type="button" class="bq-example" dir="auto"></button></li>');
      item.firstChild.textContent = question;
      box.lastChild.append(item);
    }
    box.setAttribute("aria-label", bq.text("further"));
    bq.translate(box);
    article.append(box); // behind the sources where they stand below the answer, below the answer where they stand beside it
  }

  /* The connection is lost and the server looked for, or it is there again. */
  function waiting(run, lost) {
    const main = run.article.querySelector(".bq-main");
    main.querySelector(".bq-lost")?.remove();
    const line = main.querySelector(".bq-thinking");
    if (line) line.lastElementChild.dataset.i18n = lost ? "reconnecting" : "thinking";
    else if (lost) main.append(html(`<p class="bq-thinking bq-lost" role="status">${DOTS}<span data-i18n="reconnecting"></span></p>`));
    bq.translate(main);
  }

  function finish(run, state) {
    run.article.dataset.state = state;
    run.article.dataset.question = run.question;
    run.article.setAttribute("aria-busy", "false");
    run.article.querySelector(".bq-thinking")?.remove();
    run.article.querySelector(".bq-sources.bq-loading")?.remove();
  }

  function fail(run, key) {
    finish(run, "failed");
    run.article.dataset.run = run.id;
    const main = run.article.querySelector(".bq-main");
    main.querySelectorAll(".bq-note, .bq-tools, .bq-lost").forEach((one) => one.remove());
    const out = key === "signed_out" ? button("sign-in", "sign_in", "sign-out") : "";
    main.append(
      html(`<div class="bq-note bq-failed" role="alert">${main.querySelector(".bq-answer") ? "" : '<strong data-i18n="failed"></strong>'}<span></span></div>`),
      html(`<div class="bq-again">${out}${button("retry", "retry", "retry")}</div>`),
    );
    main.querySelector(".bq-failed span").dataset.i18n = key;
    bq.translate(run.article);
    bq.sync();
    if (key === "ended" || key === "lost") heal(run, run.article);
  }

  /* A server that was only slow, or behind a line that is well again, still has the answer: then it is shown after all. */
  async function heal(run, article) {
    for (const until = Date.now() + HEAL; Date.now() < until; ) {
      await new Promise((done) => { setTimeout(done, HEAL / 40); });
      if (!article.isConnected || running.has(run.id)) return;
      const found = await bq.look(run);
      if (found.lost) continue;
      if (found.known && article.isConnected && !running.has(run.id)) revive(run, article);
      return;
    }
  }

  function revive(run, article) {
    const fresh = thinking(run.question);
    article.replaceWith(fresh);
    carry({ ...run }, fresh);
    bq.sync();
  }

  bq.stop = () => {
    const run = [...running.values()].find((one) => one.article === live());
    if (!run || run.stopping) return;
    run.stopping = true;
    const tell = () => { if (!run.done && !run.over) bq.fetch(`chat/stop/${run.id}`, { method: "POST" }, 5).catch(() => {}); };
    tell();
    setTimeout(tell, STOPPED / 3); // the first may have come before the question
    setTimeout(() => giveUp(run), STOPPED);
  };

  /* A server that can't be told to stop, or says nothing more: what stands here stays, and nothing is waited for. */
  function giveUp(run) {
    if (run.done || run.over) return;
    run.over = true;
    run.abort?.();
    drop(run.id);
    finish(run, "stopped");
    run.article.querySelector(".bq-main").append(
      html('<p class="bq-note" role="status" data-i18n="stopped"></p>'), html(`<div class="bq-again">${button("retry", "retry", "retry")}</div>`));
    bq.translate(run.article);
    bq.sync();
  }

  /* A conversation is deleted: what is still under way in it must not bring it back. */
  bq.forgetAsked = (conversation) => {
    for (const run of running.values()) {
      if (run.conversation !== conversation) continue;
      bq.fetch(`chat/stop/${run.id}`, { method: "POST" }, 5).catch(() => {});
      run.over = true;
      run.abort?.();
    }
    bq.put(KEY, pending().filter((one) => one.conversation !== conversation));
  };

  /* Shows what is under way in a conversation: of this page, or of the page before a reload. */
  bq.takeUp = (conversation) => {
    const here = [...running.values()].filter((one) => one.conversation === conversation && !one.over).at(-1);
    if (here) return show(here.article);
    const kept = pending().filter((one) => one.conversation === conversation).at(-1);
    return kept && finishOld(kept);
  };

  async function finishOld(kept) {
    const run = { ...kept };
    const article = draw(run);
    if (Date.now() - kept.at < FRESH) return carry(run, article);
    const found = await bq.look(run);
    if (found.known) return carry(run, article);
    Object.assign(run, { article });
    return fail(run, found.out ? "signed_out" : found.lost ? "lost" : "cut");
  }

  /* One line about something that is not there. */
  bq.say = (key) => {
    bq.unsay();
    const line = html('<p id="bq-said" class="bq-note bq-failed" role="alert"></p>');
    line.dataset.i18n = key;
    bq.home.prepend(line);
    bq.translate(line);
  };
  bq.unsay = () => at("bq-said")?.remove();
})();

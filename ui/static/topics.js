/* What the library is about: topics in the documents' own words, each of which narrows the list to its documents. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);
  let listed = { topics: [], since: "", until: "" };
  let chosen = "";
  let made = ""; // generation and language that these are of

  bq.topic = () => chosen;
  bq.topicName = () => listed.topics.find((one) => one.key === chosen)?.words.slice(0, 3).join(" ") ?? "";

  /* From when to when the documents are, as far as they tell it. */
  bq.span = () => {
    const ends = [...new Set([listed.since, listed.until].filter((one) => /^\d{4}(-\d{2}(-\d{2})?)?$/.test(one)))];
    return ends.map(bq.dateName).join(" – ");
  };

  /* Asks for them once for each generation and language; `load` lists the documents anew. */
  bq.askTopics = async (generation, load) => {
    const wanted = `${generation} ${bq.language}`;
    if (wanted === made) return;
    made = wanted;
    try {
      const answer = await bq.fetch(`library/topics?language=${bq.language}`, {}, 60);
      if (!answer.ok || wanted !== made) return;
      listed = await answer.json();
    } catch { made = ""; return; }
    if (chosen) { chosen = ""; load(); } else bq.drawLibrary();
  };

  bq.drawTopics = (load) => {
    const box = at("bq-topics");
    box.hidden = !listed.topics.length;
    const focused = document.activeElement?.closest?.("#bq-topics button")?.dataset.key;
    const list = document.createElement("ul");
    list.setAttribute("aria-labelledby", "bq-topics-title");
    for (const one of listed.topics) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "bq-topic" });
      button.dataset.key = one.key;
      button.setAttribute("aria-pressed", String(chosen === one.key));
      const words = document.createElement("bdi");
      words.textContent = one.words.join(" · ");
      const count = Object.assign(document.createElement("b"), { textContent: String(one.documents) });
      button.append(words, " ", count);
      button.addEventListener("click", () => { chosen = chosen === one.key ? "" : one.key; load(); });
      const item = document.createElement("li");
      item.append(button);
      list.append(item);
    }
    box.querySelector("ul").replaceWith(list);
    if (focused) [...list.querySelectorAll("button")].find((one) => one.dataset.key === focused)?.focus();
  };
})();

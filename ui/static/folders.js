/* The folders of the listed documents, as their sources tell them: each narrows the list to what lies in it. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);
  let chosen = "";

  bq.folder = () => chosen;
  const last = (folder) => folder.split("/").pop();
  bq.folderName = () => last(chosen);

  bq.drawFolders = (folders, load) => {
    const box = at("bq-folders");
    const shown = chosen ? [{ folder: chosen }, ...folders] : folders;
    box.hidden = !chosen && folders.length < 2;
    const focused = document.activeElement?.closest?.("#bq-folders button")?.dataset.folder;
    const list = bq.make("ul");
    list.setAttribute("aria-labelledby", "bq-folders-title");
    for (const one of shown) {
      const button = Object.assign(bq.make("button", "bq-topic"), { type: "button", title: one.folder });
      button.dataset.folder = one.folder;
      button.setAttribute("aria-pressed", String(one.folder === chosen));
      button.append(bq.make("bdi", "", last(one.folder)));
      if (one.documents) button.append(" ", bq.make("b", "", String(one.documents)));
      button.addEventListener("click", () => { chosen = one.folder === chosen ? "" : one.folder; load(); });
      const item = bq.make("li");
      item.append(button);
      list.append(item);
    }
    box.querySelector("ul").replaceWith(list);
    if (focused) [...list.querySelectorAll("button")].find((one) => one.dataset.folder === focused)?.focus();
  };
})();

/* Taking out of the index and putting back: what is removed is asked about first, in its own place on the page. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);

  const make = (tag, name, text) => {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  bq.make = make;

  const button = (name, text, act) => {
    const node = make("button", name, text);
    node.type = "button";
    node.addEventListener("click", act);
    return node;
  };

  let cancel = null; // takes back the question that is open

  /* Ask in place of a line's own words; `act` runs only when the answer is yes. */
  function question(line, title, details, act) {
    cancel?.();
    const before = [...line.childNodes];
    const box = make("div", "bq-sure");
    box.setAttribute("role", "alertdialog");
    box.setAttribute("aria-label", title);
    const words = make("p", "bq-sure-title", title);
    words.dir = "auto";
    const buttons = make("div", "bq-sure-buttons");
    const keep = button("bq-outline", bq.text("keep"), () => cancel?.());
    buttons.append(button("bq-primary", bq.text("library_remove"), () => { cancel?.(); act(); }), keep);
    box.append(words, ...details.map((detail) => make("p", "bq-sure-detail", detail)), buttons);
    line.replaceChildren(box);
    line.classList.add("bq-asked");
    cancel = () => {
      cancel = null;
      line.classList.remove("bq-asked");
      line.replaceChildren(...before);
      line.querySelector(".bq-trash")?.focus({ preventScroll: true });
    };
    keep.focus({ preventScroll: true });
    box.scrollIntoView({ block: "nearest" });
  }

  function trash(name, ask) {
    const node = button("bq-round bq-small bq-trash", "", ask);
    node.title = bq.text("library_remove");
    node.setAttribute("aria-label", `${bq.text("library_remove")}: ${name}`);
    node.append(make("span", "bq-icon bq-icon-trash"));
    return node;
  }

  /* The button of a document, or none; `change(path, fields, line)` does what was agreed to. */
  bq.removalOf = (one, line, change) => {
    if (one.taken_out) return button("bq-outline bq-back", bq.text("library_put_back"), () => change("restore", { source: one.source }, line));
    if (!one.removable) return null;
    const page = /^https?:/i.test(one.source);
    const details = [bq.text(one.uploaded ? "remove_upload_detail" : page ? "remove_page_detail" : "remove_file_detail")];
    if (one.together > 1) details.unshift(bq.text("remove_together", { n: one.together }));
    const act = () => change("remove", { id: one.id, source: one.source }, line);
    return trash(one.title, () => question(line, bq.text("remove_document", { name: one.title }), details, act));
  };

  /* Where the documents come from. */
  bq.drawPlaces = (places, change) => {
    const list = at("bq-places");
    list.hidden = !places.some((one) => one.removable);
    list.querySelector("ul").replaceChildren(...places.filter((one) => one.removable || one.documents).map((one) => place(one, change)));
  };

  function place(one, change) {
    const line = make("li", "bq-place");
    const shownName = ["samples", "uploads"].includes(one.kind) ? bq.text(`place_${one.kind}`) : one.name;
    const name = make("bdi", "bq-place-name", shownName);
    line.append(name);
    if (one.documents) line.append(make("span", "bq-place-count", bq.text("documents_n", { n: one.documents })));
    if (one.removable) {
      const act = () => change("remove", { place: one.key }, line);
      line.append(trash(shownName, () => question(line, bq.text("remove_place", { name: shownName }), [bq.text("remove_place_detail")], act)));
    }
    return line;
  }

  /* The first view of a library that holds nothing. */
  bq.emptyLibrary = (admin, change) => {
    const box = make("li", "bq-nothing");
    box.append(make("h3", "", bq.text("library_empty")), make("p", "", bq.text(admin ? "library_empty_detail" : "library_empty_visitor")));
    if (!admin) return box;
    const buttons = make("div", "bq-library-actions");
    const add = button("bq-primary", bq.text("library_add"), () => at("bq-files").click());
    buttons.append(add, button("bq-outline", bq.text("library_samples"), () => change("samples", {})));
    box.append(buttons);
    return box;
  };

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !cancel) return;
    event.stopImmediatePropagation();
    cancel();
  }, true);
})();

/* Changing a collection: its name, to whom it belongs and whether it is closed, and forgetting it. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);
  const make = bq.make;
  let edited = null;
  let sure = false;

  bq.editedCollection = () => edited;
  bq.whichCollection = (one) => ({ name: one.name, ...(one.owner.includes(":") || one.owner === "everyone" ? { owner: one.owner } : {}) });

  bq.editCollection = (one) => {
    edited = one;
    sure = false;
    document.activeElement?.blur?.();
    bq.drawLibrary();
    const field = at("bq-collection-name");
    field?.focus({ preventScroll: true });
    field?.select();
  };

  const leave = () => { edited = null; sure = false; document.activeElement?.blur?.(); bq.drawLibrary(); };

  const named = (key, field) => {
    const node = make("label", "bq-field");
    node.append(make("span", "", bq.text(key)), field);
    return node;
  };

  bq.collectionForm = () => (sure ? forgetting() : form());

  function form() {
    const node = make("form", "bq-collection-form");
    const field = Object.assign(document.createElement("input"), { type: "text", id: "bq-collection-name", maxLength: 60, value: edited.name, dir: "auto" });
    const rights = bq.collections().people ? belonging() : null;
    const save = Object.assign(make("button", "bq-primary", bq.text("collection_save")), { type: "submit" });
    const buttons = make("div", "bq-form-buttons");
    buttons.append(save, bq.tool("collection_forget", () => { sure = true; document.activeElement?.blur?.(); bq.drawLibrary(); at("bq-picked").querySelector(".bq-keep-it")?.focus(); }), bq.tool("close", leave));
    node.append(named("collection_name_of", field), ...(rights ? rights.fields : []), buttons);
    node.addEventListener("submit", (event) => { event.preventDefault(); saved(field.value, rights?.chosenRights() ?? {}); });
    node.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.stopPropagation(); leave(); } });
    return node;
  }

  /* To whom it belongs; a closed one keeps its documents from all others. */
  function belonging() {
    const [kind, ...rest] = edited.owner.split(":");
    const pick = make("select");
    for (const [value, key] of [["everyone", "collection_everyone"], ["group", "collection_group"], ["user", "collection_person"]]) pick.append(Object.assign(make("option", "", bq.text(key)), { value }));
    pick.value = kind;
    const who = Object.assign(document.createElement("input"), { type: "text", value: rest.join(":"), autocomplete: "off", dir: "auto" });
    who.setAttribute("list", "bq-people");
    const people = Object.assign(make("datalist"), { id: "bq-people" });
    const shut = Object.assign(document.createElement("input"), { type: "checkbox", className: "bq-tick", checked: edited.closed });
    const closing = make("label", "bq-field bq-closing");
    closing.append(shut, make("span", "", bq.text("collection_close")));
    const whose = named("collection_who", who);
    const draw = () => {
      whose.hidden = closing.hidden = pick.value === "everyone";
      const fit = bq.collections().people.filter((one) => one.startsWith(`${pick.value}:`)).map((one) => one.slice(pick.value.length + 1));
      people.replaceChildren(...fit.map((value) => Object.assign(make("option"), { value })));
      if (pick.value !== kind && !fit.includes(who.value)) who.value = fit.length === 1 ? fit[0] : "";
    };
    pick.addEventListener("change", draw);
    draw();
    const chosenRights = () => {
      const to = pick.value === "everyone" ? "everyone" : `${pick.value}:${who.value.trim()}`;
      return { to, closed: pick.value !== "everyone" && shut.checked };
    };
    return { fields: [named("collection_for", pick), whose, people, closing], chosenRights };
  }

  async function saved(name, rights) {
    const rename = name.trim().split(/\s+/).join(" ");
    const was = edited;
    const picked = bq.picksCollection(was.name); // a name that is gone is let go
    const reply = await bq.changeCollection({ ...bq.whichCollection(was), ...(rename === was.name ? {} : { rename: rename || " " }), ...rights });
    if (!reply) return;
    if (picked && !bq.picksCollection(reply.name)) bq.pickCollection(reply.name);
    leave();
  }

  function forgetting() {
    const node = make("div", "bq-collection-form bq-sure");
    node.setAttribute("role", "alertdialog");
    node.setAttribute("aria-label", bq.text("collection_forget"));
    node.append(Object.assign(make("p", "bq-sure-title", bq.text("collection_forget_sure", { name: edited.name })), { dir: "auto" }));
    if (edited.closed) node.append(make("p", "bq-sure-detail", bq.text("collection_opens")));
    const buttons = make("div", "bq-form-buttons");
    const forget = async () => {
      const was = edited;
      if (!(await bq.changeCollection({ ...bq.whichCollection(was), delete: true }))) return;
      leave();
    };
    const keep = bq.tool("keep", leave, "bq-outline");
    keep.classList.add("bq-keep-it");
    buttons.append(bq.tool("collection_forget", forget, "bq-primary"), keep);
    node.append(buttons);
    return node;
  }
})();

/* A text that somebody brings: pasted, sent, and what was found out about its quotations and claims. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const at = (id) => document.getElementById(id);
  const BEHIND = ["bq-past", "bq-live", "bq-composer", "bq-engine"];
  const LONGEST = 900; // seconds; two hundred claims are read one after the other
  let opener = null;
  let sent = 0;

  const open = () => at("bq-check")?.hidden === false;

  const say = (key, values = {}, failed = false) => {
    const state = at("bq-check-state");
    state.textContent = key ? bq.text(key, values) : "";
    state.classList.toggle("bq-trouble", failed);
  };

  bq.closeCheck = () => {
    if (!open()) return false;
    at("bq-check").hidden = true;
    document.body.classList.remove("bq-in-check");
    for (const id of BEHIND) at(id).inert = false;
    opener?.focus?.({ preventScroll: true });
    return true;
  };

  function show(from) {
    opener = from;
    bq.closeReader();
    bq.closeDrawer();
    bq.closeLibrary();
    at("bq-check").hidden = false;
    document.body.classList.add("bq-in-check");
    for (const id of BEHIND) at(id).inert = true;
    at("bq-draft").focus({ preventScroll: true });
  }

  const number = (value) => value.toLocaleString(bq.language);

  async function check() {
    const text = at("bq-draft").value;
    const most = Number(at("bq-draft").dataset.most);
    const length = [...text].length;
    if (!text.trim()) { say("check_empty", {}, true); return at("bq-draft").focus(); }
    if (length > most) return say("check_long", { n: number(length), limit: number(most) }, true);
    const mine = (sent += 1);
    say("check_working");
    at("bq-check").setAttribute("aria-busy", "true");
    const [html, trouble] = await asked(text);
    if (mine !== sent) return undefined; // another text was sent meanwhile
    at("bq-check").setAttribute("aria-busy", "false");
    say(trouble, {}, Boolean(trouble));
    at("bq-findings").innerHTML = html;
    bq.translate(at("bq-findings"));
    if (!trouble) at("bq-findings").scrollIntoView({ block: "start", behavior: "smooth" });
    return undefined;
  }

  async function asked(text) {
    try {
      const body = JSON.stringify({ text, interface: bq.language, scope: bq.scope() });
      const answer = await bq.fetch("chat/check", { method: "POST", headers: { "content-type": "application/json" }, body }, LONGEST);
      if (answer.ok) return [await answer.text(), ""];
      if (answer.status === 422) return ["", bq.reason((await answer.json()).error.message)];
      return ["", { 401: "signed_out", 413: "check_long", 503: "busy" }[answer.status] ?? "failed_inside"];
    } catch { return ["", "lost"]; }
  }

  bq.checkActions = {
    check: (node) => (open() ? bq.closeCheck() : show(node)),
    "check-now": check,
  };
})();

/* A question's way to the server and back. It joins the framework's queue by itself, since the framework's own client
   waits for ever when a connection is lost: here every wait ends, with the answer or with the key of a sentence. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const QUIET = 4000; // nothing has come for so long: ask after the run
  const AGAIN = 1500; // between two looks at a run of which nothing comes
  const LOOK = 4000; // how long a look may take
  const GAP = 700; // between two looks for a lost server
  const RETURN = 6000; // how long a server is looked for that is not there
  const HANG = 10000; // and one that says nothing: it may load a model
  const MOST_SENT = 20000; // far more than is read: what is longer is refused, and its author finds it again
  const JOIN = 6000; // how long the queue may take to accept a question, each further time longer
  const idle = []; // sessions of the queue in which nothing is under way
  let target = null; // number of the function that answers

  /* As `fetch`, but it ends: what hangs is given up after so many seconds, its body included. */
  bq.fetch = (path, options = {}, seconds = 15) => fetch(path, { ...options, signal: AbortSignal.timeout(1000 * seconds) });

  const pause = (time) => new Promise((done) => { setTimeout(done, time); });
  const asking = (config) => config?.dependencies?.find((one) => one.backend_fn)?.id;

  async function number(fresh) {
    if (fresh) target = asking(await (await bq.fetch("config", { cache: "no-store" })).json());
    target ??= asking(window.gradio_config) ?? (await number(true));
    return target;
  }

  /* Asks after a run: what the server knows of it, { lost } when there is no answer, { out } when nobody is signed in. */
  async function look(run) {
    try {
      const answer = await bq.fetch(`chat/run/${run.id}`, { cache: "no-store", redirect: "error" }, LOOK / 1000);
      if (answer.status === 401) return { out: true };
      return answer.ok ? await answer.json() : { lost: true };
    } catch { return { lost: true }; }
  }

  /* Looks for a server that was lost; a restart or another network takes a moment. The browser may have kept connections
     that are dead as well, so that no look waits for the one before it: each takes another connection. */
  async function find(run) {
    const begun = Date.now();
    let found = null;
    let hanging = 0;
    while (!found && !run.over && Date.now() - begun < (hanging ? HANG : RETURN)) {
      hanging += 1;
      const looked = look(run).then((seen) => {
        hanging -= 1;
        if (!seen.lost) found ??= seen;
        return seen.lost && pause(GAP);
      });
      await Promise.race([looked, pause(GAP)]);
    }
    return found ?? { lost: true };
  }

  const ours = (answer) => (answer.headers.get("content-type") ?? "").includes("json");

  async function join(run, session, fresh = false) {
    const data = [run.question.slice(0, MOST_SENT), run.context, run.id, bq.language, run.backend, run.style ?? "", run.scope ?? ""];
    const body = JSON.stringify({ data, fn_index: await number(fresh), session_hash: session, event_data: null, trigger_id: null });
    const answer = await bq.fetch("gradio_api/queue/join", { method: "POST", headers: { "content-type": "application/json" }, body }, run.patience / 1000);
    if (answer.ok) { run.sent = (run.sent ?? 0) + 1; return ""; }
    if (answer.status === 401) return "signed_out";
    if (answer.status === 503 && ours(answer)) return /stopped/.test((await answer.json()).detail) ? "broken" : "busy";
    if (answer.status === 422 && !fresh) return join(run, session, true); // the server has begun anew, with other numbers
    return answer.status >= 500 ? "broken" : "failed_inside";
  }

  /* Ends a stream of which nothing comes though there is something to come, or whose server is gone. */
  function guard(run, stream) {
    let before = null;
    let at = Date.now() + QUIET;
    let closed = false;
    (async () => {
      while (!closed) {
        await pause(Math.max(50, at - Date.now()));
        if (closed || Date.now() < at) continue;
        const heard = stream.heard;
        const seen = await look(run);
        if (closed) return;
        if (stream.heard !== heard) { before = null; continue; }
        const moved = before && (seen.done || seen.version !== before.version || (!seen.known && before.missing > 2));
        if (seen.lost || seen.out || moved || (run.begun && !seen.known)) return void stream.abort();
        before = { version: seen.version, missing: (before?.missing ?? 0) + !seen.known };
        at = Date.now() + AGAIN;
      }
    })();
    stream.touch = () => { stream.heard += 1; at = Date.now() + QUIET; };
    return () => { closed = true; };
  }

  /* The framework tells the first state of an output whole, and of the later ones what has changed. */
  function changed(before, edits) {
    let text = before;
    for (const [action, path, value] of edits) {
      if (path.length || (action !== "append" && action !== "replace")) throw new Error("an edit of another kind");
      text = action === "append" ? text + value : value;
    }
    return text;
  }

  async function* messages(body, stream) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      stream.touch();
      const parts = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = parts.pop();
      for (const part of parts) if (part.startsWith("data:")) yield JSON.parse(part.slice(5));
    }
  }

  async function listen(run, session, stream, show) {
    const answer = await fetch(`gradio_api/queue/data?session_hash=${session}`, { signal: stream.signal, cache: "no-store" });
    if (answer.status === 401) return "signed_out";
    if (!answer.ok) return "broken";
    let text = null;
    for await (const message of messages(answer.body, stream)) {
      if (message.msg === "process_generating" && message.output?.data) {
        text = text === null ? message.output.data[0] : changed(text, message.output.data[0]);
        run.begun = true;
        show(text);
      }
      if (message.msg === "process_completed" && !message.success) return run.begun ? "broken" : "busy";
      if (message.msg === "close_stream") return "";
      if (message.msg === "unexpected_error") return "broken";
    }
    return "broken";
  }

  /* One connection: joins the queue and reads what comes. */
  async function once(run, show) {
    const session = idle.pop() ?? bq.random().slice(0, 12);
    const control = new AbortController();
    const stream = { heard: 0, signal: control.signal, abort: () => control.abort() };
    run.abort = stream.abort;
    let free = () => {};
    try {
      const refused = await join(run, session);
      if (refused) return refused;
      free = guard(run, stream);
      const end = await listen(run, session, stream, show);
      if (!end) idle.push(session);
      return end;
    } catch { return "broken"; } finally { free(); control.abort(); }
  }

  /* Follows a run to its end, over as many connections as that takes.
     Returns the key of a sentence when there is no answer, else "". `run.done` tells that the last state was shown. */
  bq.follow = async (run, show) => {
    let finished = 0;
    let refused = 0;
    for (let tries = 1; !run.over; tries += 1) {
      run.patience = JOIN * Math.min(tries, 5);
      const end = await once(run, show);
      if (run.done || run.over) return "";
      if (end && end !== "broken") return end;
      run.waiting(true);
      const seen = await find(run);
      if (seen.out) return "signed_out";
      if (seen.lost) return run.sent ? "ended" : "lost";
      if (seen.known) {
        // As long as the server works on it, it is worth coming back: behind a proxy that holds streams back, to the end.
        finished += Boolean(seen.done);
        if (finished > 3) return "cut";
      } else {
        // What a server that began anew never answered is sent once more; a question that ends servers, no oftener.
        refused += 1;
        if (run.begun || run.sent > 1 || refused > 3) return run.sent ? "cut" : "lost";
      }
      run.waiting(false);
      await pause(200);
    }
    return "";
  };

  bq.look = look;
})();

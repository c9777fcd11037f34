/* What the page sends: it ends also when the line goes dead in the middle of a file. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const STALLED = 35000; // nothing more has left: a little longer than the server waits, whose word is better
  const ANSWER = 900000; // a long scan that was sent is read before the answer comes
  const KEYS = { 408: "upload_stalled", 413: "upload_large" };

  /* Sends a body; resolves to null when it was taken, else to { error: key of a sentence, detail }. `taken` gets what
     the server said of it. */
  bq.send = (path, body, headers, taken) => new Promise((resolve) => {
    const request = new XMLHttpRequest(); // fetch does not tell how far it is
    let timer = 0;
    const done = (reply) => { clearTimeout(timer); resolve(reply); };
    const wait = (time, key) => {
      clearTimeout(timer);
      timer = setTimeout(() => { done({ error: key }); request.abort(); }, time);
    };
    request.open("POST", path);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = () => wait(STALLED, "upload_stalled");
    request.upload.onload = () => wait(ANSWER, "lost");
    request.onerror = request.onabort = () => done({ error: "lost" });
    request.onload = () => {
      let reply = null;
      try { reply = JSON.parse(request.responseText); } catch { /* a refusal of the server's own, in plain text */ }
      if (request.status >= 200 && request.status < 300) { taken?.(reply ?? {}); return done(null); }
      return done(reply ?? { error: KEYS[request.status] ?? "not_allowed" });
    };
    wait(STALLED, "upload_stalled");
    request.send(body);
  });
})();

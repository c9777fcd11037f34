/* Files that are dropped on the library are uploaded. */
(() => {
  "use strict";
  const bq = window.babelquote;
  const carries = (event) => bq.mayDrop() && event.dataTransfer?.types.includes("Files");
  /* A browser sends `dragover` several times a second for as long as files are held over the page, even still. Where
     these stop without a `drop` or a `dragleave` (a window in between, a lost event), the veil goes by itself. */
  let dragging = 0;
  const dropping = (on) => {
    clearTimeout(dragging);
    document.body.classList.toggle("bq-dropping", on);
    if (on) dragging = setTimeout(dropping, 1500, false);
  };
  document.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    dropping(true);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) dropping(false); });
  document.addEventListener("drop", (event) => {
    dropping(false);
    if (!carries(event)) return;
    event.preventDefault();
    bq.upload([...event.dataTransfer.files]);
  });
})();

"use strict";
// Everything on the page works without this: it adds buttons that copy, and
// unfolds what is folded before it is printed.
(() => {
  const said = document.getElementById("said");
  if (navigator.clipboard) {
    for (const button of document.querySelectorAll("button[data-copy]")) {
      button.hidden = false;
      const word = button.firstChild;
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(button.dataset.copy);
          word.nodeValue = "Copied";
        } catch {
          word.nodeValue = "Not allowed";
        }
        said.textContent = word.nodeValue;
        setTimeout(() => { word.nodeValue = "Copy"; }, 2000);
      });
    }
  }
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const d of opened) d.open = true;
  });
  addEventListener("afterprint", () => {
    for (const d of opened) d.open = false;
  });
})();

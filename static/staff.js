// A row that was just added is open, so that one can write at once.
"use strict";

document.addEventListener("formset:added", (event) => {
  setTimeout(() => {
    const state = window.Alpine && window.Alpine.$data(event.target);
    if (state && "openRow" in state) state.openRow = true;
  });
});

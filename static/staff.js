// Small helps on the office's forms.
"use strict";

// A button beside a form would throw away what was typed into the form, and some cannot be taken back: both ask first.
let typed = false;
document.addEventListener("input", (event) => { typed = typed || Boolean(event.target.closest("#content-main form")); });
document.addEventListener("submit", (event) => {
  const beside = event.target.closest("[data-beside]");
  if (!beside) return;
  const words = event.target.dataset.sure || (typed ? "What you typed into the form is not saved and would be lost. Go on?" : "");
  if (words && !window.confirm(words)) event.preventDefault();
});

// The admin's own script writes a chosen file's name into the text field beside it; desks have none.
document.addEventListener("DOMContentLoaded", () => {
  for (const input of document.querySelectorAll(".desk input[type=file]")) input.hasChangeListener = true;
});

// A row that was just added is open, so that one can write at once.
document.addEventListener("formset:added", (event) => {
  setTimeout(() => {
    const state = window.Alpine && window.Alpine.$data(event.target);
    if (state && "openRow" in state) state.openRow = true;
  });
});

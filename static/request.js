// Saves a page of the Request for Credit as it is typed, and shows only the fields that apply. Without this script
// every field is shown and the page is saved by its button.
"use strict";

const form = document.querySelector("form[data-save]");

if (form) {
  const status = form.querySelector(".saved");
  let timer = null;
  let unsaved = false;

  const clock = (moment) => new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const say = (words) => { status.textContent = words; };

  const save = async () => {
    unsaved = false;
    try {
      const answer = await fetch(form.dataset.save, { method: "POST", body: new FormData(form), redirect: "error" });
      const body = await answer.json();
      say(answer.ok ? `Saved ${clock(body.saved)}` : `Not saved: ${body.refused}`);
    } catch {
      unsaved = true;
      say("Not saved yet. Your answers are still on this page; the next try follows by itself.");
      timer = setTimeout(save, 5000);
    }
  };

  const changed = () => {
    unsaved = true;
    clearTimeout(timer);
    timer = setTimeout(save, 700);
    showWhatApplies();
  };

  const showWhatApplies = () => {
    for (const part of form.querySelectorAll("[data-shown-when]")) {
      const [name, value] = part.dataset.shownWhen.split("=");
      const chosen = form.querySelector(`[name="${name}"]:checked`);
      part.classList.toggle("is-hidden", !chosen || chosen.value !== value);
    }
  };

  form.addEventListener("input", changed);
  form.addEventListener("submit", () => { unsaved = false; clearTimeout(timer); });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  showWhatApplies();
}

const problem = document.querySelector(".problem");
if (problem) problem.focus();

// Saves a page of a survey as it is typed, and shows only the fields that apply. Without this script every field is
// shown and the page is saved by its button.
"use strict";

const form = document.querySelector("form[data-save], form[data-preview]");

if (form) {
  const status = form.querySelector(".saved");
  let timer = null;
  let unsaved = false;

  const clock = (moment) => new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const say = (words) => { status.textContent = words; };

  // Signing in again, perhaps in another tab, changes the token; the cookie always has the present one.
  const freshenToken = () => {
    const found = document.cookie.match(/(?:^|; )(?:__Host-)?csrf=([^;]+)/);
    if (found) form.elements.csrfmiddlewaretoken.value = found[1];
  };

  // What is typed is kept in this tab until the portal has it: a session may end, or the network, before a save.
  const place = `typed:${location.pathname}`;
  const ours = (name) => name === "csrfmiddlewaretoken" || name === "shown";
  const keep = () => {
    const typed = [...new FormData(form)].filter(([name, value]) => !ours(name) && typeof value === "string");
    if (form.dataset.save) sessionStorage.setItem(place, JSON.stringify(typed));
  };
  const forget = () => sessionStorage.removeItem(place);
  const fill = (typed) => {
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden") continue;
      const given = typed.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "checkbox" || field.type === "radio") field.checked = given.includes(field.value);
      else if (given.length) field.value = given.at(-1);
    }
  };
  // The page that led here: what its form had kept has arrived, if it was this one or another of the same survey.
  const from = document.referrer && new URL(document.referrer).pathname;
  if (from && from !== location.pathname) sessionStorage.removeItem(`typed:${from}`);
  const restore = () => {
    const kept = JSON.parse(sessionStorage.getItem(place) || "[]");
    const response = kept.find(([name]) => name === "response");
    forget();
    const sent = from === location.pathname && performance.getEntriesByType("navigation")[0].type === "navigate";
    if (!response || response[1] !== form.elements.response?.value || sent || document.querySelector(".problem")) return;
    fill(kept);
    fill(kept); // a second time, for fields that the first has brought
    form.dispatchEvent(new Event("input"));
    say("What you typed before is back.");
  };
  const leaving = new AbortController();
  let saving = false;

  // One save at a time, so that an older one can never arrive after a newer one.
  const save = async () => {
    if (!form.dataset.save) return;
    if (saving) {
      timer = setTimeout(save, 200);
      return;
    }
    saving = true;
    unsaved = false;
    try {
      freshenToken();
      const request = { method: "POST", body: new FormData(form), redirect: "manual", signal: leaving.signal };
      const answer = await fetch(form.dataset.save, request);
      if (answer.type === "opaqueredirect" || !(answer.headers.get("Content-Type") || "").includes("json")) {
        unsaved = true;
        say("Not saved: you are signed out. Sign in again in another tab; what you typed stays on this page.");
        timer = setTimeout(save, 15000);
      } else {
        const body = await answer.json();
        say(answer.ok ? `Saved ${clock(body.saved)}` : `Not saved: ${body.refused}`);
        if (!answer.ok) unsaved = true;
        else {
          if (!unsaved) forget();
          form.elements.shown.value = body.shown;
          document.dispatchEvent(new CustomEvent("saved", { detail: body }));
          if (form.dataset.asks) form.querySelector(".left").textContent = body.left ? `${body.left} question${body.left > 1 ? "s" : ""} left` : "";
        }
      }
    } catch {
      if (leaving.signal.aborted) return;
      unsaved = true;
      say("Not saved yet. Your answers are still on this page; the next try follows by itself.");
      timer = setTimeout(save, 5000);
    } finally {
      saving = false;
    }
  };

  const changed = () => {
    keep();
    unsaved = Boolean(form.dataset.save);
    clearTimeout(timer);
    timer = setTimeout(save, 700);
    showWhatApplies();
  };

  const showWhatApplies = () => {
    for (const part of form.querySelectorAll("[data-shown-when]")) {
      const [name, value] = part.dataset.shownWhen.split("=");
      const chosen = form.querySelector(`[name="${name}"][value="${value}"]:checked`);
      part.classList.toggle("is-hidden", !chosen || Boolean(chosen.closest(".is-hidden")));
    }
  };

  // A number's form is checked as it is typed; what the registry says of it comes with the answer to a save.
  const said = form.querySelector(".identity-said");
  const complain = (field, words) => {
    const id = `${field.id}_form`;
    const found = document.getElementById(id) || document.createElement("p");
    found.id = id;
    found.className = "form-note";
    found.textContent = words;
    found.setAttribute("role", "status");
    if (!found.isConnected) field.after(found);
  };
  for (const field of form.querySelectorAll("[data-form]")) {
    const shape = new RegExp(`^(?:${field.dataset.form})$`, "u");
    field.addEventListener("input", () => {
      const number = field.value.replace(/\s+/g, "").replace(new RegExp(`^${field.dataset.formName}[#:]*`, "iu"), "");
      complain(field, !number || shape.test(number) ? "" : field.dataset.formWords);
    });
  }
  document.addEventListener("saved", (event) => {
    if (!said) return;
    said.replaceChildren(...(event.detail.identity || []).map((words) => {
      const line = document.createElement("p");
      line.className = "notice soon";
      line.textContent = words;
      return line;
    }));
  });

  const amount = form.querySelector("[data-running-total]");
  const total = document.createElement("p");
  total.className = "running-total";
  if (amount) amount.closest(".mb-3").append(total);

  // 12.25 of 18.50: what the typed amount means in hours, and how much is left.
  const showTotal = () => {
    if (!amount) return;
    const claimed = Number(amount.value);
    const most = Number(amount.dataset.runningTotal);
    const sensible = claimed > 0 && claimed <= most && Number.isInteger(claimed * 4);
    const hours = Math.floor(claimed);
    const minutes = Math.round((claimed - hours) * 60);
    total.textContent = sensible
      ? `${claimed.toFixed(2)} is ${hours} h ${minutes} min of participation; ${(most - claimed).toFixed(2)} of ${most.toFixed(2)} are left.`
      : "";
  };

  // What was said of an earlier answer is no longer true of the one that is typed now.
  form.addEventListener("input", ({ target }) => {
    const part = target.closest(".mb-3, .sessions");
    if (!part) return;
    for (const words of part.querySelectorAll(".invalid-feedback")) words.remove();
    for (const field of part.querySelectorAll(".is-invalid")) field.classList.remove("is-invalid");
  });

  form.addEventListener("input", showTotal);
  form.addEventListener("input", changed);
  showTotal();
  form.addEventListener("submit", (event) => {
    if (form.dataset.save && !navigator.onLine) {
      event.preventDefault();
      say("You are offline. What you typed stays on this page; continue when you are online again.");
      return;
    }
    keep();
    freshenToken();
    unsaved = false;
    clearTimeout(timer);
    leaving.abort();
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  showWhatApplies();
  if (form.dataset.save) restore();
}

const problem = document.querySelector(".problem");
if (problem) problem.focus();

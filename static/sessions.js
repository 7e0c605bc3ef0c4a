// Filters a long list of sessions, offers a part of a session when it is chosen, and shows what the server counts.
// Without this script all sessions are listed and the sum is shown when the page is saved.
"use strict";

const list = document.querySelector(".sessions");
const filter = document.querySelector(".session-filter");
const sum = document.querySelector(".running-sum");

const rows = list ? [...list.querySelectorAll("li[data-most]")] : [];
const box = (row) => row.querySelector("input[type=checkbox]");

const offerPart = (row) => {
  const chosen = box(row).checked;
  const select = row.querySelector("select");
  const most = Number(row.dataset.most);
  if (!chosen && select) select.closest(".part").remove();
  if (!chosen || select || most <= 0.25) return;
  const label = document.createElement("label");
  label.className = "part";
  const words = document.createElement("span");
  words.className = "visually-hidden";
  words.textContent = `How much of ${row.querySelector(".title").textContent} you attended`;
  const made = document.createElement("select");
  made.className = "form-select form-select-sm";
  made.name = box(row).name.replace("session", "part");
  for (let quarters = Math.round(most * 4); quarters > 0; quarters -= 1) {
    const amount = (quarters / 4).toFixed(2);
    made.add(new Option(amount === row.dataset.most ? `all, ${amount}` : amount, amount));
  }
  label.append(words, made);
  row.querySelector(".worth").before(label);
};

const show = () => {
  const wanted = {};
  for (const field of filter.querySelectorAll("[data-filter]")) {
    wanted[field.dataset.filter] = field.type === "checkbox" ? field.checked : field.value.trim().toLowerCase();
  }
  let seen = 0;
  for (const row of rows) {
    const words = row.textContent.toLowerCase();
    const fits = (!wanted.day || row.closest("section").dataset.day === wanted.day)
      && (!wanted.track || row.dataset.track.toLowerCase() === wanted.track)
      && wanted.words.split(/\s+/).every((word) => words.includes(word))
      && (!wanted.chosen || box(row).checked);
    row.hidden = !fits;
    seen += fits;
  }
  for (const section of list.querySelectorAll("section")) section.hidden = !section.querySelector("li:not([hidden])");
  const words = seen === rows.length ? `${rows.length} session${rows.length > 1 ? "s" : ""}` : `${seen} of ${rows.length} sessions`;
  document.querySelector(".session-count").textContent = seen ? words : "No session fits. Clear a filter to see others.";
};

if (list && filter && rows.length) {
  filter.hidden = false;
  filter.addEventListener("input", (event) => { event.stopPropagation(); show(); });
  filter.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  list.addEventListener("input", (event) => { if (event.target.type === "checkbox") offerPart(event.target.closest("li")); });
  show();
}

const told = document.querySelector(".sum-told");
const showSum = (total) => {
  if (!total) return;
  sum.innerHTML = total;
  told.textContent = sum.querySelector(".sum").textContent;
};

if (sum) document.addEventListener("saved", (event) => showSum(event.detail.total));

// Where nothing is saved while it is typed, the server is asked what the choice would give.
const asking = document.querySelector("form[data-sum]");
if (sum && asking) {
  let timer = null;
  const ask = async () => {
    const answer = await fetch(asking.dataset.sum, { method: "POST", body: new FormData(asking), redirect: "manual" });
    if (answer.ok) showSum((await answer.json()).total);
  };
  asking.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { ask().catch(() => {}); }, 500);
  });
}

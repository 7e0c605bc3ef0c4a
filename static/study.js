// Tells the server what a player plays and where it is, and goes on where it was left. What counts is what the server
// believes: it knows the clock. Without this script a recording counts when the page was open for as long as it takes.
"use strict";

const box = document.querySelector(".player");

if (box) {
  const EVERY = 10000;
  const length = Number(box.dataset.length);
  const shown = box.querySelector(".played");
  const words = box.querySelector(".report");
  let at = Number(box.dataset.position);
  let from = null; // where the span that is being played began; null while nothing plays
  let waiting = []; // spans that the server has not taken yet
  let sending = false;

  // Signing in again, perhaps in another tab, changes the token; the cookie always has the present one.
  const token = () => {
    const found = document.cookie.match(/(?:^|; )(?:__Host-)?csrf=([^;]+)/);
    return found ? found[1] : box.querySelector("[name=csrfmiddlewaretoken]").value;
  };

  const second = (moment) => Math.max(0, Math.min(Math.floor(moment), length));

  const body = ([start, end]) => {
    const form = new FormData();
    form.append("csrfmiddlewaretoken", token());
    form.append("position", second(at));
    form.append("start", second(start));
    form.append("end", second(end));
    return form;
  };

  // What was played up to here waits to be sent; playing goes on from here.
  const cut = () => {
    if (from !== null && second(at) > second(from)) {
      waiting.push([from, at]);
      from = at;
    }
  };

  // One report at a time, the oldest first; a span is dropped only when the server has taken it.
  const send = async () => {
    if (sending) return;
    sending = true;
    try {
      while (waiting.length) {
        const answer = await fetch(box.dataset.report, { method: "POST", body: body(waiting[0]), redirect: "manual" });
        if (answer.type === "opaqueredirect" || answer.status === 403) {
          words.textContent = "Not saved: sign in again in another tab; what you played is kept on this page.";
          return;
        }
        if (answer.ok) shown.textContent = (await answer.json()).percent;
        words.textContent = "";
        waiting.shift();
      }
    } catch {
      words.textContent = "Not saved yet; the next try follows by itself.";
    } finally {
      sending = false;
    }
  };
  const report = () => { cut(); return send(); };

  const leave = () => {
    cut();
    for (const span of waiting) navigator.sendBeacon(box.dataset.report, body(span));
    waiting = [];
  };

  // A jump ends one span and begins another; playing makes small steps only.
  const moved = (moment) => {
    if (from === null) from = moment;
    else if (moment < at - 0.5 || moment > at + 3) {
      cut();
      from = moment;
    }
    at = moment;
  };
  const stopped = () => {
    cut();
    from = null;
    send();
  };

  const own = box.querySelector("video, audio");
  if (own) {
    waiting.push([at, at]); // from now on only what is played counts
    send();
    const goOn = () => { if (at > 0 && at < own.duration - 2) own.currentTime = at; };
    if (own.readyState > 0) goOn();
    else own.addEventListener("loadedmetadata", goOn, { once: true });
    own.addEventListener("timeupdate", () => { if (!own.paused && !own.seeking) moved(own.currentTime); });
    own.addEventListener("pause", stopped);
    own.addEventListener("ended", () => { moved(own.duration); stopped(); });
  }

  // Players of other hosts say where they are by messages.
  const frame = box.querySelector("iframe");
  const say = (message) => frame.contentWindow.postMessage(JSON.stringify(message), box.dataset.origin);
  const greet = () => {
    if (box.dataset.host === "youtube") say({ event: "listening", id: 1, channel: "widget" });
    else say({ method: "addEventListener", value: "timeupdate" });
  };
  let answered = false;
  const heard = (event) => {
    if (event.origin !== box.dataset.origin || event.source !== frame.contentWindow) return;
    answered = true;
    let message = event.data;
    try {
      if (typeof message === "string") message = JSON.parse(message);
    } catch {
      return;
    }
    if (message.event === "ready" || message.event === "onReady") greet();
    const moment = message.event === "timeupdate" ? message.data.seconds : message.info && message.info.currentTime;
    if (Number.isFinite(moment)) moved(moment);
  };
  if (frame) {
    window.addEventListener("message", heard);
    frame.addEventListener("load", greet);
    // It may have been there before this script was; it is greeted until it answers.
    const again = setInterval(() => { if (answered) clearInterval(again); else greet(); }, 2000);
  }

  setInterval(report, EVERY);
  document.addEventListener("visibilitychange", () => { if (document.hidden) report(); });
  window.addEventListener("pagehide", leave);
}

// Tells the server what a player plays and where it is, and goes on where it was left. What counts is what the server
// believes: it knows the clock. Without this script a recording counts when the page was open for as long as it takes.
"use strict";

const box = document.querySelector(".player");

if (box) {
  const EVERY = 10000;
  const shown = box.querySelector(".played");
  let from = null; // where the span that is being played began
  let at = Number(box.dataset.position);
  let sending = false;

  const body = (start, end) => {
    const form = new FormData();
    form.append("csrfmiddlewaretoken", box.querySelector("[name=csrfmiddlewaretoken]").value);
    form.append("position", Math.floor(end));
    form.append("start", Math.floor(start));
    form.append("end", Math.floor(end));
    return form;
  };

  // One report at a time; what could not be sent is part of the next one.
  const report = async () => {
    if (from === null || sending || Math.floor(at) <= Math.floor(from)) return;
    const [start, end] = [from, at];
    sending = true;
    try {
      const answer = await fetch(box.dataset.report, { method: "POST", body: body(start, end), redirect: "manual" });
      if (answer.ok) {
        shown.textContent = (await answer.json()).percent;
        if (from === start) from = end;
      }
    } catch {
      // the next report covers this one
    } finally {
      sending = false;
    }
  };

  const leave = () => {
    if (from !== null && Math.floor(at) > Math.floor(from)) navigator.sendBeacon(box.dataset.report, body(from, at));
    if (from !== null) from = at;
  };

  // A jump ends one span and begins another; playing makes small steps only.
  const moved = (second) => {
    if (from === null) from = second;
    else if (second < at - 0.5 || second > at + 3) {
      report();
      from = second;
    }
    at = second;
  };
  const stopped = () => { report().then(() => { from = null; }); };

  const own = box.querySelector("video, audio");
  if (own) {
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
  const heard = (event) => {
    if (event.origin !== box.dataset.origin || event.source !== frame.contentWindow) return;
    let message = event.data;
    try {
      if (typeof message === "string") message = JSON.parse(message);
    } catch {
      return;
    }
    if (message.event === "ready" || message.event === "onReady") greet();
    const second = message.event === "timeupdate" ? message.data.seconds : message.info && message.info.currentTime;
    if (Number.isFinite(second)) moved(second);
  };
  if (frame) {
    window.addEventListener("message", heard);
    frame.addEventListener("load", greet);
  }

  setInterval(report, EVERY);
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });
  window.addEventListener("pagehide", leave);
}

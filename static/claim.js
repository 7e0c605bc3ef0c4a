// Shows what becomes of a claim as it happens: asks for the page again every other second, for a minute, while its
// certificate is being made. Without this script the page is loaded again by hand.
"use strict";

const EVERY = 2000;
let times = 30;

const renew = async () => {
  const here = document.querySelector("#state[data-being-made]");
  if (!here || times === 0) return;
  times -= 1;
  try {
    const answer = await fetch(location.href, { redirect: "manual" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const there = page.querySelector("#state");
    if (there && there.innerHTML !== here.innerHTML) here.replaceWith(there);
  } catch {
    // The network is away at this moment; the next try may do.
  }
  setTimeout(renew, EVERY);
};

setTimeout(renew, EVERY);

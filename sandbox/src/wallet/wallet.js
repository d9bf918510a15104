"use strict";

// All that comes from the bank is hostile text: it is only ever set as textContent.

const texts = JSON.parse(document.getElementById("texts").textContent);
const lang = document.documentElement.lang;
const single = location.pathname.startsWith("/w/") ? location.pathname.slice(3) : null;
const element = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const SIGNS = {
  paid: "M11 25l8 8 18-19",
  declined: "M15 15l18 18M33 15L15 33",
  cancelled: "M14 24h20",
  refunded: "M18 13l-8 8 8 8M11 21h17a8 8 0 0 1 0 16h-8",
  expired: "M24 12v13l8 5",
  issued: "M24 12v13l8 5",
  open: "M24 12v13l8 5",
};
const cards = new Map();
let exponents = {};
let clockAhead = 0;

function say(key, values) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function fill(root) {
  for (const node of root.querySelectorAll("[data-text]")) {
    node.textContent = texts[node.dataset.text];
  }
}

function digits(currency) {
  return exponents[currency] ?? 2;
}

function number(money, useGrouping = true) {
  const places = digits(money.currency);
  const style = { minimumFractionDigits: places, maximumFractionDigits: places, useGrouping };
  return new Intl.NumberFormat(lang, style).format(money.amount / 10 ** places);
}

function sum(money) {
  return `${number(money)}\u00a0${money.currency}`;
}

// Reads what the customer typed, with a point or a comma, as minor units; null if it is no amount.
function minor(text, currency) {
  const places = digits(currency);
  const plain = text.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");
  const found = /^(\d{1,12})(?:\.(\d*))?$/.exec(plain);
  if (!found || (found[2] ?? "").length > places) return null;
  const amount = Number(found[1] + (found[2] ?? "").padEnd(places, "0"));
  return amount > 0 ? amount : null;
}

function purpose(payment) {
  return payment.description ?? texts.no_purpose;
}

function sign(state) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 48 48");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SIGNS[state]);
  svg.append(path);
  return svg;
}

function show(node, visible) {
  node.hidden = !visible;
}

async function call(path, body) {
  const options = body === undefined ? {} : {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Till-Sandbox": "1" },
    body: JSON.stringify(body),
  };
  const response = await fetch(path, { ...options, cache: "no-store" });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.message), { code: answer.error });
  return answer;
}

function makeCard(payment) {
  const card = element("card-template").content.firstElementChild.cloneNode(true);
  fill(card);
  const part = (name) => card.querySelector(`.${name}`);
  card.dataset.id = payment.external_id;
  part("avatar").textContent = [...payment.merchant][0] ?? "?";
  part("merchant").textContent = payment.merchant;
  part("purpose").textContent = purpose(payment);
  part("id-value").textContent = payment.external_id;
  card.dataset.bank = payment.bank;
  if (payment.bank === "ecommpay") {
    card.querySelector("[data-action=decline]").textContent = texts.page_decline;
    card.querySelector("[data-action=cancel]").textContent = texts.page_cancel;
  }
  part("again").addEventListener("click", () => {
    card.again = true;
    refresh(card);
  });
  const input = card.querySelector("input");
  card.querySelector(".entry .unit").textContent = payment.currency;
  if (payment.kind === "entry" && payment.asked) input.value = number(payment.asked, false);
  input.addEventListener("input", () => refresh(card));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") act(card, "approve");
  });
  for (const button of card.querySelectorAll("[data-action]")) {
    button.addEventListener("click", () => act(card, button.dataset.action));
  }
  return card;
}

function entered(card) {
  return minor(card.querySelector("input").value, card.payment.currency);
}

// A bank may let a payment be paid after all that was declined or cancelled: in the list at once,
// on its own page when its customer wants it.
function payable(card) {
  const payment = card.payment;
  const again = payment.listed === true || card.again === true;
  return payment.state === "open" || (payment.payable === true && again);
}

// Draws one card anew; what the customer has typed stays.
function refresh(card) {
  const payment = card.payment;
  const part = (name) => card.querySelector(`.${name}`);
  const open = payable(card);
  const entry = payment.kind === "entry" || !payment.asked;
  card.dataset.state = payment.state;
  for (const name of ["who", "life", "actions"]) show(part(name), open);
  show(part("entry"), open && entry);
  show(part("amount"), open && !entry);
  const reduced = open && !entry && payment.asked.amount !== payment.amount.amount;
  show(part("asked"), reduced);
  const abroad = open && !entry && payment.withdrawal.currency !== payment.amount.currency;
  show(part("withdrawal"), abroad);
  show(part("result"), !open);
  show(part("more"), single !== null);
  show(part("again"), payment.payable === true && single !== null);
  if (!open) return refreshResult(card, part);
  const pay = card.querySelector("[data-action=approve]");
  if (entry) {
    const amount = entered(card);
    pay.disabled = amount === null;
    pay.textContent =
      amount === null ? texts.pay : say("pay_sum", { sum: sum({ amount, currency: payment.currency }) });
  } else {
    if (reduced) part("asked").textContent = sum(payment.asked);
    const unit = document.createElement("span");
    unit.className = "unit";
    unit.textContent = payment.amount.currency;
    const amount = number(payment.amount);
    part("amount").classList.toggle("long", amount.length > 12);
    part("amount").replaceChildren(amount, " ", unit);
    if (abroad) part("withdrawal").textContent = say("from_wallet", { sum: sum(payment.withdrawal) });
    const key = payment.bank === "ecommpay" ? "page_success" : "pay_sum";
    pay.textContent = say(key, { sum: sum(payment.amount) });
  }
}

function refreshResult(card, part) {
  const { state, amount, withdrawal } = card.payment;
  show(part("problem"), false);
  if (part("seal").dataset.state !== state) {
    part("seal").dataset.state = state;
    part("seal").replaceChildren(sign(state));
  }
  part("result-title").textContent = texts[`state_${state}`];
  part("result-for").textContent = `${card.payment.merchant} · ${purpose(card.payment)}`;
  part("result-text").textContent = texts[`state_${state}_text`];
  const moved = state === "paid" || state === "refunded";
  show(part("result-sum"), moved && amount);
  if (moved && amount) {
    const abroad = withdrawal.currency !== amount.currency;
    part("result-sum").textContent = abroad ? `${sum(amount)} · ${sum(withdrawal)}` : sum(amount);
  }
}

function tick() {
  const now = Date.now() + clockAhead;
  for (const card of cards.values()) {
    const { created_at_ms: start, expires_at_ms: end } = card.payment;
    const left = Math.max(0, end - now);
    const seconds = Math.ceil(left / 1000);
    const life = card.querySelector(".life");
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    card.querySelector(".life-text").textContent = say("valid_for", { time: text });
    card.querySelector(".left").style.transform = `scaleX(${Math.min(1, left / (end - start))})`;
    life.classList.toggle("late", left < 60000);
  }
}

async function act(card, action) {
  const payment = card.payment;
  const body = { external_id: payment.external_id };
  if (action === "approve" && (payment.kind === "entry" || !payment.asked)) {
    body.amount = entered(card);
    if (body.amount === null) return;
  }
  const buttons = [...card.querySelectorAll("button")];
  for (const button of buttons) button.disabled = true;
  const problem = card.querySelector(".problem");
  show(problem, false);
  try {
    const answer = await call(`/control/${action}`, body);
    card.payment = answer.payment;
    card.decided = Date.now();
    card.again = false;
    refresh(card);
  } catch (error) {
    problem.textContent = texts[`error_${error.code}`] ?? texts.error;
    show(problem, true);
  } finally {
    for (const button of buttons) button.disabled = false;
    refresh(card);
  }
  await load();
}

function place(payment, list) {
  let card = cards.get(payment.external_id);
  if (!card) {
    card = makeCard(payment);
    cards.set(payment.external_id, card);
    list.prepend(card);
  }
  card.payment = payment;
  refresh(card);
}

function drawRecent(recent) {
  const rows = recent.map((payment) => {
    const row = element("row-template").content.firstElementChild.cloneNode(true);
    row.dataset.state = payment.state;
    row.dataset.id = payment.external_id;
    row.querySelector(".dot").append(sign(payment.state));
    row.querySelector(".purpose").textContent = purpose(payment);
    const time = new Date(payment.ended_at_ms ?? payment.expires_at_ms);
    const clock = time.toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit" });
    row.querySelector(".state").textContent = `${texts[`state_${payment.state}`]} · ${clock}`;
    const money = payment.amount ?? payment.asked;
    row.querySelector(".sum").textContent = money ? sum(money) : "";
    return row;
  });
  element("recent-list").replaceChildren(...rows);
  show(element("recent"), rows.length > 0);
}

// A decided card stays for a moment, so that its customer sees what became of it.
const KEPT_MS = 6000;

function drawList(answer) {
  const open = new Set(answer.open.map((payment) => payment.external_id));
  for (const payment of answer.open) {
    const decided = cards.get(payment.external_id)?.decided;
    if (!decided || Date.now() - decided > KEPT_MS) {
      place({ ...payment, listed: true }, element("open-list"));
    }
  }
  const ended = new Map(answer.recent.map((payment) => [payment.external_id, payment]));
  for (const [id, card] of cards) {
    if (open.has(id)) continue;
    card.decided ??= Date.now();
    card.payment = ended.get(id) ?? { ...card.payment, state: "expired" };
    refresh(card);
    if (Date.now() - card.decided > KEPT_MS) {
      cards.delete(id);
      card.remove();
    }
  }
  show(element("empty"), cards.size === 0);
  show(element("open-title"), cards.size > 0);
  drawRecent(answer.recent.filter((payment) => !cards.has(payment.external_id)));
  const automatic = answer.auto !== "ignore";
  show(element("auto"), automatic);
  if (automatic) element("auto").textContent = texts[`auto_${answer.auto}`];
  element("main").classList.toggle("alone", element("recent").hidden);
}

async function drawSingle() {
  const key = decodeURIComponent(single);
  try {
    const answer = await call(`/control/payment?key=${encodeURIComponent(key)}`);
    settleClock(answer);
    place(answer.payment, element("open-list"));
    show(element("empty"), false);
  } catch (error) {
    if (error.code !== "unknown") throw error;
    element("empty").querySelector("h2").textContent = texts.unknown_title;
    element("empty").querySelector("p").textContent = texts.unknown_text;
    show(element("empty"), true);
  }
}

function settleClock(answer) {
  exponents = { ...exponents, ...answer.exponents };
  clockAhead = answer.now_ms - Date.now();
}

async function load() {
  try {
    if (single !== null) {
      await drawSingle();
    } else {
      const answer = await call("/control/payments");
      settleClock(answer);
      drawList(answer);
    }
    show(element("offline"), false);
    tick();
  } catch (error) {
    show(element("offline"), true);
  }
}

async function start() {
  fill(document);
  if (single !== null) {
    document.body.classList.add("single");
    show(element("open-title"), false);
    // To open the page of a code is to scan it; an unknown code shows itself below.
    await call("/control/scan", { code: decodeURIComponent(single) }).catch(() => {});
  }
  await load();
  document.body.dataset.ready = "1";
  setInterval(load, 1000);
  setInterval(tick, 1000);
}

start();

// A website's chat with every oddity that real ones were seen to have; which of them, the server says in ODD.
// No part of slawatch: it only stands for the pages of others, and notes itself when it truly showed what.
"use strict";
const now = () => performance.timeOrigin + performance.now();
const el = (html) => {
  const made = document.createElement("template");
  made.innerHTML = html;
  return made.content.firstElementChild;
};
const get = async (path) => (await fetch(path)).json();
const post = (path, body) => fetch(path, { method: "POST", body: JSON.stringify(body), keepalive: true });
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

if (ODD.bent) {
  performance.now = Date.now = () => 0;
  globalThis.MutationObserver = class {};
  globalThis.setTimeout = ((real) => (work, ms) => real(work, ms * 3))(setTimeout);
  Array.prototype.toJSON = () => "nothing";
  Array.prototype.extra = "everywhere";
  delete Array.prototype.toJSON;
}

// --- the chat itself ---

class Chat {
  constructor(root) {
    this.root = root;
    this.truth = [];
    this.after = 0;
    this.drafts = [];
    this.frame();
  }

  frame() {
    const old = this.root.querySelector(".chat");
    const fresh = el(`<div class="chat">
      <div class="lines" role="log" style="overflow:auto;max-height:250px"></div>
      <p class="typing" hidden>Anna is typing</p><p class="queue" hidden></p><p class="joined" hidden></p>
      <p class="ended" hidden>This chat was closed because nobody wrote anything</p>
      <form class="prechat" hidden></form>
      <form class="compose"><input class="text" aria-label="Message" autocomplete="off"><button class="send">Send</button></form>
    </div>`);
    if (old) old.replaceWith(fresh);
    else this.root.append(fresh);
    this.chat = fresh;
    fresh.querySelector(".compose").hidden = Boolean(ODD.queue) && !ODD.queue_ms;
    this.painted = new Set();
    this.lines = fresh.querySelector(".lines");
    fresh.querySelector(".compose").addEventListener("submit", (event) => {
      event.preventDefault();
      const input = fresh.querySelector(".text");
      if (input.value) this.submit(input.value);
      input.value = "";
    });
  }

  // A row comes before its text, as frameworks paint it; the truth is when the first letter is there.
  async show(line, { late = ODD.late_ms, stream = 0 } = {}) {
    if (line.key && this.painted.has(line.key)) return;
    this.painted.add(line.key);
    const row = el('<div class="line"><small></small></div>');
    if (line.key && ODD.keys) row.dataset.id = line.key;
    row.dataset.from = line.from;
    if (ODD.times) row.dataset.time = line.time;
    this.lines.append(row);
    if (late) await wait(late);
    const body = el('<span class="body"></span>');
    const parts = stream ? line.text.split(/(?<= )/) : [line.text];
    row.append(body);
    for (const [index, part] of parts.entries()) {
      if (index) await wait(stream);
      else this.truth.push({ text: line.text, at: now() });
      body.append(part);
    }
    this.note();
    return row;
  }

  note() {
    const told = this.truth;
    this.truth = [];
    // Later, so that telling the truth does not delay what others see of it.
    if (told.length) setTimeout(() => post(`/truth/${ODD.room}`, told));
  }

  async submit(text) {
    const line = { from: "visitor", text, time: new Date().toISOString() };
    if (ODD.own === "vanishing") return void post(`/say/${ODD.room}`, { text });
    if (ODD.own === "ignored") return void setTimeout(() => (this.chat.querySelector(".text").value = text));
    if (ODD.own === "drafts") {
      this.drafts.push(await this.show(line, { late: 0 }));
      await wait(30);
      this.drafts.pop().remove();
      this.drafts.push(await this.show(line, { late: 0 }));
    } else if (ODD.own !== "answered") this.drafts.push(await this.show(line, { late: 0 }));
    if (ODD.own === "never") return;
    const { key } = await (await post(`/say/${ODD.room}`, { text })).json();
    const draft = this.drafts.pop();
    if (ODD.own === "drafts") draft.remove();
    if (ODD.own === "same" || ODD.own === "unkeyed") {
      if (ODD.keys) draft.dataset.id = key;
    } else await this.show({ ...line, key }, { late: 0 });
  }

  flag(name, text) {
    const one = this.chat.querySelector(`.${name}`);
    one.hidden = text === null;
    if (text) one.textContent = text;
  }

  async begin() {
    const { lines, events } = await get(`/history/${ODD.room}`);
    this.after = events;
    for (const line of lines) await this.show(line, { late: 0 });
    if (ODD.queue_ms) await wait(ODD.queue_ms);
    if (ODD.queue) this.queue({ text: ODD.queue });
    if (ODD.prechat) this.prechat();
    for (;;) {
      try {
        const told = await get(`/events/${ODD.room}?after=${this.after}&wait=${ODD.poll_ms ? 0 : 1}`);
        for (const event of told) {
          this.after += 1;
          await this[event.do](event);
        }
      } catch {
        await wait(100);
      }
      if (ODD.poll_ms) await wait(ODD.poll_ms);
    }
  }

  prechat() {
    const form = this.chat.querySelector(".prechat");
    form.hidden = false;
    this.chat.querySelector(".compose").hidden = true;
    form.append(el('<label>Name <input name="name" required></label>'), el('<label>Phone <input name="phone" required></label>'));
    form.append(el('<button class="start">Start</button>'));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      post(`/form/${ODD.room}`, Object.fromEntries(new FormData(form)));
      form.hidden = true;
      this.chat.querySelector(".compose").hidden = false;
    });
  }

  // --- what the agent makes it do ---

  async say({ line, stream }) {
    const painting = this.show(line, { stream });
    if (!stream) await painting;
  }
  typing({ on }) {
    this.flag("typing", on ? "" : null);
  }
  queue({ text }) {
    this.flag("queue", text);
    this.chat.querySelector(".compose").hidden = Boolean(text);
  }
  joined({ name }) {
    this.flag("joined", name);
  }
  closed() {
    this.flag("ended", "");
    this.chat.querySelector(".compose").hidden = true;
  }
  async rewrite({ before, after }) {
    for (const body of this.lines.querySelectorAll(".body")) if (body.textContent === before) body.textContent = after;
  }
  // The connection was lost and is there again: the transcript's root is another one, with all lines painted anew.
  async repaint() {
    this.lines.replaceChildren();
    await wait(50);
    this.frame();
    const { lines } = await get(`/history/${ODD.room}`);
    for (const line of lines) await this.show(line, { late: 0 });
  }
  async navigate() {
    const to = `/r/${ODD.room}?open`;
    if (window === window.top) location.href = to;
    else window.parent.postMessage({ navigate: to }, "*");
    await wait(60_000);
  }
  async crash() {
    location.href = "chrome://crash";
  }
}

customElements.define(
  "odd-chat",
  class extends HTMLElement {
    connectedCallback() {
      const root = this.attachShadow({ mode: ODD.shadow });
      if (ODD.shadow === "closed" && this.shadowRoot && ODD.strict) throw Error("a closed root is open");
      new Chat(root).begin();
    }
  },
);

// --- the page around it ---

const openChat = () => {
  if (document.querySelector("#chat, odd-chat, iframe")) return;
  if (ODD.flicker) {
    const flicker = el('<p class="offline">Asking whether we are here</p>');
    document.body.append(flicker);
    setTimeout(() => flicker.remove(), 900);
  }
  if (ODD.offline) return void openForm();
  if (ODD.frame === "written" && window === window.top) {
    const frame = el('<iframe title="Chat"></iframe>');
    document.body.append(frame);
    const inner = frame.contentDocument;
    inner.open();
    inner.write(`<!doctype html><body><script>globalThis.ODD = ${JSON.stringify(ODD)}</${""}script>`);
    inner.write(`<script src="/odd.js"></${""}script>`);
    inner.close();
  } else if (ODD.frame && ODD.frame !== "written" && location.pathname.startsWith("/r/")) {
    const frame = el(`<iframe title="Chat" src="${ODD.frame}"></iframe>`);
    document.body.append(frame);
  } else if (ODD.shadow) document.body.append(el("<odd-chat></odd-chat>"));
  else {
    const holder = el('<div id="chat"></div>');
    document.body.append(holder);
    new Chat(holder).begin();
  }
};

const openForm = () => {
  const form = el(`<form id="chat" class="offline"><p>We are not here</p><input name="email"><textarea name="text"></textarea>
    <button class="leave">Leave a message</button><p class="thanks" hidden>Thank you</p>
    <p class="error" hidden>There was a problem sending your request</p></form>`);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await post(`/form/${ODD.room}`, Object.fromEntries(new FormData(form)));
    form.querySelector(answer.ok ? ".thanks" : ".error").hidden = false;
  });
  document.body.append(form);
};

if (location.pathname.startsWith("/w/") || window !== window.top) openChat();
else {
  window.addEventListener("message", (event) => event.data.navigate && (location.href = event.data.navigate));
  if (ODD.captcha) document.body.append(el('<div class="captcha">Tick all traffic lights</div>'));
  if (ODD.launcher !== "absent" && !ODD.captcha) {
    const launcher = el(`<button id="launcher"${ODD.launcher === "hidden" ? " hidden" : ""}>Chat with us</button>`);
    launcher.addEventListener("click", openChat);
    if (ODD.launcher === "renamed") launcher.id = "new-launcher";
    if (ODD.launcher === "covered") document.body.append(launcher, el('<div id="cover"></div>'));
    else document.body.append(launcher);
  }
  if (ODD.renamed_frame) document.body.append(el('<iframe id="other" title="Chat"></iframe>'));
  if (ODD.consent) {
    const banner = el('<div id="consent"><p>We value your privacy</p><button id="reject">Reject all</button></div>');
    banner.querySelector("#reject").addEventListener("click", () => banner.remove());
    setTimeout(() => document.body.append(banner), ODD.consent_ms);
  }
  if (new URLSearchParams(location.search).has("open") || localStorage.getItem(`known ${ODD.room}`)) openChat();
  else if (ODD.remembers) document.body.addEventListener("click", () => localStorage.setItem(`known ${ODD.room}`, "yes"));
}

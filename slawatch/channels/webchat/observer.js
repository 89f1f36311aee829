// Tells what a chat's page shows and when, from inside every frame and from before the page's own scripts on.
// Must not disturb the page: it leaves one hidden symbol behind, throws nothing, and hides nothing of what we are.
(settings) => {
  "use strict";
  const MARK = Symbol.for("slawatch.observer");
  if (globalThis[MARK] || !globalThis.document) return;

  // Taken now: pages replace them, and a page that changes its clock or its timers must not change ours.
  const performance_ = globalThis.performance;
  const origin = performance_.timeOrigin;
  const tick = performance_.now.bind(performance_);
  const later = globalThis.setTimeout.bind(globalThis);
  const again = globalThis.setInterval.bind(globalThis);
  const Observer = globalThis.MutationObserver;
  const now = () => origin + tick();
  const doc = `${Math.round(origin)}-${Math.random().toString(36).slice(2, 12)}`;
  let tell = globalThis[settings.binding];
  if (tell) delete globalThis[settings.binding];

  const guarded = (work) => (...values) => {
    try {
      return work(...values);
    } catch {
      return undefined; // an error here would be the page's in its own eyes
    }
  };

  // --- handing over: what was not taken is told again ---

  const queue = [];
  let seq = 0;
  let sent = 0;
  const push = (event) => {
    queue.push({ ...event, seq: ++seq });
    flush();
  };
  const flush = guarded(() => {
    const events = queue.filter((event) => event.seq > sent);
    if (!events.length) return;
    if (!tell) {
      tell = globalThis[settings.binding];
      if (!tell) return;
      delete globalThis[settings.binding];
    }
    sent = seq;
    tell({ doc, at: now(), events }).then(
      () => {
        const taken = new Set(events);
        queue.splice(0, queue.length, ...queue.filter((event) => !taken.has(event)));
      },
      () => {
        sent = 0; // told twice is taken once
        later(flush, 250);
      },
    );
  });

  // --- every tree there is: the document, and each shadow root however closed ---

  // A closed root is made an open one, for otherwise nobody could type into it. The page itself still finds it closed:
  // some rely on that. What drives the browser looks from a world of its own, where nothing of this is changed.
  const attach = Object.getOwnPropertyDescriptor(Element.prototype, "attachShadow");
  const shadow = Object.getOwnPropertyDescriptor(Element.prototype, "shadowRoot");
  const mode = Object.getOwnPropertyDescriptor(ShadowRoot.prototype, "mode");
  const rootOf = (node) => (node.nodeType === 1 ? Reflect.apply(shadow.get, node, []) : null);
  const closed = new WeakSet();
  const instead = {
    attachShadow(init) {
      const shut = init?.mode === "closed";
      const root = Reflect.apply(attach.value, this, [shut ? { ...init, mode: "open" } : init]);
      guarded(addRoot)(root);
      if (shut) closed.add(root);
      return root;
    },
    get shadowRoot() {
      const root = Reflect.apply(shadow.get, this, []);
      return closed.has(root) ? null : root;
    },
    get mode() {
      return closed.has(this) ? "closed" : Reflect.apply(mode.get, this, []);
    },
  };
  const mine = (name) => Object.getOwnPropertyDescriptor(instead, name);
  Object.defineProperty(Element.prototype, "attachShadow", { ...attach, value: instead.attachShadow });
  Object.defineProperty(Element.prototype, "shadowRoot", { ...shadow, get: mine("shadowRoot").get });
  Object.defineProperty(ShadowRoot.prototype, "mode", { ...mode, get: mine("mode").get });

  const roots = new Set();
  const watched = { childList: true, subtree: true, characterData: true, attributes: true };
  const addRoot = (root) => {
    if (roots.has(root)) return;
    roots.add(root);
    observer.observe(root, watched);
  };
  const findRoots = (node) => {
    if (node.nodeType !== 1 && node.nodeType !== 9 && node.nodeType !== 11) return;
    for (const one of [node, ...node.querySelectorAll("*")]) {
      const root = rootOf(one);
      if (root && (one === node || !roots.has(root))) {
        addRoot(root);
        findRoots(root);
      }
    }
  };
  const above = (node) => node.parentElement || (node.getRootNode().host ?? null);
  const composedClosest = (node, selector) => {
    for (let one = node; one; one = above(one)) if (one.matches(selector)) return one;
    return null;
  };
  const connected = (node) => node.isConnected;
  const all = (selector) => {
    const found = [];
    for (const root of roots) {
      if (root.nodeType === 11 && !root.host.isConnected) continue;
      for (const one of root.querySelectorAll(selector)) found.push(one);
    }
    return found;
  };
  const inside = (node, selector) => {
    const found = node.querySelector(selector);
    if (found) return found;
    for (const one of [node, ...node.querySelectorAll("*")]) {
      const root = rootOf(one);
      const deep = root && inside(root, selector);
      if (deep) return deep;
    }
    return null;
  };

  // --- text ---

  const SILENT = new Set(["STYLE", "SCRIPT", "TEMPLATE", "NOSCRIPT"]);
  const BLOCKS = new Set(["BR", "P", "DIV", "LI", "TR", "UL", "OL", "BLOCKQUOTE", "PRE", "H1", "H2", "H3", "H4"]);
  const words = (node) => {
    if (node.nodeType === 3) return node.data;
    if (node.nodeType === 1) {
      if (SILENT.has(node.tagName)) return "";
      if (node.tagName === "IMG") return node.alt || ""; // faces are often pictures
    }
    const parts = [];
    const inner = rootOf(node) || node;
    const children = node.tagName === "SLOT" && node.assignedNodes().length ? node.assignedNodes() : inner.childNodes;
    for (const child of children) {
      const block = BLOCKS.has(child.tagName);
      parts.push(block ? "\n" : "", words(child), block ? "\n" : "");
    }
    return parts.join("");
  };
  const tidy = (text) =>
    text
      .replace(/[^\S\n]+/g, " ")
      .replace(/ ?\n ?/g, "\n")
      .replace(/\n{2,}/g, "\n")
      .trim();
  const textOf = (item) => {
    const holder = settings.text ? inside(item, settings.text) : item;
    return holder ? tidy(words(holder)).slice(0, 20000) : "";
  };

  // --- the lines of the chat ---

  let lines = 0;
  const byNode = new Map(); // element -> line
  const byKey = new Map();
  const orphans = []; // lines without a key whose element is gone: a repainting brings them back

  const keyOf = (node) => (settings.key ? node.getAttribute(settings.key) || "" : "");
  const goesOn = (before, after) => before !== "" && after.length > before.length && after.startsWith(before);

  const change = (line, text, key, t) => {
    if (key && !line.key) {
      line.key = key;
      line.tKey = t;
      byKey.set(key, line);
      line.dirty = true;
      line.drafted = false;
    } else if (key && key !== line.key) {
      line.key = key;
      byKey.set(key, line);
    }
    if (text === line.text || text === "") return;
    if (line.text === "") {
      line.tText = t;
      line.fresh = true;
    } else if (!goesOn(line.text, text) && (line.told || line.drafted)) line.tText = t; // another text stood there so far
    line.text = text;
    line.tLast = t;
    line.dirty = true;
    line.drafted = false;
  };

  // Whether `line` may stand where `node` does: what is painted anew comes in the order it had.
  const inOrder = (line, node) => {
    for (const [other, otherLine] of byNode) {
      if (otherLine.n > line.n && connected(other)) {
        const follows = other.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING;
        if (Boolean(follows) === forward()) return false;
      }
    }
    return true;
  };
  let newerBelow = 0;
  const forward = () => newerBelow >= 0;

  const lineFor = (node, text, key, t) => {
    const known = key && byKey.get(key);
    if (known && (!connected(known.node) || known.node === node || !known.node.matches(settings.item))) {
      byNode.delete(known.node);
      known.node = node;
      return known;
    }
    if (known && known.text === text) return known; // the same line twice in the page
    if (!key) {
      if (text === "" && !settings.key) return null; // which one comes back is known by its text
      const at = orphans.findIndex(
        (one) =>
          (one.text === text || (t - one.tGone < 2000 && !one.told && goesOn(one.text, text))) && inOrder(one, node),
      );
      if (at >= 0) {
        const [back] = orphans.splice(at, 1);
        back.node = node;
        return back;
      }
    }
    const line = { n: ++lines, node, key: "", text: "", told: false, drafted: false, dirty: false };
    line.tSeen = firstSeen.get(node) ?? t;
    if (key) {
      line.key = key;
      line.tKey = t;
      byKey.set(key, line);
    }
    return line;
  };
  const firstSeen = new WeakMap();

  const readItems = (t) => {
    for (const [node, line] of byNode) {
      if (connected(node) && node.matches(settings.item)) continue;
      byNode.delete(node);
      if (line.node === node && !line.key) {
        line.tGone = t;
        if (line.text) orphans.push(line);
        if (orphans.length > 2000) orphans.shift();
        orphans.sort((one, other) => (one.n - other.n) * (forward() ? 1 : -1));
      }
    }
    let last = null;
    let newest = 0;
    for (const line of byNode.values()) newest = Math.max(newest, line.n);
    for (const node of all(settings.item)) {
      if (settings.root && !composedClosest(node, settings.root)) continue;
      if (!firstSeen.has(node)) firstSeen.set(node, t);
      const text = textOf(node);
      const key = keyOf(node);
      let line = byNode.get(node);
      // An element that is used again for another line.
      if (line && key && line.key && key !== line.key && text !== line.text && !goesOn(line.text, text)) line = undefined;
      if (!line) {
        const before = lines;
        line = lineFor(node, text, key, t);
        if (!line) continue;
        byNode.set(node, line);
        if (lines > before && last && last.n === newest && connected(last.node)) newerBelow += newerBelow < 5 ? 1 : 0;
        if (lines > before && !last && newest && byNode.size > 1) newerBelow -= newerBelow > -5 ? 1 : 0;
      }
      last = line;
      change(line, text, key, t);
    }
    settle(t);
  };

  const fits = (node) => {
    const found = [];
    settings.rules.forEach((selector, index) => {
      if (selector && node.matches(selector)) found.push(index);
    });
    return found;
  };
  const timeOf = (node) => {
    if (!settings.time) return "";
    const holder = settings.time.select ? inside(node, settings.time.select) : node;
    if (!holder) return "";
    return settings.time.attr ? holder.getAttribute(settings.time.attr) || "" : tidy(words(holder));
  };
  const attributesOf = (node) => {
    const found = {};
    for (const one of [...node.attributes].slice(0, 30)) found[one.name] = one.value.slice(0, 300);
    return found;
  };
  const tellLine = (line, draft, settled) =>
    push({
      kind: "item",
      n: line.n,
      key: line.key,
      text: line.text,
      rules: fits(line.node),
      attrs: attributesOf(line.node),
      time: timeOf(line.node),
      draft,
      settled,
      tSeen: line.tSeen,
      tText: line.tText,
      tLast: line.tLast,
      tKey: line.tKey ?? null,
    });

  // A line is told three times: at once, in case the page goes away; soon, for whoever waits for their own words; and
  // for good when nothing was added to it for a while: a text that is written before our eyes pauses for longer than
  // one that is painted takes. Stamps are the same each time.
  let waiting = 0;
  const settle = (t, final = false) => {
    let next = Infinity;
    for (const line of new Set([...byNode.values(), ...orphans])) {
      if (!line.dirty || line.text === "") continue;
      const soon_ = line.tLast + settings.settle;
      const due = line.tLast + Math.max(settings.settle, settings.still);
      if (t >= due || final) {
        line.dirty = false;
        line.told = true;
        tellLine(line, "", t >= due);
        continue;
      }
      if (line.fresh) {
        line.fresh = false;
        tellLine(line, "fresh", false);
      }
      if (t >= soon_ && !line.drafted) {
        line.drafted = true;
        tellLine(line, "still", false);
      }
      next = Math.min(next, line.drafted ? due : soon_);
    }
    if (next < Infinity && (!waiting || next < waiting)) {
      waiting = next;
      later(
        guarded(() => {
          waiting = 0;
          settle(now());
        }),
        Math.max(1, Math.ceil(next - t)),
      );
    }
  };

  // --- flags ---

  const shown = {};
  const visible = (node) => {
    if (!node.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    const box = node.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
  };
  const readFlags = (t) => {
    for (const [name, selector] of Object.entries(settings.flags)) {
      const texts = [];
      for (const node of all(selector)) {
        if (texts.length < 5 && visible(node)) texts.push(tidy(words(node)).slice(0, 300));
      }
      const said = JSON.stringify(texts);
      if (said === (shown[name] ?? "[]")) continue;
      shown[name] = said;
      push({ kind: "flag", name, texts, t });
    }
  };

  // --- when to look ---

  let cost = 0;
  let lastLook = -Infinity;
  let planned = false;
  const look = guarded((t) => {
    lastLook = t;
    try {
      readItems(t);
      readFlags(t);
    } finally {
      cost = now() - t;
    }
  });
  const soon = (wait) => {
    if (planned) return;
    planned = true;
    later(
      () => {
        planned = false;
        look(now());
      },
      wait,
    );
  };
  const observer = new Observer(
    guarded((records) => {
      const t = now();
      let content = false;
      for (const record of records) {
        if (record.type !== "attributes") content = true;
        for (const node of record.addedNodes) findRoots(node);
      }
      // Animations change attributes at every frame, and a page of ten thousand elements takes a while to look through.
      const rest = Math.max(content ? 0 : 16, cost > 8 ? 10 * cost : 0);
      if (t - lastLook >= rest) look(t);
      else soon(rest);
    }),
  );

  addRoot(document);
  const whole = guarded(() => {
    findRoots(document);
    look(now());
    flush();
  });
  for (const name of ["DOMContentLoaded", "load"]) globalThis.addEventListener(name, whole, { capture: true, once: true });
  const last = guarded(() => {
    const t = now();
    readItems(t);
    settle(t, true);
    sent = 0; // what is under way may not arrive any more
    flush();
  });
  // What waits to settle would be gone with the page.
  globalThis.addEventListener("pagehide", last, { capture: true });
  // What appears without any change in the tree: by a style sheet, at the end of an animation.
  again(
    guarded(() => {
      for (const root of roots) if (root.nodeType === 11 && !root.host.isConnected) roots.delete(root); // found again if back
      look(now());
      flush();
    }),
    settings.glance,
  );
  Object.defineProperty(globalThis, MARK, {
    value: Object.freeze({ last, now }),
    enumerable: false,
    configurable: false,
    writable: false,
  });
  push({ kind: "hello" });
  whole();
};

// Lets a person point at elements of a page, in every frame and from before the page's own scripts: highlights what lies
// under the pointer, hands over what was clicked, and shows a bar that says what to point at. Decides nothing.
(() => {
  if (window.__slawatch) return;

  // A closed shadow root would hide what is inside from the recipe as well as from us.
  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) {
    return attachShadow.call(this, { ...init, mode: 'open' });
  };

  const TOP = window === window.top;
  const MOST = '2147483647';
  let state = { picking: false };
  let over = null;
  const picked = {};

  // --- what an element can be found by ---

  // Names made by a build tool or a counter are others tomorrow.
  function lasting(name) {
    if (!name || name.length > 50 || /\d{3,}/.test(name)) return false;
    if (/^(css|sc|jss|emotion|styled|svelte|ng|jsx)-/.test(name)) return false;
    return name.split(/[-_:.]+/).every((part) => {
      const switches = part.match(/[a-zA-Z]\d|\d[a-zA-Z]/g);
      return !(switches && switches.length > 1) && !/[a-z][A-Z]{2,}[a-z]|[A-Z][a-z][A-Z][a-z][A-Z]/.test(part);
    });
  }

  const quoted = (text) => JSON.stringify(text);
  const tidy = (text) => (text || '').replace(/\s+/g, ' ').trim();
  const short = (text) => (text && text.length <= 50 ? text : '');

  function roleOf(element) {
    const given = element.getAttribute('role');
    if (given) return given.split(' ')[0];
    const type = (element.getAttribute('type') || 'text').toLowerCase();
    switch (element.localName) {
      case 'button': case 'summary': return 'button';
      case 'a': return element.hasAttribute('href') ? 'link' : '';
      case 'textarea': return 'textbox';
      case 'select': return 'combobox';
      case 'input':
        if (['text', 'email', 'tel', 'url'].includes(type)) return 'textbox';
        if (['button', 'submit', 'reset', 'image'].includes(type)) return 'button';
        return ['checkbox', 'radio'].includes(type) ? type : '';
      default: return '';
    }
  }

  function nameOf(element) {
    const by = element.getAttribute('aria-labelledby');
    const root = element.getRootNode();
    const labels = by ? by.split(/\s+/).map((id) => root.getElementById && root.getElementById(id)) : [];
    const written = ['textarea', 'input', 'select'].includes(element.localName) ? '' : element.textContent;
    const found = [
      labels.filter(Boolean).map((one) => one.textContent).join(' '),
      element.getAttribute('aria-label'),
      element.labels && element.labels.length ? element.labels[0].textContent : '',
      written,
      element.getAttribute('title'),
      element.getAttribute('placeholder'),
    ].map(tidy);
    return short(found.find(Boolean));
  }

  // Attributes that say what an element is for, before those that only happen to be there.
  function attributes(element) {
    const wanted = /^data-(test|qa|cy|id|role|action|component|name|type|target|sender|from)/;
    return [...element.attributes]
      .filter((one) => one.name.startsWith('data-') && !/^data-(v|s|react|styled|emotion|n)-?\w*$/.test(one.name))
      .filter((one) => one.value === '' || lasting(one.value))
      .sort((a, b) => wanted.test(b.name) - wanted.test(a.name))
      .map((one) => (one.value === '' ? `[${one.name}]` : `[${one.name}=${quoted(one.value)}]`));
  }

  const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
  const tellsApart = /(^|-)(id|key|uuid|index|seq|order|time|date|isodate|stamp|timestamp|msgid|messageid)$/;
  const tellsWho = /visitor|user|client|customer|guest|\bme\b|own|self|mine|outgoing|sent|agent|operator|admin|staff|bot|robot|system|support|incoming|received|them|from|sender|author|role/i;

  const classes = (element) => [...element.classList].filter(lasting).map((one) => '.' + CSS.escape(one));

  function path(element) {
    const parts = [];
    let at = element;
    for (; at && at.parentElement; at = at.parentElement) {
      const anchor = attributes(at)[0] || (lasting(at.id) ? '#' + CSS.escape(at.id) : '');
      if (anchor && at !== element) { parts.unshift(anchor); break; }
      const same = [...at.parentElement.children].filter((one) => one.localName === at.localName);
      parts.unshift(same.length > 1 ? `${at.localName}:nth-of-type(${same.indexOf(at) + 1})` : at.localName);
    }
    return parts.join(' > ');
  }

  // From the one that will hold longest to the one that breaks first; the last one leads through the page's structure.
  function candidates(element) {
    const tag = element.localName;
    const found = [];
    const role = roleOf(element), name = nameOf(element);
    if (role && name) found.push(`role=${role}[name=${quoted(name)}]`);
    for (const one of ['aria-label', 'title', 'name', 'placeholder']) {
      const value = short(element.getAttribute(one));
      if (value && (one !== 'name' || lasting(value))) found.push(`${tag}[${one}=${quoted(value)}]`);
    }
    found.push(...attributes(element));
    if (lasting(element.id)) found.push('#' + CSS.escape(element.id));
    if (tag === 'iframe' && element.src) {
      const there = new URL(element.src, location.href);
      if (there.protocol.startsWith('http')) found.push(`iframe[src*=${quoted('//' + there.host + '/')}]`);
    }
    if (tag.includes('-') && !/\d/.test(tag)) found.push(tag);
    const own = classes(element);
    found.push(...own, ...own.map((one) => tag + one));
    if (own.length > 1) found.push(own.slice(0, 3).join(''));
    if (['textarea', 'iframe'].includes(tag)) found.push(tag);
    return [...found, path(element)];
  }

  // What a person means who clicks on the picture inside a button.
  function meant(element, kind) {
    if (kind === 'click') {
      return element.closest('button, a[href], [role=button], summary, input, label') || element;
    }
    if (kind === 'field') {
      const field = 'textarea, input, select, [contenteditable]:not([contenteditable=false]), [role=textbox]';
      return element.closest(field) || element.querySelector(field) || element;
    }
    return element;
  }

  // --- the lines of a chat ---

  function chain(element) {
    const found = [];
    for (let at = element; at; at = at.parentElement) found.push(at);
    return found;
  }

  // What could tell lines apart: marks of the item itself first, then of what is inside it.
  function features(item) {
    const marks = (one) => [...attributes(one).filter((mark) => !tellsApart.test(mark.slice(1).split(/[=\]]/)[0])),
      ...classes(one)];
    const inner = new Set();
    for (const one of item.querySelectorAll('*')) {
      for (const mark of marks(one)) inner.add(`:has(${mark})`);
      if (inner.size > 200) break;
    }
    return [...marks(item), ...inner].sort((a, b) => tellsWho.test(b) - tellsWho.test(a));
  }

  // Returns what the lines that were pointed at have in common, and by what one sender's differ from the others'.
  function lines(kinds) {
    const marks = kinds.map((kind) => [kind, picked[kind]]).filter(([, element]) => element && element.isConnected);
    if (!marks.length) return { problem: 'they are no longer in the page' };
    const [first, ...others] = marks.map(([, element]) => chain(element));
    const shared = first.filter((one) => others.every((other) => other.includes(one)));
    const distinct = new Set(marks.map(([, element]) => element));
    if (!shared.length || distinct.size < marks.length || distinct.has(shared[0])) {
      return { problem: 'they are not two lines of one chat' };
    }
    // With one line only, its list is the nearest ancestor that has more such children or is a log.
    let list = shared[0];
    if (marks.length === 1) {
      list = first.slice(1).find((one) => one.matches('[role=log], [aria-live]'))
        || first.slice(1).find((one, index) => classes(first[index]).some((mark) => one.querySelectorAll(`:scope > ${mark}`).length > 1))
        || first[1];
    }
    if (!list) return { problem: 'there is no list around it' };
    const items = marks.map(([kind, element]) => [kind, element, chain(element).find((one) => one.parentElement === list)]);
    if (items.some(([, , item]) => !item)) return { problem: 'they are not two lines of one chat' };
    const both = (of) => of(items[0][2]).filter((mark) => items.every(([, , item]) => item.matches(mark)));
    const sure = (mark) => [...list.querySelectorAll(mark)].every((one) => one.parentElement === list);
    const item = [...both(classes), ...both(attributes)].find(sure);
    const tag = items[0][2].localName;
    const itemSelector = item || (items.every(([, , one]) => one.localName === tag) ? tag : '*');

    const insides = items.map(([, element, one]) => {
      const way = chain(element);
      return way.slice(0, way.indexOf(one));
    });
    const texts = insides[0].flatMap((one) => [...classes(one), ...attributes(one)]);
    const text = texts.find((mark) => insides.every((way) => way.some((one) => one.matches(mark)))
      && items.every(([, , one]) => one.querySelectorAll(mark).length === 1));

    const siblings = [...list.children].filter((one) => one.matches(itemSelector));
    const keys = [...items[0][2].attributes].map((one) => one.name).filter((name) => {
      const values = siblings.map((one) => one.getAttribute(name));
      return (name === 'id' || (name.startsWith('data-') && !tellsWho.test(name))) && values.every(Boolean)
        && !values.some((value) => instant.test(value)) && new Set(values).size === values.length && siblings.length > 1;
    }).sort((a, b) => /id$/.test(b) - /id$/.test(a) || b.startsWith('data-') - a.startsWith('data-'));
    const dated = [...items[0][2].attributes].find((one) => instant.test(one.value));
    const timed = items.every(([, , one]) => instant.test((one.querySelector('time') || one).getAttribute('datetime') || ''));

    const rules = {};
    for (const [kind, , one] of items) {
      rules[kind] = features(one).find((mark) => items.every(([other, , item]) => other === kind || !item.matches(mark)))
        || '';
    }
    return {
      root: candidates(list).filter((one) => !one.startsWith('role=')),
      item: itemSelector, text: text || '', key: keys[0] || '', rules,
      time: timed ? { select: 'time', attr: 'datetime' } : dated ? { select: '', attr: dated.name } : null,
    };
  }

  // --- pointing ---

  const ours = document.createElement('slawatch-recorder');
  const shade = document.createElement('div');
  const inside = attachShadow.call(ours, { mode: 'open' });
  // Styles are set one by one: a page's security policy may forbid whole sheets.
  Object.assign(ours.style, { all: 'initial' });
  Object.assign(shade.style, {
    position: 'fixed', display: 'none', pointerEvents: 'none', zIndex: MOST, boxSizing: 'border-box',
    border: '2px solid #d6336c', background: 'rgba(214, 51, 108, .15)', borderRadius: '3px',
  });
  inside.append(shade);

  const deep = (event) => {
    const way = event.composedPath();
    return way.includes(ours) ? null : way.find((one) => one instanceof Element) || null;
  };

  function highlight(element) {
    over = element;
    if (!element) { shade.style.display = 'none'; return; }
    const box = element.getBoundingClientRect();
    Object.assign(shade.style, {
      display: 'block', left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px`,
    });
  }

  function stop(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  window.addEventListener('mousemove', (event) => {
    if (!state.picking) return;
    const element = deep(event);
    highlight(element && meant(element, state.kind));
  }, true);

  for (const kind of ['pointerdown', 'pointerup', 'mousedown', 'mouseup', 'touchstart', 'touchend']) {
    window.addEventListener(kind, (event) => { if (state.picking && deep(event)) stop(event); }, { capture: true, passive: false });
  }

  document.addEventListener('mouseleave', () => highlight(null));

  window.addEventListener('click', (event) => {
    const element = deep(event);
    if (!state.picking || !element || !event.isTrusted) return;
    stop(event);
    const chosen = meant(element, state.kind);
    const field = ['textarea', 'input', 'select'].includes(chosen.localName) || chosen.isContentEditable
      || chosen.getAttribute('role') === 'textbox';
    picked[state.asked] = chosen;
    picked.last = chosen;
    highlight(null);
    window.__slawatchPicked({
      asked: state.asked, candidates: candidates(chosen), field, tag: chosen.localName,
      text: tidy(chosen.textContent).slice(0, 80),
    });
  }, true);

  // --- the bar, in the outermost page only ---

  const bar = document.createElement('div');
  const words = document.createElement('span');
  const hint = document.createElement('span');
  const buttons = {};
  Object.assign(bar.style, {
    position: 'fixed', left: '0', right: '0', top: '0px', zIndex: MOST, display: 'flex', gap: '10px', alignItems: 'center',
    padding: '8px 12px', background: '#1f2430', color: '#fff', font: '14px/1.3 sans-serif', boxShadow: '0 1px 6px #0006',
  });
  Object.assign(words.style, { flex: '1', whiteSpace: 'pre-line' });
  Object.assign(hint.style, { color: '#ffb3c7' });
  words.dataset.part = 'words';
  hint.dataset.part = 'hint';
  bar.append(words, hint);
  for (const [name, label] of [['move', '⇅'], ['mode', 'Use the page'], ['skip', 'Skip'], ['done', 'Done']]) {
    const button = document.createElement('button');
    button.textContent = label;
    Object.assign(button.style, {
      font: 'inherit', color: '#1f2430', background: '#fff', border: '0', borderRadius: '4px', padding: '5px 12px',
      cursor: 'pointer',
    });
    button.addEventListener('click', () => (name === 'move' ? move() : window.__slawatchPressed(name)));
    buttons[name] = button;
    bar.append(button);
  }

  // The bar must be able to get out of the way of what lies under it.
  function move() {
    const below = bar.style.top === '0px';
    Object.assign(bar.style, { top: below ? 'auto' : '0px', bottom: below ? '0px' : 'auto' });
  }
  buttons.move.title = 'Move this bar';

  function show(next) {
    state = next;
    words.textContent = state.words || '';
    hint.textContent = state.hint || '';
    buttons.mode.textContent = state.picking ? 'Use the page' : 'Point again';
    document.documentElement && document.documentElement.style.setProperty('cursor', state.picking ? 'crosshair' : '');
    if (!state.picking) highlight(null);
    settle();
  }

  // The page may replace all it holds at any time; the bar comes back.
  function settle() {
    if (TOP && state.words && !bar.isConnected) inside.append(bar);
    if (document.documentElement && !ours.isConnected) document.documentElement.append(ours);
  }
  new MutationObserver(settle).observe(document, { childList: true, subtree: true });

  window.__slawatch = {
    show,
    lines,
    is: (element) => element === picked.last,
    candidates,
    click: () => picked.last && picked.last.click(),
    forget: (kind) => { delete picked[kind]; },
  };
  window.__slawatchHello().then((now) => now && show(now));
})();

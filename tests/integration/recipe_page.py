"""A shop's page with a chat of no vendor, for recipes: a banner, a launcher, a form, lines by three senders."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>Example Shop</title></head><body>
<h1>Example Shop</h1><p>Gifts of all kinds.</p>
<div id="banner" style="position:fixed;bottom:0;left:0;right:0;background:#eee;padding:20px">We like cookies.
<button class="css-1x9a2b">Accept all</button> <button class="css-7z3c8d">Only what is needed</button></div>
<script>document.querySelectorAll('#banner button').forEach(b => b.onclick = () => b.parentElement.remove());</script>
{chat}
</body></html>"""

WIDGET = """
<button id="launcher-48213" data-chat-toggle aria-label="Chat with us">
<svg width="20" height="20"><circle r="9"/></svg></button>
<section id="window" hidden>
<form id="who"><label>Your name <input name="visitor"></label> <input type="email" placeholder="E-mail">
<button type="submit">Start</button></form>
<div id="talk" hidden><div role="log" class="log" style="height:200px;overflow:auto"></div>
<textarea aria-label="Your message"></textarea><button class="send" title="Send"><i>&gt;</i></button></div>
</section>
<script>
const $ = s => document.querySelector(s);
let number = 7;
function line(who, text) {
  number += 1;
  const row = document.createElement('div');
  row.className = 'row row-' + who;
  row.dataset.messageId = 'm' + number;
  row.innerHTML = '<img width="10" height="10" alt=""><span class="bubble"></span><time></time>';
  row.querySelector('.bubble').textContent = text;
  row.querySelector('time').setAttribute('datetime', new Date().toISOString());
  $('.log').append(row);
}
$('[data-chat-toggle]').onclick = () => { $('#window').hidden = false; };
$('#who').onsubmit = event => { event.preventDefault(); $('#who').hidden = true; $('#talk').hidden = false;
  line('auto', 'Hello! I am a virtual assistant.'); };
$('.send').onclick = () => { line('visitor', $('textarea').value); $('textarea').value = '';
  setTimeout(() => line('staff', 'Anna here. How can I help?'), 100); };
</script>"""

CLOSED = """
<shop-chat></shop-chat>
<script>
customElements.define('shop-chat', class extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: 'closed' });
    root.innerHTML = `<button class="css-9f8e7d">Talk to us</button><div hidden><div class="lines" aria-live="polite">
      <p class="line" data-from="robot" data-id="a"><span>Hello, I am a robot.</span></p></div>
      <div contenteditable role="textbox" aria-label="Write here" style="border:1px solid">&nbsp;</div></div>`;
    root.querySelector('button').onclick = () => { root.querySelector('div').hidden = false; };
    root.querySelector('[role=textbox]').onkeydown = event => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      const line = root.querySelector('.line').cloneNode(true);
      line.dataset.from = 'guest';
      line.dataset.id = 'b' + root.querySelectorAll('.line').length;
      line.firstChild.textContent = event.target.textContent.trim();
      root.querySelector('.lines').append(line);
    };
  }
});
</script>"""

IN_A_FRAME = '<iframe title="Chat" src="/widget" style="width:400px;height:400px;border:0"></iframe>'

PAGES = {
    "/": PAGE.replace("{chat}", WIDGET),
    "/framed": PAGE.replace("{chat}", IN_A_FRAME),
    "/closed": PAGE.replace("{chat}", CLOSED),
    "/widget": f"<!doctype html><html><body>{WIDGET}</body></html>",
    "/empty": "<!doctype html><html><body><h1>Example Shop</h1></body></html>",
}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = PAGES.get(self.path)
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write((page or "no such page").encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[str]:
    """Serve the pages on loopback; yields where, without a slash at the end."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

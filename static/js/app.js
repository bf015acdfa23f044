/* Smooths what already works without script: focus after errors, drafts of long texts, announcements, printing. */
(() => {
  "use strict";
  const body = document.body;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  };

  /* Storage can be full or forbidden; the page must work all the same. */
  const store = {
    read(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    write(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; } },
    remove(key) { try { localStorage.removeItem(key); } catch { /* nothing to remove */ } },
    keys() { try { return Object.keys(localStorage); } catch { return []; } },
  };
  const PREFIX = "utkast:";
  /* As long as the server knows a form again (core/once.py). */
  const MAX_AGE = 14 * 24 * 3600 * 1000;
  const own = () => `${PREFIX}${body.dataset.user || ""}:`;
  const draftKey = (area) => own() + area.dataset.draft;
  const clock = (moment) => `kl. ${new Date(moment).toLocaleTimeString("sv-SE", { hour: "2-digit", minute: "2-digit" }).replace(":", ".")}`;
  const day = (moment) => new Date(moment).toLocaleDateString("sv-SE", { day: "numeric", month: "long" });

  function announce(text) {
    const place = document.getElementById("announcements");
    if (place) { place.textContent = ""; requestAnimationFrame(() => { place.textContent = text; }); }
  }
  function message(kind, text) {
    const place = document.getElementById("messages");
    if (!place) return;
    const frame = make("div", "frame");
    const notice = make("div", `notice notice-${kind}`);
    notice.append(make("span"), make("p", "", text));
    frame.append(notice);
    frame.dataset.network = "";
    all("[data-network]", place).forEach((old) => old.remove());
    place.append(frame);
  }

  /* Drafts: what is written stays in this browser until the server has answered that it is saved. */
  function status(area, text) {
    const place = area.closest(".field")?.querySelector("[data-draft-status]");
    if (!place) return;
    /* Said once: what is kept again and again would be heard at every pause. */
    if (place.hidden && text) announce(text);
    place.hidden = !text;
    place.textContent = text;
  }
  function keep(area) {
    const key = draftKey(area);
    const known = store.read(key);
    if (area.value === area.defaultValue && !known) return;
    const saved = store.write(key, { text: area.value, base: known?.base ?? area.defaultValue, at: Date.now() });
    status(area, saved ? `Utkast sparat i webbläsaren ${clock(Date.now())}` : "");
  }
  async function send(area) {
    const token = document.querySelector('input[name="csrf_token"]')?.value;
    try {
      const answer = await fetch(area.dataset.draftUrl, {
        method: "POST", credentials: "same-origin",
        headers: { "X-CSRFToken": token || "" },
        body: new URLSearchParams({ key: area.dataset.draft, text: area.value }),
      });
      if (answer.ok && !answer.redirected) status(area, `Utkast sparat ${clock(Date.now())}`);
    } catch { /* the copy in the browser remains, and the status line says so */ }
  }
  function forget(area) {
    store.remove(draftKey(area));
    status(area, "");
  }
  function button(label, action) {
    const element = make("button", "button button-small", label);
    element.type = "button";
    element.addEventListener("click", action);
    return element;
  }
  function draftNotice(area, draft, changed) {
    const text = changed
      ? `Texten har ändrats sedan du skrev ditt utkast ${day(draft.at)} ${clock(draft.at)}.`
      : `Det du skrev ${day(draft.at)} ${clock(draft.at)} var inte sparat och har lagts tillbaka.`;
    const notice = make("div", "notice notice-neutral draft-notice");
    const inner = make("div");
    const actions = make("div", "actions");
    const close = () => { notice.remove(); area.focus(); };
    inner.append(make("p", "", text));
    if (changed) {
      const copy = make("textarea", "input");
      copy.value = draft.text;
      copy.readOnly = true;
      copy.setAttribute("aria-label", "Ditt utkast");
      inner.append(copy);
      actions.append(button("Lägg in utkastet", () => { area.value = draft.text; store.write(draftKey(area), { ...draft, base: area.defaultValue }); close(); }));
    }
    area.closest("details")?.setAttribute("open", "");
    actions.append(button("Ta bort utkastet", () => { area.value = area.defaultValue; forget(area); close(); }));
    inner.append(actions);
    notice.append(make("span"), inner);
    area.before(notice);
    announce(text);
  }
  function restore(area) {
    if (area.dataset.draftReady) return;
    area.dataset.draftReady = "1";
    const draft = store.read(draftKey(area));
    if (draft && draft.text === area.defaultValue) {
      /* A page with errors gives the text back unsaved; any other page that has it got it from the database. */
      if (!document.querySelector("[data-error-summary]")) forget(area);
    } else if (draft) {
      const changed = draft.base !== area.defaultValue;
      if (!changed) area.value = draft.text;
      /* The text that a short line belongs to tells of both. */
      if (area.matches("textarea")) draftNotice(area, draft, changed);
      /* What the server has kept of the same text, to the minute, need not be told of twice. */
      const kept = area.dataset.draftUrl && document.querySelector("[data-kept]");
      if (kept && Date.parse(kept.dataset.kept) <= draft.at + 60000) kept.remove();
    }
    let pause;
    area.addEventListener("input", () => {
      keep(area);
      if (area.dataset.draftUrl) { clearTimeout(pause); pause = setTimeout(() => send(area), 2000); }
    });
  }
  function settle() {
    const place = document.querySelector("[data-saved-drafts]");
    if (!place) return;
    place.dataset.savedDrafts.split(" ").filter(Boolean).forEach((key) => store.remove(own() + key));
    delete place.dataset.savedDrafts;
  }
  function expire() {
    store.keys().filter((key) => key.startsWith(PREFIX)).forEach((key) => {
      const draft = store.read(key);
      if (!draft || Date.now() - draft.at > MAX_AGE) store.remove(key);
    });
  }

  /* A form that was on its way when the line broke: the browser shows a page of its own, and the way back from there leads
     to an empty form. Until the server has answered this tab keeps what was sent and puts it back, token and all, so that
     what came after all is known and saved once. */
  const session = (act) => { try { return act(sessionStorage, `${own()}skickat`); } catch { return null; } };
  const answered = () => "answer" in body.dataset || document.querySelector("#messages .notice, [data-error-summary]");
  /* The attributes: a field called "method" or "action" hides what the form itself says. */
  const posts = (form) => form.getAttribute("method") === "post";
  function keepSent(form) {
    if (form.querySelector("[type=password]") || !form.querySelector("input:not([type=hidden]), select, textarea")) return;
    const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    session((kept, key) => kept.setItem(key, JSON.stringify({ action: form.getAttribute("action"), fields, at: Date.now() })));
  }
  function putBack() {
    if (answered()) { session((kept, key) => kept.removeItem(key)); return; }
    const sent = session((kept, key) => JSON.parse(kept.getItem(key)));
    const form = sent && Date.now() - sent.at < MAX_AGE && all("form").find((one) => one.getAttribute("action") === sent.action);
    if (!form) return;
    const take = (wanted) => {
      const place = sent.fields.findIndex(wanted);
      return place < 0 ? null : sent.fields.splice(place, 1)[0][1];
    };
    all("input:not([type=file]), select, textarea", form).forEach((field) => {
      if (field.matches("[type=checkbox], [type=radio]")) {
        field.checked = take(([name, value]) => name === field.name && value === field.value) !== null;
      } else {
        field.value = take(([name]) => name === field.name) ?? field.value;
      }
    });
    /* What has no field on this page, such as a second row or a reason that was asked for, goes with the rest all the same. */
    sent.fields.forEach(([name, value]) => form.append(Object.assign(make("input"), { type: "hidden", name, value })));
    [form.closest("details"), ...all("details", form)].forEach((part) => part?.setAttribute("open", ""));
    message("warning", "Kontakten bröts innan servern svarade. Det du skrev står kvar. Tryck igen utan att ändra något, så sparas inget två gånger.");
  }

  /* The first part that is on the screen is marked in the navigation of a briefing. */
  function followSections(root) {
    all(".outdoor-nav", root).forEach((nav) => {
      const links = all('a[href^="#"]', nav);
      const parts = links.map((link) => document.getElementById(link.hash.slice(1))).filter(Boolean);
      if (!parts.length || !("IntersectionObserver" in window)) return;
      const seen = new Set();
      const observer = new IntersectionObserver((entries) => {
        entries.forEach((entry) => seen[entry.isIntersecting ? "add" : "delete"](entry.target));
        const first = parts.find((part) => seen.has(part));
        if (!first) return;
        links.forEach((link) => {
          if (link.hash === `#${first.id}`) link.setAttribute("aria-current", "true");
          else link.removeAttribute("aria-current");
        });
      }, { rootMargin: "-20% 0px -70% 0px" });
      parts.forEach((part) => observer.observe(part));
    });
  }

  /* How much more has room on the sheet: a capital or another wide letter takes the room of two (briefings/limits.py). */
  const WIDE = /[\p{Lu}mwæœ…—@%&©™¼½¾]|[^\u0000-\u024f]/gu;
  function tellRoom(field) {
    if (field.dataset.roomReady) return;
    field.dataset.roomReady = "1";
    const left = make("p", "saved");
    field.after(left);
    const count = (event) => {
      const text = field.value.trim();
      const rest = Number(field.dataset.room) - [...text].length - (text.match(WIDE) || []).length;
      const had = left.textContent;
      left.textContent = rest < 0 ? `${-rest} tecken för mycket` : `${rest} tecken kvar`;
      left.hidden = !text;
      if (event && rest < 0 && !had.endsWith("mycket")) announce(left.textContent);
    };
    field.addEventListener("input", count);
    count();
  }

  function ready(root) {
    settle();
    all("[data-draft]", root).forEach(restore);
    all("[data-room]", root).forEach(tellRoom);
    all("[data-print]", root).forEach((element) => { element.hidden = false; });
    followSections(root);
    const summary = root.querySelector("[data-error-summary]");
    if (!summary) return;
    summary.focus();
    /* An address with an anchor moves the focus there once the page has loaded. */
    if (root === document && location.hash) addEventListener("load", () => setTimeout(() => summary.focus()), { once: true });
  }

  /* The browser itself puts the focus on what was said of a save. An address that leads to a part of the page comes first:
     the focus goes there, and the message is said. */
  function arrive() {
    const place = document.querySelector(":target");
    if (!place || document.querySelector("[data-error-summary]")) return;
    if (!place.matches("a, button, input, select, textarea, summary, [tabindex]")) place.tabIndex = -1;
    place.focus({ preventScroll: true });
    const notice = document.querySelector("#messages .notice");
    if (notice) announce(notice.textContent.trim());
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
  /* The menu of a phone lies over the page: whoever goes on past it with the keyboard must see where the focus is. */
  document.getElementById("section-menu")?.addEventListener("focusout", (event) => {
    const next = event.relatedTarget;
    if (next && !event.currentTarget.contains(next) && !next.matches("[popovertarget]")) event.currentTarget.hidePopover?.();
  });
  /* What is far too much would be refused before it is read, and lost on the way. It stays on the page instead. */
  function tooMuch(field) {
    if (field.type === "file") return [...field.files].some((file) => file.size > 15e6) && "Filen är för stor. Högst 2 MB kan läsas in.";
    return field.value.length > 3e6 && `Texten är för lång för att skickas: ${field.value.length.toLocaleString("sv-SE")} tecken. Korta den.`;
  }
  function refuse(form) {
    const field = all("textarea, input[type=file]", form).find(tooMuch);
    if (!field) return false;
    field.setCustomValidity(tooMuch(field));
    field.reportValidity();
    announce(field.validationMessage);
    field.addEventListener("input", () => field.setCustomValidity(""), { once: true });
    return true;
  }
  document.addEventListener("submit", (event) => {
    if (refuse(event.target)) { event.preventDefault(); return; }
    /* Without a line the browser would leave the page for one of its own, and all that is written here with it. */
    if (!navigator.onLine && posts(event.target)) {
      event.preventDefault();
      message("error", "Ingen kontakt. Inget är sparat, men allt du skrev står kvar på sidan. Tryck igen när du har kontakt.");
    }
    if (!event.defaultPrevented && posts(event.target)) keepSent(event.target);
    all("[data-draft]", event.target).forEach((area) => { if (area.value !== area.defaultValue) keep(area); });
    /* Whoever signs out on purpose leaves nothing behind on a shared device. */
    if (!event.defaultPrevented && event.target.matches("[data-sign-out]")) {
      store.keys().filter((key) => key.startsWith(own())).forEach(store.remove);
      session((kept, key) => kept.removeItem(key));
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const root = event.detail.elt?.parentElement || document;
    ready(root);
    const count = event.detail.elt?.querySelector?.("[data-announce]");
    if (count) announce(count.textContent);
    /* Where what was pressed is gone from the page, the focus goes to what tells of the outcome. */
    const pressed = event.detail.requestConfig?.elt;
    if (count && pressed && !pressed.isConnected && document.activeElement === body) {
      count.tabIndex = -1;
      count.focus();
    }
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    settle();
    if (event.target.matches("[data-announce]")) announce(event.target.textContent);
  });
  /* A box that saves itself shows what is saved: where that failed it goes back to what it was. */
  function failed(text) {
    return (event) => {
      const box = event.detail.elt?.matches?.("input[type=checkbox]") ? event.detail.elt : event.detail.requestConfig?.triggeringEvent?.target;
      if (box?.matches?.("input[type=checkbox]")) box.checked = !box.checked;
      message("error", text);
    };
  }
  const lost = failed("Ingen kontakt. Det senaste är inte sparat. Försök igen när du har kontakt.");
  const ended = failed("Du behöver logga in igen. Det senaste är inte sparat. Ladda om sidan.");
  const refused = failed("Det gick inte att spara. Ladda om sidan och försök igen.");
  document.addEventListener("htmx:sendError", lost);
  document.addEventListener("htmx:timeout", lost);
  document.addEventListener("htmx:responseError", (event) => {
    const xhr = event.detail.xhr;
    (xhr.status >= 500 ? lost : xhr.getResponseHeader("Session-Ended") ? ended : refused)(event);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) all("[data-network]").forEach((old) => old.remove());
  });

  /* Safari gives a page that one goes back to as it was left, without its short texts, and even when the reader has signed
     out. Nothing of it stays here: it is asked for again. Chrome keeps all that was written, and nothing once the reader has
     signed out. The answer to a form holds what was sent, and would be asked for by sending it again. */
  addEventListener("pageshow", (event) => {
    if (event.persisted && navigator.vendor.startsWith("Apple") && !("answer" in body.dataset)) location.reload();
  });

  expire();
  putBack();
  ready(document);
  addEventListener("load", () => setTimeout(arrive));
})();

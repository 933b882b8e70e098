// Small helpers for the document. The only file that makes elements out of HTML.

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/**
 * A new element. Properties are set as such, those with a dash as attributes, `on…` as listeners;
 * children are nodes, or texts that stay texts.
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Makes `children` the children of `parent`. Those that are there already are not touched, or moved if they stand elsewhere. */
export function setChildren(parent, children) {
  const wanted = new Set(children);
  let at = parent.firstChild;
  for (const child of children) {
    while (at && at !== child && !wanted.has(at)) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
    if (at === child) at = at.nextSibling;
    else parent.insertBefore(child, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

const policy = globalThis.trustedTypes?.createPolicy("qwenctl-render", { createHTML: (html) => html });

/** The elements of HTML that the server made and cleaned. Nothing else may come in here. */
export function fromServer(html) {
  const template = document.createElement("template");
  template.innerHTML = policy ? policy.createHTML(html) : html;
  return template.content;
}

/** Says something to those who listen to the page. */
export function announce(text) {
  const place = byId("announcer");
  place.textContent = "";
  requestAnimationFrame(() => (place.textContent = text));
}

/** `url` if a link may lead there, else `null`. */
export function safeUrl(url) {
  try {
    return ["http:", "https:"].includes(new URL(url).protocol) ? url : null;
  } catch {
    return null;
  }
}

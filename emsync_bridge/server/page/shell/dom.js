/** Elements made and found. */

/**
 * Find an element that the page is known to have.
 * @param {string} id
 * @returns {any}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}`);
  return found;
}

/**
 * Make an element.
 * @param {string} tag
 * @param {Record<string, any>} [given] Attributes; `class`, `text`, `on…` handlers, `aria-…`; false and null leave it out.
 * @param {...(Node | string | null)} children
 * @returns {any}
 */
export function el(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") made.textContent = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value") /** @type {any} */ (made).value = value;
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/**
 * Let a button be pressed or not. One that has the focus keeps it, so that nobody who works by keys is thrown out of place.
 * @param {HTMLButtonElement} button
 * @param {boolean} yes
 */
export function able(button, yes) {
  const focused = document.activeElement === button;
  button.disabled = !yes && !focused;
  button.setAttribute("aria-disabled", String(!yes));
}

/**
 * Bring children in line with a list by key, so that what stays keeps its focus.
 * @template T
 * @param {Element} parent
 * @param {T[]} items
 * @param {(item: T, index: number) => string} keyOf
 * @param {(item: T, index: number) => Element} make
 * @param {(node: any, item: T, index: number) => void} update
 */
export function keyed(parent, items, keyOf, make, update) {
  /** @type {Map<string, Element>} */
  const old = new Map([...parent.children].map((node) => [/** @type {HTMLElement} */ (node).dataset.key ?? "", node]));
  let place = parent.firstElementChild;
  items.forEach((item, index) => {
    const key = keyOf(item, index);
    let node = old.get(key);
    if (node) old.delete(key);
    else {
      node = make(item, index);
      /** @type {HTMLElement} */ (node).dataset.key = key;
    }
    update(node, item, index);
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  });
  for (const gone of old.values()) gone.remove();
}

/**
 * Follow a drag with pointer capture.
 * @param {PointerEvent} down
 * @param {(event: PointerEvent) => void} move
 * @param {(event: PointerEvent | null) => void} [end] Called with null when the drag is broken off.
 */
export function drag(down, move, end = () => {}) {
  const target = /** @type {HTMLElement} */ (down.currentTarget);
  target.setPointerCapture(down.pointerId);
  const over = (/** @type {PointerEvent | null} */ event) => {
    target.removeEventListener("pointermove", move);
    target.removeEventListener("pointerup", up);
    target.removeEventListener("pointercancel", broken);
    end(event);
  };
  const up = (/** @type {PointerEvent} */ event) => over(event);
  const broken = () => over(null);
  target.addEventListener("pointermove", move);
  target.addEventListener("pointerup", up);
  target.addEventListener("pointercancel", broken);
}

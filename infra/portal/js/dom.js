// Elements from data. Text is always text: nothing here reads markup, so nothing that a file or a service says can run.

/** An element: `h('a', { href: '#/' }, 'text', otherElement)`; handlers as `onclick`; `false` and `null` leave out. */
export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  fill(element, given, children);
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** The same for pictures. */
export function svg(tag, given = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  fill(element, given, children);
  return element;
}

function fill(element, given, children) {
  for (const [name, value] of Object.entries(given ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  add(element, children);
}

/** Puts children behind those that are there. */
export function add(element, ...children) {
  for (const child of children.flat(4)) {
    if (child !== false && child !== null && child !== undefined) element.append(child);
  }
  return element;
}

/** Puts these in place of all children, unless they look the same: a live page does not take focus from anybody. */
export function show(element, ...children) {
  const next = add(element.cloneNode(false), children);
  if (next.isEqualNode(element)) return element;
  const focused = element.contains(document.activeElement) && document.activeElement.id;
  element.replaceChildren(...next.childNodes);
  if (focused) document.getElementById(focused)?.focus();
  return element;
}

/** Says something to who does not see the page. */
export function say(text) {
  const place = document.getElementById('said');
  if (place && place.textContent !== text) place.textContent = text;
}

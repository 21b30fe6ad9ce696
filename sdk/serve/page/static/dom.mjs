// Elements. Text is only ever set as text: nothing in this page parses HTML.

import { plain, visible } from './text.mjs';

const attributes = /^(aria-[a-z]+|autocomplete|autofocus|cellpadding|checked|class|colspan|d|data-[a-z-]+|disabled|fill|for|height|hidden|id|inputmode|maxlength|name|open|placeholder|r|role|rx|scope|spellcheck|tabindex|text-anchor|type|value|viewBox|width|x|x1|x2|y|y1|y2|cx|cy|dy|focusable|preserveAspectRatio)$/;

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (!attributes.test(name)) throw new Error(`the attribute ${name} is not one that the page sets`);
    element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== '')
    .map((child) => (child instanceof Node ? child : document.createTextNode(visible(child)))));

  return element;
}

// el makes an element with attributes and children. Children that are not
// elements become text.
export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

const namespace = 'http://www.w3.org/2000/svg';

// svg makes an element of a picture.
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(namespace, tag), props, children);
}

// icon draws a line icon by its path in a square of 24.
export function icon(path, className = 'icon') {
  return svg('svg', { class: className, viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { d: path }));
}

export const icons = {
  down: 'M6 9l6 6 6-6',
  swap: 'M7 4v16m0 0l-3.5-3.5M7 20l3.5-3.5M17 20V4m0 0l-3.5 3.5M17 4l3.5 3.5',
  close: 'M6 6l12 12M18 6L6 18',
  done: 'M5 12.5l4.5 4.5L19 7',
  warn: 'M12 4L2.5 20h19L12 4zM12 10v4.5M12 17.2v.3',
  cross: 'M7 7l10 10M17 7L7 17',
  search: 'M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM16.2 16.2L21 21',
};

// hueOf returns an angle that belongs to a mint, for its colour.
function hueOf(mint) {
  let hash = 7;
  for (const character of String(mint)) hash = (hash * 31 + character.codePointAt(0)) % 3600;
  return hash / 10;
}

// hued gives an element the colour of a mint.
export function hued(element, mint) {
  element.style.setProperty('--hue', String(hueOf(mint)));
  return element;
}

// badge draws the round sign of a token: its colour and first letters.
export function badge(token) {
  const letters = Array.from(plain(token.symbol, 16)).slice(0, 2).join('').toUpperCase();
  return hued(el('span', { class: 'badge', 'aria-hidden': 'true' }, letters), token.mint);
}

// byId returns an element of the page.
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element ${id}`);
  return element;
}

let announced = 0;

// announce has a screen reader read text when it is idle.
export function announce(text) {
  const region = byId('announcer');
  announced += 1;
  // A trailing no-break space makes a repeated text a change.
  region.textContent = plain(text) + (announced % 2 === 0 ? '\u00a0' : '');
}

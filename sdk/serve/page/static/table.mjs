// Tables that sort by their headings.

import { el } from './dom.mjs';

// sorted returns rows ordered by a column. Rows without a value come last in
// both directions; rows with equal values keep their order.
export function sorted(rows, column, descending) {
  return rows.map((row, index) => ({ row, index, value: column.value(row) }))
    .sort((a, b) => {
      const [left, right] = [a.value === undefined, b.value === undefined];
      if (left || right) return Number(left) - Number(right) || a.index - b.index;
      const order = column.compare(a.value, b.value);
      return (descending ? -order : order) || a.index - b.index;
    })
    .map(({ row }) => row);
}

export function compareText(a, b) {
  return a.localeCompare(b, 'en', { sensitivity: 'base', numeric: true });
}

export function compareAmounts(a, b) {
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

// SortedTable fills a table. A column has a title with a unit, the value to sort
// by, how values compare, and the cell of a row. keep marks the columns that a
// narrow screen shows.
export class SortedTable {
  #table;
  #columns;
  #rows = [];
  #by = 0;
  #descending = false;

  constructor(table, columns, by, descending) {
    this.#table = table;
    this.#columns = columns;
    this.#by = by;
    this.#descending = descending;
    table.tHead.rows[0].replaceChildren(...columns.map((column, index) => this.#heading(column, index)));
  }

  #heading(column, index) {
    const attributes = { scope: 'col', class: column.keep ? 'keep' : undefined };
    if (!column.compare) return el('th', attributes, el('span', { class: 'hidden-visually' }, column.title));

    const unit = column.unit ? el('span', { class: 'hidden-narrow' }, ` ${column.unit}`) : '';
    const button = el('button', { type: 'button' }, column.title, unit);
    button.addEventListener('click', () => {
      this.#descending = this.#by === index ? !this.#descending : Boolean(column.descending);
      this.#by = index;
      this.#draw();
    });
    return el('th', attributes, button);
  }

  setRows(rows) {
    this.#rows = rows;
    this.#draw();
  }

  #draw() {
    const column = this.#columns[this.#by];
    Array.from(this.#table.tHead.rows[0].cells).forEach((cell, index) => {
      if (index === this.#by) cell.setAttribute('aria-sort', this.#descending ? 'descending' : 'ascending');
      else cell.removeAttribute('aria-sort');
    });
    this.#table.tBodies[0].replaceChildren(...sorted(this.#rows, column, this.#descending)
      .map((row) => el('tr', {}, this.#columns.map((each, index) => el(
        index === 0 ? 'th' : 'td',
        { scope: index === 0 ? 'row' : undefined, class: each.keep ? 'keep' : undefined },
        each.cell(row),
      )))));
  }
}

// A squarified treemap: areas are shares. These are pixels, not money.

// worst returns the largest ratio of sides in a row of areas along a side.
function worst(row, side) {
  const sum = row.reduce((total, item) => total + item.area, 0);
  const [largest, smallest] = [row[0].area, row[row.length - 1].area];
  return Math.max((side * side * largest) / (sum * sum), (sum * sum) / (side * side * smallest));
}

// treemap lays out items with a share, the largest first, in a rectangle. Each
// result has the item with x, y, width and height.
export function treemap(items, width, height) {
  const total = items.reduce((sum, item) => sum + item.share, 0);
  if (!(total > 0) || width <= 0 || height <= 0) return [];

  const rest = items.filter((item) => item.share > 0)
    .map((item) => ({ item, area: (item.share / total) * width * height }));
  const placed = [];
  let [x, y, w, h] = [0, 0, width, height];

  while (rest.length > 0) {
    const side = Math.min(w, h);
    const row = [rest.shift()];
    while (rest.length > 0 && worst([...row, rest[0]], side) <= worst(row, side)) row.push(rest.shift());

    const sum = row.reduce((areas, item) => areas + item.area, 0);
    const depth = sum / side;
    let along = 0;
    for (const { item, area } of row) {
      const length = area / depth;
      placed.push(w >= h
        ? { item, x, y: y + along, width: depth, height: length }
        : { item, x: x + along, y, width: length, height: depth });
      along += length;
    }

    if (w >= h) [x, w] = [x + depth, w - depth];
    else [y, h] = [y + depth, h - depth];
  }

  return placed;
}

// The icons: outlines in a field of 24 × 24.

const PATHS = {
  bubble: "M4 5h16v11H10l-5 4v-4H4z",
  bin: "M4 7h16M10 11v6M14 11v6M6 7l1 13h10l1-13M9 7V4h6v3",
  box: "M4 5h16v4H4zM5 9v10h14V9M10 13h4",
  chart: "M5 20V10M12 20V4M19 20v-7",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevron: "M7 10l5 5 5-5",
  close: "M6 6l12 12M18 6L6 18",
  code: "M8 7l-5 5 5 5M16 7l5 5-5 5M13.5 5l-3 14",
  columns: "M4 5h16v14H4zM12 5v14",
  contrast: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 4v16M12 8h5M12 12h8M12 16h5",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  down: "M12 5v14M6 13l6 6 6-6",
  lines: "M4 7h16M4 12h10M4 17h13",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  eye: "M2 12s4-6 10-6 10 6 10 6-4 6-10 6-10-6-10-6zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  film: "M4 5h16v14H4zM8 5v14M16 5v14M4 10h4M4 14h4M16 10h4M16 14h4",
  folder: "M4 6h6l2 2h8v11H4z",
  ghost: "M5 20V10a7 7 0 0 1 14 0v10l-2.3-2-2.3 2-2.4-2-2.4 2-2.3-2zM9.5 10h.01M14.5 10h.01",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18",
  key: "M8 12a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 13l9-9M16 8l3 3",
  keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8",
  panel: "M4 5h16v14H4zM9.5 5v14",
  pencil: "M4 20l1-4L16 5l3 3L8 19l-4 1zM14 7l3 3",
  pin: "M9 4h6l-1 6 3 3v1H7v-1l3-3-1-6zM12 14v6",
  plus: "M12 5v14M5 12h14",
  question: "M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 2.2M12 17h.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  retry: "M20 11a8 8 0 1 0-2.5 6M20 5v6h-6",
  ruler: "M3 9h18v6H3zM7 9v3M11 9v3M15 9v3M19 9v3",
  save: "M12 4v11M7 10l5 5 5-5M5 20h14",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4",
  send: "M12 19V5M6 11l6-6 6 6",
  sliders: "M4 8h9M17 8h3M4 16h3M11 16h9M15 6v4M9 14v4",
  sound: "M5 10v4M9 7v10M13 4v16M17 8v8M21 11v2",
  stop: "M8 8h8v8H8z",
  user: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM5 20c1-4 4-5 7-5s6 1 7 5",
  wrap: "M4 6h16M4 12h13a3 3 0 0 1 0 6h-4M15 15.5L12.5 18l2.5 2.5M4 18h4",
  think: "M9 18h6M10 21h4M12 3a6 6 0 0 0-3.5 10.9c.6.5.8 1.1.8 2.1h5.4c0-1 .2-1.6.8-2.1A6 6 0 0 0 12 3z",
};

const SVG = "http://www.w3.org/2000/svg";

/** A new icon; what it means has to be said by what holds it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Puts the icons into what `index.html` holds. */
export function placeIcons(root) {
  for (const element of root.querySelectorAll("[data-icon]")) {
    element.prepend(icon(element.dataset.icon));
  }
}

// A menu that opens at a button, and is used with the arrow keys.

/** What `open(button)` shows is `menu`, a popover; the focus goes back to the button. */
export function popoverMenu(menu) {
  let opener = null;
  const items = () => [...menu.querySelectorAll("button")].filter((item) => item.checkVisibility());

  menu.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const next = step ? all[(at + step + all.length) % all.length] : { Home: all[0], End: all.at(-1) }[event.key];
    next?.focus();
    if (event.key === "Tab") menu.hidePopover();
    if (next) event.preventDefault();
  });
  menu.addEventListener("toggle", (event) => {
    if (event.newState === "closed" && document.activeElement === document.body) opener?.focus();
  });
  menu.addEventListener("click", (event) => event.target.closest("button") && menu.hidePopover());

  return {
    open(button) {
      opener = button;
      menu.showPopover();
      const place = button.getBoundingClientRect();
      menu.style.left = `${Math.max(8, Math.min(place.left, innerWidth - menu.offsetWidth - 8))}px`;
      const below = place.bottom + 4;
      const top = below + menu.offsetHeight > innerHeight ? place.top - menu.offsetHeight - 4 : below;
      menu.style.top = `${Math.max(8, top)}px`;
      items()[0].focus();
    },
  };
}

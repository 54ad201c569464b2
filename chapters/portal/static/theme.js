// Before the first paint: the theme that was chosen here, else the one that the system has.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("kit-theme");
  } catch {
    // Storage is off: the system decides.
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = chosen ?? (dark ? "dark" : "light");
})();

// Sets the theme and language a person chose, or the system's, before the first paint, so that nothing flashes.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "dark" : "light";
  try {
    const chosen = JSON.parse(localStorage.getItem("promptwire.preferences") ?? "{}");
    if (chosen.theme === "light" || chosen.theme === "dark") root.dataset.theme = chosen.theme;
    if (chosen.language) root.lang = chosen.language;
  } catch {
    // Storage is closed or holds something else: the system's theme it is.
  }
})();

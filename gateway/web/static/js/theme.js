// Runs before the first paint: the stored theme must not flash. Everything else is in the modules.
document.documentElement.classList.add("js");
try {
  const theme = localStorage.getItem("cercle.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage refused: the system's theme stands.
}

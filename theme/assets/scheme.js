// Runs before the first paint: the visitor's own choice of colours, where there is one.
{
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const scheme = localStorage.getItem("scheme");
    if (scheme) root.dataset.scheme = scheme;
  } catch { /* storage is closed to us: the system's colours it is */ }
}

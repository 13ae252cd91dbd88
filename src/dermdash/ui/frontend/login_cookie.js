// Leave or drop the session cookie. It takes no room on the page.
export default function mount({ data, parentElement }) {
  if (!data) return undefined;
  const host = parentElement.host || parentElement;
  const container = host.closest('[data-testid="stElementContainer"]');
  if (container) container.style.position = "absolute";
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${data.name}=${data.value}; path=/; SameSite=Strict; max-age=${data.max_age}${secure}`;
  return undefined;
}

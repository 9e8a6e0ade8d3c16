// forms.ts - forms that are begun, sent or left; which fields, never what stands in them.
import { isUntold, selector } from "./dom";
import { now, on, type Properties, type Tell } from "./guard";

interface Begun { fields: string[]; at: number }

const actionOf = (form: HTMLFormElement) => new URL(form.getAttribute("action") || location.href, location.href).pathname;

/** Searches and filters (method="get"), carts and choices of a language are no forms to fill in. */
const isTold = (form: HTMLFormElement | null): form is HTMLFormElement =>
  form !== null && (form.getAttribute("method") ?? "").toLowerCase() !== "get" && !/\/(cart|localization)(\/|$)/.test(actionOf(form)) &&
  !isUntold(form);

const of = (form: HTMLFormElement): Properties => ({
  form: form.getAttribute("id") || form.getAttribute("name") || selector(form), action: actionOf(form),
});

/** Gives the function that tells of all that was begun and is left now. */
export function forms(tell: Tell): () => void {
  const begun = new Map<HTMLFormElement, Begun>();
  const seconds = (b?: Begun) => (b ? Math.round((now() - b.at) / 1000) : 0);
  const touch = (event: Event) => {
    const field = event.target as HTMLInputElement, form = field.form ?? null;
    if (!isTold(form) || !event.isTrusted) return;
    const name = field.getAttribute("name") || field.getAttribute("id") || field.type;
    let b = begun.get(form);
    if (!b) {
      begun.set(form, b = { fields: [], at: now() });
      tell("Form Started", { ...of(form), field: name });
    }
    b.fields = [...b.fields.filter((f) => f !== name), name].slice(-20);
  };
  on(document, "input", touch);
  on(document, "change", touch);
  on(document, "submit", (event) => {
    const form = event.target as HTMLFormElement, b = begun.get(form);
    if (!isTold(form)) return;
    tell("Form Submitted", { ...of(form), fields: b?.fields ?? [], seconds: seconds(b) });
    begun.delete(form);
  });
  return () => {
    for (const [form, b] of begun)
      tell("Form Abandoned", { ...of(form), fields: b.fields, field: b.fields[b.fields.length - 1], seconds: seconds(b) });
    begun.clear();
  };
}

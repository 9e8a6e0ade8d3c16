// The page that takes some seconds: a program has to work for it, a person need only wait.
// Without this script the form works as well, once the time on the page is up.
const form = document.querySelector("form[data-token]");
if (form) solve(form.dataset.token, Number(form.dataset.bits)).then((answer) => {
  form.elements.answer.value = answer;
  form.submit();
});

async function solve(token, bits) {
  const encoder = new TextEncoder();
  for (let n = 0; ; n++) {
    const hash = new Uint32Array(await crypto.subtle.digest("SHA-256", encoder.encode(`${token}.${n}`)), 0, 1);
    const head = new DataView(hash.buffer).getUint32(0);
    if (head >>> (32 - bits) === 0) return String(n);
    if (n % 2000 === 0) await new Promise((done) => setTimeout(done));
  }
}

// mailbox.mjs - a mail server of this machine that keeps what it takes: { port, mails, find(), stop() }.
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

/** Mails as mailparser reads them, oldest first; each with `url`, the first link of its text to an order. */
export async function startMailbox() {
  const mails = [], waiting = new Set();
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ["STARTTLS", "AUTH"], logger: false,
    onData(stream, session, done) {
      simpleParser(stream).then((mail) => {
        mails.push({ to: session.envelope.rcptTo[0].address, subject: mail.subject, text: mail.text, html: mail.html || "", mail,
          url: /https?:\S+\/orders\/[^\s/]+/.exec(mail.text)?.[0] });
        for (const look of waiting) look();
        done();
      }, done);
    },
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  server.on("error", () => {});
  /** The first mail to `to` whose subject fits, also one that is still to come. */
  const find = (to, subject, wait = 30_000) => new Promise((resolve, reject) => {
    const look = () => {
      const mail = mails.find((m) => m.to === to && subject.test(m.subject));
      if (!mail) return;
      waiting.delete(look);
      clearTimeout(timer);
      resolve(mail);
    };
    const timer = setTimeout(() => {
      waiting.delete(look);
      reject(new Error(`no mail ${subject} to ${to}; there are: ${mails.filter((m) => m.to === to).map((m) => m.subject).join(" | ")}`));
    }, wait);
    waiting.add(look);
    look();
  });
  return { port: server.server.address().port, mails, find, stop: () => new Promise((resolve) => server.close(resolve)) };
}

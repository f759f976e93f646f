// A guestbook: the entries are kept in memory.
import express from "express";

const app = express();
const entries = [];
const escape = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const page = () => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Guestbook</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto}</style>
<h1>${escape(process.env.GREETING ?? "Welcome")}, traveller</h1>
<form method="post"><input name="name" placeholder="Your name" required>
<input name="message" placeholder="Your message" required><button>Sign</button></form>
<ul>${entries.map((e) => `<li><b>${escape(e.name)}</b>: ${escape(e.message)}</li>`).join("")}</ul>
</html>`;

app.use(express.urlencoded({ extended: false, limit: "10kb" }));
app.get("/", (request, response) => response.type("html").send(page()));
app.post("/", (request, response) => {
  const { name, message } = request.body;
  if (name && message) entries.unshift({ name: String(name), message: String(message) });
  response.redirect(303, "/");
});

const server = app.listen(process.env.PORT ?? 3000, () => console.log("Listening"));
server.keepAliveTimeout = 95_000;
process.on("SIGTERM", () => server.close(() => process.exit(0)));

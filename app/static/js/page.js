// The little that pages do beyond htmx. Everything works without it.
(() => {
  const root = document.documentElement;
  const on = (names, act) => names.split(" ").forEach((name) => document.addEventListener(name, act));
  root.classList.add("js");

  // Theme: the opposite of what is shown, kept in a cookie that the server reads.
  on("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
  });
  // A page kept alive by the back button was rendered before the choice.
  addEventListener("pageshow", () => {
    const theme = document.cookie.match(/(?:^|; )theme=(dark|light)/)?.[1];
    if (theme) root.dataset.theme = theme;
  });

  // A reason opens over the page it is about; without scripts it is a page of its own.
  on("click", async (event) => {
    const link = event.target.closest("[data-sheet]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const sheet = document.getElementById("sheet");
    await htmx.ajax("GET", link.href, { target: "#sheet-body", select: "#why", swap: "innerHTML" });
    sheet.showModal();
  });
  on("click", ({ target }) => target.id === "sheet" && target.close());

  // Copy the link beside the button.
  on("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard?.writeText(button.dataset.copy);
    button.querySelector("[data-copied]")?.removeAttribute("hidden");
  });

  // A double click sends a form once: the second answer would complain of the first.
  const sent = new WeakMap();
  addEventListener("submit", (event) => {
    if (event.timeStamp - (sent.get(event.target) ?? -Infinity) < 2000) event.preventDefault();
    else sent.set(event.target, event.timeStamp);
  }, true);

  // The live stream: say when it stays down (a page that is left loses it too,
  // hence the wait), and say nothing once something comes again.
  let outage;
  const notice = (id, hidden) => document.getElementById(id)?.toggleAttribute("hidden", hidden);
  const down = () => (outage ??= setTimeout(notice, 1500, "offline", false));
  const up = () => {
    outage = clearTimeout(outage);
    notice("offline", true);
    notice("crowded", true);
  };

  // Silence is no peace: where not even pings come, somebody on the way keeps them. Hang
  // up, and htmx calls again. A hidden tab has hung up by itself.
  let stream, silence;
  const stalled = () => {
    if (document.hidden) return;
    notice("offline", false);
    stream.reader?.cancel();
    listen();
  };
  const listen = () => {
    clearTimeout(silence);
    if (stream) silence = setTimeout(stalled, 1000 * document.querySelector("[data-live]").dataset.live);
  };
  on("visibilitychange", listen);
  on("htmx:sse:after:connection", ({ detail: { connection } }) => {
    stream = connection;
    listen();
    Object.assign(connection.config, connection.pace);
  });

  // 429: the network has too many streams. Say that, and ask again in minutes, not seconds.
  const crowded = () => {
    up();
    clearTimeout(silence);
    notice("crowded", false);
  };
  const MINUTE = 60000;
  on("htmx:sse:error", ({ detail: { connection, status } }) => {
    if (status !== 429) return down();
    crowded();
    connection.pace ??= { ...connection.config };
    Object.assign(connection.config, { reconnectDelay: MINUTE, reconnectMaxDelay: 2 * MINUTE });
  });

  // htmx gives up when a first connection or a resync fails; we do not.
  on("htmx:error htmx:response:error", ({ target, detail }) => {
    const live = document.querySelector("[data-live]");
    const again = {
      live: () => live._htmx?.sse || htmx.ajax("GET", live.getAttribute("hx-sse:connect"), { source: live }),
      resync: () => htmx.trigger(live, "resync"),
    }[target.id];
    if (!again) return;
    const refused = detail.ctx?.response?.status === 429;
    (refused ? crowded : down)();
    setTimeout(again, (refused ? MINUTE : 2000) + (refused ? MINUTE : 3000) * Math.random());
  });

  // While what was missed is fetched, newer messages wait: old must not land on new.
  let fetched, done;
  on("resync", () => (fetched = new Promise((resolve) => (done = resolve))));
  on("htmx:finally:request", ({ target, detail }) => {
    if (target.id !== "resync") return;
    if (detail.ctx.response?.status < 400) up();
    done?.();
  });
  on("htmx:sse:before:message", ({ detail }) => {
    up();
    listen();
    detail.waitUntil(fetched);
  });

  // A captain's own controls are not in the push, for it is the same for everyone.
  on("htmx:sse:after:message", ({ detail }) => {
    const mine = document.getElementById("mine");
    if (mine && !detail.message.event) htmx.trigger(mine, "told");
  });

  // After every change: tint scores that differ, tell times in the viewer's own zone.
  const scores = new Map();
  const dress = () => {
    document.querySelectorAll("[data-score]").forEach((element) => {
      const now = element.textContent.trim();
      if ((scores.get(element.dataset.score) ?? now) !== now) {
        element.classList.remove("changed");
        void element.offsetWidth;
        element.classList.add("changed");
      }
      scores.set(element.dataset.score, now);
    });
    document.querySelectorAll("time[datetime]").forEach((time) => {
      time.title ||= new Date(time.dateTime).toLocaleString(root.lang, { dateStyle: "medium", timeStyle: "long" });
    });
  };
  on("DOMContentLoaded htmx:after:swap", dress);

  // The chip of the round that is shown may lie beyond the edge of a phone.
  on("DOMContentLoaded", () => {
    document.querySelectorAll(".chips [aria-current]").forEach((chip) => {
      chip.parentElement.scrollLeft = chip.offsetLeft - 16;
    });
  });
})();

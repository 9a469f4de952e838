
"use strict";
(() => {
  const all = (selector, of = document) => Array.from(of.querySelectorAll(selector));
  const one = (selector) => document.querySelector(selector);
  const form = one("#filter");
  const query = one("#query");
  const tag = one("#tag");
  const requirement = one("#requirement");
  const help = one("#help");

  const cases = all(".case").map((element) => ({
    element,
    suite: element.closest(".suite"),
    verdict: element.dataset.verdict,
    tags: element.dataset.tags.split("\n"),
    requirements: element.dataset.requirements.split("\n"),
    text: null,
  }));
  const unfolded = new Set(all("details[open]"));

  // What each requirement says, by its id.
  const says = new Map(requirement ? Array.from(requirement.options, (option) => [option.value, option.dataset.says]) : []);

  // What is looked for, as the form and the address have it.
  const wanted = () => ({
    q: query.value.trim().toLowerCase(),
    verdict: all("[name=verdict]:checked", form).map((box) => box.value),
    tag: tag ? tag.value : "",
    requirement: requirement ? requirement.value : "",
  });

  const matches = (item, want) => {
    if (want.verdict.length && !want.verdict.includes(item.verdict)) return false;
    if (want.tag && !item.tags.includes(want.tag)) return false;
    if (want.requirement && !item.requirements.includes(want.requirement)) return false;
    if (!want.q) return true;
    if (item.text === null) {
      const required = item.requirements.map((id) => `${id} ${says.get(id) || ""}`).join(" ");
      item.text = `${item.element.dataset.suite} ${item.element.textContent} ${required}`.toLowerCase();
    }
    return want.q.split(/\s+/).every((word) => item.text.includes(word));
  };

  const filter = () => {
    const want = wanted();
    const narrow = want.q !== "" || want.verdict.length > 0 || want.tag !== "" || want.requirement !== "";
    let shown = 0;
    const kept = new Set();
    for (const item of cases) {
      const fits = matches(item, want);
      item.element.hidden = !fits;
      if (fits) {
        shown += 1;
        if (item.suite) kept.add(item.suite);
      }
    }
    for (const suite of all(".suite")) {
      suite.hidden = narrow && !kept.has(suite);
      suite.open = narrow ? kept.has(suite) : unfolded.has(suite);
    }
    one("#found").textContent = narrow
      ? `${shown} of ${cases.length} ${cases.length === 1 ? "case" : "cases"}`
      : `${cases.length} ${cases.length === 1 ? "case" : "cases"}`;
    return want;
  };

  // The address says what is looked for, so that it can be sent to someone.
  const tell = (want) => {
    const words = new URLSearchParams();
    if (want.q) words.set("q", want.q);
    if (want.verdict.length) words.set("verdict", want.verdict.join(","));
    if (want.tag) words.set("tag", want.tag);
    if (want.requirement) words.set("requirement", want.requirement);
    const said = words.toString();
    history.replaceState(null, "", said ? `#?${said}` : location.href.split("#")[0]);
  };

  const hear = () => {
    const hash = location.hash;
    if (hash.startsWith("#?")) {
      const words = new URLSearchParams(hash.slice(2));
      query.value = words.get("q") || "";
      const verdicts = (words.get("verdict") || "").split(",");
      for (const box of all("[name=verdict]", form)) box.checked = verdicts.includes(box.value);
      if (tag) tag.value = words.get("tag") || "";
      if (requirement) requirement.value = words.get("requirement") || "";
      filter();
      return;
    }
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(hash.slice(1)));
    } catch {
      // An address that was cut leads nowhere.
    }
    if (!target || !target.classList.contains("case")) return;
    if (target.hidden) {
      form.reset();
      filter();
    }
    unfold(target);
    target.scrollIntoView({ block: "start" });
    target.querySelector("summary").focus({ preventScroll: true });
  };

  const unfold = (target) => {
    const suite = target.closest(".suite");
    if (suite) {
      suite.open = true;
      unfolded.add(suite);
    }
    target.open = true;
  };

  const search = () => tell(filter());
  form.addEventListener("input", search);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(search));
  addEventListener("hashchange", hear);
  for (const suite of all(".suite > summary")) {
    suite.addEventListener("click", () => {
      const of = suite.parentElement;
      if (of.open) unfolded.delete(of);
      else unfolded.add(of);
    });
  }

  // From case to case: those that are shown, in the order of the page.
  const step = (by) => {
    const seen = cases.filter((item) => !item.element.hidden);
    if (!seen.length) return;
    const now = seen.findIndex((item) => item.element.contains(document.activeElement));
    const next = now < 0 ? (by > 0 ? 0 : seen.length - 1) : now + by;
    const item = seen[Math.max(0, Math.min(seen.length - 1, next))];
    if (item.suite && !item.suite.open) {
      item.suite.open = true;
      unfolded.add(item.suite);
    }
    const summary = item.element.querySelector("summary");
    summary.focus();
    summary.scrollIntoView({ block: "nearest" });
  };

  const fold = (open) => {
    for (const item of cases) {
      if (item.element.hidden) continue;
      if (open) unfold(item.element);
      else item.element.open = false;
    }
  };

  // The timeline: one bar is told, the arrow keys go to the next.
  const lanes = all(".lanes");
  const told = one("#bar");
  let current = null;
  let nearness = 1;
  const tellBar = (bar) => {
    if (current) current.classList.remove("current");
    current = bar;
    bar.classList.add("current");
    const lane = bar.closest(".lane").querySelector(".label").textContent.trim();
    told.textContent = `${lane}: ${bar.textContent}`;
  };
  const go = (key) => {
    const rows = all(".lane").map((lane) => all("rect", lane)).filter((bars) => bars.length);
    if (!rows.length) return;
    let row = rows.findIndex((bars) => bars.includes(current));
    if (row < 0) {
      tellBar(rows[0][0]);
      return;
    }
    let at = rows[row].indexOf(current);
    if (key === "ArrowRight") at += 1;
    if (key === "ArrowLeft") at -= 1;
    if (key === "ArrowDown" || key === "ArrowUp") {
      const x = current.x.baseVal.value;
      row = Math.max(0, Math.min(rows.length - 1, row + (key === "ArrowDown" ? 1 : -1)));
      at = rows[row].findIndex((bar) => bar.x.baseVal.value + bar.width.baseVal.value >= x);
      if (at < 0) at = rows[row].length - 1;
    }
    tellBar(rows[row][Math.max(0, Math.min(rows[row].length - 1, at))]);
    current.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const zoom = (to) => {
    nearness = Math.max(1, Math.min(64, to));
    for (const plot of all(".plot")) plot.style.width = `${nearness * 100}%`;
    if (current) current.scrollIntoView({ block: "nearest", inline: "center" });
  };
  for (const region of lanes) {
    const point = (event) => {
      if (event.target.matches("rect")) tellBar(event.target);
    };
    region.addEventListener("pointerover", point);
    region.addEventListener("click", point);
    region.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key.startsWith("Arrow")) go(event.key);
      else if (event.key === "+") zoom(nearness * 2);
      else if (event.key === "-") zoom(nearness / 2);
      else if (event.key === "0") zoom(1);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }
  if (lanes.length) {
    one(".zoom").hidden = false;
    one("#nearer").addEventListener("click", () => zoom(nearness * 2));
    one("#farther").addEventListener("click", () => zoom(nearness / 2));
    one("#whole").addEventListener("click", () => zoom(1));
  }

  one("#keys").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.key === "Escape") {
      if (document.activeElement === query) query.blur();
      else if (location.hash.startsWith("#?")) form.reset();
      return;
    }
    if (event.target.closest("input, select, textarea")) return;
    const does = {
      "/": () => {
        query.focus();
        query.select();
      },
      j: () => step(1),
      k: () => step(-1),
      o: () => fold(true),
      c: () => fold(false),
      "?": () => help.showModal(),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  });

  // On paper nothing can be unfolded.
  addEventListener("beforeprint", () => {
    for (const details of all("#open details")) details.open = true;
  });

  form.hidden = false;
  filter();
  hear();
  // Where the address leads to a case, the browser goes there once more when all is there, and takes the focus away.
  addEventListener("load", () => setTimeout(hear));
})();

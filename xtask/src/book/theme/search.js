// The search of the reference. mdBook's own search knows no Japanese words and one notation of a code only.
"use strict";
(() => {
  const japanese = document.documentElement.lang === "ja";
  const words = japanese
    ? { label: "検索", hint: "コード、イベント ID、用語、画面のメッセージ", none: "見つかりません", found: "件" }
    : { label: "Search", hint: "code, event id, term, what the screen says", none: "nothing found", found: "found" };
  const root = typeof path_to_root === "string" ? path_to_root : "";
  const RESULTS_MAX = 30;

  const narrow = (text) => text.normalize("NFKC").toLowerCase().trim();

  // 0xC004F074, C004F074, -1073418124 and 3221549172 are one code.
  const asCode = (text) => {
    if (/^0x[0-9a-f]{1,8}$/.test(text)) return "0x" + text.slice(2).padStart(8, "0");
    if (/^[0-9a-f]{8}$/.test(text)) return "0x" + text;
    if (/^-?[0-9]{9,10}$/.test(text)) return "0x" + (Number(text) >>> 0).toString(16).padStart(8, "0");
    return null;
  };

  const search = (term) => {
    const folded = narrow(term);
    if (!folded) return [];
    const code = asCode(folded);
    const inside = [...folded.matchAll(/0x[0-9a-f]{8}/g)].map((found) => found[0]);
    const parts = folded.split(/\s+/);
    const scored = [];
    for (const [address, title, kind, names, text] of window.kmsdoctorIndex) {
      const name = narrow(names), head = narrow(title), all = name + " " + head + " " + narrow(text);
      let score = 0;
      if (code && name.includes(code)) score = 100;
      else if (inside.some((known) => name.includes(known))) score = 95;
      else if (name.split("\n").includes(folded) || head === folded) score = 90;
      else if (name.includes(folded) || head.includes(folded)) score = 60;
      else if (all.includes(folded)) score = 40;
      else if (parts.length > 1 && parts.every((part) => all.includes(part))) score = 20;
      if (score) scored.push({ score, address, title, kind });
    }
    return scored.sort((a, b) => b.score - a.score).slice(0, RESULTS_MAX);
  };

  const box = document.createElement("div");
  box.className = "reference-search";
  box.setAttribute("role", "search");
  box.innerHTML = '<label><span></span><input type="search" autocomplete="off"></label><p class="status" role="status"></p><ol></ol>';
  const input = box.querySelector("input"), list = box.querySelector("ol"), status = box.querySelector(".status");
  box.querySelector("span").textContent = words.label;
  input.placeholder = words.hint;

  const show = () => {
    list.replaceChildren();
    const results = search(input.value);
    status.textContent = input.value.trim() ? (results.length ? `${results.length} ${words.found}` : words.none) : "";
    for (const { address, title, kind } of results) {
      const item = document.createElement("li"), link = document.createElement("a"), small = document.createElement("small");
      link.href = root + address;
      link.textContent = title;
      small.textContent = kind;
      link.append(small);
      item.append(link);
      list.append(item);
    }
  };

  let asked = false;
  const load = () => {
    if (asked) return;
    asked = true;
    const script = document.createElement("script");
    script.src = root + "search-index.js";
    script.onload = show;
    document.head.append(script);
  };
  input.addEventListener("focus", load);
  input.addEventListener("input", () => (window.kmsdoctorIndex ? show() : load()));
  input.addEventListener("keydown", (event) => {
    const first = list.querySelector("a");
    if (event.key === "Enter" && first) location.href = first.href;
    if (event.key === "ArrowDown" && first) { event.preventDefault(); first.focus(); }
    if (event.key === "Escape") { input.value = ""; show(); }
    // mdBook turns the page on arrow keys.
    event.stopPropagation();
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const next = document.activeElement.parentElement[step];
    (next ? next.querySelector("a") : input).focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== input) { event.preventDefault(); input.focus(); }
  });
  document.querySelector("main").prepend(box);
})();

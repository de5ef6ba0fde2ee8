// The page as a person sees it now, as HTML: shadow roots are written out, values are what is in the
// fields at the moment, scripts are left out because they have run, and every control has a mark by
// which it can be found again.
() => {
  const MARK = "data-devicegrant";
  const LEFT_OUT = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "IFRAME", "LINK", "SVG", "svg"]);
  const VOID = new Set(["INPUT", "BR", "HR", "IMG", "META", "BASE", "AREA", "WBR"]);
  const controls = (window.__devicegrant = []);
  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");

  const isButton = (node) =>
    node.tagName === "BUTTON" ||
    (node.getAttribute("role") === "button" && !["INPUT", "A"].includes(node.tagName));

  const attributesOf = (node, name) => {
    const kept = new Map();
    for (const { name: key, value } of node.attributes) {
      if (!/^on/.test(key) && key !== MARK) kept.set(key, value);
    }
    if (["INPUT", "BUTTON", "SELECT", "A"].includes(name) || name === "TEXTAREA") {
      kept.set(MARK, String(controls.push(node) - 1));
    }
    if (name === "INPUT" && /^(checkbox|radio)$/.test(node.type)) {
      kept.delete("checked");
      if (node.checked) kept.set("checked", "");
    } else if (name === "INPUT" && node.value !== undefined) {
      kept.set("value", node.value);
    } else if (name === "OPTION") {
      kept.delete("selected");
      if (node.selected) kept.set("selected", "");
    } else if (name === "BUTTON" && kept.get("type") !== "reset") {
      // Whether a script or the form listens makes no difference to whoever presses.
      kept.set("type", "submit");
    }
    if (/^reset$/.test(node.type) && node.onclick) kept.set("type", "button");
    // What a server accepts is for the server to say, so the page's own checks are switched off.
    if (name === "FORM") node.noValidate = true;
    kept.delete("hidden");
    const style = node instanceof Element ? getComputedStyle(node) : null;
    if (style && (style.display === "none" || style.visibility === "hidden")) kept.set("hidden", "");
    return [...kept].map(([key, value]) => ` ${key}="${escaped(value)}"`).join("");
  };

  const write = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return escaped(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE || LEFT_OUT.has(node.tagName)) return "";
    const name = isButton(node) ? "BUTTON" : node.tagName;
    const tag = name.toLowerCase();
    if (node.tagName === "SLOT" && node.assignedNodes().length) {
      return node.assignedNodes().map(write).join("");
    }
    const open = `<${tag}${attributesOf(node, name)}>`;
    if (VOID.has(name)) return open;
    const inside = name === "TEXTAREA" ? escaped(node.value) : children(node.shadowRoot || node);
    return `${open}${inside}</${tag}>`;
  };
  const children = (node) => [...node.childNodes].map(write).join("");

  const body = document.body ? children(document.body) : "";
  // Applications often do without forms; what is on such a page belongs together all the same.
  const inside = /<form[\s>]/.test(body) || !controls.length ? body : `<form method="post">${body}</form>`;
  return `<!doctype html><html><head><title>${escaped(document.title)}</title></head><body>${inside}</body></html>`;
}

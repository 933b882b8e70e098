// The colours and the size of the text, set before the page is drawn. What is kept nowhere is as the system has it.

(() => {
  const get = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const { dataset } = document.documentElement;
  dataset.theme = get("qwen_theme") ?? "system";
  dataset.size = get("qwen_text_size") ?? "normal";
})();

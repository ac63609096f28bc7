/** Replaces `main` with that of the next answer, while the page is visible and `live` is checked. */
const INTERVAL = 2000;
const live = document.querySelector('#live');
const news = document.querySelector('#news');
let answeredAt = new Date();

async function refresh() {
  if (!live.checked || document.hidden) return;
  try {
    const answer = await fetch('/status', { headers: { accept: 'text/html' }, signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(`${answer.status}`);
    show(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    answeredAt = new Date();
    announce('');
  } catch {
    announce(`No answer since ${answeredAt.toLocaleTimeString()}; the status below is of that time.`);
  }
}

/** Keeps the focus and scroll position of tables. */
function show(next) {
  const focused = document.activeElement?.id;
  const places = Array.from(document.querySelectorAll('.frame'), ({ id, scrollLeft }) => [id, scrollLeft]);
  document.querySelector('main').replaceWith(next.querySelector('main'));
  document.title = next.title;
  for (const [id, scrollLeft] of places) document.getElementById(id)?.scrollTo(scrollLeft, 0);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function announce(text) {
  if (news.textContent !== text) news.textContent = text;
}

setInterval(refresh, INTERVAL);

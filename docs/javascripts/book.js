// What scrolls sideways can be reached and scrolled by keyboard too; what fits is no stop on the way.
const scrolling = document.querySelectorAll(".terminal pre, .md-typeset pre > code, figure.drawing");
function reachable() {
  for (const box of scrolling) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
addEventListener("resize", reachable);
reachable();

// A button on every terminal copies the command that was typed, not what it printed.
for (const command of document.querySelectorAll(".t-command")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(command.dataset.command);
    button.textContent = "copied";
    setTimeout(() => (button.textContent = "copy"), 1500);
  });
  command.append(button);
}
